"""Keys of neutral files: 32 random bytes that their owner keeps, never in a file of ours.

A key seals no customer itself: each file has its own, derived from the key and a salt.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from pathlib import Path
from typing import Self

from attrs import field, frozen

from ..._engine.files import create_private_file
from ..._engine.references import resolve_reference
from ...adapter.options import variable
from ...errors import ConfigurationError
from ...sensitive import Sensitive
from .cipher import HKDF, SHA256
from .declaration import NAME

_HEX = re.compile(r"[0-9a-fA-F]{64}")
_REFERENCES = ("file:", "env:")
MAKE_ONE = "`anybank export --new-key FILE` makes one"


@frozen
class FileKey:
    """A key, shown by its id alone."""

    _secret: Sensitive = field(repr=False)

    @classmethod
    def of(cls, value: str | Sensitive) -> Self:
        """Return the key itself, or the one that `file:PATH` or `env:NAME` refers to.

        Raises ConfigurationError where it is no key, or where others can read its file.
        """
        text = str(value.reveal()) if isinstance(value, Sensitive) else value
        if text.startswith("file:"):
            _require_private(Path(text.removeprefix("file:")).expanduser())
        text_of_key = resolve_reference(text, "the key")
        if not _HEX.fullmatch(text_of_key):
            raise ConfigurationError(
                f"the key is not one of 64 hexadecimal digits: {MAKE_ONE}"
            )
        return cls(Sensitive(text_of_key))

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a key in a new file, for its owner's eyes only."""
        text = secrets.token_hex(32)
        try:
            create_private_file(path, text + "\n")
        except OSError as error:
            failed = error.strerror or type(error).__name__
        else:
            return cls(Sensitive(text))
        raise ConfigurationError(
            f"no key was created at {path}, and nothing there was changed: {failed}"
        )

    @property
    def id(self) -> str:
        """What tells a key from another, and nothing of it: 16 hexadecimal digits."""
        return self.derived(b"", "key id", 8).hex()

    def derived(self, salt: bytes, purpose: str, length: int) -> bytes:
        """Return bytes for one purpose and one file."""
        info = f"anybank customers 1: {purpose}".encode()
        secret = bytes.fromhex(self._secret.reveal())
        return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(
            secret
        )


def from_environment() -> str:
    """Return what the environment gives as the key; raises ConfigurationError."""
    named = variable(NAME, "key")
    if value := os.environ.get(named):
        return value
    raise ConfigurationError(
        f"a neutral file needs its key: give --key, or set {named}, to file:PATH or "
        f"env:NAME; {MAKE_ONE}"
    )


def reference(value: object) -> str | None:
    """Return where a key is kept, to be written down; None where it is the key itself."""
    if not isinstance(value, str) or not value.startswith(_REFERENCES):
        return None
    scheme, _, rest = value.partition(":")
    return f"file:{Path(rest).expanduser().resolve()}" if scheme == "file" else value


def _require_private(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except OSError:
        return  # reading it says why
    if stat.S_ISREG(mode) and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(
            f"the key {path} can be read by others: chmod 600 {path}"
        )
