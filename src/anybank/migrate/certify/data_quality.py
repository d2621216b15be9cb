"""What looks wrong with the people of a plan, though a bank might accept it.

Each finding has a name. What it is about is not sent until a person has accepted it by
that name; blanks around a text are removed instead. People are compared by keyed
fingerprints, so that nothing here leaves a value in the journal.
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
from ...declaration.vocabulary import Capabilities, Feature
from ...errors import ConfigurationError
from ...model.addresses import Address
from ...model.customers import Customer, NewCustomer
from ...model.values import told as as_told
from ...sensitive import Ssn, shielded
from ..journal.keys import Key

BLANKS = "blanks"
SHARED_SSN = "shared-ssn"
SHARED_EXTERNAL_ID = "shared-external-id"
SAME_PERSON = "same-name-and-birth"


@frozen
class QualityRule:
    """What a finding says of a customer, and what to do about it."""

    message: str
    remedy: str


RULES: Mapping[str, QualityRule] = {
    SHARED_SSN: QualityRule(
        "several customers have this social security number",
        "find out whose it is",
    ),
    SHARED_EXTERNAL_ID: QualityRule(
        "several customers have this external id",
        "give each an id of its own",
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
        "begins with a sign that a spreadsheet takes for a formula (= + - @)",
        "correct it at the source or in the supplement",
    ),
    "po-box": QualityRule(
        "is a PO box, which the target does not accept",
        "supply the address where the customer lives",
    ),
}
"""The findings that need consent, by the names by which they are accepted."""

SHARED = (SHARED_SSN, SHARED_EXTERNAL_ID, SAME_PERSON)
"""The findings about several people, whom only the journal has together."""

_FIELDS = {SHARED_SSN: "ssn", SHARED_EXTERNAL_ID: "external_id", SAME_PERSON: ""}
_NAMES = ("first_name", "middle_name", "last_name", "preferred_name")
_LINES = ("line1", "line2", "city", "state", "postal_code")
_FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
_PO_BOX = re.compile(r"\bp(?:ost)?\.?\s*o(?:ffice)?\.?\s*box\b|\bpmb\b", re.IGNORECASE)
_OF_AGE = 18


def parse_accept_quality(
    accept: Collection[str] | str, target: Capabilities
) -> frozenset[str]:
    """Return the findings that are accepted; raises ConfigurationError for another name.

    Where the target finds a customer by our id, several with one id would be one customer
    there: that finding cannot be accepted, and "all" does not stand for it.
    """
    names = frozenset((accept,) if isinstance(accept, str) else accept)
    for name in sorted(map(str, names - RULES.keys() - {ALL})):
        near = get_close_matches(name, RULES, 1)
        said = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(RULES)}"
        raise ConfigurationError(
            f"accept_quality: {name!r} is not the name of a finding; {said}"
        )
    create = target.feature(Feature.CUSTOMERS_CREATE).idempotency
    is_key = create.kind == "client_reference"
    if is_key and SHARED_EXTERNAL_ID in names:
        raise ConfigurationError(
            f"accept_quality: {SHARED_EXTERNAL_ID} cannot be accepted, since "
            f"{target.title} finds a customer by its external id. Give each customer an "
            "external_id of its own in the supplement"
        )
    every = RULES.keys() - ({SHARED_EXTERNAL_ID} if is_key else set())
    return frozenset(every) if ALL in names else names


def advice(name: str) -> str:
    """Return what to do about a finding that is not accepted."""
    return (
        f"{RULES[name].remedy}, or leave the customer out with `plan --exclude FILE`; "
        f"`plan --accept-quality {name}` sends all of them as they are"
    )


def field_of(name: str) -> str:
    """Return the field that several people share."""
    return _FIELDS[name]


@frozen
class QualityChecker:
    """Checks one person against what a target declares, on the date of a plan."""

    target: Capabilities
    today: date

    def findings(self, new: NewCustomer) -> Iterator[tuple[str, str]]:
        """Yield the names of findings, each with the path of its field."""
        yield from self._birth(new.date_of_birth)
        for path, text in _texts(new):
            if text[:1] in _FORMULA:
                yield "formula", path
        for at, address in enumerate(new.addresses):
            yield from self._boxes(f"addresses[{at}]", address)

    def _birth(self, birth: date | None) -> Iterator[tuple[str, str]]:
        if birth is None:
            return
        if birth_date_problem(birth, self.today):
            yield "birth-date", "date_of_birth"
        elif _age(birth, self.today) < _OF_AGE:
            yield "under-18", "date_of_birth"

    def _boxes(self, path: str, address: Address) -> Iterator[tuple[str, str]]:
        for part in ("line1", "line2"):
            rule = self.target.rule(Address, part)
            text = getattr(address, part)
            if rule.po_box == "refused" and text and _PO_BOX.search(text):
                yield "po-box", f"{path}.{part}"

    def said(self, name: str, path: str) -> str:
        """Return what a finding says of a field, with its source where a vendor has it."""
        message = RULES[name].message
        if name != "po-box":
            return message
        rule = self.target.rule(Address, path.rpartition(".")[2])
        return f"{message} ({self.target.title}: {rule.source})"


def _age(birth: date, today: date) -> int:
    had_no_birthday = (today.month, today.day) < (birth.month, birth.day)
    return today.year - birth.year - had_no_birthday


def _texts(new: NewCustomer) -> Iterator[tuple[str, str]]:
    for name in _NAMES:
        yield name, getattr(new, name) or ""
    for at, address in enumerate(new.addresses):
        for part in _LINES:
            yield f"addresses[{at}].{part}", getattr(address, part) or ""


def trimmed(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return fields without blanks around names and the lines of addresses."""
    names = {name: _trimmed(fields.get(name)) for name in _NAMES if name in fields}
    addresses = tuple(
        _with(each, changes) if (changes := _changes(each)) else each
        for each in fields.get("addresses", ())
    )
    return {**fields, **names, "addresses": addresses}


def blanks(fields: Mapping[str, Any]) -> Iterator[str]:
    """Yield the paths of the texts that `trimmed` changes."""
    for name in _NAMES:
        if _trimmed(fields.get(name)) != fields.get(name):
            yield name
    for at, each in enumerate(fields.get("addresses", ())):
        yield from (f"addresses[{at}].{part}" for part in _changes(each))


def _changes(address: Address) -> Mapping[str, Any]:
    parts = {part: getattr(address, part) for part in _LINES}
    return {
        part: _trimmed(text) for part, text in parts.items() if _trimmed(text) != text
    }


def _with(address: Address, changes: Mapping[str, Any]) -> Address:
    """Return an address with other parts; what is wrong with it is found later."""
    fields = {each.name: getattr(address, each.name) for each in attrs.fields(Address)}
    return as_told(Address, **{**fields, **changes})


def _trimmed(text: Any) -> Any:
    return text.strip() or None if isinstance(text, str) else text


@shielded
def identities(
    customer: Customer, new: NewCustomer, external_id: str | None, key: Key
) -> Mapping[str, str]:
    """Return the keyed fingerprint of what no two people should have in common.

    The same for all who have it: unlike the other fingerprints it is not bound to an id.
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
    """Return name and date of birth as one text; a middle name makes nobody another."""
    parts = (new.first_name, new.last_name)
    name = " ".join(filter(None, parts)) or customer.full_name or ""
    plain = unicodedata.normalize("NFKC", name).casefold().split()
    if not plain or new.date_of_birth is None:
        return ""
    return "\0".join((*plain, new.date_of_birth.isoformat()))
