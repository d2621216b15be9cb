"""The first line of a neutral file: its format, the id of its key, and its origin.

The header is readable without the key, so that a person can find out which key a file
needs. It is signed with the key, so that nobody can change it unnoticed.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from attrs import field, frozen

from ..._engine.files import reading
from ...errors import ConfigurationError
from .keys import FileKey

FORMAT = "anybank-customers"
VERSION = 1
LONGEST = 1 << 16
"""The most bytes that a header may have."""


class FileOrigin(StrEnum):
    """The command that wrote a file: an export is final, a migration adds to its file."""

    EXPORT = "export"
    MIGRATION = "migration"


@frozen(kw_only=True)
class FileHeader:
    """The description of a file, which is not encrypted and contains no personal data.

    `reads` has the fields that the bank masks or never returns, by our name.
    """

    provider: str
    origin: FileOrigin
    key_id: str
    reads: Mapping[str, str] = field(factory=dict)
    salt: str = field(factory=lambda: secrets.token_hex(16))
    created: str = field(
        factory=lambda: datetime.now(UTC).isoformat(timespec="seconds")
    )

    @property
    def text(self) -> str:
        """The text that the signature covers."""
        return json.dumps({"format": FORMAT, "version": VERSION, **_fields(self)})

    @classmethod
    def read(cls, path: Path, line: bytes) -> tuple[Self, str]:
        """Return the header of a line and its signature, which is not checked yet."""
        data = _object(line)
        if data.get("format") != FORMAT or not line.endswith(b"\n"):
            raise ConfigurationError(
                f"{path}, line 1: is not the header of a neutral file: name a file that "
                "`anybank export` or a migration wrote"
            )
        # The version comes before the signature, which another version may compute in
        # another way.
        _require_version(path, data.pop("version", None))
        signature = data.pop("signature", "")
        try:
            origin = FileOrigin(data.pop("origin"))
            header = cls(origin=origin, **_without_format(data))
        except (KeyError, TypeError, ValueError):
            raise changed(path) from None
        return header, str(signature)


def changed(path: Path) -> ConfigurationError:
    """Return the error for a header that has been changed."""
    return ConfigurationError(
        f"{path}, line 1: was changed or damaged: copy the file again from its origin"
    )


def peek_header(path: Path) -> FileHeader | None:
    """Return the header of a file before its key is known; None without a file."""
    try:
        with reading(path) as file:
            line = file.readline(LONGEST)
    except OSError:
        return None
    return FileHeader.read(path, line)[0]


def require_key(path: Path, header: FileHeader, key: FileKey) -> None:
    """Raise ConfigurationError for the key of another file."""
    if header.key_id != key.id:
        raise ConfigurationError(
            f"{path}, line 1: is encrypted with the key {header.key_id}, not with {key.id}: "
            "use the key of this file"
        )


def require_growing(path: Path, header: FileHeader) -> None:
    """Raise ConfigurationError for an export, to which nothing may be added."""
    if header.origin is FileOrigin.EXPORT:
        raise ConfigurationError(
            f"{path} is an export, to which nothing is added: name another file as the "
            "target"
        )


def _require_version(path: Path, version: object) -> None:
    if version != VERSION:
        raise ConfigurationError(
            f"{path}, line 1: has version {version!s:.20}, and this anybank reads version "
            f"{VERSION}: use the anybank that wrote the file, or a newer one"
        )


def _fields(header: FileHeader) -> dict[str, Any]:
    names = ("provider", "origin", "created", "key_id", "salt")
    shown = {name: str(getattr(header, name)) for name in names}
    return {**shown, "reads": dict(header.reads)}


def _without_format(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != "format"}


def _object(line: bytes) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
