"""HTTP content encodings of ClickHouse's clients: in with a limit on the size unpacked, out on request."""

import gzip
import zlib
from collections.abc import Callable
from typing import Any

import lz4.frame  # type: ignore[import-untyped]  # clickhouse-connect brings it and sends inserts so by default
import zstandard

from ammeter.store.errors import StoreError

_PIECE = 1 << 20
_WORTH_IT = 16 * 1024  # below this an answer is one packet or few


def unpack(body: bytes, encoding: str | None, limit: int) -> bytes:
    """The body without its encoding; refuses one that unpacks to more than `limit` bytes, or is cut off.

    >>> unpack(gzip.compress(b"rows"), "gzip", 100)
    b'rows'
    """
    if not encoding or encoding == "identity":
        return body
    try:
        if encoding == "zstd":
            return _zstd(body, limit)
        decompressor = _decompressor(encoding)
        out = bytearray(decompressor(body, limit + 1))
    except (zlib.error, RuntimeError, zstandard.ZstdError, EOFError, OSError) as error:
        raise StoreError(271, "CANNOT_DECOMPRESS", f"The body is no whole {encoding} stream: {error}.") from None
    if len(out) > limit:
        raise too_large(limit)
    return bytes(out)


def _decompressor(encoding: str) -> Callable[[bytes, int], bytes]:
    if encoding in ("gzip", "deflate"):
        return lambda body, most: _zlib(body, most, 31 if encoding == "gzip" else 15)
    if encoding == "lz4":
        return _lz4
    raise StoreError(89, "UNKNOWN_COMPRESSION_METHOD", f"Unknown Content-Encoding {encoding}; use lz4, zstd or gzip.")


def _zlib(body: bytes, most: int, window: int) -> bytes:
    out, rest = bytearray(), body
    while rest and len(out) < most:  # gzip streams may follow one another
        stream = zlib.decompressobj(window)
        out += stream.decompress(rest, most - len(out))
        if not stream.eof and len(out) < most:
            raise EOFError("it ends too early")
        rest = stream.unused_data
    return bytes(out)


def _lz4(body: bytes, most: int) -> bytes:
    out, rest = bytearray(), body
    while rest and len(out) < most:
        stream: Any = lz4.frame.LZ4FrameDecompressor()
        out += stream.decompress(rest, max_length=most - len(out))
        while not stream.eof and not stream.needs_input and len(out) < most:
            out += stream.decompress(b"", max_length=most - len(out))
        if not stream.eof and len(out) < most:
            raise EOFError("it ends too early")
        rest = stream.unused_data or b""
    return bytes(out)


def _zstd(body: bytes, limit: int) -> bytes:
    # Read in measured pieces first: one piece of input can make gigabytes, and only this reader stops in between.
    size = 0
    with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(body, read_across_frames=True) as measured:
        while piece := measured.read(_PIECE):
            size += len(piece)
            if size > limit:
                raise too_large(limit)
    out, rest = bytearray(), body
    while rest:
        stream = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()
        out += stream.decompress(rest)
        if not stream.eof:  # which the measuring reader does not say
            raise EOFError("it ends too early")
        rest = stream.unused_data
    return bytes(out)


def pack(payload: bytes, accepted: str) -> tuple[bytes, str | None]:
    """The payload in the first encoding that the client accepts and this server has; as it is when small."""
    if len(payload) < _WORTH_IT:
        return payload, None
    for name in (part.split(";")[0].strip() for part in accepted.split(",")):
        if name == "lz4":
            return lz4.frame.compress(payload), name
        if name == "zstd":
            return zstandard.ZstdCompressor(level=1).compress(payload), name
        if name == "gzip":
            return gzip.compress(payload, compresslevel=1), name
    return payload, None


def too_large(limit: int) -> StoreError:
    """The refusal of a body over the limit."""
    return StoreError(552, "HTTP_LENGTH_EXCEEDED", f"The body is larger than {limit:,} bytes; send it in parts.")
