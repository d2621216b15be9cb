"""The first line of a neutral file: what it is, whose key opens it, where it is from."""

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
"""How many bytes a header may have."""


class FileOrigin(StrEnum):
    """What made a file: an export is whole and final, a migration adds to its own."""

    EXPORT = "export"
    MIGRATION = "migration"


@frozen(kw_only=True)
class FileHeader:
    """What a file says of itself in the clear: no personal data.

    `reads` has the fields that the bank masks or never tells, by our name.
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
        """The header as its signature covers it."""
        return json.dumps({"format": FORMAT, "version": VERSION, **_fields(self)})

    @classmethod
    def read(cls, path: Path, line: bytes) -> tuple[Self, str]:
        """Return the header of a line, and its signature, neither of them trusted yet."""
        data = _object(line)
        if data.get("format") != FORMAT or not line.endswith(b"\n"):
            raise ConfigurationError(
                f"{path}, line 1: is not the header of a file of customers: give one "
                "that `anybank export` or a migration wrote"
            )
        _require_version(path, data.pop("version", None))
        signature = data.pop("signature", "")
        try:
            origin = FileOrigin(data.pop("origin"))
            header = cls(origin=origin, **_without_format(data))
        except (KeyError, TypeError, ValueError):
            raise changed(path) from None
        return header, str(signature)


def changed(path: Path) -> ConfigurationError:
    """Return the complaint about a header that is not as it was written."""
    return ConfigurationError(
        f"{path}, line 1: was changed or damaged: take the file again from where it was "
        "written"
    )


def peek_header(path: Path) -> FileHeader | None:
    """Return the header of a file before its key is known; None where there is none."""
    try:
        with reading(path) as file:
            line = file.readline(LONGEST)
    except OSError:
        return None
    return FileHeader.read(path, line)[0]


def require_key(path: Path, header: FileHeader, key: FileKey) -> None:
    """Refuse a key that is not the file's."""
    if header.key_id != key.id:
        raise ConfigurationError(
            f"{path}, line 1: is sealed with the key {header.key_id}, and the one given "
            f"is {key.id}: give the file's own"
        )


def require_growing(path: Path, header: FileHeader) -> None:
    """Refuse to add to an export."""
    if header.origin is FileOrigin.EXPORT:
        raise ConfigurationError(
            f"{path} is an export, which nothing is added to: give the migration another "
            "file to write"
        )


def _require_version(path: Path, version: object) -> None:
    if version != VERSION:
        raise ConfigurationError(
            f"{path}, line 1: is of version {version!s:.20}, and this anybank reads "
            f"version {VERSION}: use the anybank that wrote it, or a newer one"
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
