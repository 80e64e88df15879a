"""A simulated organisation and what its assistants would send. Rule: the same seed gives the same bytes."""
