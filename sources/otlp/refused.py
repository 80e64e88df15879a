"""The one error of a body that cannot be taken, with the HTTP status that says so."""


class Refused(Exception):
    """A body that is refused as a whole. `status` is the HTTP status; the text tells the sender what to do."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
