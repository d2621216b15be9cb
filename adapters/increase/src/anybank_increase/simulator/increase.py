"""The simulator: routes, authentication, injected failures and seed data."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
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

from .accounts import Accounts
from .entities import Entities, Entity
from .events import Delivery, Events
from .files import Files
from .ledger import Ledger
from .problems import KINDS, Refused
from .switches import IncreaseSwitches
from .tables import Table
from .transfers import Transfers

_PERSON: dict[str, Any] = {
    "name": "Wilhelmina Ada Sample",
    "date_of_birth": "1988-04-17",
    "identification": {"method": "social_security_number", "number": "900550101"},
    "address": {
        "line1": "9 Invented Ct",
        "city": "Albany",
        "state": "NY",
        "zip": "12207",
        "country": "US",
    },
}
_SHARE: dict[str, Any] = {
    "name": "Ada Sample",
    "date_of_birth": "1988-04-17",
    "address": {**_PERSON["address"], "line2": None},
    "identification": {"method": "social_security_number", "number_last4": "0101"},
}
_ISSUES: Mapping[KycStatus, list[str] | None] = {
    KycStatus.SUBMITTED: None,
    KycStatus.PASSED: [],
    KycStatus.DOCUMENTS_REQUIRED: ["entity_tax_identifier"],
}
"""The issues of a validation, by its outcome; None leaves it pending."""


class IncreaseSimulator(Simulator):
    """Increase in memory, as its OpenAPI document describes it, with IncreaseSwitches."""

    # Fixed, so that a sandbox can be configured before it starts.
    credentials: ClassVar[Mapping[str, Any]] = {
        "api_key": "not-a-secret-increase-dummy-key"
    }
    routes = (
        Route("POST", "/entities", "entities.create"),
        Route("GET", "/entities", "entities.list"),
        Route("GET", "/entities/{entity_id}", "entities.get"),
        Route("PATCH", "/entities/{entity_id}", "entities.update"),
        Route("POST", "/entities/{entity_id}/archive", "entities.archive"),
        Route(
            "POST",
            "/simulations/entities/{entity_id}/update_validation",
            "entities.simulate",
        ),
        Route("POST", "/accounts", "accounts.create"),
        Route("GET", "/accounts", "accounts.list"),
        Route("GET", "/accounts/{account_id}", "accounts.get"),
        Route("PATCH", "/accounts/{account_id}", "accounts.update"),
        Route("GET", "/accounts/{account_id}/balance", "accounts.balance"),
        Route("POST", "/accounts/{account_id}/close", "accounts.close"),
        Route("POST", "/account_numbers", "accounts.create_number"),
        Route("GET", "/account_numbers", "accounts.list_numbers"),
        Route("GET", "/account_numbers/{number_id}", "accounts.get_number"),
        Route("PATCH", "/account_numbers/{number_id}", "accounts.update_number"),
        Route("POST", "/external_accounts", "accounts.create_external"),
        Route("GET", "/external_accounts", "accounts.list_external"),
        Route("GET", "/external_accounts/{external_id}", "accounts.get_external"),
        Route("PATCH", "/external_accounts/{external_id}", "accounts.update_external"),
        Route("POST", "/account_transfers", "transfers.create"),
        Route("GET", "/account_transfers", "transfers.list"),
        Route("GET", "/account_transfers/{transfer_id}", "transfers.get"),
        Route("POST", "/account_transfers/{transfer_id}/approve", "transfers.approve"),
        Route("POST", "/account_transfers/{transfer_id}/cancel", "transfers.cancel"),
        Route("GET", "/inbound_ach_transfers", "ledger.list_inbound_ach"),
        Route("GET", "/inbound_ach_transfers/{transfer_id}", "ledger.get_inbound_ach"),
        Route("GET", "/transactions", "ledger.list"),
        Route("GET", "/transactions/{transaction_id}", "ledger.get"),
        Route("POST", "/pending_transactions", "ledger.hold"),
        Route("GET", "/pending_transactions", "ledger.list_pending"),
        Route("GET", "/pending_transactions/{pending_id}", "ledger.get_pending"),
        Route("POST", "/pending_transactions/{pending_id}/release", "ledger.release"),
        Route(
            "POST",
            "/simulations/inbound_ach_transfers",
            "ledger.simulate_inbound_ach",
        ),
        Route("GET", "/events", "events.list"),
        Route("GET", "/events/{event_id}", "events.get"),
        Route("POST", "/event_subscriptions", "events.subscribe"),
        Route("GET", "/event_subscriptions", "events.list_subscriptions"),
        Route(
            "GET",
            "/event_subscriptions/{subscription_id}",
            "events.get_subscription",
        ),
        Route(
            "PATCH",
            "/event_subscriptions/{subscription_id}",
            "events.update_subscription",
        ),
        Route("POST", "/files", "files.create"),
        Route("GET", "/files", "files.list"),
        Route("GET", "/files/{file_id}", "files.get"),
        Route("GET", "/files/{file_id}/contents", "files.download"),
        Route("POST", "/entity_supplemental_documents", "files.attach"),
        Route("GET", "/entity_supplemental_documents", "files.list_documents"),
    )

    def __init__(
        self,
        *,
        seed: int = 0,
        clock: Callable[[], datetime] | None = None,
        **switches: Any,
    ) -> None:
        super().__init__(seed=seed, clock=clock)
        self.switches = IncreaseSwitches(**switches)
        self.events = Events(
            self._table("event"), self._table("event_subscription"), self._secret
        )
        emit = self.events.emit
        self.entities = Entities(self._entity_id, self.clock, self.switches, emit)
        accounts, numbers = self._table("account"), self._table("account_number")
        self.ledger = Ledger(
            self._table("transaction"),
            self._table("pending_transaction"),
            self._table("inbound_ach_transfer"),
            accounts,
            numbers,
            self._digits,
            emit,
        )
        self.transfers = Transfers(self._table("account_transfer"), self.ledger)
        self.accounts = Accounts(
            accounts,
            numbers,
            self._table("external_account"),
            self.entities,
            self.ledger,
            self._digits,
            emit,
        )
        self.files = Files(
            self._table("file"),
            self._table("entity_supplemental_document", shows_id=False),
            self.entities,
            emit,
        )
        self._next: deque[tuple[str, bool, dict[str, Any]]] = deque()

    def __call__(self, request: Request) -> Response:
        """Answer one request, or return the next injected failure."""
        if not self._next:
            return self._answer(request)
        kind, committed, more = self._next.popleft()
        # The failure after the effect: the response is lost, and the client has an
        # unknown outcome to resolve.
        if committed:
            self._answer(request)
        return Refused(kind, **more).answer()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def _answer(self, request: Request) -> Response:
        try:
            return super().__call__(request)
        except Refused as refused:
            return refused.answer()
        except NotJson:
            return Refused("malformed_request_error").answer()

    def admit(self, request: Request) -> Response | None:
        """Refuse a request without the key."""
        sent = request.headers.get("authorization")
        shown = str(sent.reveal()) if isinstance(sent, Sensitive) else sent
        if shown is None:
            raise Refused("invalid_api_key_error", reason="no_header")
        if shown != f"Bearer {self.credentials['api_key']}":
            raise Refused("invalid_api_key_error", reason="no_credential")
        return None

    def no_route(self, request: Request, *, known: bool) -> Response:  # noqa: ARG002  # the base's signature
        """Refuse an unknown path or method."""
        raise Refused("api_method_not_found_error")

    def fail_next(self, kind: str, *, committed: bool = False, **more: Any) -> None:
        """Let one more request fail with a problem of the OpenAPI document.

        `committed` performs the request first. `more` holds further members of the problem:
        `retry_after=2`.
        """
        if kind not in KINDS:
            raise ValueError(f"no such problem: {kind}; known are {', '.join(KINDS)}")
        self._next.append((kind, committed, more))

    def seed_entity(self, **person: Any) -> str:
        """Create a natural person without a request, and return the id."""
        fields = {**_PERSON, **person}
        body = {"structure": "natural_person", "natural_person": fields}
        return self.entities.add(body).id

    def seed_joint(self, name: str = "Ada Sample and Bea Sample") -> str:
        """Create a joint entity, which is not a natural person, and return the id."""
        other = {**_SHARE, "name": "Bea Sample"}
        joint = {"name": name, "individuals": [_SHARE, other]}
        return self.entities.add_other("joint", joint).id

    def seed_account(self, entity_id: str, **members: Any) -> str:
        """Open an account of an entity without a request, and return its id."""
        account = {"name": "Everyday", "entity_id": entity_id, **members}
        return str(self.accounts.open(**account)["id"])

    def seed_transaction(
        self, account_id: str, amount: int, *, description: str = "Opening balance"
    ) -> str:
        """Post a transaction without a request, in cents; return its id."""
        posted = self.ledger.post(account_id, amount, description=description)
        return str(posted["id"])

    def simulate_payment(self, account_id: str, amount: Money) -> str:
        """Post an ACH transfer, in by an account number or out; return the transaction's id."""
        account = self.accounts.table.rows.get(account_id)
        if account is None or account["status"] != "open":
            raise no_open_account(account_id)
        held = self.ledger.held(account_id)
        require_funds(amount, self.ledger.current(account_id) + held)
        if amount.minor_units < 0:
            return str(self.ledger.send(account_id, amount.minor_units)["id"])
        number = self.accounts.active_number(account_id)
        if number is None:
            raise ConfigurationError(f"{account_id} has no active account number")
        return str(self.ledger.receive(number, amount.minor_units)["id"])

    def choose_kyc(self, status: KycStatus) -> None:
        """Choose the outcome of the validation of every entity that is created."""
        if status not in _ISSUES:
            raise ConfigurationError(f"Increase has no KYC outcome {str(status)!r}")
        self.entities.chosen_issues = _ISSUES[status]

    def subscribe(self, url: str) -> str:
        """Subscribe a URL to all events without a request, and return the secret."""
        subscription = self.events.add(url=url)
        return str(self.events.secrets[subscription["id"]].reveal())

    def due(self) -> Sequence[Delivery]:
        """Return the webhook deliveries that are due."""
        return self.events.due()

    def settle(self, delivery: Delivery, status: int | None) -> None:
        """Record the HTTP status of a delivery, None for no response."""
        self.events.settle(delivery, status)

    def stored(self, entity_id: str) -> Entity:
        """Return the stored entity."""
        return self.entities.find(entity_id)

    @property
    def entity_ids(self) -> tuple[str, ...]:
        """The ids of all entities, archived ones included, oldest first."""
        return tuple(self.entities.by_id)

    def _entity_id(self) -> str:
        return self._id("entity")

    def _id(self, kind: str) -> str:
        tail = self.random.choices(ascii_lowercase + digits, k=20)
        return f"{kind}_{''.join(tail)}"

    def _digits(self, count: int) -> str:
        return "".join(self.random.choices(digits, k=count))

    def _secret(self) -> str:
        return "".join(self.random.choices(ascii_lowercase + digits, k=32))

    def _table(self, kind: str, *, shows_id: bool = True) -> Table:
        return Table(kind, self._id, self.clock, shows_id=shows_id)
