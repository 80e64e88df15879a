"""Whose a file on this machine is. Rule: told by an option, else it is the file's owner on this host."""

import pwd
import socket
from collections.abc import Callable
from pathlib import Path

from sources.bodies import Person


def person(user: str | None = None, *, by_folder: bool = False) -> Callable[[Path], Person]:
    """The identity behind each file: `user` for all, the name of the folder that it lies in, or its owner.

    An owner is no more than an installation: whoever is named by telemetry of the same session stays the person.
    """
    if user:
        return lambda _: (user, "enduser")
    if by_folder:
        return lambda path: (path.parent.name, "enduser")
    host, names = socket.gethostname(), dict[int, str]()

    def owner(path: Path) -> Person:
        number = path.stat().st_uid
        if number not in names:
            try:
                names[number] = pwd.getpwuid(number).pw_name
            except KeyError:
                names[number] = str(number)
        return f"{names[number]}@{host}", "install"

    return owner
