"""The fields that a target will return for a customer, derived from its declaration.

`expected_fields` computes them from a prepared value and its request, and
`returned_fields` computes them from a customer that was read back. Both map a field's name
without indexes (`addresses.line1`) to a canonical text, and omit the fields that the
target never returns. The texts are only hashed: the journal stores fingerprints of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Any, TypeAlias

import attrs
from attrs import frozen

from ...adapter.wire import Json, Request
from ...declaration.vocabulary import Capabilities, FieldRule, Implied
from ...model.customers import Customer, CustomerStatus, NewCustomer
from ...model.government_id_numbers import GovernmentIdNumber
from ...model.values import item_types
from ...sensitive import Ssn

FieldTexts: TypeAlias = Mapping[str, str]

_ITEMS = item_types(NewCustomer)
_ASSIGNED = ("id", "deliverability")
"""Parts that a vendor assigns, whatever was sent."""
_NOT_RETURNED = object()
NOT_ACCEPTED = (CustomerStatus.PENDING, CustomerStatus.DENIED)
"""The statuses of people whom the source has not accepted, and who are not moved."""
FULL_NAME = "full_name"
"""The field of a vendor that joins the parts of a name and returns only the whole."""


def expected_fields(
    capabilities: Capabilities, prepared: NewCustomer, request: Request
) -> FieldTexts:
    """Return the fields that the target will return for a prepared value and its request."""
    return dict(_Side(capabilities, request.body).fields(prepared))


def returned_fields(capabilities: Capabilities, customer: Customer) -> FieldTexts:
    """Return the fields that the target returned for a customer."""
    return dict(_Side(capabilities, None).fields(customer))


def canonical(customer: Customer) -> str:
    """Return all fields that the source returned, as one text to detect changes."""
    fields = {
        field.name: _plain(getattr(customer, field.name))
        for field in attrs.fields(NewCustomer)
        if field.name != "extras"
    }
    return _text({**fields, **_whole_name(customer), **_open_status(customer)})


def _whole_name(customer: Customer) -> dict[str, object]:
    """Return the full name of a customer whose vendor does not return its parts."""
    return {FULL_NAME: customer.full_name} if customer.full_name else {}


def _open_status(customer: Customer) -> dict[str, object]:
    """Return a status that keeps a person from being moved, which a later one changes."""
    status = customer.status
    return {"status": status.name} if status and status in NOT_ACCEPTED else {}


@frozen
class _Side:
    """One side of the comparison; `written` is the request's body on the expected side."""

    capabilities: Capabilities
    written: Json

    def fields(self, value: NewCustomer | Customer) -> Iterator[tuple[str, str]]:
        for name, rule in self.capabilities.rules(NewCustomer).items():
            if rule.read == "never" or name not in _NAMES:
                continue
            field: Any = value.name if name == FULL_NAME else getattr(value, name)
            if name in _ITEMS:
                yield from self._items(name, rule, field)
            elif (plain := self._field(name, rule, field)) is not _NOT_RETURNED:
                yield name, _text(plain)

    def _field(self, name: str, rule: FieldRule, value: Any) -> object:
        if rule.read == "masked":
            return _last_four(value)
        return self._shown(rule, name, value, self.written)

    def _items(
        self, name: str, rule: FieldRule, items: Sequence[Any]
    ) -> Iterator[tuple[str, str]]:
        # Sorted, since the target may return the items in another order.
        written = _within(self.written, rule.native or name)
        bodies = written if isinstance(written, list) else [None] * len(items)
        shown = sorted(
            (
                dict(self._item(_ITEMS[name], item, body, first=at == 0))
                for at, (item, body) in enumerate(zip(items, bodies, strict=False))
            ),
            key=_text,
        )
        for part in sorted({part for item in shown for part in item}):
            yield f"{name}.{part}", _text([item.get(part) for item in shown])
        yield name, _text(len(shown))

    def _item(
        self, kind: type, item: Any, body: Json, *, first: bool
    ) -> Iterator[tuple[str, object]]:
        """Yield an item's parts; a vendor may imply `primary` by the order of the items."""
        for part, rule in self.capabilities.rules(kind).items():
            if rule.implied is Implied.FIRST:
                yield part, first
            elif rule.read != "never" and part not in _ASSIGNED:
                value = getattr(item, part)
                is_masked = rule.read == "masked"
                yield (
                    part,
                    _end(value) if is_masked else self._shown(rule, part, value, body),
                )

    def _shown(self, rule: FieldRule, name: str, value: Any, body: Json) -> object:
        """Return a value as the target will: texts as written, enums mapped both ways."""
        if isinstance(value, Enum):
            word = rule.word(value)
            return _plain(value if word is None else rule.member(word))
        if isinstance(value, str):
            # As the request has it: an adapter may change the format. The number of a phone
            # is compared as E.164, to which its reader converts it back.
            written = _within(body, rule.native or name)
            value = written if isinstance(written, str) and name != "number" else value
        return _plain(value)


def _last_four(value: Any) -> object:
    if isinstance(value, Ssn):
        return _NOT_RETURNED if value.last_four is None else value.last_four
    return None


def _end(value: Any) -> object:
    """Return the end of a number that is returned masked, or None where it is not known."""
    return value.end or None if isinstance(value, GovernmentIdNumber) else None


def _within(body: Json, name: str) -> Json:
    return body.get(name) if isinstance(body, dict) else None


def _plain(value: Any) -> object:
    """Return a value in JSON's types; vendors read an empty text as None."""
    if value is None or type(value) is str:
        return value or None
    for kind, plain in _PLAIN:
        if isinstance(value, kind):
            return plain(value)
    return _plain_fields(value) if attrs.has(type(value)) else None


def _plain_fields(value: Any) -> object:
    return {
        field.name: _plain(getattr(value, field.name))
        for field in attrs.fields(type(value))
        if field.name not in (*_ASSIGNED, "native_kind", "unreadable")
    }


_PLAIN: Sequence[tuple[type | tuple[type, ...], Callable[[Any], object]]] = (
    (Enum, lambda member: member.name),
    (int, lambda number: number),
    (Ssn, lambda ssn: ssn.last_four or "token"),
    (GovernmentIdNumber, lambda number: number.end),
    (date, lambda day: day.isoformat()),
    ((list, tuple), lambda items: [_plain(item) for item in items]),
)
"""How each type is converted; the first matching type counts."""

_text = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode


_NAMES = {*(field.name for field in attrs.fields(NewCustomer)), FULL_NAME}
