"""Unpacking a body, within bounds."""

import gzip
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.otlp.limits import Limits
from sources.otlp.refused import Refused
from sources.otlp.unpack import unpack

LIMITS = Limits(unpacked_bytes=1 << 20)


@given(st.binary(max_size=1_000), st.binary(max_size=1_000))
def test_gzip_comes_back_whole(first: bytes, second: bytes) -> None:
    """What was packed, in one member or in two, comes back."""
    assert unpack(gzip.compress(first) + gzip.compress(second), "gzip", LIMITS) == first + second


@pytest.mark.parametrize("encoding", ["", "identity", " Identity "])
def test_a_plain_body_is_itself(encoding: str) -> None:
    """Without an encoding nothing is done."""
    assert unpack(b"x", encoding, LIMITS) == b"x"


@given(st.data())
def test_a_cut_or_damaged_body_is_400(data: st.DataObject) -> None:
    """Any beginning of a gzip body is refused with 400, never read as if it were whole."""
    packed = gzip.compress(bytes(range(256)) * 4)
    cut = data.draw(st.integers(0, len(packed) - 1))
    with pytest.raises(Refused) as caught:
        unpack(packed[:cut], "gzip", LIMITS)
    assert caught.value.status == 400


def test_what_is_not_gzip_is_400() -> None:
    """A body that only says that it is gzip is refused."""
    with pytest.raises(Refused, match="not gzip"):
        unpack(b"{}", "gzip", LIMITS)


def test_an_unknown_encoding_is_415() -> None:
    """The answer names what may be sent."""
    with pytest.raises(Refused, match="as gzip") as caught:
        unpack(b"{}", "br", LIMITS)
    assert caught.value.status == 415


def test_a_bomb_is_413_and_never_unpacked() -> None:
    """64 MiB of zeros is refused, holding little more than the limit."""
    bomb = gzip.compress(b"\0" * (64 << 20))
    tracemalloc.start()
    with pytest.raises(Refused) as caught:
        unpack(bomb, "gzip", LIMITS)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.status == 413
    assert peak < 4 << 20
