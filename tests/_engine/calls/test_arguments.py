"""Invalid arguments of every call are refused by name before anything is sent."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import attrs
import httpx
import pytest
from tests.fakes import home, james

from anybank import (
    Address,
    AnybankError,
    AsyncBank,
    Bank,
    CreditApplicationChanges,
    CustomerChanges,
    InvalidInput,
    Money,
    NewAccount,
    NewCreditApplication,
    NewCustomer,
    NewKycDocument,
    NewWebhookSubscription,
    Outcome,
    Phone,
    StartKyc,
    Unsupported,
    WebhookSubscriptionChanges,
)
from anybank.declaration.preflight import Prepared

CREDENTIALS: dict[str, dict[str, Any]] = {
    "bond": {"identity": "i", "authorization": "a"},
    "sonder": {"token": "t"},
    "increase": {"api_key": "k"},
}
HALF = "\ud83d"
ODD: list[Any] = [
    3,
    True,
    1.5,
    float("nan"),
    b"x",
    "",
    ".",
    "..",
    " ",
    HALF,
    "x" * 100_000,
    {},
    [],
    object(),
    Exception("odd"),
    lambda: None,
]
NO_ID: list[Any] = ["", ".", "..", " ", HALF, "x" * 100_000, None, 3, b"x", {}, []]


class Counting(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A vendor without customers that counts its requests."""

    def __init__(self) -> None:
        self.count = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.count += 1
        return httpx.Response(404)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


def bank(provider: str, transport: Counting) -> Bank:
    arguments: dict[str, Any] = {
        "retries": 0,
        "rate_limit": None,
        "transport": transport,
    }
    return Bank(provider, **arguments, **CREDENTIALS[provider])


def calls(of: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield each public call of each resource."""
    for name, resource in vars(of).items():
        if not name.startswith("_"):
            for call, method in inspect.getmembers(resource, inspect.ismethod):
                if not call.startswith("_"):
                    yield f"{name}.{call}", method


def cases(of: Any) -> Iterator[tuple[str, Callable[..., Any], str, dict[str, Any]]]:
    """Yield each argument of each call, with plain values for the others."""
    for name, method in calls(of):
        parameters = inspect.signature(method).parameters
        needed = {
            item: "good" if item.endswith("_id") else None
            for item, parameter in parameters.items()
            if parameter.default is inspect.Parameter.empty
        }
        for target in parameters:
            yield name, method, target, needed


def run_call(
    method: Callable[..., Any], arguments: dict[str, Any]
) -> AnybankError | None:
    """Run a call and return its error; any exception but an AnybankError fails the test."""
    try:
        value = method(**arguments)
        if method.__name__ == "list":
            list(value)
    except AnybankError as error:
        return error
    return None


@pytest.mark.parametrize("provider", sorted(CREDENTIALS))
def test_no_odd_argument_lets_another_exception_through(provider: str) -> None:
    """Every invalid argument of every call raises an error of the library."""
    transport = Counting()
    for name, method, target, needed in cases(bank(provider, transport)):
        for odd in ODD:
            error = run_call(method, {**needed, target: odd})
            assert type(error) is not AnybankError, (name, target, odd)


@pytest.mark.parametrize("provider", sorted(CREDENTIALS))
def test_an_unusable_id_sends_nothing(provider: str) -> None:
    """An empty, dotted, half-encoded or foreign id is rejected by the argument's name."""
    transport = Counting()
    for name, method, target, needed in cases(bank(provider, transport)):
        if not target.endswith("_id"):
            continue
        annotation = inspect.signature(method).parameters[target].annotation
        optional = target not in needed or "None" in str(annotation)
        for odd in NO_ID:
            if optional and odd is None:
                continue
            error = run_call(method, {**needed, target: odd})
            assert isinstance(error, (InvalidInput, Unsupported)), (name, target, odd)
            if isinstance(error, InvalidInput):
                assert target in str(error)
                assert error.outcome is Outcome.NOT_SENT
    assert transport.count == 0


def test_an_ssn_is_no_id() -> None:
    """An SSN in the place of an id reaches no URL, and the error does not show it."""
    transport = Counting()
    ssn = "333-52-7584"
    with bank("bond", transport) as client, pytest.raises(InvalidInput) as caught:
        client.customers.get(f" {ssn} ")
    assert "not a social security number" in str(caught.value)
    assert ssn not in str(caught.value)
    assert transport.count == 0


@pytest.mark.parametrize("value", [None, {"first_name": "Ada"}, "Ada", 3])
@pytest.mark.parametrize("provider", sorted(CREDENTIALS))
def test_a_value_of_another_type_is_refused_by_its_type(
    provider: str, value: Any
) -> None:
    """The error for a dict instead of a customer names the required and the passed type."""
    transport = Counting()
    with pytest.raises(InvalidInput) as caught:
        bank(provider, transport).customers.create(value)
    (issue,) = caught.value.issues
    assert issue.field == "new"
    assert "must be a NewCustomer" in issue.message
    assert type(value).__name__ in issue.message
    assert transport.count == 0


def test_a_prepared_value_of_another_type_is_refused() -> None:
    """The value inside a Prepared is checked as well."""
    with pytest.raises(InvalidInput, match="must be a NewCustomer"):
        bank("bond", Counting()).customers.create(Prepared({}))  # type: ignore[arg-type]


def test_a_refused_dict_is_in_no_frame() -> None:
    """The personal data of a rejected dict is in no frame of the traceback."""
    arguments: Any = {"ssn": "333-52-7584"}
    with pytest.raises(InvalidInput) as caught:
        bank("bond", Counting()).customers.create(arguments)
    report = traceback.TracebackException.from_exception(
        caught.value, capture_locals=True
    )
    ours = [item for item in report.stack if "/tests/" not in item.filename]
    assert "333-52-7584" not in "".join(str(frame.locals) for frame in ours)


@pytest.mark.parametrize("value", [None, {}, "x", 3])
def test_only_a_value_of_the_library_can_be_checked(value: Any) -> None:
    """`check` rejects a dict, because an empty result would look like a valid customer."""
    with pytest.raises(InvalidInput, match="such as NewCustomer"):
        bank("bond", Counting()).check(value)


@pytest.mark.parametrize(
    "arguments",
    [
        {"method": None, "path": "/x"},
        {"method": "", "path": "/x"},
        {"method": "GET\r\nx: y", "path": "/x"},
        {"method": "GET", "path": None},
        {"method": "GET", "path": 3},
        {"method": "GET", "path": HALF},
        {"method": "GET", "path": "/" + HALF},
        {"method": "GET", "path": "/x", "query": {"a": object()}},
        {"method": "GET", "path": "/x", "query": {"a": HALF}},
        {"method": "GET", "path": "/x", "query": {3: "a"}},
        {"method": "GET", "path": "/x", "query": "a=b"},
        {"method": "GET", "path": "/x", "headers": {"a": 3}},
        {"method": "GET", "path": "/x", "headers": {"a": "ä"}},
        {"method": "GET", "path": "/x", "headers": {"a": "b\r\nc: d"}},
        {"method": "GET", "path": "/x", "headers": [("a", "b")]},
        {"method": "POST", "path": "/x", "json": {"a": object()}},
        {"method": "POST", "path": "/x", "json": {"a": HALF}},
        {"method": "POST", "path": "/x", "json": {"a": float("nan")}},
        {"method": "POST", "path": "/x", "json": {("a",): 1}},
    ],
)
def test_an_odd_raw_request_is_refused(arguments: dict[str, Any]) -> None:
    """A raw request with an invalid method, path, query, header or body is rejected."""
    transport = Counting()
    with pytest.raises(InvalidInput):
        bank("bond", transport).request(**arguments)
    assert transport.count == 0


async def _created(value: Any) -> None:
    options: dict[str, Any] = {"transport": Counting(), **CREDENTIALS["bond"]}
    async with AsyncBank("bond", **options) as one:
        await one.customers.create(value)


def test_an_async_bank_refuses_in_the_same_way() -> None:
    """AsyncBank checks arguments as Bank does."""
    with pytest.raises(InvalidInput, match="must be a NewCustomer"):
        asyncio.run(_created({}))


def test_valid_values_reach_the_vendor() -> None:
    """A valid value and a Prepared value are sent to the vendor."""
    transport = Counting()
    one = bank("bond", transport)
    for value in (james(), Prepared(james())):
        with pytest.raises(AnybankError):
            one.customers.create(value)
    assert transport.count == 2
    assert isinstance(james(), NewCustomer)


_ID = "22222222-2222-4222-8222-222222222222"
Use = Callable[[Any, Any], Any]
VALUES: dict[type, tuple[dict[str, Any], Use]] = {
    NewCustomer: (
        {
            field.name: getattr(james(), field.name)
            for field in attrs.fields(NewCustomer)
        },
        lambda one, value: one.customers.create(value, accept_loss="all"),
    ),
    CustomerChanges: ({}, lambda one, value: one.customers.update("c1", value)),
    Address: (
        {field.name: getattr(home(), field.name) for field in attrs.fields(Address)},
        lambda one, value: one.customer_addresses.create("c1", value),
    ),
    Phone: ({"number": "+15551112222"}, lambda one, value: one.check(value)),
    Money: ({"minor_units": 1}, lambda one, value: one.check(value)),
    NewAccount: (
        {"customer_ids": ["c1"], "kind": "deposit", "program_id": _ID},
        lambda one, value: one.accounts.create(value),
    ),
    NewCreditApplication: (
        {"program_id": _ID, "customer_id": "c1"},
        lambda one, value: one.credit_applications.create(value),
    ),
    CreditApplicationChanges: (
        {},
        lambda one, value: one.credit_applications.update("a1", value),
    ),
    NewWebhookSubscription: (
        {"url": "https://app.example.com", "events": ["kyc.*"]},
        lambda one, value: one.webhook_subscriptions.create(value),
    ),
    WebhookSubscriptionChanges: (
        {},
        lambda one, value: one.webhook_subscriptions.update("s1", value),
    ),
    NewKycDocument: (
        {"kind": "passport", "content": b"scan", "media_type": "image/png"},
        lambda one, value: one.kyc.upload_document(None, value),
    ),
    StartKyc: ({"program_id": _ID}, lambda one, value: one.kyc.start("c1", value)),
}


def odd_values(kind: type) -> Iterator[Any]:
    """Build values with one odd field each, and skip those that the class rejects."""
    plain, _ = VALUES[kind]
    fields: Any = attrs.fields(kind)
    for name, odd in itertools.product([field.name for field in fields], [None, *ODD]):
        with suppress(InvalidInput):
            yield kind(**{**plain, name: odd})


@pytest.mark.parametrize("provider", sorted(CREDENTIALS))
@pytest.mark.parametrize("kind", VALUES)
def test_no_odd_field_lets_another_exception_through(kind: type, provider: str) -> None:
    """An odd field is rejected by the value, or by the call that receives it."""
    one = bank(provider, Counting())
    for value in odd_values(kind):
        for use in (VALUES[kind][1], lambda one, value: one.check(value)):
            error = run_call(use, {"one": one, "value": value})
            assert type(error) is not AnybankError, repr(value)


@pytest.mark.parametrize("extras", [None, 3, "bond", [], {3: 4}])
def test_extras_are_by_provider(extras: Any) -> None:
    """`extras` must be a mapping from a provider's name."""
    with pytest.raises(InvalidInput, match="extras"):
        NewCustomer(extras=extras)


@pytest.mark.parametrize("name", ["url", "events", "enabled"])
def test_a_change_that_cannot_be_null_is_refused(name: str) -> None:
    """None is rejected for a field that cannot be cleared; UNSET leaves it unchanged."""
    changes: dict[str, Any] = {name: None}
    with pytest.raises(InvalidInput, match=name):
        WebhookSubscriptionChanges(**changes)
