"""Neutral names for the fields of wire classes: a guess per field, for reading and writing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from attrs import define, evolve, field

from ....model.accounts import AccountKind, AccountStatus
from ....model.addresses import AddressKind
from ....model.customers import CustomerStatus
from ....model.phones import PhoneKind
from ....model.transactions import TransactionKind, TransactionStatus
from .identifiers import joined
from .matching import (
    ACCOUNT,
    ADDRESS,
    CUSTOMER,
    PHONE,
    SUBSCRIPTION,
    TRANSACTION,
    FieldNames,
    PropertyMatch,
    flat_address,
    match,
    without,
)
from .neutral_text import NeutralText, RuleText, WordTable
from .python_text import call
from .rules_text import RulesText, as_part
from .shapes import Shapes
from .wire_classes import WireClass, WireField

ENUMS: Mapping[str, type[StrEnum]] = {
    "Customer.status": CustomerStatus,
    "Account.kind": AccountKind,
    "Account.status": AccountStatus,
    "Transaction.kind": TransactionKind,
    "Transaction.status": TransactionStatus,
    "Address.kind": AddressKind,
    "Phone.kind": PhoneKind,
}
"""The enum of each of our fields that is one."""
READS: Mapping[str, Mapping[str, FieldNames]] = {
    "Customer": CUSTOMER,
    "Account": ACCOUNT,
    "Transaction": TRANSACTION,
    "WebhookSubscription": {
        name: known for name, known in SUBSCRIPTION.items() if name != "secret"
    },
    "AccountNumber": {},
    "ExternalAccount": {},
    "Address": ADDRESS,
    "Phone": PHONE,
}
"""The fields of each value that are read, with the names that vendors have for them."""
_TEXTS = {"text": "str", "date": "dt.date", "time": "dt.datetime", "word": "str"}
_PLAIN_LISTS = ("emails", "customer_ids", "events")
_ITEMS = {"phones": "Phone", "addresses": "Address"}
_FIRST_NUMBER = "lambda phone: phone.number"

_Steps = Sequence[tuple[WireClass, WireField]]
"""The fields that lead to a member, each with its class."""


@define
class NeutralNames:
    """The neutral names of wire classes, and the functions that read phones."""

    shapes: Shapes
    functions: dict[str, str] = field(factory=dict)
    """The function of each wire class of a phone, as Python."""
    _known: set[tuple[str, str]] = field(factory=set)

    def read(self, kind: str, wire: WireClass) -> bool:
        """Name the fields of a record. Return False for a class of another value."""
        if wire.kind not in ("", kind):
            return False
        wire.kind = kind
        if (kind, wire.name) in self._known:
            return True
        self._known.add((kind, wire.name))
        part = as_part(wire.shape)
        matches = match(self.shapes, part, READS[kind])
        flat = flat_address(self.shapes, part, matches) if kind == "Customer" else {}
        for name, prop in flat.items():
            self._place_part(kind, wire, name, prop)
        for name, prop in without(matches, flat).items():
            steps = _steps(wire, prop.path)
            if steps and _is_free(kind, name, steps):
                neutral = self._neutral(kind, name, prop, steps[-1][1])
                if neutral is not None:
                    _place(kind, steps, neutral)
        return True

    def _place_part(
        self,
        kind: str,
        wire: WireClass,
        name: str,
        prop: PropertyMatch,
        rule: RuleText | None = None,
    ) -> bool:
        """Name a member of a person as one of the address. Return False if it cannot be."""
        place, steps = f"addresses[0].{name}", _steps(wire, prop.path)
        if not steps or not _is_free(kind, place, steps):
            return False
        if steps[-1][1].annotation != "str":
            return False
        neutral = NeutralText(name=place, others=prop.others, rule=rule)
        _place(kind, steps, neutral)
        return True

    def write(
        self, kind: str, wire: WireClass, rules: Sequence[RulesText]
    ) -> list[str]:
        """Give the fields of a request body their rules; return the places without one.

        The first rules are those of the body, the others those of its addresses and phones.
        """
        unplaced = []
        for name, prop in rules[0].matches.items():
            steps = _steps(wire, prop.path)
            if name == "kind" or (
                steps and self._write(kind, name, prop, steps, rules)
            ):
                continue
            unplaced.append(f"{prop.place} ({name})")
        for flat in (it for it in rules if it.is_flat):
            unplaced += [
                f"{prop.place} ({name})"
                for name, prop in flat.matches.items()
                if not self._place_part(kind, wire, name, prop, flat.rule(name))
            ]
        return unplaced

    def _write(
        self,
        kind: str,
        name: str,
        prop: PropertyMatch,
        steps: _Steps,
        rules: Sequence[RulesText],
    ) -> bool:
        owner, leaf = steps[-1]
        if not _is_free(kind, name, steps):
            return False
        neutral = leaf.neutral
        if neutral is None and owner.is_read:
            # The responses have the same class, so that the field must also be readable.
            is_field = name in READS[kind]
            neutral = self._neutral(kind, name, prop, leaf) if is_field else None
        elif neutral is None and _is_writable(name, leaf):
            neutral = NeutralText(name=name, others=prop.others)
        if neutral is None:
            return False
        inner = [it for it in rules if it.kind == _ITEMS.get(name) and not it.is_flat]
        if leaf.of is not None and inner:
            if leaf.of.kind not in ("", inner[0].kind):
                return False
            leaf.of.kind = inner[0].kind
            self.write(inner[0].kind, leaf.of, inner)
        is_text = name == "phones" and leaf.of is None
        write = _FIRST_NUMBER if is_text else ""
        _place(kind, steps, evolve(neutral, rule=rules[0].rule(name), write=write))
        return True

    def _neutral(
        self, kind: str, name: str, prop: PropertyMatch, leaf: WireField
    ) -> NeutralText | None:
        """Return the name of a field that can be read, or None."""
        known = READS[kind][name]
        neutral = NeutralText(name=name, others=prop.others)
        if known.kind == "date" and leaf.annotation == "str":
            note = "is it a date as in 1990-04-01?"
            return evolve(neutral, read="dt.date.fromisoformat", question=note)
        if known.kind in _TEXTS:
            if leaf.annotation != _TEXTS[known.kind]:
                return None
            if known.kind != "word":
                return neutral
            is_table = len(leaf.shape.enum) > 1
            table = WordTable(enum=ENUMS[f"{kind}.{name}"], words=leaf.shape.enum)
            return evolve(neutral, words=table) if is_table else None
        if name in _PLAIN_LISTS:
            is_plain = leaf.annotation in ("str", "list[str]")
            return neutral if is_plain else None
        read = self._conversion(name, leaf)
        return evolve(neutral, read=read) if read is not None else None

    def _conversion(self, name: str, leaf: WireField) -> str | None:
        """Return how an SSN, phones or addresses are read; empty for the usual way."""
        if name == "ssn":
            return "Ssn.read" if leaf.annotation == "str" else None
        if leaf.annotation in ("str", "list[str]") and name == "phones":
            function = "Phone.read"
        elif leaf.of is None or leaf.annotation.count("[") > 1:
            return None
        elif name == "addresses":
            return "" if self.read("Address", leaf.of) else None
        else:
            function = self._phone_function(leaf.of)
        if not function or not leaf.is_list:
            return function or None
        return f"lambda phones: [*map({function}, phones)]"

    def _phone_function(self, wire: WireClass) -> str:
        """Return the function that reads a phone, or nothing for an object without number."""
        if not self.read("Phone", wire):
            return ""
        names = {it.neutral.name: it for it in wire.fields if it.neutral}
        if "number" not in names:
            return ""
        if wire.name not in self.functions:
            count = len(self.functions) + 1
            name = f"read_phone_{count}" if count > 1 else "read_phone"
            self.functions[wire.name] = _phone_function(name, wire, names)
        return self.functions[wire.name].partition("(")[0].removeprefix("def ")


def _phone_function(name: str, wire: WireClass, names: Mapping[str, WireField]) -> str:
    codes = [
        it.name
        for it in wire.fields
        if joined(it.native) == "countrycode" and it.annotation == "str"
    ]
    arguments = [
        "number",
        *(f'country_code=wire.{it} or "1"' for it in codes[:1]),
        *(["kind=build(Phone, wire, number=number).kind"] if "kind" in names else []),
    ]
    returned = call("Phone.read", arguments, 4, len("    return "))
    return f'''def {name}(wire: {wire.name}) -> Phone:
    """Return the phone of a {wire.name}."""
    number = wire.{names["number"].name} or ""
    return {returned}'''


def _steps(wire: WireClass, path: Sequence[str]) -> _Steps:
    """Return the fields that lead to a member, or nothing if a part of it has no class."""
    owner: WireClass | None = wire
    steps = []
    for name in path:
        member = owner.named(name) if owner else None
        if owner is None or member is None:
            return []
        steps.append((owner, member))
        owner = None if member.is_list else member.of
    return steps


def _is_free(kind: str, name: str, steps: _Steps) -> bool:
    """Return whether a field can have a neutral name, which its path leads to."""
    *outer, (owner, leaf) = steps
    if leaf.required or leaf.is_part or owner.kind not in ("", kind):
        return False
    if leaf.neutral is not None and leaf.neutral.name != name:
        return False
    if name == "id" and kind != "Address":
        return False
    return all(
        it.kind in ("", kind)
        and member.neutral is None
        and not (member.of and _leads_back(member.of, it))
        for it, member in outer
    )


def _leads_back(wire: WireClass, to: WireClass) -> bool:
    """Return whether the objects that belong to a value would contain themselves."""
    parts = [it.of for it in wire.fields if it.is_part and it.of]
    return wire is to or any(_leads_back(it, to) for it in parts)


def _place(kind: str, steps: _Steps, neutral: NeutralText) -> None:
    for owner, member in steps[:-1]:
        owner.kind, member.is_part = kind, True
    owner, leaf = steps[-1]
    owner.kind, leaf.neutral = kind, neutral


def place_constants(wire: WireClass, constants: Mapping[tuple[str, ...], str]) -> None:
    """Mark the members of a request body that have the same word in each request."""
    for path, word in constants.items():
        steps = _steps(wire, path)
        if steps and steps[-1][1].neutral is None and not steps[-1][1].required:
            steps[-1][1].constant = word


def _is_writable(name: str, leaf: WireField) -> bool:
    """Return whether a field of a request can have a value of ours."""
    if name == "addresses":
        return leaf.of is not None
    if name == "phones":
        return leaf.of is not None or leaf.annotation in ("str", "list[str]")
    if name in _PLAIN_LISTS:
        return leaf.annotation in ("str", "list[str]")
    return leaf.of is None and not leaf.is_list
