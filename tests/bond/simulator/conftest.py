"""An app that calls the simulator as it would call Bond."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import define, field

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import Clock
from anybank_bond.simulator import PROGRAM, BondSimulator

__all__ = ["ADDRESS", "MAILING", "PERSON", "PROGRAM", "App", "without"]

ADDRESS: dict[str, Any] = {
    "address_type": "PHYSICAL",
    "street": "12 Invented Rd.",
    "street2": "Apt 3",
    "city": "Reno",
    "state": "NV",
    "zip_code": "89501-1234",
    "country": "US",
    "is_primary": True,
}
MAILING = {**ADDRESS, "address_type": "MAILING", "is_primary": False}
PERSON: dict[str, Any] = {
    "dob": "1991-02-28",
    "first_name": "Grace",
    "last_name": "O'Sample",
    "ssn": "123-45-6789",
    "phone": "555-010-3000",
    "phone_country_code": "1",
    "email": "grace@example.com",
    "addresses": [ADDRESS],
}


@define
class App:
    """A simulator with a clock, and the credentials of an app."""

    clock: Clock = field(factory=Clock)
    switches: dict[str, Any] = field(factory=dict)
    bond: BondSimulator = field(init=False)
    credentials: dict[str, str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.bond = BondSimulator(clock=self.clock, **self.switches)
        self.credentials = dict(self.bond.credentials)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        **query: str | int,
    ) -> Response:
        """Send one request with the app's credentials."""
        request = Request(
            method=method,
            path="/api/v0.1" + path,
            query=query,
            headers={**self.credentials, **(headers or {})},
            body=body,
        )
        return self.bond(request)

    def customer(self, **fields: Any) -> dict[str, Any]:
        """Create a customer and return the response."""
        answer = self.call("POST", "/customers/", {**PERSON, **fields})
        assert answer.status == 201, answer.text
        return answer.json()  # type: ignore[no-any-return]

    def start_kyc(self, customer_id: str, **fields: Any) -> Response:
        """Start a KYC check for the program of the tests."""
        body = {"program_id": PROGRAM, **fields}
        return self.call("POST", f"/customers/{customer_id}/verification-kyc", body)

    def kyc(self, customer_id: str) -> Response:
        """Read the KYC of a customer."""
        path = f"/customers/{customer_id}/verification-kyc"
        return self.call("GET", path, program_id=PROGRAM)

    def subscribe(self, *events: str) -> dict[str, Any]:
        """Subscribe to events and return the subscription."""
        body = {"url": "https://hooks.example.com/bond", "events": list(events)}
        answer = self.call("POST", "/webhooks", body)
        assert answer.status == 200, answer.text
        return answer.json()["webhook_subscription"]  # type: ignore[no-any-return]

    def events(self) -> list[dict[str, Any]]:
        """Return the events that have a name, and settle all deliveries."""
        return [event for event in self.delivered() if "event" in event]

    def delivered(self) -> list[dict[str, Any]]:
        """Return the deliveries that are due, and settle them."""
        deliveries = self.bond.due()
        for delivery in deliveries:
            self.bond.settle(delivery, 200)
        return [json.loads(delivery.body) for delivery in deliveries]


@pytest.fixture
def app() -> App:
    """Return an app with a simulator without switches."""
    return App()


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return a body without some of its fields."""
    return {name: value for name, value in body.items() if name not in names}
