"""The example app on FastAPI, tested as its reader would test it: with `anybank_sandbox`."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.fakes import james

from anybank import KycStatus, to_dict

if TYPE_CHECKING:
    from anybank.testing.sandbox import Sandbox, SandboxFactory

EXAMPLE = Path(__file__).parents[2] / "docs/examples/fastapi_app.py"
PROGRAM = "b50063df-0b39-43f7-9458-25b08a75d42a"
SIGN_UP = to_dict(james(), reveal=True)


def load() -> Any:
    """Import the example from its file."""
    spec = importlib.util.spec_from_file_location("fastapi_app", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class App:
    """The app over a sandbox, which delivers to the app's endpoint."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        secret = sandbox.deliver_to(self.receive)
        app = load().create_app(sandbox.async_bank, secret, PROGRAM)
        transport = httpx.ASGITransport(app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://app")

    async def receive(self, headers: Mapping[str, str], body: bytes) -> int:
        path = "/webhooks/bond"
        return (await self.client.post(path, headers=headers, content=body)).status_code

    async def sign_up(self, **changes: Any) -> httpx.Response:
        return await self.client.post("/customers", json={**SIGN_UP, **changes})

    async def kyc(self, customer_id: str) -> str:
        answer = await self.client.get(f"/customers/{customer_id}")
        return str(answer.json()["kyc"])


@pytest.mark.parametrize("outcome", [KycStatus.PASSED, KycStatus.FAILED])
def test_a_customer_signs_up_and_the_app_learns_the_outcome(
    anybank_sandbox: SandboxFactory, outcome: KycStatus
) -> None:
    """The outcome reaches the app as a signed delivery, even if it comes twice."""
    twice = {"duplicate_deliveries": True}
    app = App(anybank_sandbox("bond", kyc=outcome, switches=twice))

    async def story() -> str:
        answer = await app.sign_up()
        assert answer.status_code == 201, answer.text
        assert await app.sandbox.deliver_async() == [200] * 4
        return await app.kyc(answer.json()["id"])

    assert asyncio.run(story()) == f"kyc_{outcome}"


def test_a_lost_response_creates_one_customer(anybank_sandbox: SandboxFactory) -> None:
    """The app looks for the customer instead of creating a second one."""
    app = App(anybank_sandbox("bond"))
    app.sandbox.faults.schedule("lost")
    answer = asyncio.run(app.sign_up())
    assert answer.status_code == 201, answer.text
    (customer,) = app.sandbox.bank.customers.list()
    assert customer.id == answer.json()["id"]


def test_a_customer_whom_the_bank_rejects_gets_422(
    anybank_sandbox: SandboxFactory,
) -> None:
    """The response names the field, and nothing is sent to the bank."""
    app = App(anybank_sandbox("bond"))
    answer = asyncio.run(app.sign_up(addresses=[]))
    assert answer.status_code == 422, answer.text
    assert list(app.sandbox.bank.customers.list()) == []


def test_a_forged_delivery_gets_400(anybank_sandbox: SandboxFactory) -> None:
    """Anybody may post to the endpoint; only the bank's events count."""
    app = App(anybank_sandbox("bond"))
    assert asyncio.run(app.receive({}, b"{}")) == 400
