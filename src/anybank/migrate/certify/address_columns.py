"""The address columns of a supplement, which correct a customer's addresses or add some.

`addresses.line1` belongs to the primary address; `addresses[1].line1` belongs to the
second address in the source's order. An address that the source does not have is added.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import attrs

from ...model.addresses import Address
from ...model.values import unvalidated

_NAME = re.compile(r"addresses(?:\[(\d)\])?\.(\w+)")

Row = Mapping[str, Any]


def is_part(name: str) -> bool:
    """Return True if a column belongs to an address."""
    return name.startswith("addresses")


def mixes_address_forms(names: Collection[str]) -> bool:
    """Return True if `addresses.line1` and `addresses[1].line1` are mixed in one row."""
    kinds = {name.startswith("addresses[") for name in names if is_part(name)}
    return len(kinds) > 1


def merge_addresses(addresses: Sequence[Address], row: Row) -> tuple[Address, ...]:
    """Return the source's addresses, overridden and extended by a supplement's row."""
    merged = list(addresses)
    for index, parts in sorted(_parts_by_index(addresses, row).items()):
        if index < len(merged):
            merged[index] = _with(merged[index], parts)
        else:
            merged.append(Address(**parts))
    return tuple(merged)


def overridden_paths(addresses: Sequence[Address], row: Row) -> Iterator[str]:
    """Yield the path of each address part that the row changes, not merely fills in."""
    for index, parts in sorted(_parts_by_index(addresses, row).items()):
        if index >= len(addresses):
            continue
        for name, value in parts.items():
            if getattr(addresses[index], name) not in (None, value):
                yield f"addresses[{index}].{name}"


def _parts_by_index(
    addresses: Sequence[Address], row: Row
) -> Mapping[int, dict[str, Any]]:
    parts: dict[int, dict[str, Any]] = defaultdict(dict)
    for name, value in row.items():
        if match := _NAME.fullmatch(name):
            index = _primary(addresses) if match[1] is None else int(match[1])
            parts[index][match[2]] = value
    return parts


def _primary(addresses: Sequence[Address]) -> int:
    indexes = (at for at, address in enumerate(addresses) if address.primary)
    return next(indexes, 0)


def _with(address: Address, parts: Mapping[str, Any]) -> Address:
    """Return an address with some parts replaced; it is validated with its customer."""
    fields = {
        field.name: getattr(address, field.name) for field in attrs.fields(Address)
    }
    return unvalidated(Address, **{**fields, **parts})
