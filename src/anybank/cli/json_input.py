"""Values read from JSON documents in neutral names.

Error messages name the fields of a document, and never show their values.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TextIO, TypeVar

import attrs

from .._engine.files import DOCUMENT, size
from ..declaration.vocabulary import Capabilities
from ..errors import Effect, InvalidInput, Issue
from ..model.accounts import (
    AccountKind,
    AccountNumberChanges,
    AccountNumberStatus,
    NewAccount,
    NewAccountNumber,
)
from ..model.addresses import Address, AddressKind
from ..model.credit import (
    CreditApplicationChanges,
    EmploymentStatus,
    NewCreditApplication,
)
from ..model.customers import CustomerChanges, NewCustomer
from ..model.government_ids import GovernmentId, GovernmentIdKind
from ..model.kyc import StartKyc
from ..model.kyc_evidence import KycEvidence
from ..model.money import Money
from ..model.phones import Phone, PhoneKind
from ..model.serialization import from_dict
from ..model.values import field_types
from .error_messages import did_you_mean

T = TypeVar("T")


def read_document(file: TextIO) -> dict[str, Any]:
    """Read one JSON object. Raise InvalidInput, which names the location of an error."""
    name = getattr(file, "name", "document")
    try:
        # One more character than allowed, to notice a larger file without reading it
        # whole.
        text = file.read(DOCUMENT + 1)
        if len(text) > DOCUMENT:
            raise _invalid(name, "size", f"is larger than {size(DOCUMENT)}")
        # Editors on Windows write a byte order mark.
        document = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_unique)
    except InvalidInput:
        raise
    except json.JSONDecodeError as error:
        problem = f"is not JSON at line {error.lineno}, column {error.colno}"
    except UnicodeDecodeError:
        problem = "is not UTF-8 text"
    # json raises RecursionError for deep nesting, and ValueError for an integer of more
    # digits than Python converts.
    except (ValueError, RecursionError):
        problem = "is nested too deeply, or contains a number that is too long"
    else:
        if isinstance(document, dict):
            return document
        problem = "must be one JSON object"
    raise _invalid(name, "JSON", problem)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object. A repeated name is an error: json.loads keeps only the last."""
    document: dict[str, Any] = {}
    for name, value in pairs:
        if name in document:
            raise _invalid(name, "once", "appears twice")
        document[name] = value
    return document


def new_customer(document: Mapping[str, Any], bank: Capabilities) -> NewCustomer:
    """Return a new customer. Raise InvalidInput, which names each wrong field."""
    return _value(NewCustomer, document, bank)


def customer_changes(
    document: Mapping[str, Any], bank: Capabilities
) -> CustomerChanges:
    """Return the changes in a document: null clears a field, absent ones stay as is."""
    return _value(CustomerChanges, document, bank)


def _value(kind: type[T], document: Mapping[str, Any], bank: Capabilities) -> T:
    """Return a value of a document, whose members are read by the types of its fields."""
    _require_known(kind, document, "")
    value_class: Any = kind
    types = field_types(value_class)
    fields = {name: _read(types[name], name, value) for name, value in document.items()}
    if fields.get("extras") is not None:
        fields["extras"] = _extras(kind, fields["extras"], bank)
    return kind(**fields)


def start_kyc(document: Mapping[str, Any], bank: Capabilities) -> StartKyc:
    """Return the data to start a verification with. Raise InvalidInput."""
    return _value(StartKyc, document, bank)


def new_application(
    document: Mapping[str, Any], bank: Capabilities
) -> NewCreditApplication:
    """Return a new credit application. Raise InvalidInput."""
    return _value(NewCreditApplication, document, bank)


def application_changes(
    document: Mapping[str, Any], bank: Capabilities
) -> CreditApplicationChanges:
    """Return the changes to a credit application. Raise InvalidInput."""
    return _value(CreditApplicationChanges, document, bank)


def new_account(document: Mapping[str, Any], bank: Capabilities) -> NewAccount:
    """Return a new account. Raise InvalidInput."""
    return _value(NewAccount, document, bank)


def new_account_number(
    document: Mapping[str, Any], bank: Capabilities
) -> NewAccountNumber:
    """Return a new account number. Raise InvalidInput."""
    return _value(NewAccountNumber, document, bank)


def account_number_changes(
    document: Mapping[str, Any], bank: Capabilities
) -> AccountNumberChanges:
    """Return the changes to an account number. Raise InvalidInput."""
    return _value(AccountNumberChanges, document, bank)


def _number_status(name: str, value: Any) -> AccountNumberStatus:
    status: AccountNumberStatus = _member(name, value, AccountNumberStatus)
    return status


def _account_kind(name: str, value: Any) -> AccountKind:
    kind: AccountKind = _member(name, value, AccountKind)
    return kind


def _number(name: str, value: Any) -> Phone:
    return _part(Phone, name, {"number": value}, PhoneKind)


def _money(name: str, value: Any) -> Money:
    return _part(Money, name, value, PhoneKind)


def _employment(name: str, value: Any) -> EmploymentStatus:
    status: EmploymentStatus = _member(name, value, EmploymentStatus)
    return status


def _require_known(kind: type, document: Mapping[str, Any], prefix: str) -> None:
    names = [field.name for field in attrs.fields(kind)]
    for name in document:
        if name not in names:
            problem = f"is not a field{did_you_mean(name, names)}"
            raise _invalid(prefix + name, "known field", problem)


def _read(kind: Any, name: str, value: Any) -> Any:
    reader = _READERS.get(kind)
    return value if reader is None or value is None else reader(name, value)


def _date(name: str, value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        # The error is raised below, outside of the `except`: its `__context__` would
        # show the value.
        pass
    raise _invalid(name, "date", "must be a date in the form YYYY-MM-DD")


def _items(item: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    def read(name: str, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise _invalid(name, "list", "must be a list")
        return [item(f"{name}[{index}]", member) for index, member in enumerate(value)]

    return read


def _address(name: str, value: Any) -> Address:
    return _part(Address, name, value, AddressKind)


def _government_id(name: str, value: Any) -> GovernmentId:
    document = value
    if isinstance(value, dict) and value.get("expires") is not None:
        document = {**value, "expires": _date(f"{name}.expires", value["expires"])}
    return _part(GovernmentId, name, document, GovernmentIdKind)


def _evidence(name: str, value: Any) -> KycEvidence:
    document = value
    if isinstance(value, dict) and value.get("verified_at") is not None:
        moment = _time(f"{name}.verified_at", value["verified_at"])
        document = {**value, "verified_at": moment}
    return _part(KycEvidence, name, document, PhoneKind)


def _time(name: str, value: Any) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        pass
    raise _invalid(name, "time", "must be a time in ISO 8601, with its zone")


def _phone(name: str, value: Any) -> Phone:
    document = {"number": value} if isinstance(value, str) else value
    return _part(Phone, name, document, PhoneKind)


def _part(kind: type[T], name: str, document: Any, kinds: type[Any]) -> T:
    if not isinstance(document, dict):
        raise _invalid(name, "object", "must be an object")
    _require_known(kind, document, f"{name}.")
    fields = dict(document)
    if "kind" in fields:
        fields["kind"] = _member(f"{name}.kind", fields["kind"], kinds)
    try:
        return kind(**fields)
    except InvalidInput as error:
        issues = [_prefixed(name, issue) for issue in error.issues]
    # attrs raises it where a required argument is missing. Unknown names were refused
    # before.
    except TypeError:
        issues = [_issue(name, "complete", "lacks a required field")]
    raise InvalidInput(issues)


def _prefixed(name: str, issue: Issue) -> Issue:
    return attrs.evolve(issue, field=f"{name}.{issue.field}")


def _member(name: str, word: Any, kinds: type[Any]) -> Any:
    known = [member.value for member in kinds]
    if not isinstance(word, str) or word.lower() not in known:
        raise _invalid(name, "member", f"must be one of {', '.join(known)}")
    return kinds(word.lower())


def _extras(kind: type, value: Any, bank: Capabilities) -> dict[str, Any]:
    """Return the extras of a value, with those of *bank* as its own type."""
    if not isinstance(value, dict):
        raise _invalid(
            "extras", "object", "must be an object with a bank's name for each key"
        )
    extras = value.get(bank.provider)
    declared = bank.extras.get(kind)
    # Extras of another bank are not checked: a document may serve several banks. Those
    # that this bank does not have are refused by the call.
    if extras is None or declared is None:
        return value
    name = f"extras.{bank.provider}"
    if not isinstance(extras, dict):
        raise _invalid(name, "object", "must be an object")
    _require_known(declared, extras, f"{name}.")
    return {**value, bank.provider: from_dict(declared, extras)}


_READERS: Mapping[Any, Callable[[str, Any], Any]] = {
    date: _date,
    Phone: _number,
    Money: _money,
    AccountKind: _account_kind,
    AccountNumberStatus: _number_status,
    EmploymentStatus: _employment,
    Sequence[Phone]: _items(_phone),
    Sequence[Address]: _items(_address),
    Sequence[GovernmentId]: _items(_government_id),
    Sequence[KycEvidence]: _items(_evidence),
}
"""The reader of each type of a field; the values of other types are JSON's own."""


def _issue(field: str, rule: str, problem: str) -> Issue:
    return Issue(field, Effect.BLOCKED, rule, "anybank", problem)


def _invalid(field: str, rule: str, problem: str) -> InvalidInput:
    return InvalidInput([_issue(field, rule, problem)])
