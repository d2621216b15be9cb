"""Read and decompress response bodies up to a maximum size."""

from __future__ import annotations

import time
import zlib
from collections.abc import AsyncIterable, Callable, Iterable
from typing import Any

from attrs import define, field

_MOST_CODINGS = 3
"""Servers send one coding; a long list would multiply the work for each chunk."""
_HEADER_BYTES = 16
"""Bytes after which the detected compression format is final."""


class BodyTooLarge(Exception):
    """A body is larger than the limit."""


class Undecodable(Exception):
    """A body is not compressed as its Content-Encoding states."""


@define
class _Decoder:
    """The decoder of one content coding; it produces at most `limit` bytes.

    `_fallback` replaces the stream if the first bytes do not fit it.
    """

    limit: int
    _stream: Any
    _fallback: Callable[[], Any] | None = None
    _produced: int = 0
    _header: bytes = b""

    def decode(self, data: bytes) -> bytes:
        try:
            content = self._decompressed(data)
        except zlib.error:
            raise Undecodable from None
        self._produced += len(content)
        if self._produced > self.limit:
            raise BodyTooLarge
        if self._stream.unused_data:  # bytes after the end of the compressed stream
            raise Undecodable
        return content

    def _decompressed(self, data: bytes) -> bytes:
        # One byte more than allowed: zlib stops there, and the excess is noticed before
        # a small body has grown to gigabytes.
        room = self.limit - self._produced + 1
        before, fallback = self._header, self._fallback
        self._header = (before + data)[:_HEADER_BYTES]
        try:
            return bytes(self._stream.decompress(data, room))
        except zlib.error:
            if fallback is None or self._produced or len(before) == _HEADER_BYTES:
                raise
        self._stream, self._fallback = fallback(), None
        return bytes(self._stream.decompress(before + data, room))

    def finish(self) -> None:
        if self._header and not self._stream.eof:
            raise Undecodable


def _gzip(limit: int) -> _Decoder:
    return _Decoder(limit, zlib.decompressobj(zlib.MAX_WBITS | 16))


def _deflate(limit: int) -> _Decoder:
    """Decode deflate with its zlib header or, as some servers send it, without."""
    bare = -zlib.MAX_WBITS
    return _Decoder(limit, zlib.decompressobj(), lambda: zlib.decompressobj(bare))


_CODINGS = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate}


def _decoders(content_encoding: str, limit: int) -> list[_Decoder]:
    """Return the decoders of a Content-Encoding, the last coding first."""
    names = [name.strip().lower() for name in content_encoding.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if len(names) > _MOST_CODINGS or not set(names) <= set(_CODINGS):
        raise Undecodable
    return [_CODINGS[name](limit) for name in reversed(names)]


@define
class Body:
    """A response body that is fed in chunks.

    `feed` raises BodyTooLarge above `limit` bytes, raw or decompressed, and Undecodable
    if the body is not compressed as its Content-Encoding states.
    """

    content_encoding: str
    limit: int
    _raw: int = 0
    _content: bytearray = field(factory=bytearray)
    _stages: list[_Decoder] | None = None

    def feed(self, data: bytes) -> None:
        """Add a chunk as it was received."""
        self._raw += len(data)
        if self._raw > self.limit:
            raise BodyTooLarge
        # Not in the constructor: an empty body with an unknown coding is no error.
        if self._stages is None:
            self._stages = _decoders(self.content_encoding, self.limit)
        for stage in self._stages:
            data = stage.decode(data)
        self._content += data

    def content(self) -> bytes:
        """Return the whole body; raises Undecodable if its end is missing."""
        for stage in self._stages or ():
            stage.finish()
        return bytes(self._content)


def read_body(
    chunks: Iterable[bytes], content_encoding: str, limit: int, until: float
) -> bytes | None:
    """Return the whole body, or None if it takes longer than *until* (monotonic).

    A body that cannot be decompressed is empty. Raises BodyTooLarge.
    """
    body = Body(content_encoding, limit)
    try:
        for chunk in chunks:
            body.feed(chunk)
            if time.monotonic() > until:
                return None
        return body.content()
    except Undecodable:  # the status still tells a success from a refusal
        return b""


async def read_body_async(
    chunks: AsyncIterable[bytes], content_encoding: str, limit: int, until: float
) -> bytes | None:
    """Return the whole body in the same way."""
    body = Body(content_encoding, limit)
    try:
        async for chunk in chunks:
            body.feed(chunk)
            if time.monotonic() > until:
                return None
        return body.content()
    except Undecodable:
        return b""
