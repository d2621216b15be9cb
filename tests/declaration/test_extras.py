"""Extras: every kind of create and update takes them, and undeclared ones are refused."""

from __future__ import annotations

import asyncio
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
_KINDS: dict[str, type] = {
    "customers.create": NewCustomer,
    "customers.update": CustomerChanges,
    "customer_addresses.create": Address,
    "customer_addresses.update": Address,
    "kyc.start": StartKyc,
    "kyc.upload_document": NewKycDocument,
    "credit_applications.create": NewCreditApplication,
    "credit_applications.update": CreditApplicationChanges,
    "accounts.create": NewAccount,
    "account_numbers.create": NewAccountNumber,
    "account_numbers.update": AccountNumberChanges,
    "webhook_subscriptions.create": NewWebhookSubscription,
    "webhook_subscriptions.update": WebhookSubscriptionChanges,
}
"""The type of the value that each operation writes."""
_ALONE = {name for name, kind in _KINDS.items() if name.endswith("create")} - {
    "customer_addresses.create"
}
"""The operations that are called with the value alone; others have an id before it."""
_PROVIDERS = ("bond", "sonder", "increase", "unit")
_WRITES = [
    (provider, name)
    for provider in _PROVIDERS
    for name in _KINDS
    if find(provider).adapter.capabilities.supports(name)
]


def _never(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"sent {request.method}")


def _options(provider: str) -> dict[str, Any]:
    make: Any = find(provider).simulator
    simulator = make()
    return {"transport": httpx.MockTransport(_never), **simulator.credentials}


def _call(bank: Any, provider: str, name: str) -> Any:
    """Call an operation with a value whose extras the provider does not have."""
    resource, _, verb = name.partition(".")
    value = attrs.evolve(_VALUES[_KINDS[name]], extras={provider: object()})
    arguments = [value] if name in _ALONE else ["c1", value]
    return getattr(getattr(bank, resource), verb)(*arguments)


@pytest.mark.parametrize(("provider", "name"), _WRITES)
def test_extras_that_a_vendor_does_not_have_are_refused(
    provider: str, name: str
) -> None:
    """Each create and update refuses other extras than the declared ones, unsent."""
    kind = _KINDS[name]
    declared = find(provider).adapter.capabilities.extras.get(kind)
    bank = Bank(provider, **_options(provider))
    with bank, pytest.raises(InvalidInput) as caught:
        _call(bank, provider, name)
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
                    await _call(bank, "bond", name)


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
        for feature, kind in _KINDS.items()
        for name, value in [(feature, _VALUES[kind])]
    }
    assert all(hasattr(value, "extras") for value in values.values())
    writes = {
        feature.value
        for feature in QUESTIONS
        if feature.value.rpartition(".")[2]
        in ("create", "update", "start", "upload_document")
    }
    assert writes == _KINDS.keys()


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
