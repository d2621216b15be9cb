"""Writing a new distribution: whole or not at all, and over nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from ...errors import ConfigurationError
from .names import Names

_MADE_BY_TOOLS = ("__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache")


def create(provider: str, parent: Path) -> Path:
    """Write the distribution of a new provider into a directory of `parent`.

    Raises ConfigurationError where the name will not do, where something is in the way,
    or where it cannot be written; then nothing is left behind.
    """
    names = Names.new(provider)
    target = parent / names.distribution
    if target.exists() or target.is_symlink():
        raise ConfigurationError(f"{target} is there already; nothing was written")
    try:
        _write(target, contents(names))
    except OSError as error:
        raise ConfigurationError(f"cannot write {target}: {error.strerror}") from None
    return target


def contents(names: Names) -> Mapping[str, str]:
    """Return every file of the distribution by its path."""
    return dict(_files(files(__package__) / "template", "", names))


def _files(found: Traversable, path: str, names: Names) -> list[tuple[str, str]]:
    if not found.is_dir():
        return [(names.applied(path), names.applied(found.read_text("utf-8")))]
    return [
        each
        for child in sorted(found.iterdir(), key=lambda child: child.name)
        if child.name not in _MADE_BY_TOOLS
        for each in _files(child, f"{path}/{child.name}".lstrip("/"), names)
    ]


def _write(target: Path, texts: Mapping[str, str]) -> None:
    """Write beside the target, and give it its name when it is whole."""
    with tempfile.TemporaryDirectory(prefix=".anybank-", dir=target.parent) as kept:
        made = Path(kept) / target.name
        for path, text in texts.items():
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            (made / path).write_text(text, "utf-8")
        made.rename(target)
