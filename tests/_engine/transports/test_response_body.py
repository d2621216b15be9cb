"""Response bodies are decompressed in chunks up to a maximum size."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anybank._engine.transports.response_body import Body, BodyTooLarge, Undecodable

Pack = Callable[[bytes], bytes]


def _bare(content: bytes) -> bytes:
    """Compress without a zlib header, as some servers do for deflate."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


CODINGS: dict[str, Pack] = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "DEFLATE": _bare,
    "deflate, gzip": lambda content: gzip.compress(zlib.compress(content)),
    "gzip,gzip": lambda content: gzip.compress(gzip.compress(content, mtime=0)),
}


def read(coding: str, data: bytes, limit: int, piece: int) -> bytes:
    """Feed a body in pieces, and return it."""
    body = Body(coding, limit)
    for start in range(0, len(data), piece):
        body.feed(data[start : start + piece])
    return body.content()


@given(st.sampled_from(sorted(CODINGS)), st.binary(max_size=400), st.integers(1, 60))
def test_every_coding_is_undone_however_it_is_cut(
    coding: str, content: bytes, piece: int
) -> None:
    """Every coding is decompressed, however the body is divided into chunks."""
    packed = CODINGS[coding](content)
    limit = max(len(packed), len(content), len(zlib.compress(content)))
    assert read(coding, packed, limit + 50, piece) == content


@given(
    st.sampled_from(sorted(CODINGS)),
    st.binary(min_size=1, max_size=400),
    st.integers(1, 60),
    st.data(),
)
def test_no_more_comes_out_than_the_limit(
    coding: str, content: bytes, piece: int, data: st.DataObject
) -> None:
    """A body above the limit raises BodyTooLarge."""
    limit = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(BodyTooLarge):
        read(coding, CODINGS[coding](content), limit, piece)


@given(
    st.sampled_from(["gzip", "deflate", "DEFLATE", "gzip,gzip"]),
    st.binary(min_size=1, max_size=200),
    st.data(),
)
def test_a_body_whose_end_is_missing_is_none(
    coding: str, content: bytes, data: st.DataObject
) -> None:
    """A compressed body without its end raises Undecodable."""
    packed = CODINGS[coding](content)
    cut = packed[: data.draw(st.integers(1, len(packed) - 1))]
    with pytest.raises(Undecodable):
        read(coding, cut, 1000, 50)


@given(st.sampled_from(sorted(CODINGS)), st.binary(max_size=200))
def test_any_bytes_are_a_body_or_none(coding: str, data: bytes) -> None:
    """Any bytes are decompressed or raise Undecodable or BodyTooLarge."""
    with suppress(BodyTooLarge, Undecodable):
        assert len(read(coding, data, 100, 50)) <= 100


@pytest.mark.parametrize(
    ("coding", "data"),
    [
        ("br", b"x"),
        ("gzip, br", b"x"),
        ("gzip, gzip, gzip, gzip", b"x"),
        ("gzip", gzip.compress(b"a", mtime=0) + gzip.compress(b"b", mtime=0)),
        ("gzip", gzip.compress(b"a", mtime=0) + b"surplus"),
    ],
)
def test_an_unrequested_coding_is_refused(coding: str, data: bytes) -> None:
    """An unrequested coding and bytes after the stream raise Undecodable."""
    with pytest.raises(Undecodable):
        read(coding, data, 1000, 50)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "gzip,gzip"])
def test_an_empty_body_needs_no_compression(coding: str) -> None:
    """An empty body is valid with any Content-Encoding, as in a 204."""
    assert read(coding, b"", 10, 1) == b""


@pytest.mark.parametrize("coding", ["gzip", "deflate", "gzip,gzip"])
def test_a_bomb_takes_no_more_memory_than_the_limit(coding: str) -> None:
    """A small body that expands to 64 MB uses no more memory than the limit."""
    bomb = CODINGS[coding](bytes(64 << 20))
    limit = 1 << 20
    tracemalloc.start()
    with pytest.raises(BodyTooLarge):
        read(coding, bomb, limit, 1 << 16)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 * limit


def test_small_pieces_take_no_more_memory_than_their_bytes() -> None:
    """A million chunks of one byte use no more memory than their bytes."""
    body = Body("", 1 << 20)
    tracemalloc.start()
    for _ in range(200_000):
        body.feed(b" ")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20
