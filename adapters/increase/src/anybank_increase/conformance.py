"""Increase's conformance tests: `anybank conformance increase`."""

from __future__ import annotations

from typing import Any

from anybank.testing import AdapterConformance

from .adapter import Increase
from .simulator import IncreaseSimulator


class IncreaseConformance(AdapterConformance):
    """Increase and its simulator, with an account at another bank."""

    adapter = Increase
    simulator = IncreaseSimulator

    def seed(self, kind: str, simulator: Any, bank: Any) -> str | None:  # noqa: ARG002  # the kit's signature
        """Store an account at another bank, which no operation of anybank creates."""
        if kind != "external_account":
            return None
        stored = simulator.accounts.add_external(
            routing_number="101050001",
            account_number="987654321",
            description="Landlord",
        )
        return str(stored["id"])
