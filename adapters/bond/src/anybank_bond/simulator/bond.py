"""The simulator: routes, authentication and resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from anybank.adapter.wire import Request, Response
from anybank.errors import ConfigurationError
from anybank.model.credit import ApplicationStatus
from anybank.model.kyc import KycStatus
from anybank.model.money import Money
from anybank.sandbox.simulator import (
    NotJson,
    Route,
    Simulator,
    no_open_account,
    require_funds,
)

from .accounts import Account, Accounts
from .addresses import Addresses
from .checks import Checks
from .credit import DECISIONS, Credit
from .customers import Customers, find_customer
from .errors import Refused, no_such_url, refused
from .events import NAMES
from .keys import Keys
from .kyc import Kyc
from .ledger import STATES, Ledger
from .outbox import Delivery, Outbox
from .records import Customer
from .stamps import offset
from .subscriptions import Subscriptions
from .switches import BondSwitches
from .triggers import BY_STATUS, Outcome
from .views import in_event
from .world import Key, World

PROGRAM = "66666666-6666-4666-8666-666666666666"
"""The program of seed data that names none."""
_KYC_WORDS = {KycStatus.DOCUMENTS_REQUIRED: "document_required"}
_PERSON: dict[str, Any] = {
    "dob": "1990-04-01",
    "first_name": "Ada",
    "last_name": "Sample",
    "phone": "555-010-2000",
    "phone_country_code": "1",
    "email": "ada@example.com",
    "addresses": [
        {
            "address_type": "PHYSICAL",
            "street": "1 Test St.",
            "city": "Reno",
            "state": "NV",
            "zip_code": "89501",
            "country": "US",
            "is_primary": True,
        }
    ],
}


def _resource(path: str, part: str, **handlers: str) -> tuple[Route, ...]:
    """Return the routes of a path to the handlers of a resource."""
    return tuple(
        Route(method, path, f"{part}.{handler}") for method, handler in handlers.items()
    )


_CUSTOMER = "/customers/{customer_id}"
_APPLICATION = "/credit/applications/{application_id}"


def _check_state(state: str) -> None:
    if state not in STATES:
        raise ValueError(f"no such state: {state} (there are {', '.join(STATES)})")


class BondSimulator(Simulator):
    """Bond in memory, as its pages describe it, configured by BondSwitches."""

    base_path = "/api/v0.1"
    # Fixed, so that a sandbox can be configured before it starts. The secret has the
    # length and the alphabet of Bond's, and spells out that it is
    # a dummy.
    credentials: ClassVar[Mapping[str, Any]] = {
        "identity": "11111111-aaaa-4aaa-8aaa-111111111111",
        "authorization": "NotASecret/" + "Dummy+" * 8 + "Dummy",
    }
    routes = (
        # row 31: with and without the slash, and no redirect
        *_resource("/customers", "customers", GET="list", POST="create"),
        *_resource("/customers/", "customers", GET="list", POST="create"),
        *_resource(_CUSTOMER, "customers", GET="get", PATCH="update", DELETE="delete"),
        *_resource(_CUSTOMER + "/addresses", "addresses", GET="list", POST="create"),
        *_resource(
            _CUSTOMER + "/addresses/{address_id}",
            "addresses",
            GET="get",
            PATCH="update",
            DELETE="delete",
        ),
        *_resource(_CUSTOMER + "/verification-kyc", "kyc", GET="get", POST="start"),
        *_resource(
            _CUSTOMER + "/verification-kyc/documents", "kyc", POST="send_documents"
        ),
        # "Trigger KYC scenarios": calls of the sandbox alone.
        # https://docs.bond.tech/docs/trigger-kyc-scenarios
        *_resource("/simulate/kyc-pass", "kyc", POST="simulate_pass"),
        *_resource("/simulate/kyc-fail", "kyc", POST="simulate_fail"),
        *_resource("/credit/applications", "credit", GET="list", POST="create"),
        *_resource(_APPLICATION, "credit", GET="get", PATCH="update"),
        *_resource(_APPLICATION + "/submit", "credit", POST="submit"),
        *_resource(_APPLICATION + "/adverse-actions", "credit", GET="adverse_actions"),
        *_resource("/webhooks", "subscriptions", GET="list", POST="create"),
        *_resource(
            "/webhooks/{webhook_id}", "subscriptions", PATCH="update", DELETE="delete"
        ),
        *_resource("/accounts", "accounts", GET="list", POST="create"),
        *_resource(
            "/accounts/{account_id}",
            "accounts",
            GET="get",
            PATCH="update",
            DELETE="close",
        ),
        *_resource("/transactions", "ledger", GET="list"),
        *_resource("/transactions/{transaction_id}", "ledger", GET="get"),
        *_resource("/auth/key/temporary", "keys", POST="lend"),
        *_resource("/auth/key/{identity}", "keys", GET="check"),
    )

    def __init__(
        self,
        *,
        seed: int = 0,
        clock: Callable[[], datetime] | None = None,
        **switches: Any,
    ) -> None:
        super().__init__(seed=seed, clock=clock)
        self.switches = BondSwitches(**switches)
        self.world = World(self.clock, self.uuid, self.random, self.switches)
        self.keys = Keys(self.world)
        self.outbox = Outbox(self.world)
        self.subscriptions = Subscriptions(self.world, self.outbox)
        self.customers = Customers(self.world, self._customer_changed)
        self.addresses = Addresses(self.world, self._find, self.customers.change)
        self.checks = Checks(self.world, self.outbox.emit)
        self.kyc = Kyc(self.world, self.checks)
        self.ledger = Ledger(self.world, self.outbox.emit)
        self.accounts = Accounts(self.world, self.ledger)
        self.credit = Credit(self.world, self.checks, self.accounts, self.outbox.emit)
        # A decided check decides the credit applications that wait for it. Credit needs
        # the checks to start one, so the checks learn of Credit by this call and not by
        # an import.
        self.checks.listeners.append(self.credit.decided)
        self.brand_id = self.uuid()
        self.world.keys[self.credentials["identity"]] = Key(
            self.brand_id, self.credentials["authorization"]
        )

    def __call__(self, request: Request) -> Response:
        """Answer one request, after all decisions that have fallen due."""
        # Time passes between requests only: whatever fell due is decided first, so a
        # request sees the state that it would see at Bond.
        self.checks.catch_up()
        try:
            return super().__call__(request)
        except Refused as refusal:
            return refusal.response
        except NotJson:
            return refused(400, "invalid_request", "The body is not JSON.").response

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def admit(self, request: Request) -> Response | None:
        """Refuse a request without a known key."""
        self.keys.admit(request)
        return None

    def no_route(self, request: Request, *, known: bool) -> Response:  # noqa: ARG002  # the base's signature
        """Refuse an unknown path, or an unknown method of a path."""
        raise no_such_url(known=known)

    def seed_brand(self) -> dict[str, str]:
        """Create another brand and return the credentials of its key."""
        identity, secret = self.uuid(), self.world.base64(64)
        self.world.keys[identity] = Key(self.uuid(), secret)
        return {"identity": identity, "authorization": secret}

    def seed_customer(
        self, *, kyc: str | None = None, program_id: str = PROGRAM, **fields: Any
    ) -> str:
        """Create a customer without a request, and return the id.

        Absent fields get the values of an invented person; an absent SSN stays absent.
        Nothing is validated, because a vendor also holds customers whose data it would
        reject today (row 20). `kyc` is the status of a check that is stored with the
        customer, without an event.
        """
        customer = self.customers.add({**_PERSON, **fields}, self.brand_id)
        if kyc:
            self.checks.force(customer, program_id, BY_STATUS[kyc], notify=False)
        return customer.id

    def seed_account(self, customer_id: str, type: str = "deposit") -> str:
        """Open an account of a customer without a request, and return its id."""
        customer = self._customer(customer_id)
        return self.accounts.open(customer.brand_id, customer.id, PROGRAM, type).id

    def seed_transaction(
        self, account_id: str, amount: int, *, state: str = "completed", **members: Any
    ) -> str:
        """Store a transaction, in cents, in one of Bond's states; return its id.

        `members` are the transaction's `payment_type`, `transaction_type`, `description`
        and `details`; the default is a deposit or a withdrawal by ACH. The state of one
        that is pending changes with `change_transaction`.
        """
        account = self._account(account_id)
        _check_state(state)
        posted = self.ledger.post(
            account, account.customer_id, amount, state=state, **members
        )
        return posted.id

    def change_transaction(self, transaction_id: str, state: str) -> None:
        """Change the state of a transaction, and with it the balance."""
        _check_state(state)
        transaction = self.ledger.table.get(transaction_id)
        if transaction is None:
            raise KeyError(transaction_id)
        self.ledger.change(transaction, state)

    def simulate_payment(self, account_id: str, amount: Money) -> str:
        """Complete an ACH deposit, or a withdrawal; return the id of the transaction."""
        account = self.accounts.table.get(account_id)
        if account is None or account.status != "active":
            raise no_open_account(account_id)
        require_funds(amount, self.ledger.available(account_id))
        return self.seed_transaction(account_id, amount.minor_units)

    def decide_kyc(
        self, customer_id: str, status: str, *, program_id: str = PROGRAM
    ) -> None:
        """Set a check to a status for which the sandbox has no trigger."""
        self._force(customer_id, program_id, BY_STATUS[status])

    def ask_again(
        self, customer_id: str, *fields: str, program_id: str = PROGRAM
    ) -> None:
        """Set a check to request fields again (§4.4)."""
        outcome = Outcome(status="document_required", fields=fields)
        self._force(customer_id, program_id, outcome)

    def choose_kyc(self, status: KycStatus) -> None:
        """Choose the outcome of every check that starts from now on, whatever its SSN."""
        word = _KYC_WORDS.get(status, str(status))
        if word not in BY_STATUS:
            raise ConfigurationError(f"Bond has no KYC outcome {str(status)!r}")
        self.world.choices.kyc = BY_STATUS[word]

    def choose_credit(self, status: ApplicationStatus) -> None:
        """Choose the decision that follows a decided check: approve, deny or resubmit."""
        if status not in DECISIONS:
            raise ConfigurationError(f"Bond has no credit decision {str(status)!r}")
        self.world.choices.credit = str(status)

    def subscribe(self, url: str) -> str:
        """Subscribe a URL to all events without a request, and return the secret."""
        return self.subscriptions.add(self.brand_id, url, NAMES).secret

    def due(self) -> list[Delivery]:
        """Return the webhooks to be sent now, signed at this time."""
        self.checks.catch_up()
        return self.outbox.due()

    def settle(self, delivery: Delivery, status: int | None) -> None:
        """Record the HTTP status of a webhook, None for no response."""
        self.outbox.settle(delivery, status)

    def _force(self, customer_id: str, program_id: str, outcome: Outcome) -> None:
        self.checks.catch_up()
        self.checks.force(self._customer(customer_id), program_id, outcome)

    def _customer(self, customer_id: str) -> Customer:
        customer = self.world.customers.get(customer_id)
        if customer is None:
            raise KeyError(customer_id)
        return customer

    def _account(self, account_id: str) -> Account:
        account = self.accounts.table.get(account_id)
        if account is None:
            raise KeyError(account_id)
        return account

    def _find(self, request: Request, customer_id: str) -> Customer:
        return find_customer(self.world, request, customer_id)

    def _customer_changed(self, customer: Customer) -> None:
        now = self.clock()
        event = {
            "event": "customer.updated",
            "occurred_at": offset(now),
            "details": in_event(customer, self.switches),
        }
        self.outbox.emit(customer.brand_id, event, now)
