"""Functions as Python that build our values from wire classes, from a guess per field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from attrs import define, field, frozen

from ....model.accounts import AccountKind, AccountStatus
from ....model.addresses import AddressKind
from ....model.customers import CustomerStatus
from ....model.phones import PhoneKind
from ....model.transactions import TransactionKind, TransactionStatus
from .identifiers import constant_name, joined, variable_name
from .matching import (
    ACCOUNT,
    ADDRESS,
    CUSTOMER,
    PHONE,
    SUBSCRIPTION,
    TRANSACTION,
    FieldNames,
    PropertyMatch,
    match,
)
from .python_text import call, comment, safe, signature, text
from .rules_text import as_part
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
_READS: Mapping[str, Mapping[str, FieldNames]] = {
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
_UNSURE: Mapping[str, str] = {
    "Account": "balance and account_number",
    "Transaction": "amount and balance_after, with their sign and their unit",
    "AccountNumber": "account_id, number, routing_number and status",
    "ExternalAccount": "account_number, routing_number, kind and status",
    "WebhookSubscription": "enabled",
}
"""What no name tells: whether an amount is in cents, and which sign a debit has."""
_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "approved": ("active",),
    "accepted": ("active",),
    "verified": ("active",),
    "enabled": ("active",),
    "rejected": ("denied",),
    "declined": ("denied",),
    "suspended": ("disabled", "frozen"),
    "blocked": ("frozen",),
    "restricted": ("frozen",),
    "inactive": ("disabled",),
    "canceled": ("closed",),
    "cancelled": ("closed", "canceled"),
    "voided": ("canceled",),
    "settled": ("posted",),
    "active": ("open",),
    "pendingreview": ("pending",),
    "pendingdocument": ("pending",),
    "pendingdocuments": ("pending",),
    "pendingresubmit": ("pending",),
    "mobilephone": ("mobile",),
    "residential": ("home",),
    "business": ("work",),
}
_TEXTS = {"text": "str", "date": "dt.date", "time": "dt.datetime", "word": "str"}


@frozen(kw_only=True)
class WordTable:
    """An enum of the document as a table from the vendor's words to our members."""

    constant: str
    enum: type[StrEnum]
    words: tuple[str, ...]
    native: str

    def render(self) -> str:
        """Return the table as Python; a word without a member of that name is UNKNOWN."""
        kind = self.enum.__name__
        lines = [f"{self.constant} = {{"]
        for word in self.words:
            member = _member(self.enum, word)
            if member == "UNKNOWN":
                lines.append("    # TODO: which member is it?")
            lines.append(f"    {text(word)}: {kind}.{member},")
        return "\n".join([*lines, "}"])


def _member(enum: type[StrEnum], word: str) -> str:
    names = {joined(it.name): it.name for it in enum}
    plain = joined(word)
    known = (plain, *_SYNONYMS.get(plain, ()))
    return next((names[word] for word in known if word in names), "UNKNOWN")


@define
class Builders:
    """The functions that build our values, and the tables of words that they use."""

    shapes: Shapes
    names: dict[tuple[str, str], str] = field(factory=dict)
    functions: dict[tuple[str, str], str] = field(factory=dict)
    tables: dict[str, WordTable] = field(factory=dict)

    def add(self, kind: str, wire: WireClass, identifier: WireField | None) -> str:
        """Add the function that builds a value of a kind; return its name."""
        key = (kind, wire.name)
        if key not in self.names:
            count = sum(kind == other for other, _ in self.names)
            base = f"build_{variable_name(kind)}"
            name = self.names[key] = f"{base}_{count + 1}" if count else base
            self.functions[key] = ""  # its place: the items that it lists come after it
            self.functions[key] = self._function(name, kind, wire, identifier)
        return self.names[key]

    def render(self) -> str:
        """Return the tables and the functions as Python."""
        tables = "\n".join(it.render() for it in self.tables.values())
        functions = list(self.functions.values())
        return "\n\n\n".join([*filter(None, [tables]), *functions])

    def _function(
        self, name: str, kind: str, wire: WireClass, identifier: WireField | None
    ) -> str:
        matches = match(self.shapes, as_part(wire.shape), _READS[kind])
        reader = _Reader(wire)
        values = list(self._values(kind, matches, reader))
        if identifier is not None:
            number = identifier.annotation == "int"
            attribute = f"wire.{identifier.name}"
            values.insert(0, f"id=str({attribute})" if number else f"id={attribute}")
        if kind == "Customer":
            values.insert(1, "provider=PROVIDER")
        is_record = identifier is not None
        if is_record:
            values.append("raw=raw")
        constructor = kind
        if kind == "Phone":
            constructor, values = "Phone.read", _phone(values, wire)
        returned = call(constructor, values, 4, len("    return "))
        parameters = [f"wire: {wire.name}", *(["raw: Json"] if is_record else [])]
        lines = [signature(name, parameters, kind)]
        lines.append(f'    """Return the {_article(kind)} for a {wire.name}."""')
        unsure = _UNSURE.get(kind, "")
        if unsure:
            lines.append(comment(f"TODO: {unsure}.", 4))
        lines += [*reader.lines, f"    return {returned}"]
        return "\n".join(lines)

    def _values(
        self, kind: str, matches: Mapping[str, PropertyMatch], reader: _Reader
    ) -> Iterator[str]:
        for name, prop in matches.items():
            if name == "id" and kind != "Address":
                continue
            before = reader.state
            value = self._value(kind, name, prop, reader)
            if not value:
                reader.state = before
            if value and prop.others:
                # Each line of the comment is an item of the call.
                others = f"TODO: or {safe(', '.join(prop.others))}"
                yield from map(str.lstrip, comment(others, 8).splitlines())
            yield from value

    def _value(
        self, kind: str, name: str, prop: PropertyMatch, reader: _Reader
    ) -> list[str]:
        known, leaf = _READS[kind][name], reader.leaf(prop.path)
        if leaf is None:
            return []
        if known.kind in _TEXTS and leaf.annotation != _TEXTS[known.kind]:
            return []
        if known.kind == "word":
            return self._word(kind, name, leaf, reader.local(prop.path))
        if known.kind in _TEXTS:
            return [f"{name}={reader.value(prop.path)}"]
        return self._items(name, leaf, reader.local(prop.path))

    def _items(self, name: str, leaf: WireField, local: str) -> list[str]:
        if name == "ssn" and leaf.annotation == "str":
            return [f"ssn=Ssn.read({local}) if {local} else None"]
        if name in ("emails", "customer_ids", "events"):
            return _list(name, leaf, local, "{}", ("str",))
        if name == "phones" and leaf.of is None:
            return _list(name, leaf, local, "Phone.read({})", ("str",))
        kind = {"phones": "Phone", "addresses": "Address"}.get(name)
        if kind is None or leaf.of is None:
            return []
        if kind == "Phone" and "number" not in self._parts(PHONE, leaf.of):
            return []
        function = self.add(kind, leaf.of, None)
        return _list(name, leaf, local, f"{function}({{}})", (leaf.of.name,))

    def _parts(
        self, names: Mapping[str, FieldNames], wire: WireClass
    ) -> Mapping[str, PropertyMatch]:
        return match(self.shapes, as_part(wire.shape), names)

    def _word(self, kind: str, name: str, leaf: WireField, local: str) -> list[str]:
        if leaf.annotation != "str" or len(leaf.shape.enum) < 2:
            return []
        enum = ENUMS[f"{kind}.{name}"]
        constant = constant_name(kind, f"{name}_words")
        known = self.tables.get(constant)
        if known is not None and known.words != leaf.shape.enum:
            constant = f"{constant}_{len(self.tables)}"
        self.tables[constant] = WordTable(
            constant=constant, enum=enum, words=leaf.shape.enum, native=leaf.native
        )
        choices = [f'{local} or ""', f"{enum.__name__}.UNKNOWN"]
        lines = [call(f"{name}={constant}.get", choices, 8, 8)]
        if kind != "Phone":
            lines.append(f"native_{name}={local}")
        return lines


@define
class _Reader:
    """The local variables that lead to the members of nested wire classes."""

    root: WireClass
    lines: list[str] = field(factory=list)
    _locals: dict[tuple[str, ...], str] = field(factory=dict)

    @property
    def state(self) -> tuple[list[str], dict[tuple[str, ...], str]]:
        """The variables so far, to which it can be set back."""
        return list(self.lines), dict(self._locals)

    @state.setter
    def state(self, value: tuple[list[str], dict[tuple[str, ...], str]]) -> None:
        self.lines, self._locals = value

    def leaf(self, path: Sequence[str]) -> WireField | None:
        """Return the field at the end of a path, or None if a part of it has no class."""
        owner: WireClass | None = self.root
        leaf = None
        for name in path:
            leaf = owner.named(name) if owner else None
            owner = leaf.of if leaf and not leaf.is_list else None
        return leaf

    def value(self, path: tuple[str, ...]) -> str:
        """Return the expression for a path."""
        attribute = self._attribute(path)
        if len(path) == 1:
            return f"wire.{attribute}"
        owner = self.local(path[:-1])
        return f"{owner}.{attribute} if {owner} else None"

    def local(self, path: tuple[str, ...]) -> str:
        """Return the local variable for a path, and add it where it is new."""
        if path not in self._locals:
            value = self.value(path)
            used = {"raw", "wire", *self._locals.values()}
            name = variable_name(path[-1])
            name = variable_name("_".join(path)) if name in used else name
            name = f"{name}_" if name in used else name
            self.lines.append(f"    {name} = {value}")
            self._locals[path] = name
        return self._locals[path]

    def _attribute(self, path: Sequence[str]) -> str:
        leaf = self.leaf(path)
        return leaf.name if leaf else path[-1]


def _list(
    name: str, leaf: WireField, local: str, item: str, allowed: Sequence[str]
) -> list[str]:
    """Return a list of ours from a list of the vendor's, or from a single value."""
    inner = leaf.annotation.removeprefix("list[").removesuffix("]")
    if inner not in allowed:
        return []
    if not leaf.is_list:
        return [f"{name}=[{item.format(local)}] if {local} else ()"]
    if item == "{}":
        return [f"{name}={local} or ()"]
    return [f"{name}=[{item.format('each')} for each in {local} or ()]"]


def _phone(values: Sequence[str], wire: WireClass) -> list[str]:
    """Return the arguments of Phone.read, which accepts every number of a vendor."""
    number = next(it.partition("=")[2] for it in values if it.startswith("number="))
    others = [it for it in values if not it.startswith("number=")]
    codes = [
        it.name
        for it in wire.fields
        if joined(it.native) == "countrycode" and it.annotation == "str"
    ]
    country = [f'country_code=wire.{it} or "1"' for it in codes[:1]]
    return [f'{number} or ""', *country, *others]


def _article(kind: str) -> str:
    return " ".join(variable_name(kind).split("_"))
