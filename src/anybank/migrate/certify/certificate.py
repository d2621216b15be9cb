"""Certificates: what happens to each field of a customer, computed before sending.

A record is ready if the target accepts every field that may not be lost. Its certificate
then holds the prepared customer, a fingerprint of the request, and fingerprints of the
fields that the target is expected to return. Planner and sender use the same code, so that
`apply` sends exactly what the plan certified.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

import attrs
from attrs import field, frozen

from ...adapter.base import Adapter
from ...adapter.wire import Request
from ...declaration.diff import EXTRA
from ...declaration.field_checks import has_value, is_absent
from ...declaration.preflight import Prepared, prepare, stops
from ...declaration.vocabulary import Capabilities
from ...errors import NO_REMEDY, Effect, InvalidInput, Issue, Remedy
from ...model import operations as ask
from ...model.customers import Customer, NewCustomer
from ...model.features import Feature
from ...sensitive import Personal
from ..journal.keys import Key
from ..journal.records import Record
from .data_quality import (
    BLANKS,
    QualityChecker,
    advice_for,
    blanks,
    identities,
    trimmed,
)
from .expected_fields import canonical, expected_fields
from .extras_columns import supplied_extras
from .part_columns import (
    PARTS,
    complete_lists,
    is_part,
    other_numbers,
    overridden_paths,
    supplied_fields,
)
from .remedies import remedy
from .undecided_customers import status_issues

_MISSING_RULES = ("create=required", "full number")
_NO_ROW: Mapping[str, Any] = {}


_REFERENCES = uuid.uuid5(uuid.NAMESPACE_URL, "anybank:customer-references")
"""The namespace of generated references. It must never change."""


@frozen(kw_only=True)
class Certificate(Personal):
    """The certificate of one record. `new` is the prepared customer if it is ready.

    An issue that has a remedy blocks the record. `effects` has an entry for each field.
    `key` is the idempotency key of its create, if the target replays creates by key.
    """

    source_id: str
    issues: tuple[Issue, ...]
    effects: Mapping[str, Effect]
    source_print: str
    supplemented: bool
    new: Prepared[NewCustomer] | None = field(default=None, repr=False)
    reference: str | None = None
    key: str | None = None
    has_reference: bool = False
    """Whether the target stores `reference`; the journal then does not store the key."""
    request_print: str | None = None
    promise: Mapping[str, str] = field(factory=dict, repr=False)
    identities: Mapping[str, str] | None = field(default=None, repr=False)
    """Fingerprints of the values that must be unique; None if unchanged since the plan."""

    @property
    def is_ready(self) -> bool:
        """True if no issue blocks the record."""
        return self.new is not None

    def with_issues(self, shared: Sequence[Issue]) -> Certificate:
        """Return the certificate with issues of values shared with other customers."""
        new = None if any(issue.remedy for issue in shared) else self.new
        return attrs.evolve(self, issues=(*self.issues, *shared), new=new)

    @property
    def sent(self) -> Prepared[NewCustomer]:
        """The prepared customer; raises TypeError if an issue blocks the record."""
        if self.new is None:
            raise TypeError("a blocked certificate has no customer to send")
        return self.new

    @property
    def known(self) -> dict[str, Any]:
        """The columns that the journal stores."""
        return {
            "source_print": self.source_print,
            "request_print": self.request_print,
            "promise": dict(self.promise),
            "reference": self.reference,
        }


@frozen(kw_only=True)
class Certifier:
    """Issues certificates for the customers of one source at one target."""

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
        fields = _NO_ROW if row is None else row
        issues = [*status_issues(customer), *self._input_issues(customer, fields)]
        new: NewCustomer | None = None
        plan: Mapping[str, Any] = {}
        try:
            new = self._new_customer(customer, fields)
        except InvalidInput as error:
            issues += map(self._assess, error.issues)
        else:
            prepared = prepare(self.target.capabilities, new)
            issues += [
                *self._rule_issues(prepared.issues, new),
                *self._quality_issues(new),
            ]
            plan = self._written(customer, prepared, issues)
        return Certificate(
            source_id=customer.id,
            issues=tuple(issues),
            effects=_effects(customer if new is None else new, fields, issues),
            source_print=self.source_print(customer),
            supplemented=row is not None,
            reference=new.external_id if new and plan and self.has_reference else None,
            key=self.generated_reference(customer.id) if self.has_key else None,
            has_reference=self.has_reference,
            identities=self._identities(customer, new, fields),
            **plan,
        )

    def again(
        self, record: Record, customer: Customer, row: Mapping[str, Any] | None
    ) -> Certificate | None:
        """Return a planned record's certificate, or None if it is no longer valid.

        It is valid while the source's fields and the request have the same fingerprints:
        nothing else can change what is sent.
        """
        if self.source_print(customer) != record.source_print:
            return None
        try:
            new = self._new_customer(customer, _NO_ROW if row is None else row)
        except InvalidInput:
            return None
        prepared = prepare(self.target.capabilities, new)
        request = self._request(prepared.value, [])
        if not request or self._print(customer, request) != record.request_print:
            return None
        return Certificate(
            source_id=customer.id,
            issues=(),
            effects={},
            source_print=record.source_print,
            supplemented=row is not None,
            new=prepared,
            reference=record.reference,
            key=self.generated_reference(customer.id) if self.has_key else None,
            has_reference=self.has_reference,
            request_print=record.request_print,
            promise=record.promise,
        )

    @cached_property
    def has_reference(self) -> bool:
        """True if the target stores our reference, by which a customer can be looked up."""
        rule = self.target.capabilities.feature(Feature.CUSTOMERS_CREATE)
        return rule.idempotency.lookup_field is not None

    @cached_property
    def has_key(self) -> bool:
        """True if a create can be repeated under its key, while the key is valid."""
        rule = self.target.capabilities.feature(Feature.CUSTOMERS_CREATE)
        return rule.idempotency.kind == "replays"

    @cached_property
    def key_lifetime(self) -> float | None:
        """The seconds for which the target remembers a key; None without a limit."""
        rule = self.target.capabilities.feature(Feature.CUSTOMERS_CREATE)
        return rule.idempotency.lifetime

    def source_print(self, customer: Customer) -> str:
        """Return the fingerprint of all fields that the source returns for a customer."""
        return print_of_source(self.key, customer)

    def reference_of(self, customer: Customer) -> str:
        """Return our reference for a customer at the target, which never changes."""
        return customer.external_id or self.generated_reference(customer.id)

    def generated_reference(self, source_id: str) -> str:
        """Return the reference of a customer without an external id.

        It depends only on the source's bank and id. Every journal generates the same
        reference, so a second journal finds the customers that the first one created.
        """
        bank = uuid.uuid5(_REFERENCES, self.source.provider)
        return str(uuid.uuid5(bank, source_id))

    def fingerprints(self, source_id: str, texts: Mapping[str, str]) -> dict[str, str]:
        """Return the fingerprint of each field's text."""
        return {
            name: self.key.fingerprint(name, source_id, text)
            for name, text in texts.items()
        }

    def _input_issues(
        self, customer: Customer, row: Mapping[str, Any]
    ) -> Iterator[Issue]:
        """Yield what the supplement, trimming and the generated reference change."""
        ssn, mask = row.get("ssn"), customer.ssn
        if ssn and mask and mask.last_four and not mask.agrees_with(ssn):
            yield _other_number("ssn")
        yield from map(_other_number, other_numbers(customer.government_ids, row))
        message = "the supplement's value replaces the source's"
        for name in PARTS:
            for path in overridden_paths(name, getattr(customer, name), row):
                yield _issue(path, Effect.CHANGED, "supplement", message)
        for name, value in row.items():
            current = None if is_part(name) else getattr(customer, name)
            if name != "ssn" and not is_absent(current) and current != value:
                yield _issue(name, Effect.CHANGED, "supplement", message)
        for path in blanks(_merged(customer, row)):
            message = "leading and trailing blanks are removed"
            yield _issue(path, Effect.CHANGED, BLANKS, message)
        if self.has_reference and customer.external_id is None:
            message = "is generated from the source's bank and id"
            yield _issue("external_id", Effect.DEFAULTED, "reference", message)

    def _new_customer(self, customer: Customer, row: Mapping[str, Any]) -> NewCustomer:
        """Return the customer to create; raises InvalidInput for a value it cannot hold."""
        fields = _merged(customer, row)
        if self.has_reference and "external_id" not in row:
            fields = {**fields, "external_id": self.reference_of(customer)}
        columns = _extras(row)
        extras = (
            supplied_extras(self.target.capabilities, columns) if columns else columns
        )
        return NewCustomer(**trimmed(complete_lists(fields)), extras=extras)

    def _rule_issues(
        self, issues: Sequence[Issue], new: NewCustomer
    ) -> Iterator[Issue]:
        yield from map(self._assess, issues)
        yield from self._missing({issue.field for issue in issues}, new)

    def _missing(self, reported: Collection[str], new: NewCustomer) -> Iterator[Issue]:
        """Yield optional fields that neither the source nor the supplement provides."""
        for name, rule in self.target.capabilities.rules(NewCustomer).items():
            is_returned = self.source.rule(NewCustomer, name).read == "returned"
            if is_returned or rule.create != "optional" or name in reported:
                continue
            others = rule.alternatives(name)
            if is_absent(getattr(new, name, None)) and not any(
                has_value(new, other) for other in others
            ):
                message = "is left out: neither the source nor the supplement has it"
                yield _issue(name, Effect.MISSING, "read=never", message)

    def _quality_issues(self, new: NewCustomer) -> Iterator[Issue]:
        """Yield suspected faults in the data, which block unless they are accepted."""
        checker = QualityChecker(self.target.capabilities, self.today)
        for name, path in checker.findings(new):
            is_accepted = name in self.accept_quality
            effect = Effect.KEPT if is_accepted else Effect.BLOCKED
            fix = "" if is_accepted else advice_for(name)
            message = checker.message(name, path)
            yield _issue(path, effect, name, message, fix)

    def _identities(
        self, customer: Customer, new: NewCustomer | None, row: Mapping[str, Any]
    ) -> Mapping[str, str] | None:
        if new is None:
            return None
        own = row.get("external_id") or customer.external_id
        return identities(customer, new, own, self.key)

    def _assess(self, issue: Issue) -> Issue:
        """Return an issue of a create as one of this migration, with its own remedy."""
        if not stops(issue, self.accept_loss):
            return attrs.evolve(issue, remedy=NO_REMEDY)
        is_missing = issue.effect is Effect.BLOCKED and issue.rule in _MISSING_RULES
        effect = Effect.MISSING if is_missing else Effect.BLOCKED
        return attrs.evolve(issue, effect=effect, remedy=Remedy(remedy(issue)))

    def _written(
        self,
        customer: Customer,
        prepared: Prepared[NewCustomer],
        issues: list[Issue],
    ) -> Mapping[str, Any]:
        """Write the request, and return the prepared customer and the fingerprints."""
        if any(issue.remedy for issue in issues):
            return {}
        request = self._request(prepared.value, issues)
        if request is None:
            return {}
        expected = expected_fields(self.target.capabilities, prepared.value, request)
        return {
            "new": prepared,
            "request_print": self._print(customer, request),
            "promise": self.fingerprints(customer.id, expected),
        }

    def _print(self, customer: Customer, request: Request) -> str:
        text = "\0".join((request.method, request.path, _body(request)))
        return self.key.fingerprint("request", customer.id, text)

    def _request(self, new: NewCustomer, issues: list[Issue]) -> Request | None:
        """Return the first request of the adapter's flow, which performs no I/O."""
        # Any fixed key will do: the fingerprint must depend only on the data, and not on
        # the key under which the create is sent.
        question = ask.CreateCustomer(new=new, idempotency_key=self.migration_id)
        try:
            flow = self.target.create_customer(question)
            request = next(flow)
            flow.close()  # the requests that follow depend on a response
        except Exception as error:  # noqa: BLE001  # its text may hold personal data
            message = f"the adapter cannot write the request ({type(error).__name__})"
        else:
            return request
        fix = "report the error to the adapter's author"
        issues.append(_issue("", Effect.BLOCKED, "request", message, fix))
        return None


def _issue(
    field: str, effect: Effect, rule: str, message: str, advice: str = ""
) -> Issue:
    """Return an issue that no vendor's page is the source of."""
    return Issue(field, effect, rule, "", message, Remedy(advice))


def _other_number(field: str) -> Issue:
    """Return the issue of a number that is not the one whose end the source returns."""
    message = "does not end with the last four digits that the source returns"
    fix = "find out whose number it is, then correct the supplement or the source"
    return _issue(field, Effect.BLOCKED, "last four", message, fix)


def _merged(customer: Customer, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a customer's fields, overridden and extended by the supplement's row."""
    fields = {
        attribute.name: getattr(customer, attribute.name)
        for attribute in attrs.fields(NewCustomer)
        if attribute.name != "extras"
    }
    return {**fields, **supplied_fields(customer, row)}


def print_of_source(key: Key, customer: Customer) -> str:
    """Return the fingerprint of all fields that a source returns for a customer."""
    return key.fingerprint("source", customer.id, canonical(customer))


def _body(request: Request) -> str:
    return (request.encoded() or b"").decode("utf-8", "replace")


def _effects(
    value: NewCustomer | Customer, row: Mapping[str, Any], issues: list[Issue]
) -> dict[str, Effect]:
    """Return what happens to each field that has a value or an issue."""
    unchanged = {
        attribute.name: Effect.KEPT
        for attribute in attrs.fields(NewCustomer)
        if attribute.name != "extras" and not is_absent(getattr(value, attribute.name))
    }
    extras = dict.fromkeys(_extras(row), Effect.KEPT)
    return {**unchanged, **extras, **{issue.field: issue.effect for issue in issues}}


def _extras(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the columns of a row that are for the target's extras."""
    return {name: value for name, value in row.items() if name.startswith(EXTRA)}
