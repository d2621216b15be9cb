"""The simulator itself: its routes, its door and its parts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from anybank.sandbox.simulator import NotJson, Route, Simulator
from anybank.wire import Request, Response

from .addresses import Addresses
from .customers import Customers, find_customer
from .errors import Refused, no_such_url, refused
from .keys import Keys
from .records import Customer
from .switches import BondSwitches
from .world import Key, World

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
    """Route the methods of a path to the handlers of a part."""
    return tuple(
        Route(method, path, f"{part}.{handler}") for method, handler in handlers.items()
    )


_CUSTOMER = "/customers/{customer_id}"


class BondSimulator(Simulator):
    """Bond in memory, as its pages describe it, by the switches of BondSwitches."""

    base_path = "/api/v0.1"
    credentials: ClassVar = {
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
        self.customers = Customers(self.world, self._customer_changed)
        self.addresses = Addresses(self.world, self._find, self.customers.change)
        self.brand_id = self.uuid()
        self.world.keys[self.credentials["identity"]] = Key(
            self.brand_id, self.credentials["authorization"]
        )

    def __call__(self, request: Request) -> Response:
        """Answer one request, after what has happened since the last one."""
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
        """Refuse a path that is not there, or a method that it has not."""
        raise no_such_url(known=known)

    def seed_brand(self) -> dict[str, str]:
        """Make another brand and return the credentials of its key."""
        identity, secret = self.uuid(), self.world.base64(64)
        self.world.keys[identity] = Key(self.uuid(), secret)
        return {"identity": identity, "authorization": secret}

    def seed_customer(self, **fields: Any) -> str:
        """Put a customer in place without a request, and return its id."""
        return self.customers.add({**_PERSON, **fields}, self.brand_id).id

    def _find(self, request: Request, customer_id: str) -> Customer:
        return find_customer(self.world, request, customer_id)

    def _customer_changed(self, customer: Customer) -> None:
        pass
