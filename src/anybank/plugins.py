"""Finding providers: by entry point, one at a time, so that a broken one harms nobody."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.metadata import EntryPoint, entry_points, requires
from threading import RLock
from typing import TypeAlias

import pluggy
from attrs import frozen

from .adapter import hookspecs
from .adapter.base import INTERFACE, Adapter
from .adapter.hookspecs import NAMESPACE, Provider
from .declaration.vocabulary import Capabilities
from .errors import ConfigurationError

BUILT_IN: Mapping[str, EntryPoint] = {
    "file": EntryPoint("file", "anybank.migrate.neutral.plugin", NAMESPACE)
}
"""What is a side of a migration without being a bank: not listed, and not a plugin."""

ALLOW_LIST = "ANYBANK_PLUGINS"
"""The variable that pins which plugins may load: names separated by commas."""

_MANAGER = pluggy.PluginManager(NAMESPACE)
_MANAGER.add_hookspecs(hookspecs)
_LOCK = RLock()
"""Held while a plugin is registered: threads may load different plugins."""

_COARSE = 2.0
"""Seconds within which a file system may give two changes the same time."""

Place: TypeAlias = tuple[str, int, int, int]
"""An entry of `sys.path`: its text, device and number, and when it was last changed."""


@frozen(kw_only=True)
class ProviderInfo:
    """A provider that is installed: usable, or quarantined with the `problem`.

    Where several distributions claim the name, all of them are in `distribution`.
    """

    name: str
    title: str = ""
    distribution: str = ""
    version: str = ""
    problem: str | None = None


class _Broken(Exception):
    """A plugin cannot be used, and why."""


def providers() -> tuple[ProviderInfo, ...]:
    """Return every installed provider, the broken ones with their reason."""
    return tuple(_info(name, found) for name, found in sorted(_installed().items()))


def find(name: str) -> Provider:
    """Load a provider by name; raises ConfigurationError, suggesting the nearest."""
    installed = _installed()
    if name not in installed and name not in BUILT_IN:
        raise ConfigurationError(_unknown(name, installed))
    try:
        return _load(name, installed.get(name, ()))
    except _Broken as broken:
        message = f"the plugin of provider {name!r} cannot be used: {broken}"
    raise ConfigurationError(message)


def _unknown(name: str, installed: Iterable[str]) -> str:
    published, known = _published(), sorted(installed)
    if name in published:
        return f"{name} is not installed: run pip install anybank-{name}"
    if near := get_close_matches(name.lower(), {*known, *published}, n=1):
        return f"no provider {name!r}: did you mean {near[0]!r}?"
    return f"no provider {name!r}; installed: {', '.join(known) or 'none'}"


def _published() -> frozenset[str]:
    """Return the providers whose plugins are extras of anybank."""
    matches = map(_PLUGIN_EXTRA.match, requires("anybank") or ())
    return frozenset(match[1] for match in matches if match)


_PLUGIN_EXTRA = re.compile(r"anybank-([a-z0-9-]+)\s*;")


def _installed() -> Mapping[str, tuple[EntryPoint, ...]]:
    """Return the entry points by name: read anew when something on the path changes.

    To read those of every distribution takes longer than all else that a Bank is made of.
    """
    places = tuple(_place(each) for each in sys.path)
    newest = max((changed for *_, changed in places), default=0)
    if newest > time.time_ns() - _COARSE * 1e9:  # what is just being installed
        return _entry_points()
    return _entry_points_of(places)


def _place(entry: str) -> Place:
    try:
        status = os.stat(entry or ".")  # noqa: PTH116  # "" is where the process is
    except (OSError, ValueError):
        return entry, 0, 0, 0
    return entry, status.st_dev, status.st_ino, status.st_mtime_ns


@lru_cache(maxsize=1)
def _entry_points_of(
    places: tuple[Place, ...],  # noqa: ARG001  # what the answer holds for
) -> Mapping[str, tuple[EntryPoint, ...]]:
    return _entry_points()


def _entry_points() -> Mapping[str, tuple[EntryPoint, ...]]:
    found: dict[str, tuple[EntryPoint, ...]] = {}
    for point in entry_points(group=NAMESPACE):
        if point not in found.get(point.name, ()):
            found[point.name] = (*found.get(point.name, ()), point)
    return found


def _info(name: str, points: tuple[EntryPoint, ...]) -> ProviderInfo:
    found = [point.dist for point in points if point.dist]
    title, problem = "", None
    try:
        title = _load(name, points).adapter.capabilities.title
    except _Broken as broken:
        problem = str(broken)
    return ProviderInfo(
        name=name,
        title=title,
        distribution=", ".join(_owners(points)),
        version=", ".join(sorted({each.version or "" for each in found})),
        problem=problem,
    )


def _load(name: str, points: tuple[EntryPoint, ...]) -> Provider:
    if name in BUILT_IN:
        return _own(name, points)
    allowed = os.environ.get(ALLOW_LIST)
    if allowed is not None and name not in {
        part.strip() for part in allowed.split(",")
    }:
        raise _Broken(f"{ALLOW_LIST} does not list it")
    if len(points) > 1:
        raise _Broken(_clash(_owners(points)))
    return _loaded(points[0])


def _own(name: str, points: tuple[EntryPoint, ...]) -> Provider:
    """Return what is built in; a plugin of its name is refused."""
    if points:
        steps = " and ".join(f"`pip uninstall {each}`" for each in _owners(points))
        raise _Broken(f"the name is the library's own: {steps}")
    return _loaded(BUILT_IN[name])


def _owners(points: Iterable[EntryPoint]) -> list[str]:
    """Return the distributions; one whose metadata are damaged may have no name."""
    found = (point.dist for point in points if point.dist)
    return sorted({each.name or "(without a name)" for each in found})


def _clash(owners: Sequence[str]) -> str:
    """Say who claims one name, and what to type: which is meant, a person knows."""
    if len(owners) < 2:
        return f"{''.join(owners)} claims the name more than once: reinstall it"
    steps = " or ".join(f"`pip uninstall {each}`" for each in owners)
    return f"{' and '.join(owners)} claim the name: uninstall one, by {steps}"


@cache
def _loaded(point: EntryPoint) -> Provider:
    try:
        plugin = point.load()
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        failed = f"importing {point.value} raised {type(error).__name__}: {error}"
    else:
        return _registered(point.name, plugin)
    raise _Broken(failed)


def _registered(name: str, plugin: object) -> Provider:
    """Register a plugin while its hook is called, so that no other plugin's hook runs."""
    try:
        with _LOCK:
            _MANAGER.register(plugin, name)
            try:
                offered = _MANAGER.hook.anybank_provider()
            finally:
                _MANAGER.unregister(plugin, name)
    except Exception as error:  # noqa: BLE001  # whatever a plugin does wrong
        failed = f"its hook raised {type(error).__name__}: {error}"
    else:
        return checked(name, offered)
    raise _Broken(failed)


def checked(name: str, offered: object) -> Provider:
    """Return what a plugin offers if it is a provider, under its name, for this version."""
    if not isinstance(offered, Provider):
        raise _Broken("its hook anybank_provider returned no Provider")
    kind: object = offered.adapter
    declared = getattr(kind, "capabilities", None)
    is_adapter = isinstance(kind, type) and issubclass(kind, Adapter)
    if not is_adapter or not isinstance(declared, Capabilities):
        raise _Broken("its adapter is not an Adapter with capabilities")
    if declared.provider != name:
        raise _Broken(
            f"its entry point says {name!r}, its adapter {declared.provider!r}"
        )
    if declared.interface != INTERFACE:
        raise _Broken(
            f"it is made for interface {declared.interface}, this is {INTERFACE}"
        )
    return offered
