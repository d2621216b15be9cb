"""Extras: every kind of create and update takes them, and undeclared ones are refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import attrs
import httpx
import pytest
from tests.fakes import home, james

from anybank import (
    AccountKind,
    AccountNumberChanges,
    Address,
    AsyncBank,
    Bank,
    CreditApplicationChanges,
    CustomerChanges,
    InvalidInput,
    NewAccount,
    NewAccountNumber,
    NewCreditApplication,
    NewCustomer,
    NewKycDocument,
    NewWebhookSubscription,
    StartKyc,
    WebhookSubscriptionChanges,
    from_dict,
    to_dict,
)
from anybank.declaration.preflight import prepare
from anybank.model.operations import QUESTIONS
from anybank.plugins import find
from anybank_bond import BondExtras
from anybank_increase import IncreaseAccountNumberExtras
from anybank_unit import UnitAccountExtras

_PROGRAM = "22222222-2222-4222-8222-222222222222"
_VALUES: dict[type, Any] = {
    NewCustomer: james(),
    CustomerChanges: CustomerChanges(),
    Address: home(id="a1"),
    StartKyc: StartKyc(program_id=_PROGRAM),
    NewKycDocument: NewKycDocument(
        kind="visa", content=b"scan", media_type="image/png"
    ),
    NewCreditApplication: NewCreditApplication(program_id=_PROGRAM, customer_id="c1"),
    CreditApplicationChanges: CreditApplicationChanges(),
    NewAccount: NewAccount(customer_ids=["c1"], kind=AccountKind.DEPOSIT, name="Home"),
    NewAccountNumber: NewAccountNumber(account_id="a1", name="Home"),
    AccountNumberChanges: AccountNumberChanges(name="Home"),
    NewWebhookSubscription: NewWebhookSubscription(
        url="https://app.example.com", events=[]
    ),
    WebhookSubscriptionChanges: WebhookSubscriptionChanges(enabled=False),
}
_CALLS: dict[str, tuple[type, Callable[[Any, Any], Any]]] = {
    "customers.create": (NewCustomer, lambda bank, new: bank.customers.create(new)),
    "customers.update": (
        CustomerChanges,
        lambda bank, changes: bank.customers.update("c1", changes),
    ),
    "customer_addresses.create": (
        Address,
        lambda bank, new: bank.customer_addresses.create("c1", new),
    ),
    "customer_addresses.update": (
        Address,
        lambda bank, new: bank.customer_addresses.update("c1", new),
    ),
    "kyc.start": (StartKyc, lambda bank, start: bank.kyc.start("c1", start)),
    "kyc.upload_document": (
        NewKycDocument,
        lambda bank, new: bank.kyc.upload_document("c1", new),
    ),
    "credit_applications.create": (
        NewCreditApplication,
        lambda bank, new: bank.credit_applications.create(new),
    ),
    "credit_applications.update": (
        CreditApplicationChanges,
        lambda bank, changes: bank.credit_applications.update("a1", changes),
    ),
    "accounts.create": (NewAccount, lambda bank, new: bank.accounts.create(new)),
    "account_numbers.create": (
        NewAccountNumber,
        lambda bank, new: bank.account_numbers.create(new),
    ),
    "account_numbers.update": (
        AccountNumberChanges,
        lambda bank, changes: bank.account_numbers.update("n1", changes),
    ),
    "webhook_subscriptions.create": (
        NewWebhookSubscription,
        lambda bank, new: bank.webhook_subscriptions.create(new),
    ),
    "webhook_subscriptions.update": (
        WebhookSubscriptionChanges,
        lambda bank, changes: bank.webhook_subscriptions.update("s1", changes),
    ),
}
_PROVIDERS = ("bond", "sonder", "increase", "unit")
_WRITES = [
    (provider, name)
    for provider in _PROVIDERS
    for name in _CALLS
    if find(provider).adapter.capabilities.supports(name)
]


def _never(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"sent {request.method}")


def _options(provider: str) -> dict[str, Any]:
    make: Any = find(provider).simulator
    simulator = make()
    return {"transport": httpx.MockTransport(_never), **simulator.credentials}


def _with_odd_extras(provider: str, name: str) -> Any:
    return attrs.evolve(_VALUES[_CALLS[name][0]], extras={provider: object()})


@pytest.mark.parametrize(("provider", "name"), _WRITES)
def test_extras_that_a_vendor_does_not_have_are_refused(
    provider: str, name: str
) -> None:
    """Each create and update refuses other extras than the declared ones, unsent."""
    kind, call = _CALLS[name]
    declared = find(provider).adapter.capabilities.extras.get(kind)
    bank = Bank(provider, **_options(provider))
    with bank, pytest.raises(InvalidInput) as caught:
        call(bank, _with_odd_extras(provider, name))
    (message,) = (
        issue.message
        for issue in caught.value.issues
        if issue.field == f"extras['{provider}']"
    )
    expected = declared.__name__ if declared else f"no extras for {kind.__name__}"
    assert expected in message


async def _refuse_all() -> None:
    async with AsyncBank(
        "bond", **_options("bond") | {"transport": _Refusing()}
    ) as bank:
        for provider, name in _WRITES:
            if provider == "bond":
                with pytest.raises(InvalidInput, match="extras"):
                    await _CALLS[name][1](bank, _with_odd_extras("bond", name))


class _Refusing(httpx.AsyncBaseTransport):
    """A transport over which nothing may be sent."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return _never(request)


def test_the_asynchronous_client_refuses_them_too() -> None:
    """AsyncBank refuses undeclared extras before anything is sent."""
    asyncio.run(_refuse_all())


def test_every_value_that_a_caller_writes_takes_extras() -> None:
    """No question about a create or an update has a value without extras."""
    values = {
        name: value
        for feature, (kind, _) in ((name, _CALLS[name]) for name in _CALLS)
        for name, value in [(feature, _VALUES[kind])]
    }
    assert all(hasattr(value, "extras") for value in values.values())
    writes = {
        feature.value
        for feature in QUESTIONS
        if feature.value.rpartition(".")[2]
        in ("create", "update", "start", "upload_document")
    }
    assert writes == _CALLS.keys()


def test_extras_of_an_address_in_a_list_are_checked() -> None:
    """Extras of an address are refused inside a customer, too, and named by their path."""
    new = james(addresses=[home(extras={"bond": 1}, primary=True)])
    bond = find("bond").adapter.capabilities
    (issue,) = prepare(bond, new).issues
    assert issue.field == "addresses[0].extras['bond']"
    assert issue.message == (
        "Bond has no extras for Address, only for NewCustomer. Omit them"
    )


def test_an_update_refuses_the_extras_of_a_create() -> None:
    """Bond's extras of a new customer are not dropped silently in an update."""
    extras = {"bond": BondExtras(account_holder_type="primary")}
    bond = find("bond").adapter.capabilities
    (issue,) = prepare(bond, CustomerChanges(extras=extras)).issues
    assert issue.field == "extras['bond']"


def test_extras_of_each_value_are_read_back_from_plain_data() -> None:
    """`from_dict` reads the extras of a value as the class declared for that value."""
    for value in (
        NewAccount(
            customer_ids=["c1"], extras={"unit": UnitAccountExtras(tags={"a": "b"})}
        ),
        NewAccountNumber(
            account_id="a1",
            extras={"increase": IncreaseAccountNumberExtras(checks="allowed")},
        ),
    ):
        assert from_dict(type(value), to_dict(value, reveal=True)) == value
    with pytest.raises(InvalidInput, match="extras of StartKyc"):
        from_dict(StartKyc, {"extras": {"bond": {}}})
