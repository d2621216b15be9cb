"""Bodies of answers, read and decompressed up to a largest size."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

from attrs import define, field

LARGEST = 32 * 1024 * 1024
"""Bytes that an answer may have, as it comes and decompressed."""

_MOST_CODINGS = 3
_BEGINNING = 16
"""Bytes after which a stream is what it seemed to be."""


class TooLarge(Exception):
    """A body has more bytes than are read."""


class Undecodable(Exception):
    """A body is not compressed as its headers say."""


@define
class _Decoder:
    """One content coding: never more than `limit` bytes come out of it.

    `_fallback` takes over where the beginning does not fit the first stream.
    """

    limit: int
    _stream: Any
    _fallback: Callable[[], Any] | None = None
    _produced: int = 0
    _beginning: bytes = b""

    def decode(self, data: bytes) -> bytes:
        try:
            content = self._decompressed(data)
        except zlib.error:
            raise Undecodable from None
        self._produced += len(content)
        if self._produced > self.limit:
            raise TooLarge
        if self._stream.unused_data:
            raise Undecodable
        return content

    def _decompressed(self, data: bytes) -> bytes:
        room = self.limit - self._produced + 1
        before, fallback = self._beginning, self._fallback
        self._beginning = (before + data)[:_BEGINNING]
        try:
            return bytes(self._stream.decompress(data, room))
        except zlib.error:
            if fallback is None or self._produced or len(before) == _BEGINNING:
                raise
        self._stream, self._fallback = fallback(), None
        return bytes(self._stream.decompress(before + data, room))

    def finish(self) -> None:
        if self._beginning and not self._stream.eof:
            raise Undecodable


def _gzip(limit: int) -> _Decoder:
    return _Decoder(limit, zlib.decompressobj(zlib.MAX_WBITS | 16))


def _deflate(limit: int) -> _Decoder:
    """Read deflate as it is meant, then as some servers send it: without its header."""
    bare = -zlib.MAX_WBITS
    return _Decoder(limit, zlib.decompressobj(), lambda: zlib.decompressobj(bare))


_CODINGS = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate}


def _decoders(content_encoding: str, limit: int) -> list[_Decoder]:
    """Return what undoes a Content-Encoding, the last coding first."""
    names = [name.strip().lower() for name in content_encoding.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if len(names) > _MOST_CODINGS or not set(names) <= set(_CODINGS):
        raise Undecodable
    return [_CODINGS[name](limit) for name in reversed(names)]


@define
class Body:
    """A body that grows by pieces.

    Feeding it raises TooLarge beyond `limit` bytes, raw or decompressed, and Undecodable
    where it is not compressed as it says.
    """

    content_encoding: str
    limit: int
    _raw: int = 0
    _content: bytearray = field(factory=bytearray)
    _stages: list[_Decoder] | None = None

    def feed(self, data: bytes) -> None:
        """Add a piece as it came."""
        self._raw += len(data)
        if self._raw > self.limit:
            raise TooLarge
        if self._stages is None:
            self._stages = _decoders(self.content_encoding, self.limit)
        for stage in self._stages:
            data = stage.decode(data)
        self._content += data

    def content(self) -> bytes:
        """Return the whole; raises Undecodable where its end is missing."""
        for stage in self._stages or ():
            stage.finish()
        return bytes(self._content)
