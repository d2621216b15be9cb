"""Types that a type checker infers for the public names; mypy checks this file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, assert_type

from anybank import (
    UNSET,
    Address,
    AsyncBank,
    AsyncRouter,
    Bank,
    BankHealth,
    CreditApplication,
    Customer,
    CustomerChanges,
    Directory,
    DocumentLocatorNumber,
    GovernmentId,
    GovernmentIdKind,
    GovernmentIdNumber,
    InMemoryDirectory,
    Issue,
    JournalDirectory,
    KycCheck,
    KycDocument,
    Location,
    Money,
    NewCustomer,
    NewKycDocument,
    Page,
    Phone,
    RawResponse,
    Response,
    Router,
    SqlDirectory,
    Ssn,
    Transaction,
    Unset,
    WebhookSubscription,
    providers,
)
from anybank._engine.paging import AsyncListing, Listing
from anybank.errors import InvalidInput, ProviderError, RateLimited
from anybank.plugins import ProviderInfo
from anybank.router.aio_listing import AsyncRoutedListing
from anybank.router.listing import RoutedListing
from anybank.sandbox.server import serve
from anybank.sandbox.transport import SimulatorTransport
from anybank_bond.simulator import BondSimulator
from anybank_increase.simulator import IncreaseSimulator
from anybank_sonder.simulator import SonderSimulator
from anybank_unit.simulator import UnitSimulator


def of_a_bank(bank: Bank, new: NewCustomer) -> None:
    assert_type(bank.customers.create(new), Customer)
    assert_type(bank.customers.get("c1"), Customer)
    assert_type(bank.customers.list(), Listing[Customer])
    for customer in bank.customers.list():
        assert_type(customer, Customer)
    for page in bank.customers.list().pages():
        assert_type(page, Page[Customer])
    assert_type(bank.customers.update("c1", CustomerChanges()), Customer)
    assert_type(bank.customers.resolve(InvalidInput(), new), Customer | None)
    assert_type(bank.customers.resolve(TimeoutError(), new), Customer | None)
    assert_type(bank.customers.resolve(None, new), Customer | None)
    assert_type(bank.kyc.get("c1"), KycCheck)
    scan = NewKycDocument(kind="visa", content=b"scan", media_type="image/png")
    assert_type(bank.kyc.upload_document(None, scan), KycDocument)
    visa = GovernmentId(kind=GovernmentIdKind.OTHER, number="X1234567")
    assert_type(visa.number, GovernmentIdNumber)
    assert_type(new.government_ids, Sequence[GovernmentId])
    assert_type(bank.credit_applications.submit("a1"), CreditApplication)
    assert_type(bank.webhook_subscriptions.list(), Listing[WebhookSubscription])
    assert_type(bank.check(new), list[Issue])
    assert_type(bank.request("GET", "/x"), Response)


async def of_an_async_bank(bank: AsyncBank, new: NewCustomer) -> None:
    assert_type(await bank.customers.create(new), Customer)
    assert_type(bank.customers.list(), AsyncListing[Customer])
    async for customer in bank.customers.list():
        assert_type(customer, Customer)
    async for page in bank.customers.list().pages():
        assert_type(page, Page[Customer])
    assert_type(await bank.customers.resolve(InvalidInput(), new), Customer | None)
    assert_type(await bank.request("GET", "/x"), Response)
    assert_type(bank.check(new), list[Issue])
    async with bank as same:
        assert_type(same, AsyncBank)


def of_values(customer: Customer, changes: CustomerChanges) -> None:
    assert_type(Ssn("333527584").reveal(), str)
    assert_type(Ssn("333527584").last_four, str | None)
    assert_type(DocumentLocatorNumber(5).reveal(), int)
    assert_type(customer.email, str | None)
    assert_type(customer.phone, Phone | None)
    assert_type(customer.address, Address | None)
    assert_type(customer.date_of_birth, date | None)
    assert_type(customer.addresses, Sequence[Address])
    assert_type(changes.first_name, str | None | Unset)
    assert_type(Money(1).minor_units, int)
    assert_type(providers(), tuple[ProviderInfo, ...])
    if changes.first_name is not UNSET:
        assert_type(changes.first_name, str | None)


def of_errors(error: ProviderError, limited: RateLimited) -> None:
    assert_type(error.field_errors, dict[str, tuple[str, ...]])
    assert_type(error.status, int | None)
    assert_type(limited.retry_after, float | None)
    assert_type(InvalidInput().issues, list[Issue])


def of_a_router(banks: Router, new: NewCustomer) -> None:
    assert_type(banks.customers.create(new, key="user-17"), Customer)
    assert_type(banks.customers.list(), RoutedListing[Customer])
    assert_type(banks.customers.resolve(None, new, key="user-17"), Customer | None)
    assert_type(banks.kyc.get("user-17"), KycCheck)
    assert_type(banks.locate("user-17"), Location)
    assert_type(banks.check()["bond"], BankHealth)
    assert_type(banks.banks["bond"], Bank)
    raw = banks.with_raw_response
    assert_type(raw.customers.get("user-17"), RawResponse[Customer])
    assert_type(raw.customers.resolve(None, new, key="user-17").value, Customer | None)
    stores: list[Directory] = [
        InMemoryDirectory(),
        SqlDirectory("sqlite:///where.db"),
        JournalDirectory("move.db"),
    ]
    Router({"bond": banks.banks["bond"]}, directory=stores[0], default="bond")


async def of_an_async_router(banks: AsyncRouter, new: NewCustomer) -> None:
    assert_type(await banks.customers.create(new, key="user-17"), Customer)
    assert_type(banks.customers.list(), AsyncRoutedListing[Customer])
    async for customer in banks.customers.list():
        assert_type(customer, Customer)
    assert_type(await banks.locate("user-17"), Location)
    raw = banks.with_raw_response
    assert_type(await raw.kyc.get("user-17"), RawResponse[KycCheck])
    assert_type(banks.banks["bond"], AsyncBank)


def of_a_block(**options: Any) -> None:
    with Bank("bond", **options) as bank:
        assert_type(bank, Bank)


def of_raw_responses(bank: Bank) -> None:
    raw = bank.with_raw_response
    assert_type(raw.customers.get("c1"), RawResponse[Customer])
    assert_type(raw.customers.get("c1").value, Customer)
    assert_type(raw.kyc.get("c1"), RawResponse[KycCheck])
    for page in raw.customers.list().pages():
        assert_type(page.value, Page[Customer])


async def of_asynchronous_raw_responses(bank: AsyncBank) -> None:
    raw = bank.with_raw_response
    assert_type(await raw.customers.get("c1"), RawResponse[Customer])
    async for page in raw.transactions.list(account_id="a1").pages():
        assert_type(page.value.items, Sequence[Transaction])


def of_the_sandbox() -> None:
    """Each simulator can be served, and is the bank of a transport."""
    with serve(
        {
            "bond": BondSimulator(),
            "increase": IncreaseSimulator(),
            "sonder": SonderSimulator(),
            "unit": UnitSimulator(),
        }
    ) as running:
        assert_type(running.base_url("unit"), str)
    SimulatorTransport(UnitSimulator())
