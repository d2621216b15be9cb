"""Fakes that tests share: a scripted transport, a clock and a small vendor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import httpx
import pytest
from attrs import Factory, define, frozen

from anybank import Address, AsyncBank, Bank, NewCustomer, Phone, Ssn
from anybank._engine.timing import Timing
from anybank.adapter import Adapter
from anybank.adapter.options import credential, option
from anybank.adapter.wire import (
    Flow,
    Request,
    Response,
    delete,
    get,
    patch,
    post,
    segment,
)
from anybank.declaration import (
    NATURAL,
    NO_IDEMPOTENCY,
    SAFE,
    Capabilities,
    Feature,
    FeatureRule,
    FieldRule,
    Idempotency,
    Support,
)
from anybank.errors import AnybankError, NotFound
from anybank.model import operations as ask
from anybank.model.customers import Customer
from anybank.model.kyc import KycCheck
from anybank.model.pages import Page
from anybank.sensitive import Sensitive

Answer = httpx.Response | Exception


class Script(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport that gives each request the next answer, and records the requests."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        request.read()
        return self._next(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        await request.aread()
        return self._next(request)

    def _next(self, request: httpx.Request) -> httpx.Response:
        if not self.answers:
            pytest.fail(f"nobody expected {request.method} {request.url.path}")
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def request_lines(self) -> list[str]:
        """The requests as `METHOD /path`."""
        return [f"{item.method} {item.url.path}" for item in self.requests]


class Counter(httpx.BaseTransport):
    """A transport that gives every request the same answer and counts them."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self.answer = answer
        self.count = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.count += 1
        request.read()
        return self.answer(request)


@define
class FakeTime:
    """A clock that only sleeping advances, with a constant random number."""

    now: float = 1_700_000_000.0
    luck: float = 1.0
    slept: list[float] = Factory(list)

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    async def async_sleep(self, seconds: float) -> None:
        self.sleep(seconds)

    def timing(self) -> Timing:
        """Return the Timing for a Bank."""
        return Timing(
            monotonic=self.read,
            wall=self.read,
            sleep=self.sleep,
            async_sleep=self.async_sleep,
            jitter=lambda: self.luck,
        )


def _works(idempotency: Idempotency) -> FeatureRule:
    return FeatureRule(support=Support.FULL, idempotency=idempotency)


CUSTOMER_RULES: Mapping[str, FieldRule] = {
    "first_name": FieldRule(create="required", native="given"),
    "last_name": FieldRule(update="before_kyc", native="family"),
    "external_id": FieldRule(update="never", native="ref"),
    "emails": FieldRule(native="mail"),
}


@frozen(kw_only=True)
class ToyOptions:
    """The options of the toy vendor."""

    token: Sensitive = credential("the toy's token")
    loud: bool = option("whether it shouts", default=False)
    level: int = option("how loud", default=1)
    mood: str = option("how it feels", "calm", values=("calm", "angry"))


class Toy(Adapter):
    """A small vendor with customers."""

    capabilities = Capabilities(
        provider="toy",
        title="Toy",
        hosts={"sandbox": "https://toy.example.com/v1"},
        features={
            Feature.CUSTOMERS_CREATE: _works(
                Idempotency("client_reference", reference="external_id")
            ),
            Feature.CUSTOMERS_GET: _works(SAFE),
            Feature.CUSTOMERS_LIST: _works(SAFE),
            Feature.CUSTOMERS_UPDATE: _works(NATURAL),
            Feature.CUSTOMERS_DELETE: _works(NATURAL),
            Feature.KYC_START: _works(Idempotency("rejects_duplicate")),
            Feature.KYC_GET: _works(SAFE),
            Feature.ACCOUNTS_CREATE: _works(NO_IDEMPOTENCY),
        },
        fields={NewCustomer: CUSTOMER_RULES},
    )
    Options = ToyOptions

    def authenticate(self, request: Request, credentials: ToyOptions) -> Request:
        return request.with_headers(authorization=credentials.token)

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        response = yield post("/customers", {"given": query.new.first_name})
        back = yield get(
            f"/customers/{response.json()['id']}", feature=Feature.CUSTOMERS_GET
        )
        return self._customer(back)

    def get_customer(self, query: ask.GetCustomer) -> Flow[Customer]:
        return self._customer((yield get(f"/customers/{segment(query.id)}")))

    def list_customers(self, query: ask.ListCustomers) -> Flow[Page[Customer]]:
        response = yield get("/customers", query={"token": query.token})
        text = response.json()
        result = [Customer(id=item, provider="toy") for item in text["ids"]]
        return Page(result, text.get("next"))

    def update_customer(self, query: ask.UpdateCustomer) -> Flow[Customer]:
        path = f"/customers/{segment(query.id)}"
        yield get(path, feature=Feature.CUSTOMERS_GET)
        return self._customer((yield patch(path, {})))

    def delete_customer(self, query: ask.DeleteCustomer) -> Flow[None]:
        yield delete(f"/customers/{segment(query.id)}")

    def start_kyc(self, query: ask.StartKycCheck) -> Flow[KycCheck]:
        """Start KYC; an unknown customer is no error."""
        try:
            yield post("/kyc", {"key": query.start.idempotency_key})
        except NotFound:
            return KycCheck(customer_id=query.customer_id)
        return KycCheck(customer_id=query.customer_id)

    def _customer(self, response: Response) -> Customer:
        return Customer(id=response.json()["id"], provider="toy")


@frozen
class RunResult:
    """The result of an operation, its error, its requests and its waits."""

    value: Any
    error: AnybankError | None
    request_lines: list[str]
    slept: list[float]


def run(
    operation: Callable[[Any], Any],
    *answers: Answer,
    sync: bool = True,
    adapter: type[Adapter] = Toy,
    time: FakeTime | None = None,
    **options: Any,
) -> RunResult:
    """Run an operation of a toy bank over a script, sync or async."""
    time, transport = time or FakeTime(), Script(*answers)
    arguments = {
        "token": "toy-token",
        "rate_limit": None,
        "timing": time.timing(),
        "transport": transport,
        **options,
    }
    try:
        value = (_sync if sync else _async)(adapter, operation, arguments)
    except AnybankError as error:
        return RunResult(None, error, transport.request_lines, time.slept)
    return RunResult(value, None, transport.request_lines, time.slept)


def _sync(
    adapter: type[Adapter], operation: Callable[[Any], Any], arguments: Any
) -> Any:
    with Bank(adapter, **arguments) as bank:
        return operation(bank)


def _async(
    adapter: type[Adapter], operation: Callable[[Any], Any], arguments: Any
) -> Any:
    async def main() -> Any:
        async with AsyncBank(adapter, **arguments) as bank:
            return await operation(bank)

    return asyncio.run(main())


def json_response(status: int = 200, **body: Any) -> httpx.Response:
    """Return a response with JSON."""
    return httpx.Response(status, json=body)


def james(**other: Any) -> NewCustomer:
    """Return a person whom Bond accepts unchanged."""
    fields: dict[str, Any] = {
        "first_name": "James",
        "last_name": "Bond",
        "date_of_birth": date(1997, 12, 25),
        "ssn": Ssn("333-52-7584"),
        "emails": ["james@example.com"],
        "phones": [Phone("+15551112222")],
        "addresses": [home()],
    }
    return NewCustomer(**{**fields, **other})


def home(**other: Any) -> Address:
    """Return an address that every vendor accepts."""
    fields: dict[str, Any] = {
        "line1": "345 California Ave.",
        "city": "San Francisco",
        "state": "CA",
        "postal_code": "94104",
        "country": "US",
        "primary": True,
    }
    return Address(**{**fields, **other})
