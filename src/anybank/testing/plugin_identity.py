"""The identity of an installed plugin: its distribution, version and code.

An attestation holds for one identity. The plugin is located and not imported: listing the
providers must not run the code of a plugin.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points, version
from importlib.util import find_spec
from pathlib import Path

from ..adapter.hookspecs import NAMESPACE
from ..errors import ConfigurationError


def staleness(attestation: object, identity: Mapping[str, str]) -> str:
    """Return what has changed since the attestation, empty if nothing has."""
    for name, description in _COMPARED.items():
        before, now = getattr(attestation, name), identity[name]
        if before != now:
            versions = "" if name == "digest" else f" ({before}, now {now})"
            return f"{description} has changed{versions}"
    return ""


_COMPARED = {
    "distribution": "the distribution",
    "version": "the version of the plugin",
    "digest": "the code of the plugin",
    "kit": "the version of anybank",
}


def identity_of(provider: str) -> dict[str, str]:
    """Return what an attestation must agree with; raises ConfigurationError."""
    entry_point = _entry_point(provider)
    distribution = entry_point.dist
    return {
        "distribution": distribution.name if distribution else "",
        "version": distribution.version if distribution else "",
        "digest": _digest(_package(entry_point)),
        "kit": version("anybank"),
    }


def package_of(provider: str) -> Path:
    """Return the directory, or the single file, that contains a plugin's code."""
    return _package(_entry_point(provider))


def _entry_point(provider: str) -> EntryPoint:
    matches = entry_points(group=NAMESPACE, name=provider)
    if not matches:
        raise ConfigurationError(f"no provider {provider!r} is installed")
    return next(iter(matches))


def _package(entry_point: EntryPoint) -> Path:
    spec = find_spec(entry_point.module.partition(".")[0])
    if spec is None or spec.origin is None:
        raise ConfigurationError(
            f"the code of {entry_point.module} was not found: reinstall the plugin"
        )
    origin = Path(spec.origin)
    return origin.parent if spec.submodule_search_locations else origin


def _digest(package: Path) -> str:
    """Return the SHA-256 of a package's Python files and their relative paths."""
    digest = hashlib.sha256()
    files = [package] if package.is_file() else sorted(package.rglob("*.py"))
    for file in files:
        path = file.relative_to(package.parent).as_posix()
        # The digest of each file, and not of all bytes in a row: moving code from the
        # end of one file to the start of the next changes it.
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{path} {content}\n".encode())
    return digest.hexdigest()
