"""Increase's conformance tests: `anybank conformance increase`."""

from __future__ import annotations

from typing import Any

from anybank.testing import AdapterConformance, SignedDelivery

from .adapter import Increase
from .simulator import IncreaseSimulator

# The example of the reference implementation of Standard Webhooks, whose libraries test
# themselves with it: https://github.com/standard-webhooks/standard-webhooks
_PRINTED = SignedDelivery(
    secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",  # noqa: S106  # printed there
    headers={
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    body=b'{"test": 2432232314}',
)


class IncreaseConformance(AdapterConformance):
    """Increase and its simulator, with an account at another bank and a transaction."""

    adapter = Increase
    simulator = IncreaseSimulator
    samples = {  # noqa: RUF012  # never mutated
        "webhooks.verify": (_PRINTED,),
        "NewWebhookSubscription.events": ["entity.created", "account.created"],
    }

    def seed(self, kind: str, simulator: Any, bank: Any) -> str | None:  # noqa: ARG002  # the kit's signature
        """Create an external account, a transaction or an event."""
        if kind == "event":
            simulator.events.emit("group.heartbeat", {"id": "group_1", "type": "group"})
            return str(next(reversed(simulator.events.table.rows)))
        if kind == "transaction":
            account = simulator.seed_account(simulator.seed_entity())
            return str(simulator.seed_transaction(account, 12_345))
        if kind != "external_account":
            return None
        stored = simulator.accounts.add_external(
            routing_number="101050001",
            account_number="987654321",
            description="Landlord",
        )
        return str(stored["id"])
