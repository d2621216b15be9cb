"""Keys of neutral files: 32 random bytes, which the journal and the file never contain.

A key encrypts no customer itself. Each file has a key of its own, derived from the key and
the file's salt (HKDF, RFC 5869), so that a nonce can never repeat across files.
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
CREATE_ONE = "`anybank export --new-key FILE` creates one"


@frozen
class FileKey:
    """A key, of which only the id is shown."""

    _secret: Sensitive = field(repr=False)

    @classmethod
    def of(cls, value: str | Sensitive) -> Self:
        """Return a key from its 64 digits, or from a reference `file:PATH` or `env:NAME`.

        Raises ConfigurationError for other text, and for a file that others can read.
        """
        text = str(value.reveal()) if isinstance(value, Sensitive) else value
        if text.startswith("file:"):
            _require_private(Path(text.removeprefix("file:")).expanduser())
        text_of_key = resolve_reference(text, "the key")
        if not _HEX.fullmatch(text_of_key):
            raise ConfigurationError(
                f"the key does not have 64 hexadecimal digits: {CREATE_ONE}"
            )
        return cls(Sensitive(text_of_key))

    @classmethod
    def create(cls, path: Path) -> Self:
        """Create a key in a new file that only its owner can read."""
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
        """A name of the key that reveals nothing about it: 16 hexadecimal digits."""
        return self.derived(b"", "key id", 8).hex()

    def derived(self, salt: bytes, purpose: str, length: int) -> bytes:
        """Return bytes for one purpose and one file."""
        info = f"anybank customers 1: {purpose}".encode()
        secret = bytes.fromhex(self._secret.reveal())
        return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(
            secret
        )


def from_environment() -> str:
    """Return the key or reference in the environment; raises ConfigurationError."""
    name = variable(NAME, "key")
    if value := os.environ.get(name):
        return value
    raise ConfigurationError(
        f"a neutral file needs its key: pass --key, or set {name}, as file:PATH or "
        f"env:NAME; {CREATE_ONE}"
    )


def reference(value: object) -> str | None:
    """Return the reference to a key for the journal; None for the key itself."""
    if not isinstance(value, str) or not value.startswith(_REFERENCES):
        return None
    scheme, _, rest = value.partition(":")
    return f"file:{Path(rest).expanduser().resolve()}" if scheme == "file" else value


def _require_private(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except OSError:
        return  # reading the file reports the error
    if stat.S_ISREG(mode) and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(
            f"the key {path} can be read by others: chmod 600 {path}"
        )
