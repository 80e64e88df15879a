"""Errors as ClickHouse sends them: a code, a name, one text, and the HTTP status that belongs to the code."""

import re

_CODE = re.compile(r"Code: (\d+)\. ")
_DOUBLED = re.compile(r"^(Code: \d+\. DB::Exception: )Code: \d+\. DB::Exception: ")
_INSIDE_VERSION = re.compile(r" \(version [\d.]+\)\. \([A-Z_]+\)$")

# Of ClickHouse's HTTPHandler: what is not here is 500, or 400 for the client's mistakes below.
_STATUS = {194: 401, 516: 401, 497: 403, 164: 403, 291: 403, 60: 404, 81: 404, 36: 400, 48: 501, 159: 408, 202: 503}
_STATUS |= {394: 503, 396: 500, 241: 500, 243: 500, 373: 409, 552: 413}
_STATUS |= dict.fromkeys(
    (6, 26, 27, 36, 38, 41, 42, 43, 46, 47, 50, 53, 62, 63, 69, 70, 72, 115, 117, 130, 131, 170, 179, 184, 215, 456),
    400,
)


class StoreError(Exception):
    """A refusal or failure that the client must see.

    >>> str(StoreError(164, "READONLY", "This port only reads."))
    'Code: 164. DB::Exception: This port only reads. (READONLY)'
    """

    def __init__(self, code: int, name: str, message: str) -> None:
        super().__init__(f"Code: {code}. DB::Exception: {message} ({name})")
        self.code = code

    @property
    def status(self) -> int:
        """The HTTP status of the code."""
        return _STATUS.get(self.code, 500)


class EngineError(StoreError):
    """An error of the engine itself, in its own words."""

    def __init__(self, text: str) -> None:
        found = _CODE.search(text)
        Exception.__init__(self, clean(text) if found else f"Code: 1002. DB::Exception: {text} (UNKNOWN_EXCEPTION)")
        self.code = int(found[1]) if found else 1002


def clean(text: str) -> str:
    """The engine's text from its code on, said once.

    >>> clean("Code: 164. DB::Exception: Code: 164. DB::Exception: No. (READONLY) (version 26.9.2.1). (READONLY)")
    'Code: 164. DB::Exception: No. (READONLY)'
    """
    found = _CODE.search(text)
    return _INSIDE_VERSION.sub("", _DOUBLED.sub(r"\1", text[found.start() :])).strip() if found else text.strip()
