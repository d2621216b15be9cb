"""Adapters that lose an item or a digit, make up a value, or exchange two members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import evolve
from tests.testing.conformance.acme.adapter import Acme
from tests.testing.conformance.acme.declaration import PHONE
from tests.testing.conformance.broken.making import (
    Flow,
    Table,
    broken_acme,
    with_body,
    with_changed_rule,
    with_fields,
    with_result,
)

from anybank.model.accounts import NewAccount
from anybank.model.customers import Customer, Origin
from anybank.model.government_id_numbers import GovernmentIdNumber
from anybank.model.phones import Phone, PhoneKind
from anybank.model.transactions import TransactionStatus
from anybank.sensitive import Ssn
from anybank.testing.conformance import Subject
from anybank_increase import Increase
from anybank_increase.simulator import IncreaseSimulator
from anybank_sonder import Sonder
from anybank_sonder.simulator import SonderSimulator


def _of(adapter: Any, simulator: Any, read: Callable[[Customer], Customer]) -> Subject:
    """Return an adapter whose customers.get changes what it returns."""

    def flow(self: Any, query: Any) -> Flow:
        return read((yield from adapter.get_customer(self, query)))

    broken: Any = type("Broken", (adapter,), {"get_customer": flow})
    return Subject(adapter=broken, simulator=simulator)


def _without_digits(customer: Customer) -> Customer:
    masked = GovernmentIdNumber.masked("")
    ids = [evolve(each, number=masked) for each in customer.government_ids]
    return evolve(customer, government_ids=ids)


def _all_primary(customer: Customer) -> Customer:
    addresses = [evolve(each, primary=True) for each in customer.addresses]
    return evolve(customer, addresses=addresses)


def _number_as_ssn(customer: Customer) -> Customer:
    """Return a customer whose other id is read as an SSN as well."""
    ends = [each.number.last_four for each in customer.government_ids]
    return evolve(customer, ssn=Ssn.read(f"XXX-XX-{ends[0]}")) if ends else customer


def _exchanged(customer: Customer) -> Customer:
    homes = [
        evolve(home, city=home.state, state=home.city) for home in customer.addresses
    ]
    return evolve(customer, addresses=homes)


def _exchanged_in_a_body(body: dict[str, Any]) -> dict[str, Any]:
    homes = [
        {**home, "city": home.get("state"), "state": home.get("city")}
        for home in body.get("homes") or ()
    ]
    return {**body, "homes": homes}


def _exchanging() -> Subject:
    """Return an Acme that writes and reads city and state in each other's members."""
    read = with_result("get_customer", _exchanged).adapter.get_customer
    written = with_body("create_customer", _exchanged_in_a_body).adapter.create_customer
    return broken_acme(create_customer=written, get_customer=read)


def _phones_without_a_word(customer: Customer) -> Customer:
    known = PHONE["kind"].members
    phones = [
        Phone.read(each.number, kind=known.get(each.native_kind or "", each.kind))
        for each in customer.phones
    ]
    return evolve(customer, phones=phones)


def _composed(self: Any, query: Any) -> Flow:
    created = yield from Acme.create_customer(self, query)
    return evolve(created, origin=Origin.COMPOSED)


def _composed_without_names(self: Any, query: Any) -> Flow:
    created = yield from Acme.create_customer(self, query)
    return created if query.read_back else evolve(created, last_name=None)


def _unmarked(self: Any, query: Any) -> Flow:
    created = yield from Acme.create_customer(self, query)
    return created if query.read_back else evolve(created, raw={})


def _already_posted(transaction: Any) -> Any:
    is_pending = transaction.status is TransactionStatus.PENDING
    return evolve(
        transaction, posted_at=transaction.occurred_at if is_pending else None
    )


_SWAPPED = {PhoneKind.MOBILE: "HOME", PhoneKind.HOME: "MOBILE"}

BROKEN: Table = {
    "reads the first e-mail address of several": (
        "every_item_of_a_list_is_read_back",
        lambda: with_result(
            "get_customer", lambda it: evolve(it, emails=it.emails[:1])
        ),
    ),
    "reads every address as the primary one": (
        "every_item_of_a_list_is_read_back",
        lambda: _of(Sonder, SonderSimulator, _all_primary),
    ),
    "reads no digit of a government id": (
        "last_digits_of_ids_are_read",
        lambda: _of(Increase, IncreaseSimulator, _without_digits),
    ),
    "reads the number of another id as an SSN too": (
        "absent_fields_are_not_made_up",
        lambda: _of(Increase, IncreaseSimulator, _number_as_ssn),
    ),
    "sends the city as the state and the state as the city": (
        "fields_are_sent_under_their_names",
        _exchanging,
    ),
    "declares no `native` for a name of the vendor's own": (
        "fields_are_sent_under_their_names",
        lambda: with_changed_rule(NewAccount, "name", native=None),
    ),
    "reads an unknown kind of phone without its word": (
        "unknown_enum_values_read_as_unknown",
        lambda: with_result("get_customer", _phones_without_a_word),
    ),
    "passes no object as `raw`": (
        "unknown_fields_stay_in_raw",
        lambda: with_fields("get_kyc", raw=lambda raw: None),
    ),
    "declares two words exchanged": (
        "words_read_as_the_member_of_their_name",
        lambda: with_changed_rule(Phone, "kind", values=_SWAPPED),
    ),
    "composes the customer of every create": (
        "creates_return_what_is_stored",
        lambda: broken_acme(create_customer=_composed),
    ),
    "loses a name that was sent": (
        "id_only_creates_read_nothing",
        lambda: broken_acme(create_customer=_composed_without_names),
    ),
    "composes a customer without saying so": (
        "id_only_creates_read_nothing",
        lambda: broken_acme(create_customer=_unmarked),
    ),
    "reads a time of posting for a pending transaction": (
        "other_expected_fields_are_read",
        lambda: with_result("get_transaction", _already_posted),
    ),
}
