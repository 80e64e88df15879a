"""What comes in: other people's formats become canonical events. Rule: imports schemas and nothing else of ours."""
