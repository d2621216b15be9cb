"""Checks of the members in which the fields of a create are sent, by their names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

import attrs

from ...adapter.wire import Request
from ...declaration.vocabulary import FieldRule
from ...model.accounts import NewAccount
from ...model.addresses import Address
from ...model.customers import NewCustomer
from ...model.money import Money
from ...model.values import item_types
from .operations import declared_operations
from .recorder import NotApplicable, require
from .registry import check
from .scenarios import Scenario
from .subject import Subject
from .words import parts_of, plain_name

CREATE = "customers.create"
_WRITTEN: Mapping[str, Sequence[type]] = {
    CREATE: (NewCustomer, Address),
    "accounts.create": (NewAccount,),
}
"""The types whose fields a create writes."""


@check()
def fields_are_sent_under_their_names(subject: Subject) -> None:
    """The value of each field is in the request under the vendor's name of its rule."""
    examined = 0
    for operation, scenario in declared_operations(
        subject, lambda operation: operation.name in _CREATES
    ):
        operation.outcome(scenario, retries=0)
        leaves = [
            leaf
            for request in scenario.recorder.writes
            for leaf in leaves_of(_json_of(request), "")
        ]
        contents = [content for _, content in leaves]
        for name, native, content in _sent(subject, operation.name, scenario):
            # A content that two fields share, or that the writer changes, proves
            # nothing.
            if contents.count(content) != 1:
                continue
            examined += 1
            member = leaves[contents.index(content)][0]
            require(
                member == native,
                f"{operation.name} writes {name} as {member}, and its rule says "
                f"{native}. Write the field under the vendor's name for it, or declare "
                f"native={member!r}: errors of fields are read by these names.",
            )
    if not examined:
        raise NotApplicable("no content of a create is in its request as it is")


_CREATES = (
    CREATE,
    "accounts.create",
    "account_numbers.create",
    "credit_applications.create",
    "webhook_subscriptions.create",
)


def _sent(
    subject: Subject, create: str, scenario: Scenario
) -> Iterator[tuple[str, str, Any]]:
    """Yield the name, the vendor's name and the content of each field that is sent."""
    value = _VALUES[create](scenario)
    kind: Any = type(value)
    yield from _contents(subject, value, "")
    for name in item_types(kind):
        for item in getattr(value, name)[:1]:
            yield from _contents(subject, item, f"{name}[0].")


_VALUES: Mapping[str, Any] = {
    CREATE: lambda scenario: scenario.person(),
    "accounts.create": lambda scenario: scenario.account(),
    "account_numbers.create": lambda scenario: scenario.account_number(),
    "credit_applications.create": lambda scenario: scenario.application(),
    "webhook_subscriptions.create": lambda scenario: scenario.subscription(),
}


def _contents(
    subject: Subject, value: Any, path: str
) -> Iterator[tuple[str, str, Any]]:
    names = attrs.fields_dict(type(value))
    kind = getattr(value, "kind", None)
    for name, declared in subject.declared.rules(type(value)).items():
        rule = declared.for_kind(kind)
        if name in names and rule.create != "refused":
            content = _content(rule, getattr(value, name))
            if content:
                native = (rule.native or name).rpartition(".")[2]
                yield f"{path}{name}", native, content


def _content(rule: FieldRule, value: Any) -> Any:
    """Return a field as a request has it: its text, its word, or its minor units."""
    if isinstance(value, Money):
        return value.minor_units
    if isinstance(value, Enum):
        return rule.word(value)
    return value if isinstance(value, str) else None


@check()
def fields_use_the_member_of_their_name(subject: Subject) -> None:
    """A field is sent as the member that has its name, where the request has one."""
    examined = 0
    for operation, scenario in declared_operations(
        subject, lambda operation: operation.name in _WRITTEN
    ):
        operation.outcome(scenario, retries=0)
        for member in map(_json_of, scenario.recorder.writes):
            for name, native, other in _mistaken(subject, operation.name, member):
                require(
                    native == other,
                    f"{operation.name} writes {name} as {native}, and the same object "
                    f"has the member {other}. Two names may be exchanged: compare both "
                    "with the vendor's page, because a simulator repeats the mistake.",
                )
                examined += 1
    if not examined:
        raise NotApplicable("no field is written under a name of the vendor's own")


def _mistaken(
    subject: Subject, operation: str, body: Any
) -> Iterator[tuple[str, str, str]]:
    """Yield each field, its member and the member that has the name of the field."""
    for members in _objects(body):
        plain = {plain_name(name): name for name in members}
        for kind in _WRITTEN[operation]:
            for name, rule in subject.declared.rules(kind).items():
                native = (rule.native or "").rpartition(".")[2]
                if native in members:
                    partly = _partly_named(name, native, members)
                    yield name, native, plain.get(plain_name(name), partly)


def _partly_named(name: str, native: str, members: Mapping[str, Any]) -> str:
    """Return the member that is a part of the field's name: `first` of `first_name`."""
    parts = parts_of(name)
    if parts & parts_of(native):
        return native
    return next((it for it in members if parts_of(it) <= parts), native)


def _objects(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in a body."""
    if isinstance(tree, dict):
        yield tree
    for item in tree.values() if isinstance(tree, dict) else _items(tree):
        yield from _objects(item)


def _items(tree: Any) -> Sequence[Any]:
    return tree if isinstance(tree, (list, tuple)) else ()


def _json_of(request: Request) -> Any:
    try:
        return json.loads(request.encoded() or b"")
    except ValueError:  # a form, or a file
        return None


def leaves_of(tree: Any, key: str) -> Iterator[tuple[str, Any]]:
    """Yield the name and the value of each text and whole number in a body."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield from leaves_of(value, name)
    elif isinstance(tree, (list, tuple)):
        for value in tree:
            yield from leaves_of(value, key)
    elif isinstance(tree, (str, int)) and not isinstance(tree, bool):
        yield key, tree
