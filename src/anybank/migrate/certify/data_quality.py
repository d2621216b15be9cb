"""Suspected faults in customers' data, which a bank might accept.

Each finding has a name, and its customers are not sent until a person accepts the finding
by that name. Blanks around a text are removed instead. Customers are compared by keyed
fingerprints, so no value reaches the journal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any

import attrs
from attrs import frozen

from ...declaration.birth_dates import birth_date_problem
from ...declaration.consent import ALL
from ...declaration.vocabulary import Capabilities
from ...errors import ConfigurationError
from ...model._fields import is_personal, is_text, spelling_of
from ...model.addresses import Address
from ...model.customers import Customer, NewCustomer
from ...model.features import Feature
from ...model.values import unvalidated
from ...sensitive import Ssn, shielded
from ..journal.keys import Key

BLANKS = "blanks"
SHARED_SSN = "shared-ssn"
SHARED_EXTERNAL_ID = "shared-external-id"
SAME_PERSON = "same-name-and-birth"


@frozen
class QualityRule:
    """The message of a finding, and what a person should do about it."""

    message: str
    remedy: str


RULES: Mapping[str, QualityRule] = {
    SHARED_SSN: QualityRule(
        "several customers have this social security number",
        "find out whose number it is",
    ),
    SHARED_EXTERNAL_ID: QualityRule(
        "several customers have this external id",
        "give each customer its own id",
    ),
    SAME_PERSON: QualityRule(
        "several customers have the same name and date of birth",
        "find out whether they are one person",
    ),
    "birth-date": QualityRule(
        "the date of birth is after the date of the plan, or before 1900",
        "correct it at the source or in the supplement",
    ),
    "under-18": QualityRule(
        "the customer is under 18 on the date of the plan",
        "check the date of birth, and whether the target accepts minors",
    ),
    "formula": QualityRule(
        "begins with a character that a spreadsheet reads as a formula (= + - @)",
        "correct it at the source or in the supplement",
    ),
    "po-box": QualityRule(
        "is a PO box, which the target does not accept",
        "supply the address where the customer lives",
    ),
}
"""The findings that need consent, by name."""

SHARED = (SHARED_SSN, SHARED_EXTERNAL_ID, SAME_PERSON)
"""The findings about several customers, which only the journal can compare."""

_FIELDS = {SHARED_SSN: "ssn", SHARED_EXTERNAL_ID: "external_id", SAME_PERSON: ""}
_NAMES = tuple(
    field.name
    for field in attrs.fields(NewCustomer)
    if is_text(field) and is_personal(field)
)
_LINES = tuple(
    field.name
    for field in attrs.fields(Address)
    if is_text(field) and spelling_of(field)
)
# Spreadsheets read the full-width forms as well:
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
_PO_BOX = re.compile(r"\bp(?:ost)?\.?\s*o(?:ffice)?\.?\s*box\b|\bpmb\b", re.IGNORECASE)
_OF_AGE = 18


def parse_accept_quality(
    accept: Collection[str] | str, target: Capabilities
) -> frozenset[str]:
    """Return the accepted findings; raises ConfigurationError for an unknown name.

    If the target looks customers up by external id, customers who share one would become
    a single customer. Then `shared-external-id` cannot be accepted, not even by "all".
    """
    names = frozenset((accept,) if isinstance(accept, str) else accept)
    for name in sorted(map(str, names - RULES.keys() - {ALL})):
        near = get_close_matches(name, RULES, 1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(RULES)}"
        raise ConfigurationError(
            f"accept_quality: {name!r} is not the name of a finding. {hint}"
        )
    create = target.feature(Feature.CUSTOMERS_CREATE).idempotency
    is_key = create.lookup_field is not None
    if is_key and SHARED_EXTERNAL_ID in names:
        raise ConfigurationError(
            f"accept_quality: {SHARED_EXTERNAL_ID} cannot be accepted, since "
            f"{target.title} looks customers up by external id. Give each customer its "
            "own external_id in the supplement"
        )
    acceptable = RULES.keys() - ({SHARED_EXTERNAL_ID} if is_key else set())
    return frozenset(acceptable) if ALL in names else names


def advice_for(name: str) -> str:
    """Return what a person can do about a finding that is not accepted."""
    return (
        f"{RULES[name].remedy}, leave the customer out with `plan --exclude FILE`, or "
        f"send all these customers unchanged with `plan --accept-quality {name}`"
    )


def field_of(name: str) -> str:
    """Return the field that the customers of a finding share, or "" for several fields."""
    return _FIELDS[name]


@frozen
class QualityChecker:
    """Checks the data of one customer, as of the date of the plan."""

    target: Capabilities
    today: date

    def findings(self, new: NewCustomer) -> Iterator[tuple[str, str]]:
        """Yield each finding's name, with the path of its field."""
        yield from self._birth(new.date_of_birth)
        for path, text in _texts(new):
            if text[:1] in _FORMULA:
                yield "formula", path
        for at, address in enumerate(new.addresses):
            yield from self._post_boxes(f"addresses[{at}]", address)

    def _birth(self, birth: date | None) -> Iterator[tuple[str, str]]:
        if birth is None:
            return
        if birth_date_problem(birth, self.today):
            yield "birth-date", "date_of_birth"
        elif _age(birth, self.today) < _OF_AGE:
            yield "under-18", "date_of_birth"

    def _post_boxes(self, path: str, address: Address) -> Iterator[tuple[str, str]]:
        for part in ("line1", "line2"):
            rule = self.target.rule(Address, part)
            text = getattr(address, part)
            if rule.po_box == "refused" and text and _PO_BOX.search(text):
                yield "po-box", f"{path}.{part}"

    def message(self, name: str, path: str) -> str:
        """Return a finding's message, with the vendor's page if the rule is a vendor's."""
        message = RULES[name].message
        if name != "po-box":
            return message
        rule = self.target.rule(Address, path.rpartition(".")[2])
        return f"{message} ({self.target.title}: {rule.source})"


def _age(birth: date, today: date) -> int:
    is_before_birthday = (today.month, today.day) < (birth.month, birth.day)
    return today.year - birth.year - is_before_birthday


def _texts(new: NewCustomer) -> Iterator[tuple[str, str]]:
    for name in _NAMES:
        yield name, getattr(new, name) or ""
    for at, address in enumerate(new.addresses):
        for part in _LINES:
            yield f"addresses[{at}].{part}", getattr(address, part) or ""


def trimmed(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the fields without blanks around names and address lines."""
    names = {name: _trimmed(fields.get(name)) for name in _NAMES if name in fields}
    addresses = tuple(
        _with(address, changes) if (changes := _changes(address)) else address
        for address in fields.get("addresses", ())
    )
    return {**fields, **names, "addresses": addresses}


def blanks(fields: Mapping[str, Any]) -> Iterator[str]:
    """Yield the path of each text that `trimmed` changes."""
    for name in _NAMES:
        if _trimmed(fields.get(name)) != fields.get(name):
            yield name
    for at, address in enumerate(fields.get("addresses", ())):
        yield from (f"addresses[{at}].{part}" for part in _changes(address))


def _changes(address: Address) -> Mapping[str, Any]:
    parts = {part: getattr(address, part) for part in _LINES}
    return {
        part: _trimmed(text) for part, text in parts.items() if _trimmed(text) != text
    }


def _with(address: Address, changes: Mapping[str, Any]) -> Address:
    """Return an address with some parts replaced; it is validated with its customer."""
    fields = {
        field.name: getattr(address, field.name) for field in attrs.fields(Address)
    }
    return unvalidated(Address, **{**fields, **changes})


def _trimmed(text: Any) -> Any:
    return text.strip() or None if isinstance(text, str) else text


@shielded
def identities(
    customer: Customer, new: NewCustomer, external_id: str | None, key: Key
) -> Mapping[str, str]:
    """Return keyed fingerprints of the values that no two customers should share.

    Unlike other fingerprints, these do not depend on the customer's id, so that equal
    values have equal fingerprints.
    """
    ssn = new.ssn
    values = {
        SHARED_SSN: ssn.reveal() if isinstance(ssn, Ssn) and not ssn.is_masked else "",
        SHARED_EXTERNAL_ID: external_id or "",
        SAME_PERSON: _person(customer, new),
    }
    return {
        kind: key.fingerprint(kind, "", value)
        for kind, value in values.items()
        if value
    }


def _person(customer: Customer, new: NewCustomer) -> str:
    """Return the name and date of birth as one text, without the middle name.

    The middle name is often present in only one of two records of a person.
    """
    parts = (new.first_name, new.last_name)
    name = " ".join(filter(None, parts)) or customer.full_name or ""
    plain = unicodedata.normalize("NFKC", name).casefold().split()
    if not plain or new.date_of_birth is None:
        return ""
    return "\0".join((*plain, new.date_of_birth.isoformat()))
