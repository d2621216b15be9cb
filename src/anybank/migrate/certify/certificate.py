"""What will become of each field of a record, found offline before anything is sent.

A record is ready when the target will take all of it that may not be lost. Then the
request has been written already, and what the target will tell back is promised.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

import attrs
from attrs import field, frozen

from ...adapter.base import Adapter
from ...adapter.wire import Request
from ...declaration.consent import is_loss_accepted, without_indexes
from ...declaration.preflight import Prepared, is_absent, prepare
from ...declaration.vocabulary import Capabilities, Feature
from ...errors import Effect, InvalidInput, Issue
from ...model import operations as ask
from ...model.addresses import Address
from ...model.customers import Customer, NewCustomer
from ...model.values import told as as_told
from ...sensitive import Personal, shielded
from ..journal.keys import Key
from ..journal.records import Record
from ..journal.transitions import FieldReason
from .address_columns import is_part, merge_addresses, overridden_paths
from .data_quality import BLANKS, QualityChecker, advice, blanks, identities, trimmed
from .expected_fields import canonical, expected_fields
from .remedies import remedy

_MISSING_RULES = ("create=required", "full number")
_NO_ROW: Mapping[str, Any] = {}


class Fate(StrEnum):
    """What becomes of a field."""

    KEPT = "kept"
    CHANGED = "changed"
    DEFAULTED = "defaulted"
    DROPPED = "dropped"
    MISSING = "missing"
    BLOCKED = "blocked"


_REFERENCES = uuid.uuid5(uuid.NAMESPACE_URL, "anybank:customer-references")
"""The namespace of the references that we make: it never changes."""


@frozen
class Finding:
    """A field that is not simply kept; one that `stops` keeps its record from going."""

    field: str
    fate: Fate
    rule: str
    message: str
    remedy: str = ""
    stops: bool = False

    @property
    def reason(self) -> FieldReason:
        """The finding without its place in a list: the same for many records."""
        name = without_indexes(self.field)
        return FieldReason(self.fate, name, self.rule, self.message, self.remedy)


@frozen(kw_only=True)
class Certificate(Personal):
    """The outcome for one record; `new` is what a create is given, where it is ready.

    `key` is the idempotency key of its create, where the target replays one.
    """

    source_id: str
    findings: tuple[Finding, ...]
    fates: Mapping[str, Fate]
    source_print: str
    supplemented: bool
    new: Prepared[NewCustomer] | None = field(default=None, repr=False)
    reference: str | None = None
    key: str | None = None
    request_print: str | None = None
    promise: Mapping[str, str] = field(factory=dict, repr=False)
    identities: Mapping[str, str] | None = field(default=None, repr=False)
    """What no two people should share; None where it is as it was planned."""

    @property
    def is_ready(self) -> bool:
        """True where nothing stops it."""
        return self.new is not None

    def sharing(self, reasons: Iterable[FieldReason]) -> Certificate:
        """Return it with what the customer shares with others: it stops or is noted."""
        found = tuple(
            Finding(
                each.field,
                Fate(each.effect),
                each.rule,
                each.message,
                each.remedy,
                stops=bool(each.remedy),
            )
            for each in reasons
        )
        stops = any(each.stops for each in found)
        new = None if stops else self.new
        return attrs.evolve(self, findings=(*self.findings, *found), new=new)

    @property
    def sent(self) -> Prepared[NewCustomer]:
        """What is sent; raises TypeError where something stops it."""
        if self.new is None:
            raise TypeError("only a ready certificate is sent")
        return self.new

    @property
    def known(self) -> dict[str, Any]:
        """What the journal keeps of it."""
        return {
            "source_print": self.source_print,
            "request_print": self.request_print,
            "promise": dict(self.promise),
            "reference": self.reference,
        }

    @property
    def reasons(self) -> list[FieldReason]:
        """The findings, as the journal groups them."""
        return [finding.reason for finding in self.findings]


@frozen(kw_only=True)
class Certifier:
    """Certifies the customers of one source for one target."""

    source: Capabilities
    target: Adapter
    migration_id: str
    key: Key
    accept_loss: Collection[str] = ()
    accept_quality: Collection[str] = ()
    today: date

    def certify(
        self, customer: Customer, row: Mapping[str, Any] | None = None
    ) -> Certificate:
        """Return the certificate of a customer and its row of the supplement."""
        given = _NO_ROW if row is None else row
        found = list(self._before(customer, given))
        new: NewCustomer | None = None
        plan: Mapping[str, Any] = {}
        try:
            new = self._assembled(customer, given)
        except InvalidInput as error:
            found += [self._finding(issue) for issue in error.issues]
        else:
            prepared = prepare(self.target.capabilities, new)
            found += [*self._judged(prepared.issues, new), *self._questioned(new)]
            plan = self._written(customer, prepared, found)
        return Certificate(
            source_id=customer.id,
            findings=tuple(found),
            fates=_fates(customer if new is None else new, found),
            source_print=self.source_print(customer),
            supplemented=row is not None,
            reference=new.external_id if new and plan and self.has_reference else None,
            key=self.made_reference(customer.id) if self.has_key else None,
            identities=self._identities(customer, new, given),
            **plan,
        )

    def again(
        self, record: Record, customer: Customer, row: Mapping[str, Any] | None
    ) -> Certificate | None:
        """Return what a record was certified as, None where that holds no more.

        It holds while the source tells the same and the request is the same: nothing
        else of what is sent could have changed.
        """
        if self.source_print(customer) != record.source_print:
            return None
        try:
            new = self._assembled(customer, _NO_ROW if row is None else row)
        except InvalidInput:
            return None
        prepared = prepare(self.target.capabilities, new).value
        request = self._request(prepared, [])
        if not request or self._print(customer, request) != record.request_print:
            return None
        return Certificate(
            source_id=customer.id,
            findings=(),
            fates={},
            source_print=record.source_print,
            supplemented=row is not None,
            new=Prepared(prepared),
            reference=record.reference,
            key=self.made_reference(customer.id) if self.has_key else None,
            request_print=record.request_print,
            promise=record.promise,
        )

    @property
    def has_reference(self) -> bool:
        """True where the target keeps an id of ours, by which it can be found again."""
        rule = self.target.capabilities.feature(Feature.CUSTOMERS_CREATE)
        return rule.idempotency.kind == "client_reference"

    @property
    def has_key(self) -> bool:
        """True where a create may be sent again for ever, under the same key."""
        rule = self.target.capabilities.feature(Feature.CUSTOMERS_CREATE)
        return rule.idempotency.kind == "replays" and rule.idempotency.lifetime is None

    def source_print(self, customer: Customer) -> str:
        """Return the fingerprint of all that the source tells of a customer."""
        return print_of_source(self.key, customer)

    def reference_of(self, customer: Customer) -> str:
        """Return our id of a customer at the target: the same whenever it is asked."""
        return customer.external_id or self.made_reference(customer.id)

    def made_reference(self, source_id: str) -> str:
        """Return the id that we make for whom the source gives none of its own.

        It is of the source's bank and id alone: every journal makes the same, so that a
        second one finds whom the first has created.
        """
        bank = uuid.uuid5(_REFERENCES, self.source.provider)
        return str(uuid.uuid5(bank, source_id))

    def fingerprints(self, source_id: str, texts: Mapping[str, str]) -> dict[str, str]:
        """Return the fingerprint of each field's text."""
        return {
            name: self.key.fingerprint(name, source_id, text)
            for name, text in texts.items()
        }

    def _before(self, customer: Customer, row: Mapping[str, Any]) -> Iterator[Finding]:
        """Find what the supplement and the reference change."""
        ssn, mask = row.get("ssn"), customer.ssn
        if ssn and mask and mask.last_four and not mask.agrees_with(ssn):
            said = "does not agree with the source's last four"
            fix = "find out whose number it is: correct the supplement or the source"
            yield Finding("ssn", Fate.BLOCKED, "last four", said, fix, stops=True)
        said = "the supplement's is written, not the source's"
        for path in overridden_paths(customer.addresses, row):
            yield Finding(path, Fate.CHANGED, "supplement", said)
        for name, value in row.items():
            told = None if is_part(name) else getattr(customer, name)
            if name != "ssn" and not is_absent(told) and told != value:
                yield Finding(name, Fate.CHANGED, "supplement", said)
        for path in blanks(_merged(customer, row)):
            said = "blanks at its start or end are removed"
            yield Finding(path, Fate.CHANGED, BLANKS, said)
        if self.has_reference and customer.external_id is None:
            said = "is made from the source's bank and id"
            yield Finding("external_id", Fate.DEFAULTED, "reference", said)

    @shielded
    def _assembled(self, customer: Customer, row: Mapping[str, Any]) -> NewCustomer:
        """Return the customer as one to make; raises InvalidInput."""
        fields = _merged(customer, row)
        if self.has_reference and "external_id" not in row:
            fields = {**fields, "external_id": self.reference_of(customer)}
        return NewCustomer(**trimmed(fields))

    def _judged(self, issues: Sequence[Issue], new: NewCustomer) -> Iterator[Finding]:
        yield from map(self._finding, issues)
        yield from self._untold({issue.field for issue in issues}, new)

    def _untold(self, judged: Collection[str], new: NewCustomer) -> Iterator[Finding]:
        """Find what the source never tells whole, and nobody supplied."""
        for name, rule in self.target.capabilities.rules(NewCustomer).items():
            is_told = self.source.rule(NewCustomer, name).read == "returned"
            if is_told or rule.create != "optional" or name in judged:
                continue
            if is_absent(getattr(new, name, None)):
                said = "goes without: the source does not tell it, nor the supplement"
                yield Finding(name, Fate.MISSING, "read=never", said)

    def _questioned(self, new: NewCustomer) -> Iterator[Finding]:
        """Find what looks wrong with a person: it stops unless it was accepted."""
        checker = QualityChecker(self.target.capabilities, self.today)
        for name, path in checker.findings(new):
            is_accepted = name in self.accept_quality
            fate = Fate.KEPT if is_accepted else Fate.BLOCKED
            fix = "" if is_accepted else advice(name)
            said = checker.message(name, path)
            yield Finding(path, fate, name, said, fix, stops=not is_accepted)

    def _identities(
        self, customer: Customer, new: NewCustomer | None, row: Mapping[str, Any]
    ) -> Mapping[str, str] | None:
        if new is None:
            return None
        own = row.get("external_id") or customer.external_id
        return identities(customer, new, own, self.key)

    def _finding(self, issue: Issue) -> Finding:
        fate, stops = Fate(issue.effect), issue.effect is Effect.BLOCKED
        if issue.effect is Effect.DROPPED and not is_loss_accepted(
            issue, self.accept_loss
        ):
            fate, stops = Fate.BLOCKED, True
        elif issue.effect is Effect.BLOCKED and issue.rule in _MISSING_RULES:
            fate = Fate.MISSING
        advice = remedy(issue) if stops else ""
        return Finding(issue.field, fate, issue.rule, issue.message, advice, stops)

    def _written(
        self,
        customer: Customer,
        prepared: Prepared[NewCustomer],
        found: list[Finding],
    ) -> Mapping[str, Any]:
        """Prove that the request can be written; return it as fingerprints."""
        if any(finding.stops for finding in found):
            return {}
        request = self._request(prepared.value, found)
        if request is None:
            return {}
        promised = expected_fields(self.target.capabilities, prepared.value, request)
        return {
            "new": prepared,
            "request_print": self._print(customer, request),
            "promise": self.fingerprints(customer.id, promised),
        }

    def _print(self, customer: Customer, request: Request) -> str:
        text = "\0".join((request.method, request.path, _body(request)))
        return self.key.fingerprint("request", customer.id, text)

    def _request(self, new: NewCustomer, found: list[Finding]) -> Request | None:
        """Pull the first request out of the adapter's flow: it is pure."""
        question = ask.CreateCustomer(new=new, idempotency_key=self.migration_id)
        try:
            flow = self.target.create_customer(question)
            request = next(flow)
            flow.close()
        except Exception as error:  # noqa: BLE001  # its text may hold personal data
            said = f"the adapter cannot write it ({type(error).__name__})"
        else:
            return request
        fix = "report it to the adapter's author"
        found.append(Finding("", Fate.BLOCKED, "request", said, fix, stops=True))
        return None


def _merged(customer: Customer, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the fields of a customer to create, with those of the supplement."""
    fields = {
        each.name: getattr(customer, each.name)
        for each in attrs.fields(NewCustomer)
        if each.name != "extras"
    }
    addresses = tuple(_without_id(address) for address in customer.addresses)
    given = {name: value for name, value in row.items() if not is_part(name)}
    return {**fields, **given, "addresses": merge_addresses(addresses, row)}


def print_of_source(key: Key, customer: Customer) -> str:
    """Return the fingerprint of all that a source tells of a customer."""
    return key.fingerprint("source", customer.id, canonical(customer))


def _body(request: Request) -> str:
    return (request.encoded() or b"").decode("utf-8", "replace")


def _without_id(address: Address) -> Address:
    """Return an address as one to write; what is wrong with it is said by the whole."""
    fields = {each.name: getattr(address, each.name) for each in attrs.fields(Address)}
    bare = {"id": None, "native_kind": None, "unreadable": ()}
    return as_told(Address, **{**fields, **bare})


def _fates(value: NewCustomer | Customer, found: list[Finding]) -> dict[str, Fate]:
    """Return the fate of every field that has a value or a finding."""
    kept = {
        each.name: Fate.KEPT
        for each in attrs.fields(NewCustomer)
        if each.name != "extras" and not is_absent(getattr(value, each.name))
    }
    return {**kept, **{finding.field: finding.fate for finding in found}}
