"""`resolve` looks for the record of a create with an unknown outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.bond.banks import AUTHORIZATION, IDENTITY, bond
from tests.fakes import FakeTime, Script, home, james
from tests.increase.banks import KEY, ada

from anybank import (
    AlreadyExists,
    AnybankError,
    AsyncBank,
    Bank,
    Conflict,
    EmploymentStatus,
    InvalidInput,
    Money,
    NewAccount,
    NewCreditApplication,
    NewWebhookSubscription,
    NotSent,
    Outcome,
    OutcomeUnknown,
    StartKyc,
    UnexpectedResponse,
    Unsupported,
)
from anybank.adapter.wire import Request, Response
from anybank.sandbox.faults import AnswerLost
from anybank.sandbox.transport import SimulatorTransport
from anybank_bond.simulator import BondSimulator
from anybank_increase.simulator import IncreaseSimulator

PROGRAM = "22222222-2222-4222-8222-222222222222"


class Losing:
    """A simulator that loses the responses to its creates while `lossy` is set."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.lossy, self.sent = inner, False, 0

    @property
    def base_path(self) -> str:
        return str(self.inner.base_path)

    def __call__(self, request: Request) -> Response:
        response: Response = self.inner(request)
        self.sent += request.method == "POST"
        if self.lossy and request.method == "POST":
            raise AnswerLost("timeout")
        return response


class Bench:
    """Bond with one customer, and the records that are created there."""

    def __init__(self) -> None:
        self.simulator = BondSimulator()
        self.losing = Losing(self.simulator)
        self.bank = Bank(
            "bond",
            transport=SimulatorTransport(self.losing),
            timing=FakeTime().timing(),
            **self.simulator.credentials,
        )
        self.customer = self.simulator.seed_customer()
        self.application = NewCreditApplication(
            program_id=PROGRAM,
            customer_id=self.customer,
            employment_status=EmploymentStatus.EMPLOYED,
            total_annual_income=Money(5_000_000, "USD"),
        )
        self.account = NewAccount(
            customer_ids=[self.customer], native_kind="deposit", program_id=PROGRAM
        )
        self.subscription = NewWebhookSubscription(
            url="https://app.example.com/hooks", events=["kyc.*"]
        )
        self.address = home(line1="9 Invented Ct", line2="Suite 7", primary=False)

    def create(self, what: str, **more: Any) -> Any:
        resource, arguments = self._of(what)
        return resource.create(*arguments, **more)

    def resolve(self, what: str, error: BaseException | None, **more: Any) -> Any:
        resource, arguments = self._of(what)
        return resource.resolve(error, *arguments, **more)

    def _of(self, what: str) -> tuple[Any, tuple[Any, ...]]:
        bank = self.bank
        resources: dict[str, tuple[Any, tuple[Any, ...]]] = {
            "application": (bank.credit_applications, (self.application,)),
            "account": (bank.accounts, (self.account,)),
            "subscription": (bank.webhook_subscriptions, (self.subscription,)),
            "address": (bank.customer_addresses, (self.customer, self.address)),
            "customer": (bank.customers, (james(external_id="ours-1"),)),
        }
        return resources[what]


@pytest.fixture
def bench() -> Bench:
    return Bench()


KINDS = ["application", "account", "subscription", "address", "customer"]
ERRORS: list[BaseException | None] = [
    OutcomeUnknown("lost", outcome=Outcome.UNKNOWN),
    AnybankError("afterwards", outcome=Outcome.DONE),
    AlreadyExists("another has it"),
    TimeoutError(),
    asyncio.CancelledError(),
    KeyboardInterrupt(),
    None,
]


@pytest.mark.parametrize("what", KINDS)
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_lost_create_is_looked_up(
    bench: Bench, what: str, error: BaseException | None
) -> None:
    """`resolve` returns the created record, whatever exception ended the create."""
    bench.losing.lossy = True
    with pytest.raises(OutcomeUnknown):
        bench.create(what)
    bench.losing.lossy, bench.losing.sent = False, 0
    assert bench.resolve(what, error).id
    assert bench.losing.sent == 0


@pytest.mark.parametrize("what", KINDS)
def test_a_create_without_effect_has_no_match(bench: Bench, what: str) -> None:
    """`resolve` returns None after it has read the whole listing."""
    assert bench.resolve(what, None) is None


@pytest.mark.parametrize("what", ["account", "application", "address"])
def test_two_matches_raise_conflict(bench: Bench, what: str) -> None:
    """Two matches raise Conflict, unless the id of one of them is in `known`."""
    first = bench.create(what)
    second = bench.create(what)
    with pytest.raises(Conflict, match="2 records have this content") as several:
        bench.resolve(what, None)
    assert several.value.outcome is Outcome.DONE
    assert first.id in str(several.value)
    assert second.id in str(several.value)
    assert bench.resolve(what, None, known={first.id}).id == second.id
    assert bench.resolve(what, None, known=first.id).id == second.id
    assert bench.resolve(what, None, known=[first.id, second.id]) is None


def test_other_content_does_not_match(bench: Bench) -> None:
    """An address without the second line does not match the one with it."""
    bench.create("address")
    bare = home(line1="9 Invented Ct", primary=False)
    addresses = bench.bank.customer_addresses
    assert addresses.resolve(None, bench.customer, bare) is None


def test_a_reference_that_two_have_is_not_resolved() -> None:
    """Two customers with the same reference raise Conflict, which names both."""
    listed = [{"customer_id": f"c{n}", "brand_person_id": "ours-1"} for n in (1, 2)]
    bank, _ = bond(httpx.Response(200, json=listed))
    with pytest.raises(
        Conflict, match="2 records have this external_id: c1, c2"
    ) as several:
        bank.customers.resolve(TimeoutError(), james(external_id="ours-1"))
    assert several.value.outcome is Outcome.DONE


@pytest.mark.parametrize(
    "odd", [{"customer_id": "c1", "brand_person_id": 7}, {"brand_person_id": "x"}]
)
def test_an_unreadable_record_prevents_the_result_none(odd: dict[str, Any]) -> None:
    """A record that cannot be compared raises UnexpectedResponse."""
    listed = [odd, {"customer_id": "c2", "brand_person_id": "another"}]
    bank, _ = bond(httpx.Response(200, json=listed))
    with pytest.raises(UnexpectedResponse, match="1 of the listed records"):
        bank.customers.resolve(None, james(external_id="ours-1"))


def test_an_error_of_another_call_does_not_decide(bench: Bench) -> None:
    """A refusal of another operation proves nothing about the create."""
    built = bench.create("customer")
    other = NotSent("no route")
    other.operation = "customers.get"
    result = bench.resolve("customer", other)
    assert result.id == built.id


def test_an_interrupted_create_is_looked_up() -> None:
    """A create that the caller's deadline ended is looked up by its reference."""
    simulator = BondSimulator()
    new = james(external_id="ours-1")

    class Acting(SimulatorTransport):
        async def handle_async_request(self, request: Any) -> Any:
            answer = await super().handle_async_request(request)
            if request.method == "POST":
                raise TimeoutError  # what asyncio.timeout makes of its cancellation
            return answer

    async def main() -> Any:
        async with AsyncBank(
            "bond", transport=Acting(simulator), **simulator.credentials
        ) as bank:
            try:
                await bank.customers.create(new)
            except (TimeoutError, AnybankError) as error:
                return await bank.customers.resolve(error, new)

    assert asyncio.run(main()).external_id == "ours-1"


def _increase(losing: Losing) -> Bank:
    transport = SimulatorTransport(losing)
    timing = FakeTime().timing()
    return Bank("increase", transport=transport, timing=timing, api_key=KEY, retries=0)


def test_a_customer_is_looked_up_by_the_creates_key() -> None:
    """If the vendor lists by key, the error's idempotency key leads to the customer."""
    losing = Losing(IncreaseSimulator())
    with _increase(losing) as bank:
        losing.lossy = True
        with pytest.raises(OutcomeUnknown) as lost:
            bank.customers.create(ada())
        losing.lossy = False
        result = bank.customers.resolve(lost.value, ada())
        key = lost.value.idempotency_key
        again = bank.customers.resolve(None, ada(), idempotency_key=key)
    assert result is not None
    assert result == again
    assert losing.inner.entity_ids == (result.id,)


def test_a_key_without_a_match_returns_none() -> None:
    """A key without a match returns None, although the vendor has other customers."""
    losing = Losing(IncreaseSimulator())
    losing.inner.seed_entity()
    with _increase(losing) as bank:
        result = bank.customers.resolve(TimeoutError(), ada(), idempotency_key="mine")
    assert result is None


def test_without_a_key_there_is_nothing_to_look_by() -> None:
    """Nothing is sent if neither the error nor the caller has the key."""
    bank = _increase(Losing(IncreaseSimulator()))
    with bank, pytest.raises(InvalidInput, match="idempotency_key: must be the key"):
        bank.customers.resolve(TimeoutError(), ada())


@pytest.mark.parametrize(
    "ask",
    [
        lambda bank: bank.customers.resolve(None, james()),
        lambda bank: bank.accounts.resolve(
            None,
            NewAccount(customer_ids=["c"], native_kind="A", name="n", currency="USD"),
        ),
    ],
)
def test_without_a_listing_a_person_must_check(
    ask: Callable[[Any], Any],
) -> None:
    """A vendor without a listing raises Unsupported, and nothing is sent."""
    bank = Bank("sonder", token="t", transport=Script())
    with bank, pytest.raises(Unsupported, match="a person must check"):
        ask(bank)


BOND = {"identity": IDENTITY, "authorization": AUTHORIZATION}
KEYLESS: list[tuple[str, dict[str, Any], Callable[[Any], Any]]] = [
    (
        "bond",
        BOND,
        lambda bank: bank.customers.create(james(), idempotency_key="k"),
    ),
    (
        "bond",
        BOND,
        lambda bank: bank.accounts.create(
            NewAccount(customer_ids=["c"], native_kind="deposit", program_id=PROGRAM),
            idempotency_key="k",
        ),
    ),
    (
        "bond",
        BOND,
        lambda bank: bank.credit_applications.create(
            NewCreditApplication(program_id=PROGRAM, customer_id="c"),
            idempotency_key="k",
        ),
    ),
    (
        "bond",
        BOND,
        lambda bank: bank.webhook_subscriptions.create(
            NewWebhookSubscription(url="https://a.example.com", events=["kyc.*"]),
            idempotency_key="k",
        ),
    ),
    (
        "bond",
        BOND,
        lambda bank: bank.customers.resolve(None, james(), idempotency_key="k"),
    ),
    (
        "sonder",
        {"token": "t"},
        lambda bank: bank.customers.create(james(), idempotency_key="k"),
    ),
    (
        "sonder",
        {"token": "t"},
        lambda bank: bank.accounts.create(
            NewAccount(customer_ids=["c"], native_kind="A", name="n", currency="USD"),
            idempotency_key="k",
        ),
    ),
]


@pytest.mark.parametrize(("vendor", "options", "use"), KEYLESS)
@pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
def test_a_key_is_refused_where_the_vendor_has_none(
    vendor: str, options: dict[str, Any], use: Callable[[Any], Any], *, sync: bool
) -> None:
    """An idempotency key that the vendor would ignore is rejected before sending."""
    script = Script()

    async def main() -> None:
        async with AsyncBank(vendor, transport=script, **options) as bank:
            await use(bank)

    def one() -> Any:
        return use(Bank(vendor, transport=script, **options))

    with pytest.raises(InvalidInput, match="idempotency_key") as refused:
        one() if sync else asyncio.run(main())
    assert refused.value.outcome is Outcome.NOT_SENT
    assert script.requests == []


def test_a_blank_key_starts_no_verification() -> None:
    """A blank idempotency key is rejected."""
    with pytest.raises(InvalidInput, match="idempotency_key"):
        StartKyc(program_id=PROGRAM, idempotency_key=" ")
