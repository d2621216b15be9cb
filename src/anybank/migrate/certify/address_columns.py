"""Addresses of a supplement: supplied whole, or corrected part by part.

`addresses.line1` is of the primary address, `addresses[1].line1` of the second as the
source lists them. What is not there yet is added.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import attrs

from ...model.addresses import Address
from ...model.values import told as as_told

PARTS = (
    "line1",
    "line2",
    "city",
    "state",
    "postal_code",
    "country",
    "kind",
    "primary",
)
_NAME = re.compile(r"addresses(?:\[(\d)\])?\.(\w+)")

Row = Mapping[str, Any]


def is_part(name: str) -> bool:
    """Tell whether a column is of an address."""
    return name.startswith("addresses")


def mixes_address_forms(names: Collection[str]) -> bool:
    """Tell whether some columns name the primary address, and others a place."""
    kinds = {name.startswith("addresses[") for name in names if is_part(name)}
    return len(kinds) > 1


def corrected(addresses: Sequence[Address], row: Row) -> tuple[Address, ...]:
    """Return the addresses with what a row of a supplement has of them."""
    found = list(addresses)
    for at, parts in sorted(_by_place(addresses, row).items()):
        if at < len(found):
            found[at] = _with(found[at], parts)
        else:
            found.append(Address(**parts))
    return tuple(found)


def changed(addresses: Sequence[Address], row: Row) -> Iterator[str]:
    """Yield the path of each part that the source has otherwise."""
    for at, parts in sorted(_by_place(addresses, row).items()):
        if at >= len(addresses):
            continue
        for name, value in parts.items():
            if getattr(addresses[at], name) not in (None, value):
                yield f"addresses[{at}].{name}"


def _by_place(addresses: Sequence[Address], row: Row) -> Mapping[int, dict[str, Any]]:
    parts: dict[int, dict[str, Any]] = defaultdict(dict)
    for name, value in row.items():
        if match := _NAME.fullmatch(name):
            at = _primary(addresses) if match[1] is None else int(match[1])
            parts[at][match[2]] = value
    return parts


def _primary(addresses: Sequence[Address]) -> int:
    return next((at for at, each in enumerate(addresses) if each.primary), 0)


def _with(address: Address, parts: Mapping[str, Any]) -> Address:
    """Return an address with other parts; what is wrong with it is found later."""
    fields = {each.name: getattr(address, each.name) for each in attrs.fields(Address)}
    return as_told(Address, **{**fields, **parts})
