"""`python -m ammeter`."""

from ammeter.cli import main

if __name__ == "__main__":
    main()
