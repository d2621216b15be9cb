"""What a target will tell back of what it is sent, by its declaration.

`expected` says it of a settled value and its request, `told` reads the same of a customer
that was read back; both give each field as a canonical text, by our name without indexes
(`addresses.line1`). What the target never tells is in neither.
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
from ...model.addresses import Address
from ...model.customers import Customer, NewCustomer
from ...model.phones import Phone
from ...sensitive import Ssn

FieldTexts: TypeAlias = Mapping[str, str]

_ITEMS: Mapping[str, type] = {"phones": Phone, "addresses": Address}
_NOT_TOLD = object()
FULL_NAME = "full_name"
"""What a vendor tells that joins the parts of a name: they are promised as one."""


def expected(
    capabilities: Capabilities, settled: NewCustomer, request: Request
) -> FieldTexts:
    """Return what the target will tell of a settled value that was written so."""
    return dict(_Side(capabilities, request.body).fields(settled))


def told(capabilities: Capabilities, customer: Customer) -> FieldTexts:
    """Return what the target told of a customer."""
    return dict(_Side(capabilities, None).fields(customer))


def canonical(customer: Customer) -> str:
    """Return all that a source told of a person as one text, to see that it changed."""
    fields = {
        field.name: _plain(getattr(customer, field.name))
        for field in attrs.fields(NewCustomer)
        if field.name != "extras"
    }
    return _text({**fields, **_whole_name(customer)})


def _whole_name(customer: Customer) -> dict[str, object]:
    """Return the name of a customer whose vendor does not tell its parts."""
    return {FULL_NAME: customer.full_name} if customer.full_name else {}


@frozen
class _Side:
    """One side of the comparison; `written` is the body of the request, if it is that."""

    capabilities: Capabilities
    written: Json

    def fields(self, value: NewCustomer | Customer) -> Iterator[tuple[str, str]]:
        for name, rule in self.capabilities.rules(NewCustomer).items():
            if rule.read == "never" or name not in _NAMES:
                continue
            given: Any = value.name if name == FULL_NAME else getattr(value, name)
            if name in _ITEMS:
                yield from self._items(name, rule, given)
            elif (plain := self._field(name, rule, given)) is not _NOT_TOLD:
                yield name, _text(plain)

    def _field(self, name: str, rule: FieldRule, given: Any) -> object:
        if rule.read == "masked":
            return _last_four(given)
        return self._shown(rule, name, given, self.written)

    def _items(
        self, name: str, rule: FieldRule, items: Sequence[Any]
    ) -> Iterator[tuple[str, str]]:
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
        """Show the parts of an item; which is the first counts where that means primary."""
        for part, rule in self.capabilities.rules(kind).items():
            if rule.implied is Implied.FIRST:
                yield part, first
            elif rule.read != "never" and part != "id":
                yield part, self._shown(rule, part, getattr(item, part), body)

    def _shown(self, rule: FieldRule, name: str, given: Any, body: Json) -> object:
        """Show a value as the target tells it: texts as written, words as they read."""
        if isinstance(given, Enum):
            word = rule.word(given)
            return _plain(given if word is None else rule.member(word))
        if isinstance(given, str):
            written = _within(body, rule.native or name)
            given = written if isinstance(written, str) and name != "number" else given
        return _plain(given)


def _last_four(given: Any) -> object:
    if isinstance(given, Ssn):
        return _NOT_TOLD if given.last_four is None else given.last_four
    return None


def _within(body: Json, name: str) -> Json:
    return body.get(name) if isinstance(body, dict) else None


def _plain(value: Any) -> object:
    """Return a value in JSON's types; what is empty is None, as vendors read it."""
    if value is None or type(value) is str:
        return value or None
    for kind, plain in _PLAIN:
        if isinstance(value, kind):
            return plain(value)
    return _plain_fields(value) if attrs.has(type(value)) else None


def _plain_fields(value: Any) -> object:
    return {
        each.name: _plain(getattr(value, each.name))
        for each in attrs.fields(type(value))
        if each.name not in ("id", "native_kind", "unreadable")
    }


_PLAIN: Sequence[tuple[type | tuple[type, ...], Callable[[Any], object]]] = (
    (Enum, lambda member: member.name),
    (int, lambda number: number),
    (Ssn, lambda ssn: ssn.last_four or "token"),
    (date, lambda day: day.isoformat()),
    ((list, tuple), lambda items: [_plain(item) for item in items]),
)
"""How each kind of value is shown; the first that fits counts."""

_text = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode


_NAMES = {*(field.name for field in attrs.fields(NewCustomer)), FULL_NAME}
