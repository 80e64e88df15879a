"""Undoes the content encoding of a body. Rule: never holds more than the limit, whatever a body claims."""

import zlib

from sources.otlp.limits import Limits
from sources.otlp.refused import Refused

_PIECE = 1 << 18
_GZIP = 16 + zlib.MAX_WBITS


def unpack(body: bytes, encoding: str, limits: Limits) -> bytes:
    """The body as the client wrote it, from `encoding` (the Content-Encoding header; empty means identity).

    Raises Refused: 415 for an encoding other than gzip, 413 above the limit, 400 for broken or cut-off gzip.
    """
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise Refused(415, "Send the body without Content-Encoding, or as gzip.")
    return _gunzip(body, limits.unpacked_bytes)


def _gunzip(body: bytes, most: int) -> bytes:
    found, rest = bytearray(), body
    while True:
        member = zlib.decompressobj(_GZIP)
        try:
            while not member.eof:
                piece = member.decompress(rest, _PIECE)
                found += piece
                if len(found) > most:
                    raise Refused(413, f"The body unpacks to more than {most} bytes: send smaller batches.")
                rest = member.unconsumed_tail
                if not piece and not rest and not member.eof:
                    raise Refused(400, "The gzip body is cut off: send it whole.")
        except zlib.error:
            raise Refused(400, "The body is not gzip, though its Content-Encoding says so.") from None
        rest = member.unused_data
        if not rest:
            return bytes(found)
