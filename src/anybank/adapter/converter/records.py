"""Lenient reading: records of a listing, and the response to a create."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, TypeAlias, TypeVar

import attrs

from ...declaration.vocabulary import Fields
from ...errors import UnexpectedResponse
from ...model.ids import is_usable
from ...model.pages import Page
from ...model.values import with_unreadable
from .structure import DETAILED, FAST, Path, native_names, paths, read, written

T = TypeVar("T")
W = TypeVar("W")

Build: TypeAlias = Callable[[W, dict[str, Any]], T]
"""Builds a value from a wire object and the vendor's raw object."""
Names: TypeAlias = Mapping[str, str]
"""The neutral name for each path in the vendor's object, with `[]` for an index."""
_SAME: Names = {}


def named(rules: Fields, theirs: str = "", ours: str = "") -> dict[str, str]:
    """Return the neutral names of all returned fields, by the vendor's names.

    `theirs` and `ours` are path prefixes: `named(ADDRESS, "addresses[].", "addresses[].")`.
    """
    return {
        f"{theirs}{rule.native or name}": f"{ours}{name}"
        for name, rule in rules.items()
        if rule.read != "never"
    }


def read_each(
    raw: object, kind: type[W], build: Build[W, T], names: Names = _SAME
) -> Page[T]:
    """Read the records of a listing; an unreadable one does not affect the others.

    `build` creates a value from the wire object and the raw object. A field that does not
    fit is left out and named in the value's `unreadable`. `names` maps paths in the
    vendor's object to neutral names, with `[]` for an index
    (`{"addresses[].zip_code": "addresses[].postal_code"}`, see `named`). Records without a
    usable id are counted in the page's `without_id`. Raises UnexpectedResponse if *raw* is
    not a list.
    """
    if type(raw) is not list:
        raise UnexpectedResponse("the response has no list of records", path="$")
    values = [_read_leniently(record, kind, build, names) for record in raw]
    items = [value for value in values if value is not None]
    return Page(items, without_id=len(values) - len(items))


def read_created(
    raw: object, kind: type[W], build: Build[W, T], names: Names = _SAME
) -> T:
    """Read the response to a create, which has happened even if fields are unreadable.

    Fields that do not fit are named in `unreadable`, as in `read_each`. Raises
    UnexpectedResponse if there is no usable id.
    """
    value = _read_leniently(raw, kind, build, names)
    if value is None:
        read(raw, kind)
        raise UnexpectedResponse(f"{kind.__name__} has no usable id", path="$")
    return value


def _read_leniently(
    raw: object, kind: type[W], build: Build[W, T], names: Names
) -> T | None:
    """Read the fields of a record that fit. Return None without a usable id."""
    if type(raw) is not dict:
        return None
    value: T | None
    try:
        value = build(FAST.structure(raw, kind), raw)
    except Exception:  # noqa: BLE001  # the misfit is located next
        value = _without_misfits(raw, kind, build, names)
    return value if is_usable(getattr(value, "id", None)) else None


def _without_misfits(
    raw: dict[str, Any], kind: type[W], build: Build[W, T], names: Names
) -> T | None:
    wire, lost = _fitting(raw, kind)
    if wire is None:
        return None
    value, failed = _built(wire, raw, build)
    return value and with_unreadable(value, _neutral([*lost, *failed], names))


def _fitting(raw: dict[str, Any], kind: type[W]) -> tuple[W | None, list[Path]]:
    """Read a record without its misfits, and return their paths."""
    lost: list[Path] = []
    while True:
        try:
            return DETAILED.structure(raw, kind), lost
        except Exception as error:  # noqa: BLE001
            # The last item of a list first, so that the indexes of the others stay
            # valid.
            misfits = sorted(set(paths(error)), key=_order, reverse=True)
        removed: list[Path] = []
        for path in misfits:
            # The path of a missing field ends in the object that should contain it.
            cut = _present(raw, path)
            if cut and not any(path[: len(whole)] == whole for whole in removed):
                raw = _without(raw, cut)
                removed.append(cut)
        if not removed:  # the id itself
            return None, lost
        lost += removed


def _order(path: Path) -> list[tuple[bool, str | int]]:
    return [(isinstance(step, int), step) for step in path]


def _present(tree: Any, path: Path) -> Path:
    """Return the path, or the longest part of it that exists."""
    for depth, step in enumerate(path):
        try:
            tree = tree[step]
        except (LookupError, TypeError):
            return path[:depth]
    return path


def _without(tree: Any, path: Path) -> Any:
    """Copy a tree without the value at a path."""
    copy, step = tree.copy(), path[0]
    if len(path) > 1:
        copy[step] = _without(tree[step], path[1:])
    else:
        del copy[step]
    return copy


def _built(
    wire: W, raw: dict[str, Any], build: Build[W, T]
) -> tuple[T | None, list[Path]]:
    """Build a value, leaving out the field that fails, or all optional fields."""
    # The adapter's code raises for an odd value (an unknown currency, for example)
    # without naming the wire field: each field is tried alone, which is slow and
    # happens rarely.
    single = list(_present_fields(wire))
    whole: list[Path] = [path for path in single if len(path) == 1]
    attempts: list[list[Path]] = [[], *([path] for path in single), whole]
    for lost in attempts:
        with suppress(Exception):
            value = build(_without_fields(wire, lost), raw)
            return value, [_native_path(wire, path) for path in lost]
    return None, []


def _present_fields(wire: Any) -> Iterator[Path]:
    """Yield the optional fields that have a value, nested ones first."""
    for name in _optional_fields(type(wire)):
        value = getattr(wire, name)
        if attrs.has(type(value)):
            yield from ((name, *path) for path in _present_fields(value))
        if value is not None:
            yield (name,)


def _native_path(wire: Any, path: Path) -> Path:
    """Return the path of a field in the vendor's object."""
    names: list[str | int] = []
    for name in path:
        kind: Any = type(wire)
        names.append(native_names(kind)[str(name)])
        wire = getattr(wire, str(name))
    return tuple(names)


def _without_fields(wire: Any, paths: Iterable[Path]) -> Any:
    for name, *rest in paths:
        inner = (
            _without_fields(getattr(wire, str(name)), [tuple(rest)])
            if rest
            else _optional_fields(type(wire))[str(name)]
        )
        wire = attrs.evolve(wire, **{str(name): inner})
    return wire


def _optional_fields(kind: Any) -> dict[str, Any]:
    """Return the fields that may be absent, with their defaults."""
    empty = attrs.NOTHING
    fields = [field for field in attrs.fields(kind) if field.default is not empty]
    factory: Any = attrs.Factory
    return {
        field.name: field.default.factory()
        if isinstance(field.default, factory)
        else field.default
        for field in fields
    }


def _neutral(lost: Iterable[Path], names: Names) -> tuple[str, ...]:
    """Return the neutral names of paths in the vendor's object, without duplicates."""
    return tuple(sorted({name for path in lost for name in names_at(path, names)}))


def names_at(path: Path, names: Names) -> list[str]:
    """Return the name of a path, the names of its parts, or that of its parent."""
    pattern, indexes = _pattern(path)
    if pattern.endswith("[]"):
        whole = names.get(pattern[:-2], pattern[:-2])
        return [_indexed(names.get(pattern, f"{whole}[]"), indexes)]
    inside = [
        _indexed(ours, indexes)
        for theirs, ours in names.items()
        if theirs.startswith((f"{pattern}.", f"{pattern}[]"))
    ]
    if pattern in names or not inside:
        return [_outer_name(path, names)]
    return inside


def _outer_name(path: Path, names: Names) -> str:
    for end in range(len(path), 0, -1):
        pattern, indexes = _pattern(path[:end])
        if pattern in names:
            return _indexed(names[pattern], indexes)
    return written(path).removeprefix(".")


def _pattern(path: Path) -> tuple[str, list[int]]:
    """Return a path in the notation of `names`, and its indexes."""
    indexes = [step for step in path if isinstance(step, int)]
    plain = "".join("[]" if isinstance(step, int) else f".{step}" for step in path)
    return plain.removeprefix("."), indexes


def _indexed(name: str, indexes: Iterable[int]) -> str:
    for index in indexes:
        name = name.replace("[]", f"[{index}]", 1)
    return name.replace("[]", "")
