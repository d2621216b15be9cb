"""The key of a journal: never in the journal, nor in its database.

A fingerprint is HMAC-SHA256 cut to 128 bits over a field's name, the record's id and the
value: equal values of two people do not look alike, and without the key nothing can be
tried out against it. The same key signs the facts of the journal: who edits the journal
cannot send its customers to another host.
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
    """A key, which makes fingerprints."""

    _secret: Sensitive = field(repr=False)
    _begun: hmac.HMAC = field(init=False, repr=False, eq=False)
    """Keyed once: setting a key up costs more than what is hashed."""

    @_begun.default
    def _keyed(self) -> hmac.HMAC:
        return hmac.new(bytes.fromhex(self._secret.reveal()), digestmod=sha256)

    @classmethod
    def read(cls, path: Path, display_name: str = "") -> Self:
        """Read the key of a journal; raises ConfigurationError where it is not usable.

        Messages call the file *shown* where its path must not be printed.
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
            f"the key {display_name} of the journal cannot be read ({reason}): put it back, the "
            "journal's fingerprints mean nothing without it"
        )

    @classmethod
    def _checked(cls, display_name: str, mode: int, text: str) -> Self:
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigurationError(
                f"the key {display_name} can be read by others: chmod 600 {display_name}"
            )
        return cls.of(text, display_name)

    @classmethod
    def of(cls, text: str, named: str) -> Self:
        """Return a key of its 64 hexadecimal digits; `named` says where they are from."""
        if not _HEX.fullmatch(text):
            raise ConfigurationError(f"{named} is not the key of a journal")
        return cls(Sensitive(text))

    @classmethod
    def made(cls, path: Path, display_name: str = "") -> Self:
        """Make a key for a new journal, for its owner's eyes only, or read its own.

        The file appears with its content or not at all; raises ConfigurationError.
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
        message = f"{name}\0{salt}\0{value}".encode("utf-8", "surrogatepass")
        begun = self._begun.copy()
        begun.update(message)
        return begun.hexdigest()[:_LENGTH]

    def signature(self, facts: Mapping[str, str]) -> str:
        """Return the HMAC-SHA256 of a journal's facts: 64 hexadecimal digits."""
        signing = self._begun.copy()
        # a fingerprint's message begins with a field's name, which has no blank
        signing.update(b"facts of a journal\0")
        signing.update(json.dumps(sorted(facts.items())).encode())
        return signing.hexdigest()

    @property
    def check(self) -> str:
        """What a journal keeps, to tell its own key from another."""
        return self.fingerprint("", "", "the key of this journal")


def _content(path: Path) -> tuple[int, str]:
    """Return the mode and the text of a key's file: of one file, not of two."""
    with os.fdopen(open_regular(path), "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        return mode, read_up_to(file, SMALL).decode("ascii")
