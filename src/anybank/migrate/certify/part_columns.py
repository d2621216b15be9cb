"""The columns of a supplement that are parts of an address, government id or evidence.

`addresses.line1` belongs to the primary address, and `government_ids.number` to the first
government id; `addresses[1].line1` belongs to the second address in the source's order. An
item that the source does not have is added.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import attrs

from ...declaration.diff import EXTRA
from ...errors import InvalidInput
from ...model.addresses import Address
from ...model.customers import Customer
from ...model.government_id_numbers import GovernmentIdNumber
from ...model.government_ids import GovernmentId, GovernmentIdKind
from ...model.kyc_evidence import KycEvidence
from ...model.values import unvalidated

Row = Mapping[str, Any]

PARTS: Mapping[str, type] = {
    "addresses": Address,
    "government_ids": GovernmentId,
    "kyc_evidence": KycEvidence,
}
"""The lists whose items a supplement spells part by part, and the types of the items."""
COMPLETED = ("government_ids", "kyc_evidence")
"""The lists whose items cannot be built before the supplement has completed them."""
_NAME = re.compile(rf"({'|'.join(PARTS)})(?:\[([0-9])\])?\.(\w+)")


def is_part(name: str) -> bool:
    """Return True if a column is a part of a field: of a list's item, or of extras."""
    return _list_of(name) in PARTS or name.startswith(EXTRA)


def _list_of(name: str) -> str:
    return re.split(r"[.\[]", name, maxsplit=1)[0]


def column_of_mixed_forms(names: Collection[str]) -> str | None:
    """Return a column of a list that one row spells with and without an index, or None."""
    for name in names:
        forms = {
            other.startswith(f"{_list_of(name)}[")
            for other in names
            if is_part(name) and _list_of(other) == _list_of(name)
        }
        if len(forms) > 1:
            return name
    return None


def supplied_fields(customer: Customer, row: Row) -> Mapping[str, Any]:
    """Return a row's fields, and the lists of a customer with the row's parts merged in.

    The items of the lists in COMPLETED are unvalidated until `complete_lists`.
    """
    addresses = [_without_id(address) for address in customer.addresses]
    return {
        **{name: value for name, value in row.items() if not is_part(name)},
        "addresses": merge_addresses(addresses, row),
        **{name: _merge(name, getattr(customer, name), row) for name in COMPLETED},
    }


def merge_addresses(addresses: Sequence[Address], row: Row) -> tuple[Address, ...]:
    """Return the source's addresses, overridden and extended by a supplement's row."""
    merged = list(addresses)
    for index, parts in _parts_by_index("addresses", addresses, row):
        if index < len(merged):
            merged[index] = _with(merged[index], parts)
        else:
            merged.append(Address(**parts))
    return tuple(merged)


def _merge(name: str, items: Sequence[Any], row: Row) -> tuple[Any, ...]:
    """Return the source's items, overridden and extended by a row, unvalidated."""
    merged, kind = list(items), PARTS[name]
    for index, parts in _parts_by_index(name, items, row):
        own = attrs.asdict(items[index], recurse=False) if index < len(items) else {}
        merged[index : index + 1] = [unvalidated(kind, **{**own, **parts})]
    return tuple(merged)


def complete_lists(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the fields with the lists that a row has completed as validated values.

    Raises InvalidInput, which names the part.
    """
    lists = {name: _complete_items(name, fields[name]) for name in COMPLETED}
    return {**fields, **lists}


def _complete_items(name: str, items: Sequence[Any]) -> Sequence[Any]:
    complete: list[Any] = []
    for index, item in enumerate(items):
        try:
            complete.append(PARTS[name](**attrs.asdict(item, recurse=False)))
            continue
        except InvalidInput as error:
            issues = error.issues
        path = f"{name}[{index}]."
        raise InvalidInput(
            attrs.evolve(issue, field=path + issue.field) for issue in issues
        )
    return complete


def overridden_paths(name: str, items: Sequence[Any], row: Row) -> Iterator[str]:
    """Yield the path of each part that the row changes, not merely fills in."""
    for index, parts in _parts_by_index(name, items, row):
        if index >= len(items):
            continue
        for part, value in parts.items():
            current = getattr(items[index], part)
            if current not in (None, value) and not _fills_in(current, value):
                yield f"{name}[{index}].{part}"


def other_numbers(ids: Sequence[GovernmentId], row: Row) -> Iterator[str]:
    """Yield the path of each number whose end is not the one that the source returns."""
    for index, parts in _parts_by_index("government_ids", ids, row):
        number = parts.get("number")
        mask = ids[index].number if index < len(ids) else None
        if number and mask and mask.last_four and not mask.agrees_with(number):
            yield f"government_ids[{index}].number"


def _fills_in(current: object, value: object) -> bool:
    """Tell whether a value only says more: a number for its mask, a kind for UNKNOWN."""
    if isinstance(current, GovernmentIdNumber):
        return current.is_masked
    return current is GovernmentIdKind.UNKNOWN and current is not value


def _parts_by_index(
    name: str, items: Sequence[Any], row: Row
) -> Sequence[tuple[int, dict[str, Any]]]:
    parts: dict[int, dict[str, Any]] = defaultdict(dict)
    for column, value in row.items():
        match = _NAME.fullmatch(column)
        if match and match[1] == name:
            index = _primary(items) if match[2] is None else int(match[2])
            parts[index][match[3]] = value
    return sorted(parts.items())


def _primary(items: Sequence[Any]) -> int:
    # Without a primary item the first one counts, as a lone address is the primary one.
    indexes = (at for at, item in enumerate(items) if getattr(item, "primary", False))
    return next(indexes, 0)


def _without_id(address: Address) -> Address:
    """Return an address without the source's id; it is validated with its customer."""
    return _with(address, {"id": None, "native_kind": None, "unreadable": ()})


def _with(address: Address, parts: Mapping[str, Any]) -> Address:
    """Return an address with some parts replaced; it is validated with its customer."""
    fields = {
        field.name: getattr(address, field.name) for field in attrs.fields(Address)
    }
    return unvalidated(Address, **{**fields, **parts})
