"""The shells: stages as processes, and a supervisor over them."""
