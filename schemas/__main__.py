"""`python -m schemas`: renders schemas/wire.py and schemas/json from the models."""

from schemas.generate import write

if __name__ == "__main__":
    for path in write():
        print(f"wrote {path}")  # noqa: T201 - a command says what it did
