"""`python -m streams.detect` renders the stored thresholds."""

from streams.detect.thresholds import STORED, render

if __name__ == "__main__":
    STORED.write_bytes(render())
