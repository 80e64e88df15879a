"""The stream: pure folds (metrics), the engine under them, and the thin shells that run them."""
