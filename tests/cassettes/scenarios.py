"""The scenarios that are recorded from the sandbox: a line for each operation and outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from attrs import Factory, evolve, frozen

from anybank import (
    Address,
    AddressKind,
    AlreadyExists,
    AuthenticationFailed,
    Conflict,
    CustomerChanges,
    FieldNotUpdatable,
    NewCustomer,
    NotFound,
    Phone,
    ProviderUnavailable,
    RateLimited,
    Rejected,
    Ssn,
)

MASKED_ADDRESS = Address(
    kind=AddressKind.PHYSICAL,
    line1="Xxxx",
    city="Xxxx",
    state="CA",
    postal_code="00000",
    country="US",
    primary=True,
)
MASKED_PERSON = NewCustomer(
    first_name="Xxxx",
    middle_name="Xxxx",
    last_name="Xxxx",
    date_of_birth=date(1970, 1, 1),
    ssn=Ssn("000-00-0000"),
    emails=["masked@example.com"],
    phones=[Phone("+15555550100")],
    addresses=[MASKED_ADDRESS],
)
PEOPLE: Mapping[str, NewCustomer] = {
    "bond": evolve(MASKED_PERSON, external_id="reference-1"),
    "sonder": evolve(MASKED_PERSON, preferred_name="Xxxx", document_locator_number=0),
}
CHANGES = CustomerChanges(emails=["masked@example.com"], phones=[Phone("+15555550100")])
SECOND_HOME = evolve(MASKED_ADDRESS, kind=AddressKind.MAILING, primary=False)
NOBODY = "00000000-0000-4000-8000-000000000000"

Prepare = Callable[[Any], str]


def nobody(simulator: Any) -> str:
    """Return the id of a customer who does not exist."""
    return NOBODY


def somebody(simulator: Any) -> str:
    """Create a customer whose data must be masked."""
    found: str = simulator.seed_customer()
    return found


def several(simulator: Any) -> str:
    """Create three customers, which is more than a page."""
    somebody(simulator)
    somebody(simulator)
    return somebody(simulator)


def with_reference(simulator: Any) -> str:
    """Create a customer who has the reference already."""
    found: str = simulator.seed_customer(brand_person_id="reference-1")
    return found


def verified(simulator: Any) -> str:
    """Create a customer who has passed KYC."""
    found: str = simulator.seed_customer(kyc="passed")
    return found


def an_account_holder(simulator: Any) -> str:
    """Create a customer who has an account."""
    found = somebody(simulator)
    simulator.seed_account([found])
    return found


@frozen(kw_only=True)
class Scenario:
    """An operation on a customer, and what comes of it: a value, or a class of error.

    `fault` goes wrong at the bank, `options` are given to both banks, the recorded and the
    replayed one.
    """

    provider: str
    name: str
    operation: Callable[[Any, str], Any]
    prepare: Prepare = nobody
    raises: type[Exception] | None = None
    fault: str | None = None
    switches: Mapping[str, Any] = Factory(dict)
    options: Mapping[str, Any] = Factory(dict)


def create(bank: Any, customer_id: str) -> Any:
    return bank.customers.create(PEOPLE[bank.provider])


def create_without_phone(bank: Any, customer_id: str) -> Any:
    return bank.customers.create(evolve(PEOPLE[bank.provider], phones=()))


def get(bank: Any, customer_id: str) -> Any:
    return bank.customers.get(customer_id)


def list_by_two(bank: Any, customer_id: str) -> Any:
    return bank.customers.list(page_size=2)


def update(bank: Any, customer_id: str) -> Any:
    return bank.customers.update(customer_id, CHANGES)


def rename(bank: Any, customer_id: str) -> Any:
    return bank.customers.update(customer_id, CustomerChanges(last_name="Xxxx"))


def delete(bank: Any, customer_id: str) -> Any:
    return bank.customers.delete(customer_id)


def add_address(bank: Any, customer_id: str) -> Any:
    return bank.customer_addresses.create(customer_id, SECOND_HOME)


def list_addresses(bank: Any, customer_id: str) -> Any:
    return bank.customer_addresses.list(customer_id)


def check_credentials(bank: Any, customer_id: str) -> Any:
    return bank.credentials.check()


_WRONG = {"bond": {"authorization": "wrong"}, "sonder": {"token": "wrong"}}


def _bond(name: str, operation: Callable[[Any, str], Any], **more: Any) -> Scenario:
    return Scenario(provider="bond", name=name, operation=operation, **more)


def _sonder(name: str, operation: Callable[[Any, str], Any], **more: Any) -> Scenario:
    return Scenario(provider="sonder", name=name, operation=operation, **more)


def _of_both(provider: str) -> list[Scenario]:
    """Return the scenarios that any vendor has."""
    make = {"bond": _bond, "sonder": _sonder}[provider]
    return [
        make("customers-create", create),
        make("customers-get", get, prepare=somebody),
        make("customers-get-not-found", get, raises=NotFound),
        make("customers-update", update, prepare=somebody),
        make("customers-update-not-found", update, raises=NotFound),
        make("customers-delete", delete, prepare=somebody),
        make("customers-delete-not-found", delete, raises=NotFound),
        make("credentials-check", check_credentials),
        make(
            "customers-get-not-let-in",
            get,
            raises=AuthenticationFailed,
            options=_WRONG[provider],
        ),
        make("customers-create-too-many", create, fault="429", raises=RateLimited),
        make("customers-create-500", create, fault="500", raises=ProviderUnavailable),
        make("customers-create-html", create, fault="html", raises=ProviderUnavailable),
    ]


SCENARIOS = (
    *_of_both("bond"),
    _bond(
        "customers-create-exists", create, prepare=with_reference, raises=AlreadyExists
    ),
    _bond(
        "customers-create-rejected",
        create_without_phone,
        raises=Rejected,
        switches={"require_phone": True},
    ),
    _bond("customers-list", list_by_two, prepare=several),
    _bond(
        "customers-update-after-kyc", rename, prepare=verified, raises=FieldNotUpdatable
    ),
    _bond("customer-addresses-create", add_address, prepare=somebody),
    _bond("customer-addresses-list", list_addresses, prepare=somebody),
    *_of_both("sonder"),
    _sonder(
        "customers-delete-has-accounts",
        delete,
        prepare=an_account_holder,
        raises=Conflict,
    ),
    _sonder(
        "customers-update-other-verb",
        update,
        prepare=somebody,
        raises=Rejected,
        switches={"update_verbs": ("PATCH",)},
    ),
)
