"""An app that calls the simulator as it would call Sonder."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import define, field

from anybank.adapter.wire import Request, Response
from anybank_sonder.simulator import SonderSimulator

ADDRESS: dict[str, Any] = {
    "type": "HOME",
    "street": "12 Invented Rd",
    "city": "Reno",
    "state": "NV",
    "zip": "89501",
}
PHONE = {"type": "MOBILE", "number": "212-555-0143"}
PERSON: dict[str, Any] = {
    "socialSecurityNumber": "900-55-0142",
    "dateOfBirth": "1991-02-28",
    "documentLocatorNumber": 204518838,
    "preferredName": "Gracie",
    "firstName": "Grace",
    "middleName": "Bea",
    "lastName": "O'Sample",
    "emails": ["grace@example.com"],
    "phoneNumbers": [PHONE],
    "addresses": [ADDRESS],
}


@define
class App:
    """A simulator with some switches, and the token of an app."""

    switches: dict[str, Any] = field(factory=dict)
    sonder: SonderSimulator = field(init=False)
    headers: dict[str, Any] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.sonder = SonderSimulator(**self.switches)
        self.headers = {"authorization": f"Bearer {self.sonder.credentials['token']}"}

    def call(self, method: str, path: str, body: Any = None, **query: str) -> Response:
        """Send one request with the app's token."""
        return self.sonder(
            Request(
                method=method,
                path="/sandbox" + path,
                query=query,
                headers=self.headers,
                body=body,
            )
        )

    def data(self, method: str, path: str, body: Any = None) -> Any:
        """Return the data of a successful response."""
        answer = self.call(method, path, body)
        assert answer.status == 200, answer.text
        return answer.json()["data"]

    def customer(self, **fields: Any) -> str:
        """Create a customer and return its path."""
        created = self.data("POST", "/customer", {**PERSON, **fields})
        return f"/customer/{created['customerId']}"

    def account(self, *paths: str, **fields: Any) -> str:
        """Create an account of these customers and return its path."""
        owners = [path.rpartition("/")[2] for path in paths]
        body = {"associatedCustomerIds": owners, **ACCOUNT, **fields}
        return f"/account/{self.data('POST', '/account', body)['accountId']}"


ACCOUNT = {"name": "Everyday", "currency": "USD", "type": "CHECKING"}


def refusal(answer: Response) -> tuple[int, str]:
    """Return the status and the message of a refusal in shape A."""
    content = answer.json()
    assert (content["data"], content["success"]) == (None, False)
    assert content["error"]["type"] == "invalid_request"
    assert content["error"]["documentation_url"].startswith("https://")
    return answer.status, content["error"]["message"]


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return a body without some fields."""
    return {name: value for name, value in body.items() if name not in names}


@pytest.fixture
def app() -> App:
    """Return an app with a simulator without switches."""
    return App()
