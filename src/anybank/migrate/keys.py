"""The key of a journal's fingerprints: never in the journal, nor in its database.

A fingerprint is HMAC-SHA256 cut to 128 bits over a field's name, the record's id and the
value: equal values of two people do not look alike, and without the key nothing can be
tried out against it.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import stat
from hashlib import sha256
from pathlib import Path
from typing import Self

from attrs import field, frozen

from ..errors import ConfigurationError
from ..sensitive import Sensitive

_HEX = re.compile(r"[0-9a-f]{64}")
_LENGTH = 32


@frozen
class Key:
    """A key, which makes fingerprints."""

    _secret: Sensitive = field(repr=False)
    _begun: hmac.HMAC = field(init=False, repr=False, eq=False)
    """Keyed once: setting a key up costs more than what is hashed."""

    @_begun.default
    def _keyed(self) -> hmac.HMAC:
        return hmac.new(bytes.fromhex(self._secret.reveal()), digestmod=sha256)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the key of a journal; raises ConfigurationError where it is not usable."""
        try:
            mode = path.stat().st_mode
            text = path.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            failed = type(error).__name__
        else:
            return cls._checked(path, mode, text)
        raise ConfigurationError(
            f"the key {path} of the journal cannot be read ({failed}): put it back, the "
            "journal's fingerprints mean nothing without it"
        )

    @classmethod
    def _checked(cls, path: Path, mode: int, text: str) -> Self:
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigurationError(
                f"the key {path} can be read by others: chmod 600 {path}"
            )
        return cls.of(text, str(path))

    @classmethod
    def of(cls, text: str, named: str) -> Self:
        """Return a key of its 64 hexadecimal digits; `named` says where they are from."""
        if not _HEX.fullmatch(text):
            raise ConfigurationError(f"{named} is not the key of a journal")
        return cls(Sensitive(text))

    @classmethod
    def made(cls, path: Path) -> Self:
        """Make a key for a new journal, for its owner's eyes only."""
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return cls.read(path)
        text = secrets.token_hex(_LENGTH)
        with os.fdopen(handle, "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        return cls(Sensitive(text))

    def fingerprint(self, name: str, salt: str, value: str) -> str:
        """Return the fingerprint of a value: 32 hexadecimal digits."""
        message = f"{name}\0{salt}\0{value}".encode()
        begun = self._begun.copy()
        begun.update(message)
        return begun.hexdigest()[:_LENGTH]

    @property
    def check(self) -> str:
        """What a journal keeps, to tell its own key from another."""
        return self.fingerprint("", "", "the key of this journal")
