"""Find providers by entry point, and load one at a time: a broken plugin harms no other."""

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
from .declaration.adapter_status import AdapterStatus
from .declaration.vocabulary import Capabilities
from .errors import ConfigurationError

BUILT_IN: Mapping[str, EntryPoint] = {
    "file": EntryPoint("file", "anybank.migrate.neutral.plugin", NAMESPACE)
}
"""A side of a migration that is not a bank. It is not a plugin and is not listed."""

ALLOW_LIST = "ANYBANK_PLUGINS"
"""The variable that lists the plugins that may load, separated by commas."""

_MANAGER = pluggy.PluginManager(NAMESPACE)
_MANAGER.add_hookspecs(hookspecs)
_LOCK = RLock()
"""Held while a plugin is registered, because threads may load different plugins."""
# A child must not inherit the lock while another thread of its parent holds it.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_LOCK.acquire,
        after_in_parent=_LOCK.release,
        after_in_child=_LOCK.release,
    )

_LIKENESS = 0.7
"""The share of equal letters from which a name is probably a misspelling of another."""
_COARSE = 2.0
"""Seconds within which a file system may give two changes the same timestamp."""

PathEntry: TypeAlias = tuple[str, int, int, int]
"""An entry of `sys.path`: its text, device, inode and modification time."""


@frozen(kw_only=True)
class ProviderInfo:
    """An installed provider; `problem` says why it cannot be used, if so.

    If several distributions claim the name, `distribution` lists all of them. `status` is
    what the adapter declares about itself and its vendor's API.
    """

    name: str
    title: str = ""
    distribution: str = ""
    version: str = ""
    status: AdapterStatus | None = None
    problem: str | None = None


class _Broken(Exception):
    """The reason why a plugin cannot be used."""


def providers() -> tuple[ProviderInfo, ...]:
    """Return every installed provider; a broken one has its problem."""
    return tuple(_info(name, points) for name, points in sorted(_installed().items()))


def find(name: str) -> Provider:
    """Load a provider by name. Raises ConfigurationError with the nearest name."""
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
    near = get_close_matches(name.lower(), {*known, *published}, 1, _LIKENESS)
    if near:
        return f"no provider {name!r}: did you mean {near[0]!r}?"
    return f"no provider {name!r}; installed: {', '.join(known) or 'none'}"


def _published() -> frozenset[str]:
    """Return the providers that are extras of anybank."""
    matches = map(_PLUGIN_EXTRA.match, requires("anybank") or ())
    return frozenset(match[1] for match in matches if match)


_PLUGIN_EXTRA = re.compile(r"anybank-([a-z0-9-]+)\s*;")


def _installed() -> Mapping[str, tuple[EntryPoint, ...]]:
    """Return the entry points by name; they are read again when `sys.path` changes.

    Reading the entry points of every distribution takes longer than creating a Bank.
    """
    path = tuple(_path_entry(entry) for entry in sys.path)
    newest = max((changed for *_, changed in path), default=0)
    if newest > time.time_ns() - _COARSE * 1e9:  # an installation may be in progress
        return _entry_points()
    return _entry_points_of(path)


def _path_entry(entry: str) -> PathEntry:
    try:
        status = os.stat(entry or ".")  # noqa: PTH116  # "" is the working directory
    except (OSError, ValueError):
        return entry, 0, 0, 0
    return entry, status.st_dev, status.st_ino, status.st_mtime_ns


@lru_cache(maxsize=1)
def _entry_points_of(
    path: tuple[PathEntry, ...],  # noqa: ARG001  # the cache key
) -> Mapping[str, tuple[EntryPoint, ...]]:
    return _entry_points()


def _entry_points() -> Mapping[str, tuple[EntryPoint, ...]]:
    by_name: dict[str, tuple[EntryPoint, ...]] = {}
    for point in entry_points(group=NAMESPACE):
        # A distribution may be on two entries of `sys.path`: equal points count once.
        if point not in by_name.get(point.name, ()):
            by_name[point.name] = (*by_name.get(point.name, ()), point)
    return by_name


def _info(name: str, points: tuple[EntryPoint, ...]) -> ProviderInfo:
    distributions = [point.dist for point in points if point.dist]
    title, status, problem = "", None, None
    try:
        declared = _load(name, points).adapter.capabilities
        title, status = declared.title, declared.status
    except _Broken as broken:
        problem = str(broken)
    return ProviderInfo(
        name=name,
        title=title,
        distribution=", ".join(_owners(points)),
        version=", ".join(sorted({dist.version or "" for dist in distributions})),
        status=status,
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
    """Return a built-in provider; a plugin with its name is refused."""
    if points:
        steps = " and ".join(f"`pip uninstall {name}`" for name in _owners(points))
        raise _Broken(f"the name belongs to anybank itself: {steps}")
    return _loaded(BUILT_IN[name])


def _owners(points: Iterable[EntryPoint]) -> list[str]:
    """Return the names of the distributions; damaged metadata may have none."""
    distributions = (point.dist for point in points if point.dist)
    return sorted({dist.name or "(without a name)" for dist in distributions})


def _clash(owners: Sequence[str]) -> str:
    """Describe which distributions claim a name, and the commands that resolve it."""
    if len(owners) < 2:
        return f"{''.join(owners)} claims the name more than once: reinstall it"
    steps = " or ".join(f"`pip uninstall {name}`" for name in owners)
    return f"{' and '.join(owners)} claim the name: uninstall one with {steps}"


@cache
def _loaded(point: EntryPoint) -> Provider:
    try:
        plugin = point.load()
    # A module that calls sys.exit() when it is imported must not end the program.
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        failed = f"importing {point.value} raised {type(error).__name__}: {error}"
    else:
        return _registered(point.name, plugin)
    raise _Broken(failed)  # an exception is not cached: the next call tries again


def _registered(name: str, plugin: object) -> Provider:
    """Register a plugin while its hook is called, so that no other plugin's hook runs."""
    try:
        with _LOCK:
            _MANAGER.register(plugin, name)
            try:
                offered = _MANAGER.hook.anybank_provider()
            finally:
                _MANAGER.unregister(plugin, name)
    except Exception as error:  # noqa: BLE001  # a plugin may raise anything
        failed = f"its hook raised {type(error).__name__}: {error}"
    else:
        return checked(name, offered)
    raise _Broken(failed)


def checked(name: str, offered: object) -> Provider:
    """Return a plugin's provider if it is valid, has its name and fits this version."""
    if not isinstance(offered, Provider):
        raise _Broken("its hook anybank_provider did not return a Provider")
    kind: object = offered.adapter
    declared = getattr(kind, "capabilities", None)
    is_adapter = isinstance(kind, type) and issubclass(kind, Adapter)
    if not is_adapter or not isinstance(declared, Capabilities):
        raise _Broken("its adapter is not an Adapter with capabilities")
    if declared.provider != name:
        raise _Broken(
            f"its entry point is {name!r}, and its adapter is {declared.provider!r}"
        )
    if declared.interface != INTERFACE:
        raise _Broken(
            f"it is written for interface {declared.interface}; this is {INTERFACE}"
        )
    return offered
