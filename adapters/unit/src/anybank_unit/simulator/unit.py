"""The simulator: routes, authentication, idempotency keys, decisions and seed data."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from string import ascii_lowercase, digits
from typing import Any, ClassVar

from anybank.adapter.wire import Request, Response
from anybank.errors import ConfigurationError
from anybank.model.kyc import KycStatus
from anybank.model.money import Money
from anybank.sandbox.simulator import (
    NotJson,
    Route,
    Simulator,
    no_open_account,
    require_funds,
)
from anybank.sensitive import Sensitive

from .books import Books
from .events import Delivery, Events
from .people import People
from .tables import Refused, Row, Table

_PERSON: dict[str, Any] = {
    "fullName": {"first": "Ada", "last": "Sample"},
    "dateOfBirth": "1988-04-17",
    "ssn": "900550101",
    "email": "ada@example.com",
    "phone": {"countryCode": "1", "number": "5555550101"},
    "address": {
        "street": "9 Invented Ct",
        "city": "Albany",
        "state": "NY",
        "postalCode": "12207",
        "country": "US",
    },
}
_STATUSES: Mapping[KycStatus, str] = {
    KycStatus.SUBMITTED: "Pending",
    KycStatus.DOCUMENTS_REQUIRED: "AwaitingDocuments",
    KycStatus.UNDER_REVIEW: "PendingReview",
    KycStatus.PASSED: "Approved",
    KycStatus.FAILED: "Denied",
}
# Users of Unit report that a key is remembered for two days.
_LIFETIME = timedelta(hours=48)
_APPLICATION = "/applications/{number}"
_DOCUMENT = f"{_APPLICATION}/documents/{{document}}"
_TRANSACTION = "/accounts/{account}/transactions/{transaction}"


class UnitSimulator(Simulator):
    """Unit in memory: applications, customers, deposit accounts, events and webhooks.

    `shows_numbers` returns SSNs and passports whole, as a token with that permission sees
    them.
    """

    # Fixed, so that a sandbox can be configured before it starts.
    credentials: ClassVar[Mapping[str, Any]] = {"token": "unit-sandbox-token"}
    routes = (
        Route("POST", "/applications", "people.apply"),
        Route("GET", "/applications", "people.list_applications"),
        Route("GET", _APPLICATION, "people.get_application"),
        Route("PATCH", _APPLICATION, "people.update_application"),
        Route("POST", f"{_APPLICATION}/cancel", "people.cancel"),
        Route("GET", f"{_APPLICATION}/documents", "people.list_documents"),
        Route("PUT", f"{_DOCUMENT}/multipart", "people.upload"),
        Route("PUT", f"{_DOCUMENT}/back/multipart", "people.upload"),
        Route("PUT", _DOCUMENT, "people.upload_file"),
        Route("PUT", f"{_DOCUMENT}/back", "people.upload_file"),
        Route("GET", "/customers", "people.list_customers"),
        Route("GET", "/customers/{customer}", "people.get_customer"),
        Route("PATCH", "/customers/{customer}", "people.update"),
        Route("POST", "/customers/{customer}/archive", "people.archive"),
        Route("POST", "/accounts", "books.create"),
        Route("GET", "/accounts", "books.list"),
        Route("GET", "/accounts/{account}", "books.get"),
        Route("PATCH", "/accounts/{account}", "books.update"),
        Route("POST", "/accounts/{account}/close", "books.close"),
        Route("POST", "/accounts/{account}/freeze", "books.freeze"),
        Route("POST", "/accounts/{account}/unfreeze", "books.unfreeze"),
        Route("POST", "/accounts/{account}/reopen", "books.reopen"),
        Route("GET", _TRANSACTION, "books.get_transaction"),
        Route("PATCH", _TRANSACTION, "books.update_transaction"),
        Route("GET", "/transactions", "books.list_transactions"),
        Route("GET", "/transactions/{transaction}", "books.get_transaction"),
        Route("GET", "/events", "events.list"),
        Route("GET", "/events/{event}", "events.get"),
        Route("POST", "/webhooks", "events.subscribe"),
        Route("GET", "/webhooks", "events.list_webhooks"),
        Route("GET", "/webhooks/{webhook}", "events.get_webhook"),
        Route("PATCH", "/webhooks/{webhook}", "events.update"),
        Route("POST", "/webhooks/{webhook}/enable", "events.enable"),
        Route("POST", "/webhooks/{webhook}/disable", "events.disable"),
    )

    def __init__(
        self,
        *,
        seed: int = 0,
        clock: Callable[[], datetime] | None = None,
        shows_numbers: bool = False,
    ) -> None:
        super().__init__(seed=seed, clock=clock)
        self.events = Events(self._table(), self._table())
        self.people = People(
            # The numbers of applications and customers overlap, and are not the same.
            self._table(),
            self._table(5),
            self._table(),
            self.events.emit,
            self._replay,
            shows_numbers,
        )
        self.books = Books(
            self._table(10_000),
            self._table(),
            self.people,
            self.events.emit,
            self._replay,
            self._digits,
        )
        self._keys: dict[tuple[str, str], tuple[Sensitive, Row, datetime]] = {}
        self._next: deque[tuple[int, bool]] = deque()

    def __call__(self, request: Request) -> Response:
        """Answer one request, or return the next injected failure."""
        if not self._next:
            return self._answer(request)
        status, committed = self._next.popleft()
        # The failure after the effect leaves the client with an unknown outcome.
        if committed:
            self._answer(request)
        return Refused(status, "Injected Failure").answer()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def _answer(self, request: Request) -> Response:
        try:
            return super().__call__(request)
        except Refused as refused:
            return refused.answer()
        except NotJson:
            return Refused(400, "the body is not JSON").answer()

    def admit(self, request: Request) -> Response | None:
        """Refuse a request without the token."""
        sent = request.headers.get("authorization")
        shown = str(sent.reveal()) if isinstance(sent, Sensitive) else sent
        if shown != f"Bearer {self.credentials['token']}":
            raise Refused(401, "Unauthorized")
        return None

    def no_route(self, request: Request, *, known: bool) -> Response:  # noqa: ARG002  # the base's signature
        """Refuse an unknown path or method."""
        raise Refused(405 if known else 404, "Not Found")

    def _replay(self, kind: str, data: Row, create: Callable[[], Row]) -> Row:
        """Return what a key has created, while it is remembered, or create it."""
        key = data["attributes"].get("idempotencyKey")
        # The attributes may hold an SSN, so the stored copy is masked.
        print_ = Sensitive(json.dumps(data, sort_keys=True))
        first = self._keys.get((kind, key)) if key else None
        if first and self.clock() - first[2] < _LIFETIME:
            if first[0] != print_:
                raise Refused(409, "the idempotency key belongs to another request")
            return first[1]
        row = create()
        if key:
            self._keys[kind, key] = (print_, row, self.clock())
        return row

    def fail_next(self, status: int, *, committed: bool = False) -> None:
        """Let one more request fail; `committed` performs it first."""
        self._next.append((status, committed))

    def choose_kyc(self, status: KycStatus) -> None:
        """Choose the decision about every application, where the SSN does not decide."""
        self.people.chosen = _word(status)

    def decide(self, person_id: str, status: KycStatus) -> None:
        """Decide about an application now, by the id of the person who applied."""
        number = person_id.removeprefix("application-")
        row = self.people.applications.rows.get(number)
        if row is None or row["attributes"]["status"] in ("Approved", "Denied"):
            raise ConfigurationError(f"{person_id} is no undecided application")
        self.people.decide(row, _word(status))

    def seed_application(self, **attributes: Any) -> str:
        """Create an application without a request, and return the id of the person."""
        row = self.people.add({**_PERSON, **attributes})
        customer = row["relationships"].get("customer")
        return customer["data"]["id"] if customer else f"application-{row['id']}"

    def seed_account(self, *owners: str, product: str = "checking") -> str:
        """Open an account of customers without a request, and return its id."""
        return str(self.books.open(list(owners), depositProduct=product)["id"])

    def seed_transaction(
        self,
        account_id: str,
        cents: int,
        *,
        kind: str = "bookTransaction",
        **attributes: Any,
    ) -> str:
        """Post a transaction without a request, in cents; return its id."""
        details = {"summary": "Opening balance", **attributes}
        return str(self.books.post(account_id, cents, kind, details)["id"])

    def simulate_payment(self, account_id: str, amount: Money) -> str:
        """Post an ACH transfer, in or out; return the transaction's id."""
        row = self.books.accounts.rows.get(account_id)
        if row is None or row["attributes"]["status"] != "Open":
            raise no_open_account(account_id)
        require_funds(amount, row["attributes"]["available"])
        return self.seed_transaction(
            account_id,
            amount.minor_units,
            kind="receivedAchTransaction",
            summary="INVENTED EMPLOYER",
            description="PAYROLL",
            companyName="INVENTED EMPLOYER",
            counterpartyRoutingNumber="812345673",
        )

    def subscribe(self, url: str) -> str:
        """Subscribe a URL to all events without a request, and return the secret."""
        secret = "".join(self.random.choices(ascii_lowercase + digits, k=32))
        self.events.add(
            url=url,
            label="anybank",
            token=secret,
            contentType="JsonAPI",
            deliveryMode="AtLeastOnce",
            subscriptionType="All",
        )
        return secret

    def due(self) -> Sequence[Delivery]:
        """Return the webhook deliveries that are due."""
        return self.events.due()

    def settle(self, delivery: Delivery, status: int | None) -> None:
        """Record the HTTP status of a delivery, None for no response."""
        self.events.settle(delivery, status)

    @property
    def customer_ids(self) -> tuple[str, ...]:
        """The ids of all customers, archived ones included, oldest first."""
        return tuple(self.people.customers.rows)

    @property
    def application_numbers(self) -> tuple[str, ...]:
        """The numbers of all applications, oldest first."""
        return tuple(self.people.applications.rows)

    def _table(self, first: int = 1) -> Table:
        return Table(self.clock, first)

    def _digits(self, count: int) -> str:
        return "".join(self.random.choices("123456789", k=count))


def _word(status: KycStatus) -> str:
    if status not in _STATUSES:
        raise ConfigurationError(f"Unit has no KYC outcome {str(status)!r}")
    return _STATUSES[status]
