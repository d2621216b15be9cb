"""The simulator: routes, authentication, injected failures and seed data."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from attrs import frozen

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import NotJson, Route, Simulator
from anybank.sensitive import Sensitive

from .accounts import Accounts
from .answers import FAULTS, Refused, failure
from .customers import Customers
from .records import Customer
from .switches import SonderSwitches
from .world import World

_PERSON: dict[str, Any] = {
    "socialSecurityNumber": "900-55-0101",
    "dateOfBirth": "1988-04-17",
    "documentLocatorNumber": 204518837,
    "preferredName": "Mina",
    "firstName": "Wilhelmina",
    "middleName": "Ada",
    "lastName": "Sample",
    "emails": ["mina@example.com"],
    "phoneNumbers": [{"type": "MOBILE", "number": "212-555-0143"}],
    "addresses": [
        {
            "type": "HOME",
            "street": "9 Invented Ct",
            "city": "Albany",
            "state": "NY",
            "zip": "12207",
        }
    ],
}
_ACCOUNT: dict[str, Any] = {"name": "Everyday", "currency": "USD", "type": "CHECKING"}
_TRANSACTION: dict[str, Any] = {
    "internalAccountType": "CHECKING",
    "amount": 12.5,
    "date": "2024-02-29",
    "currency": "USD",
    "originalTransactionDescription": "POS  0042 CORNER SHOP   ALBANY",
    "settlementType": "DEBIT",
}


@frozen
class _Next:
    """A fault for the next request."""

    name: str
    status: int
    committed: bool


class SonderSimulator(Simulator):
    """Sonder in memory, as its pages describe it, configured by SonderSwitches."""

    base_path = "/sandbox"
    # Fixed, so that a sandbox can be configured before it starts.
    credentials: ClassVar[Mapping[str, Any]] = {
        "token": "not-a-secret-sonder-dummy-token"
    }
    routes = (
        Route("POST", "/customer", "customers.create"),
        Route("GET", "/customer/{customer_id}", "customers.get"),
        # row 5: the verb is not shown
        Route("PUT", "/customer/{customer_id}", "customers.update"),
        Route("PATCH", "/customer/{customer_id}", "customers.update"),
        Route("DELETE", "/customer/{customer_id}", "customers.delete"),
        Route("POST", "/account", "accounts.create"),
        Route("GET", "/account/{account_id}", "accounts.get"),
        Route("PUT", "/account/{account_id}", "accounts.update"),
        Route("PATCH", "/account/{account_id}", "accounts.update"),
        Route("DELETE", "/account/{account_id}", "accounts.delete"),
        Route("GET", "/transaction/{transaction_id}", "accounts.transaction"),
    )

    def __init__(
        self,
        *,
        seed: int = 0,
        clock: Callable[[], datetime] | None = None,
        **switches: Any,
    ) -> None:
        super().__init__(seed=seed, clock=clock)
        self.switches = SonderSwitches(**switches)
        self.world = World(self.uuid, self.random, self.switches)
        self.customers = Customers(self.world)
        self.accounts = Accounts(self.world, self.customers)
        self._next: deque[_Next] = deque()

    def __call__(self, request: Request) -> Response:
        """Answer one request, or return the next injected failure."""
        fault = self._next.popleft() if self._next else None
        if fault is None:
            return self._answer(request)
        # The failure after the effect: the response is lost, and the outcome is
        # unknown.
        if fault.committed:
            self._answer(request)
        return FAULTS[fault.name](self.uuid(), fault.status)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def _answer(self, request: Request) -> Response:
        try:
            return super().__call__(request)
        except Refused as refused:
            return failure(self.uuid(), refused)
        except NotJson:
            return failure(self.uuid(), Refused(400, "the body is not JSON"))

    def admit(self, request: Request) -> Response | None:
        """Refuse a request without the token (§3, §11)."""
        sent = request.headers.get("authorization", "")
        shown = str(sent.reveal()) if isinstance(sent, Sensitive) else sent
        if shown != f"Bearer {self.credentials['token']}":
            raise Refused(401, "a bearer token of this environment is required")
        return None

    def no_route(self, request: Request, *, known: bool) -> Response:  # noqa: ARG002  # the base's signature
        """Refuse an unknown path, or an unknown method of a path (§11)."""
        if known:
            raise Refused(405, "the method is not allowed here")
        raise Refused(404, "no such path")

    def fail_next(
        self, shape: str = "enveloped", *, status: int = 500, committed: bool = False
    ) -> None:
        """Let one more request fail, in a shape of `answers.FAULTS`.

        `committed` performs the request first. The shapes that look like a success keep
        their status 200.
        """
        if shape not in FAULTS:
            raise ValueError(f"no such fault: {shape}; known are {', '.join(FAULTS)}")
        self._next.append(_Next(shape, status, committed))

    def seed_customer(self, **fields: Any) -> str:
        """Create a customer without a request, and return the id.

        The fields are Sonder's and are not validated; an undocumented field is returned
        too, as `restrictions` might be, which "Customers" mentions without a field.
        """
        return self.customers.add({**_PERSON, **fields}).id

    def seed_account(self, customer_ids: Iterable[str], **fields: Any) -> str:
        """Create an account of these customers, and return the id."""
        return self.accounts.add(list(customer_ids), {**_ACCOUNT, **fields}).id

    def seed_transaction(self, account_id: str, **fields: Any) -> str:
        """Create a transaction on an account, and return the id."""
        return self.accounts.attach(account_id, {**_TRANSACTION, **fields})

    def stored(self, customer_id: str) -> Customer:
        """Return the stored customer, with the two secrets masked."""
        return self.customers.find(customer_id)

    @property
    def customer_ids(self) -> tuple[str, ...]:
        """The ids of all customers, oldest first; Sonder has no such list."""
        return tuple(self.world.customers)
