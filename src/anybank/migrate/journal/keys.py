"""The key of a journal, which is never in the journal or its database.

A fingerprint is HMAC-SHA256, cut to 128 bits, of a field's name, the record's id and the
value. So equal values of two people have different fingerprints, and without the key
nobody can test a guess. The same key signs the metadata of the journal, so that nobody who
edits the journal can send its customers to another host.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
import stat
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Self

from attrs import field, frozen

from ..._engine.files import SMALL, create_private_file, open_regular, read_up_to
from ...errors import ConfigurationError
from ...sensitive import Sensitive

_HEX = re.compile(r"[0-9a-f]{64}")
_LENGTH = 32


@frozen
class Key:
    """The key of a journal: it computes fingerprints and signatures."""

    _secret: Sensitive = field(repr=False)
    _hmac: hmac.HMAC = field(init=False, repr=False, eq=False)
    """Keyed once and then copied: setting up a key takes longer than hashing a value."""

    @_hmac.default
    def _keyed_hmac(self) -> hmac.HMAC:
        return hmac.new(bytes.fromhex(self._secret.reveal()), digestmod=sha256)

    @classmethod
    def read(cls, path: Path, display_name: str = "") -> Self:
        """Read the key of a journal; raise ConfigurationError where it cannot be used.

        Messages show *display_name* instead of a path that must not be printed.
        """
        display_name = display_name or str(path)
        try:
            mode, text = _content(path)
        except UnicodeDecodeError:
            reason = "it is not text"
        except OSError as error:
            reason = error.strerror or type(error).__name__
        else:
            return cls._checked(display_name, mode, text.strip())
        raise ConfigurationError(
            f"the key {display_name} of the journal cannot be read ({reason}): restore it, "
            "since the journal's fingerprints are useless without it"
        )

    @classmethod
    def _checked(cls, display_name: str, mode: int, text: str) -> Self:
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigurationError(
                f"the key {display_name} can be read by others: chmod 600 {display_name}"
            )
        return cls.of(text, display_name)

    @classmethod
    def of(cls, text: str, source: str) -> Self:
        """Return a key from its 64 hexadecimal digits; *source* names their origin in messages."""
        if not _HEX.fullmatch(text):
            raise ConfigurationError(f"{source} is not the key of a journal")
        return cls(Sensitive(text))

    @classmethod
    def create(cls, path: Path, display_name: str = "") -> Self:
        """Create the private key file of a new journal, or read the one that exists.

        The file appears with its content or not at all. Raises ConfigurationError.
        """
        text = secrets.token_hex(_LENGTH)
        try:
            create_private_file(path, text + "\n")
        except FileExistsError:
            return cls.read(path, display_name)
        except OSError as error:
            reason = error.strerror or type(error).__name__
        else:
            return cls(Sensitive(text))
        raise ConfigurationError(
            f"the key {display_name or path} of the journal cannot be written: {reason}; nothing "
            "was left there, so the same command can be run again"
        )

    def fingerprint(self, name: str, salt: str, value: str) -> str:
        """Return the fingerprint of a value: 32 hexadecimal digits."""
        # JSON may contain a lone surrogate, which UTF-8 alone would refuse.
        message = f"{name}\0{salt}\0{value}".encode("utf-8", "surrogatepass")
        digest = self._hmac.copy()
        digest.update(message)
        return digest.hexdigest()[:_LENGTH]

    def signature(self, facts: Mapping[str, str]) -> str:
        """Return the HMAC-SHA256 of a journal's metadata: 64 hexadecimal digits."""
        digest = self._hmac.copy()
        # No fingerprint has this prefix, since the name of a field contains no space. So
        # a signature can never be passed off as a fingerprint, nor the reverse.
        digest.update(b"facts of a journal\0")
        digest.update(json.dumps(sorted(facts.items())).encode())
        return digest.hexdigest()

    @property
    def check(self) -> str:
        """A fingerprint that the journal stores to recognise its key."""
        return self.fingerprint("", "", "the key of this journal")


def _content(path: Path) -> tuple[int, str]:
    """Return the mode and the text of a key file.

    Both are read from one open file, since a path may be exchanged between two calls.
    """
    with os.fdopen(open_regular(path), "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        return mode, read_up_to(file, SMALL).decode("ascii")
