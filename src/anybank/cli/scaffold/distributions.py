"""Create the package of a new adapter, completely or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from ...errors import ConfigurationError
from .names import Names

_CACHES = ("__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache")


def create(
    provider: str,
    parent: Path,
    texts: Callable[[Names], Mapping[str, str]] | None = None,
) -> Path:
    """Create the package of a new provider in a new directory below *parent*.

    `texts` returns the text of every file by its path; by default those of the template.
    Raise ConfigurationError if the name is invalid, if the directory already exists, or
    if it cannot be written. In that case nothing is created.
    """
    names = Names.new(provider)
    target = parent / names.distribution
    # `exists` follows links, and a dangling one would be replaced by the rename.
    if target.exists() or target.is_symlink():
        raise ConfigurationError(f"{target} already exists; nothing was written")
    written = (texts or contents)(names)
    try:
        parent.mkdir(parents=True, exist_ok=True)
        _write(target, written)
    except OSError as error:
        raise ConfigurationError(f"cannot write {target}: {error.strerror}") from None
    return target


def contents(names: Names) -> Mapping[str, str]:
    """Return the text of every file of the package by its path."""
    return dict(_files(files(__package__) / "template", "", names))


def _files(entry: Traversable, path: str, names: Names) -> list[tuple[str, str]]:
    if not entry.is_dir():
        return [(names.substitute(path), names.substitute(entry.read_text("utf-8")))]
    return [
        file
        for child in sorted(entry.iterdir(), key=lambda child: child.name)
        if child.name not in _CACHES
        for file in _files(child, f"{path}/{child.name}".lstrip("/"), names)
    ]


def _write(target: Path, texts: Mapping[str, str]) -> None:
    """Write to a directory next to the target, and rename it once it is complete."""
    with tempfile.TemporaryDirectory(prefix=".anybank-", dir=target.parent) as scratch:
        package = Path(scratch) / target.name
        for path, text in texts.items():
            (package / path).parent.mkdir(parents=True, exist_ok=True)
            (package / path).write_text(text, "utf-8")
        # In the same directory, so the rename is one step of one file system: the
        # package appears whole or not at all.
        package.rename(target)
