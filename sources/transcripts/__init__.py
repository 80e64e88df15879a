"""Claude Code's transcripts (`~/.claude/projects/**/*.jsonl`) as canonical events. Rule: no text of anybody is kept."""
