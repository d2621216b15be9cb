"""The types with which an adapter declares what its vendor accepts and returns.

The declaration is the single source of truth: pre-flight checks, `diff`, the planner,
the documentation and the conformance kit all read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cached_property
from typing import Any, Literal, get_args

import attrs
from attrs import field, frozen
from attrs.validators import in_

from ..errors import ProviderError, unsupported_by
from ..model.credit import CreditApplicationChanges, NewCreditApplication
from ..model.customers import Customer, CustomerChanges, NewCustomer
from ..model.features import Feature
from .adapter_status import AdapterStatus
from .idempotency import NO_IDEMPOTENCY, Idempotency
from .limits import Limits
from .read_rules import ReadRule, never_read, require_field
from .support import Support


@frozen(kw_only=True)
class FeatureRule:
    """How a feature is supported, the reason, and the vendor's page that says so.

    The default of `idempotency` is `none`: no call is repeated after its response is lost.
    `id_changes` allows a response with another id than the requested one, for a vendor
    that replaces a record's id (that of an application by that of the customer, for
    example), whose customers the adapter then compares itself. A `stable_listing` skips no
    record when another one is deleted between two pages, as listings by cursor do.
    Migrations repeat any other listing until a pass returns no new record. A listing that
    `pages_backwards` returns pages with a `previous_token`.

    `requires` and `refuses` name arguments of the call that the vendor needs or does not
    have, each with the reason; `only` has the members of an argument that it accepts. A
    call that breaks one of them raises InvalidInput before anything is sent.
    """

    support: Support
    note: str = ""
    source: str = ""
    idempotency: Idempotency = NO_IDEMPOTENCY
    id_changes: bool = False
    stable_listing: bool = False
    pages_backwards: bool = False
    requires: Mapping[str, str] = field(factory=dict, hash=False)
    refuses: Mapping[str, str] = field(factory=dict, hash=False)
    only: Mapping[str, Sequence[Enum]] = field(factory=dict, hash=False)

    @cached_property
    def works(self) -> bool:
        """True where the adapter supports the feature fully, in part or by other means."""
        return self.support.works

    @property
    def remarks(self) -> str:
        """The note, and what the arguments of the call must be."""
        return "; ".join(filter(None, (self.note, self.conditions)))

    @property
    def conditions(self) -> str:
        """What the arguments of the call must be, in words; "" without any condition."""
        words = [f"requires {name}: {reason}" for name, reason in self.requires.items()]
        words += [f"refuses {name}: {reason}" for name, reason in self.refuses.items()]
        for name, members in self.only.items():
            accepted = " or ".join(member.name for member in members)
            words.append(f"accepts only {accepted} as {name}")
        return "; ".join(words)

    @property
    def reason(self) -> str:
        """Why the feature is not supported: the reason, the note and the source.

        The note of a feature that the vendor does not describe is the whole reason.
        """
        source = self.source and f"see {self.source}"
        is_complete = self.support is Support.UNKNOWN and self.note
        general = None if is_complete else _WHY.get(self.support)
        return "; ".join(filter(None, (general, self.note, source)))


_WHY = {
    Support.UNSUPPORTED: "the vendor has no such operation",
    Support.NOT_IMPLEMENTED: "this adapter does not have it yet",
    Support.UNKNOWN: "the vendor's documentation does not describe it",
}

NOT_DECLARED = FeatureRule(
    support=Support.NOT_IMPLEMENTED, note="not declared by this adapter"
)


class Implied(Enum):
    """An implied value that is not a constant."""

    FIRST = "the first of the list"


Create = Literal["required", "optional", "refused"]
Read = Literal["returned", "masked", "never"]
Update = Literal["always", "before_kyc", "never"]
Submit = Literal["required", "optional"]
Misfit = Literal["blocked", "dropped"]
PoBox = Literal["accepted", "refused"]


@frozen(kw_only=True)
class FieldRule:
    """The vendor's rule for one of our fields.

    `create`, `read` and `update` state whether the field is accepted, returned and can be
    changed; `when` adds a condition in words. `submit` is `required` if an application can
    be created but not submitted without the field. `native` is the vendor's name, from
    which error paths are translated. A field that is not `clearable` cannot be changed to
    None.

    `one_of` names the fields of which the vendor stores exactly one, including this one:
    any of them satisfies `create="required"`, and of several the first is written.
    `create_for` replaces `create` by the `kind` of the value that has the field: a passport
    needs a country, a taxpayer number has none. `confirmed_by` names, for a member of
    `values`, the vendor's extra by which the caller must confirm it.

    `items` is the minimum and maximum number of items of a list, `length` that of
    characters, or of the bytes of a file. `pattern_in` replaces `pattern` for addresses in a country. With `masks` the
    vendor accepts a masked SSN. `po_box` states whether a line of an address may be a PO
    box: if it is refused, a migration asks before it sends one. A value that breaks the
    rule is handled by `misfit`: it blocks the write, or is left out with consent. `changed`
    describes how the vendor's copy differs; for a refused field, why nothing is lost that
    would need consent.

    `values` maps our members to the vendor's words; a word that two members share is read
    as the first of them. An absent field gets `default`, or a copy of the field named by
    `default_from`. `implied` is the value that a vendor without the field assumes; members
    in `values` are stored as that value. `overridden` names the parts that a program's
    own rules (`Bank(overrides=)`) have replaced.
    """

    create: Create = field(default="optional", validator=in_(get_args(Create)))
    read: Read = field(default="returned", validator=in_(get_args(Read)))
    update: Update = field(default="always", validator=in_(get_args(Update)))
    when: str = ""
    submit: Submit = field(default="optional", validator=in_(get_args(Submit)))
    native: str | None = None
    items: tuple[int, int | None] | None = None
    pattern: str | None = None
    pattern_note: str = ""
    pattern_in: Mapping[str, str] = field(factory=dict, hash=False)
    length: tuple[int, int] | None = None
    values: Mapping[Any, str] | None = field(default=None, hash=False)
    default: Any = None
    default_from: str | None = None
    implied: Any = None
    changed: str = ""
    misfit: Misfit = field(default="blocked", validator=in_(get_args(Misfit)))
    clearable: bool = False
    masks: bool = False
    po_box: PoBox = field(default="accepted", validator=in_(get_args(PoBox)))
    one_of: tuple[str, ...] = ()
    create_for: Mapping[Any, Create] = field(factory=dict, hash=False)
    confirmed_by: Mapping[Any, str] = field(factory=dict, hash=False)
    overridden: tuple[str, ...] = ()
    note: str = ""
    source: str = ""

    def for_kind(self, kind: object) -> FieldRule:
        """Return the rule of the field in a value of this kind."""
        return self._by_kind.get(kind, self)

    @cached_property
    def _by_kind(self) -> Mapping[Any, FieldRule]:
        """The rule for each kind that `create_for` names."""
        return {
            kind: attrs.evolve(self, create=create, create_for={})
            for kind, create in self.create_for.items()
        }

    @cached_property
    def is_accepted(self) -> bool:
        """True where the vendor accepts the field, in a value of some kind at least."""
        return {self.create, *self.create_for.values()} != {"refused"}

    def alternatives(self, name: str) -> tuple[str, ...]:
        """Return the other fields that a vendor stores in place of the field *name*."""
        return tuple(other for other in self.one_of if other != name)

    @cached_property
    def implied_constant(self) -> Any:
        """The value that a field reads as if it is never written; None if there is none."""
        is_one = self.create == "refused" and not isinstance(self.implied, Implied)
        return self.implied if is_one else None

    @cached_property
    def limits_text(self) -> bool:
        """True where a text may break the rule, by its length or its characters."""
        return bool(self.length or self.pattern or self.pattern_in)

    def member(self, word: str) -> Any:
        """Return the neutral member that a vendor's word reads as, or None."""
        return self.members.get(word)

    @cached_property
    def members(self) -> Mapping[str, Any]:
        """The neutral members by the vendor's word: of two that share one, the first."""
        # Reversed, because the last entry for a key stays in a dictionary.
        return {theirs: ours for ours, theirs in reversed(self.words)}

    def word(self, member: Any) -> str | None:
        """Return the vendor's word for a neutral member, or None."""
        return (self.values or {}).get(member)

    @property
    def words(self) -> tuple[tuple[Any, str], ...]:
        """The pairs of `values`, as listed."""
        return tuple((self.values or {}).items())


Fields = Mapping[str, FieldRule]

UPDATES: Mapping[type, type] = {
    CustomerChanges: NewCustomer,
    CreditApplicationChanges: NewCreditApplication,
}
"""The type whose rules apply to each type of changes."""

Step = tuple[str, Any, FieldRule | None]
"""The name and the default of a field, and its rule; None where no rule applies to it."""


@frozen(kw_only=True)
class Capabilities:
    """The whole declaration of a vendor.

    `status` says how far the adapter can be relied on, and since when it is known.
    `fields` holds the rules of each neutral value type; `hosts` the base URL of each
    environment; `errors` the class of each error code; `extras` the class of the fields
    that only this vendor has, by the type of the value that takes them. `create_verifies` is True if the create of a customer starts
    the verification (KYC): `kyc.start` is then EMULATED and returns the state of that
    verification, and `kyc.get` needs no program.
    """

    provider: str
    title: str
    hosts: Mapping[str, str] = field(hash=False)
    features: Mapping[Feature, FeatureRule] = field(factory=dict, hash=False)
    fields: Mapping[type, Fields] = field(factory=dict, hash=False)
    limits: Limits = Limits()
    errors: Mapping[str, type[ProviderError]] = field(factory=dict, hash=False)
    extras: Mapping[type, type] = field(factory=dict, hash=False)
    reads: Mapping[type, ReadRule] = field(factory=dict, hash=False)
    """The fields that the vendor never returns, of each value that it returns."""
    numeric_account_ids: bool = False
    """True if ids of accounts are digits, which are otherwise refused as account numbers."""
    create_verifies: bool = False
    status: AdapterStatus | None = None
    overrides: Mapping[str, Mapping[str, Any]] = field(factory=dict, hash=False)
    notes: tuple[str, ...] = ()
    interface: int = 1

    def supports(self, feature: str) -> bool:
        """Return whether a feature works fully, in part or by other means.

        Raises ValueError for a name that is not a feature.
        """
        return self.feature(feature).works

    def require(self, *features: str) -> None:
        """Raise Unsupported, naming each of the features that does not work here.

        An app calls it when it starts, with all features that it uses. Raises ValueError
        for a name that is not a feature.
        """
        missing: dict[str, list[str]] = {}
        for name in features:
            if not self.supports(name):
                rule = self.feature(name)
                missing.setdefault(rule.note or rule.reason, []).append(str(name))
        if missing:
            reasons = (f"{', '.join(each)} ({why})" for why, each in missing.items())
            message = f"{self.title} lacks what is required: {'; '.join(reasons)}"
            first = next(iter(missing.values()))[0]
            raise unsupported_by(self.provider, first, message)

    def feature(self, feature: str) -> FeatureRule:
        """Return the rule of a feature; an undeclared one is not implemented."""
        return self.features.get(Feature(feature), NOT_DECLARED)

    def returns(self, kind: type, name: str) -> bool:
        """Return whether a field of a value is ever returned, as far as it is declared.

        `capabilities.returns(Transaction, "counterparty")`. Raises ValueError for a name
        that is no field of the type.
        """
        require_field(kind, name)
        if kind is Customer:
            return name not in self.never_returned
        return kind not in self.reads or name not in self.reads[kind].never

    @cached_property
    def never_returned_by_kind(self) -> Mapping[type, tuple[str, ...]]:
        """The fields of each type of value that the vendor never returns."""
        others = {kind: tuple(rule.never) for kind, rule in self.reads.items()}
        return {**others, Customer: self.never_returned}

    @cached_property
    def never_returned(self) -> tuple[str, ...]:
        """The fields of a customer that are never returned, such as `addresses.line2`."""
        rules = {kind: _unreturned(rules) for kind, rules in self.fields.items()}
        others = self.reads[Customer].never if Customer in self.reads else ()
        return (*others, *never_read(NewCustomer, rules))

    @cached_property
    def steps(self) -> Mapping[type, Sequence[Step]]:
        """The fields of each declared type and of its changes, in their order.

        They are joined with their rules once, because every value is compared with them.
        """
        changes = {kind: self.rules(of) for kind, of in UPDATES.items()}
        kinds = {**self.fields, **changes}
        return {kind: steps_of(kind, rules) for kind, rules in kinds.items() if rules}

    def rules(self, kind: type) -> Fields:
        """Return the rules of a value type; an undeclared type has none."""
        return self.fields.get(kind, {})

    def rule(self, kind: type, name: str) -> FieldRule:
        """Return one field's rule; an undeclared field is refused."""
        return self.rules(kind).get(name, UNDECLARED)


def _unreturned(rules: Fields) -> Sequence[str]:
    """Return the fields that a vendor never returns and that have no implied value."""
    return [
        name
        for name, rule in rules.items()
        if rule.read == "never" and rule.implied is None
    ]


# Refused instead of ignored: a field that an adapter's author forgot would otherwise be
# dropped silently.
UNDECLARED = FieldRule(create="refused", read="never", update="never")

NOT_RULED = (
    *("id", "native_kind", "unreadable", "extras", "idempotency_key"),
    "deliverability",
)
"""The fields of values to which no rule applies."""


def fields_without_rules(rules: Fields) -> Sequence[str]:
    """Return the names of the fields to which no rule applies.

    The vendor's word for a kind may have a rule: if a vendor lists no kinds, the word is
    what a caller passes.
    """
    return _NOT_EVEN_KINDS if "native_kind" in rules else NOT_RULED


_NOT_EVEN_KINDS = tuple(name for name in NOT_RULED if name != "native_kind")


def steps_of(kind: Any, rules: Fields) -> Sequence[Step]:
    """Return the fields of a value type with their rules; without any, each is refused."""
    skipped = fields_without_rules(rules)
    return tuple(
        (
            field.name,
            field.default,
            None if field.name in skipped else rules.get(field.name, UNDECLARED),
        )
        for field in attrs.fields(kind)
    )
