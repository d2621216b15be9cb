"""Customers as JSON documents in neutral names: read strictly, written with care.

No message holds anything of a document but the names of its fields.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TextIO, TypeAlias, TypeVar

import attrs

from .._engine.files import DOCUMENT, size
from ..declaration.vocabulary import Capabilities
from ..errors import Effect, InvalidInput, Issue
from ..model.addresses import Address, AddressKind
from ..model.credit import (
    CreditApplicationChanges,
    EmploymentStatus,
    NewCreditApplication,
)
from ..model.customers import Customer, CustomerChanges, NewCustomer
from ..model.kyc import StartKyc
from ..model.money import Money
from ..model.phones import Phone, PhoneKind
from .failures import nearest

T = TypeVar("T")
Readers: TypeAlias = Mapping[str, Callable[[str, Any], Any]]


def read_document(file: TextIO) -> dict[str, Any]:
    """Read one JSON object; raises InvalidInput with the place, never with the text."""
    try:
        text = file.read(DOCUMENT + 1)
        if len(text) > DOCUMENT:
            raise _refusal("document", "size", f"is larger than {size(DOCUMENT)}")
        found = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_unique)
    except InvalidInput:
        raise
    except json.JSONDecodeError as error:
        said = f"is not JSON at line {error.lineno}, column {error.colno}"
    except UnicodeDecodeError:
        said = "is not UTF-8 text"
    except (ValueError, RecursionError):
        said = "is JSON beyond what can be read: too deep, or a number too long"
    else:
        if isinstance(found, dict):
            return found
        said = "must be one JSON object"
    raise _refusal("document", "JSON", said)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that comes twice: one of the two would be dropped in silence."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _refusal(name, "once", "is there twice")
        found[name] = value
    return found


def new_customer(document: Mapping[str, Any], bank: Capabilities) -> NewCustomer:
    """Make a new customer of a document; raises InvalidInput naming each bad field."""
    return _customer(NewCustomer, document, bank)


def customer_changes(
    document: Mapping[str, Any], bank: Capabilities
) -> CustomerChanges:
    """Make changes of a document: null clears a field, an absent one is left alone."""
    return _customer(CustomerChanges, document, bank)


def _customer(kind: type[T], document: Mapping[str, Any], bank: Capabilities) -> T:
    _known(kind, document, "")
    given = {name: _read(name, value, bank) for name, value in document.items()}
    return kind(**given)


def start_kyc(document: Mapping[str, Any]) -> StartKyc:
    """Read what a verification starts with; raises InvalidInput."""
    return _value(StartKyc, document, {"phone": _number})


def new_application(document: Mapping[str, Any]) -> NewCreditApplication:
    """Read a new credit application; raises InvalidInput."""
    return _value(NewCreditApplication, document, _APPLICATION)


def application_changes(document: Mapping[str, Any]) -> CreditApplicationChanges:
    """Read the changes of a credit application; raises InvalidInput."""
    return _value(CreditApplicationChanges, document, _APPLICATION)


def _value(kind: type[T], document: Mapping[str, Any], readers: Readers) -> T:
    _known(kind, document, "")
    given = {
        name: readers[name](name, value) if name in readers and value else value
        for name, value in document.items()
    }
    return kind(**given)


def _number(name: str, value: Any) -> Phone:
    return _part(Phone, name, {"number": value}, PhoneKind)


def _money(name: str, value: Any) -> Money:
    return _part(Money, name, value, PhoneKind)


def _employment(name: str, value: Any) -> EmploymentStatus:
    found: EmploymentStatus = _member(name, value, EmploymentStatus)
    return found


def _known(kind: type, document: Mapping[str, Any], place: str) -> None:
    names = [each.name for each in attrs.fields(kind)]
    for name in document:
        if name not in names:
            said = f"is not a field{nearest(name, names)}"
            raise _refusal(place + name, "known field", said)


def _read(name: str, value: Any, bank: Capabilities) -> Any:
    reader = _READERS.get(name)
    if name == "extras":
        return _extras(value, bank)
    return value if reader is None or value is None else reader(name, value)


def _date(name: str, value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        pass
    raise _refusal(name, "date", "must be a date of the form YYYY-MM-DD")


def _items(item: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    def read(name: str, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise _refusal(name, "list", "must be a list")
        return [item(f"{name}[{index}]", each) for index, each in enumerate(value)]

    return read


def _address(name: str, value: Any) -> Address:
    return _part(Address, name, value, AddressKind)


def _phone(name: str, value: Any) -> Phone:
    document = {"number": value} if isinstance(value, str) else value
    return _part(Phone, name, document, PhoneKind)


def _part(kind: type[T], name: str, document: Any, kinds: type[Any]) -> T:
    if not isinstance(document, dict):
        raise _refusal(name, "object", "must be an object")
    _known(kind, document, f"{name}.")
    given = dict(document)
    if "kind" in given:
        given["kind"] = _member(f"{name}.kind", given["kind"], kinds)
    try:
        return kind(**given)
    except InvalidInput as error:
        issues = [_placed(name, issue) for issue in error.issues]
    except TypeError:
        issues = [_issue(name, "complete", "lacks what every one of its kind has")]
    raise InvalidInput(issues)


def _placed(name: str, issue: Issue) -> Issue:
    return attrs.evolve(issue, field=f"{name}.{issue.field}")


def _member(name: str, word: Any, kinds: type[Any]) -> Any:
    known = [member.value for member in kinds]
    if not isinstance(word, str) or word.lower() not in known:
        raise _refusal(name, "member", f"must be one of {', '.join(known)}")
    return kinds(word.lower())


def _extras(value: Any, bank: Capabilities) -> dict[str, Any]:
    """Read what one vendor alone has; that of other vendors is passed on unread."""
    if not isinstance(value, dict):
        raise _refusal("extras", "object", "must be an object of providers")
    given = value.get(bank.provider)
    if given is None or bank.extras is None:
        return value
    place = f"extras.{bank.provider}"
    if not isinstance(given, dict):
        raise _refusal(place, "object", "must be an object")
    _known(bank.extras, given, f"{place}.")
    return {**value, bank.provider: bank.extras(**given)}


_READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "date_of_birth": _date,
    "phones": _items(_phone),
    "addresses": _items(_address),
}


_APPLICATION: Readers = {
    "employment_status": _employment,
    "total_annual_income": _money,
    "monthly_housing_payment": _money,
}


def _issue(field: str, rule: str, said: str) -> Issue:
    return Issue(field, Effect.BLOCKED, rule, "anybank", said)


def _refusal(field: str, rule: str, said: str) -> InvalidInput:
    return InvalidInput([_issue(field, rule, said)])


_SHOWN = ("id", "provider", "external_id", "created_at")
_PERSONAL = (
    "first_name",
    "middle_name",
    "last_name",
    "preferred_name",
    "date_of_birth",
    "emails",
    "phones",
    "addresses",
)


def shown(customer: Customer, *, reveal: bool) -> dict[str, Any]:
    """Return what may be shown of a customer; `reveal` adds what is personal.

    Social security and document numbers stay masked, and `raw` stays out.
    """
    made = {name: getattr(customer, name) for name in _SHOWN}
    made["accounts"] = len(customer.account_ids)
    if customer.unreadable:
        made["unreadable"] = list(customer.unreadable)
    if not reveal:
        counts = {
            name: len(getattr(customer, name))
            for name in ("emails", "phones", "addresses")
        }
        return {**made, **counts}
    opened = {name: _opened(getattr(customer, name)) for name in _PERSONAL}
    return {**made, **opened, "ssn": customer.ssn and str(customer.ssn)}


def _opened(value: Any) -> Any:
    """Leave the vendor's own words out of what is shown of a part."""
    if not isinstance(value, (list, tuple)):
        return value
    return [_part_shown(each) for each in value]


def _part_shown(part: Any) -> Any:
    if not attrs.has(type(part)):
        return part
    names: Iterable[str] = (each.name for each in attrs.fields(type(part)))
    hidden = ("native_kind", "unreadable")
    return {name: getattr(part, name) for name in names if name not in hidden}
