"""Encrypts lines with AES-256-GCM, each bound to its file, its kind and its offset.

A nonce is random. With 96 bits it may be used for 2**32 lines under one key, and each file
has a key of its own (NIST SP 800-38D, section 8.3,
https://doi.org/10.6028/NIST.SP.800-38D).
"""

from __future__ import annotations

import binascii
import hmac
import json
import os
from base64 import b64decode, b64encode
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Self

from attrs import evolve, field, frozen

from .cipher import AESGCM, InvalidTag
from .headers import FileHeader, changed, require_key
from .keys import FileKey

_NONCE = 12


class LineKind(StrEnum):
    """The kind of a line."""

    CUSTOMER = "customer"
    END = "end"


class InvalidLine(Exception):
    """A line is not the one that was written at its offset."""


@frozen
class Seal:
    """Encrypts and decrypts the lines of one file."""

    header: FileHeader
    first: bytes = field(repr=False)
    """The first line, as it is in the file."""
    _cipher: AESGCM = field(repr=False)

    @classmethod
    def new(cls, header: FileHeader, key: FileKey) -> Self:
        """Return the seal of a new file."""
        salt = bytes.fromhex(header.salt)
        signed = {**json.loads(header.text), "signature": _signature(header, key, salt)}
        first = (json.dumps(signed) + "\n").encode()
        return cls(header, first, AESGCM(key.derived(salt, "lines", 32)))

    @classmethod
    def of(cls, path: Path, first: bytes, key: FileKey) -> Self:
        """Return the seal of a file by its first line; raises ConfigurationError."""
        header, signature = FileHeader.read(path, first)
        # The wrong key gets an error of its own, since its signature differs as well.
        require_key(path, header, key)
        seal = cls.new(header, key) if _is_hex(header.salt) else None
        expected = seal and json.loads(seal.first)["signature"]
        if seal is None or not hmac.compare_digest(str(expected), signature):
            raise changed(path)
        # The lines are bound to the bytes in the file, not to those that `new` would write.
        return evolve(seal, first=first)

    def line(self, kind: LineKind, offset: int, plain: bytes) -> bytes:
        """Return the encrypted line of a text; *offset* is its offset in the file."""
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, plain, self._bound(kind, offset))
        return b'{"%s":"%s"}\n' % (kind.encode(), b64encode(sealed))

    def opened(self, line: bytes, offset: int) -> tuple[LineKind, bytes]:
        """Return the kind and the text of a line; raises InvalidLine, without the text."""
        try:
            ((name, text),) = json.loads(line).items()
            kind, sealed = LineKind(name), b64decode(text, validate=True)
            bound = self._bound(kind, offset)
            plain = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)
        except (AttributeError, TypeError, ValueError, InvalidTag, RecursionError):
            plain = None
        if plain is None:  # outside of the handler, so that the error has no context
            raise InvalidLine
        return kind, plain

    def _bound(self, kind: LineKind, offset: int) -> bytes:
        # GCM authenticates these bytes along with the text: a line that is copied to
        # another file or moved within its own does not decrypt.
        return sha256(self.first).digest() + kind.encode() + offset.to_bytes(8, "big")


def _signature(header: FileHeader, key: FileKey, salt: bytes) -> str:
    secret = key.derived(salt, "header", 32)
    return hmac.new(secret, header.text.encode(), sha256).hexdigest()


def _is_hex(text: object) -> bool:
    try:
        return bool(binascii.unhexlify(str(text)))
    except (binascii.Error, ValueError):
        return False
