"""The conformance test of Sonder, for `anybank conformance sonder` and the tests."""

from __future__ import annotations

from typing import Any

from anybank.testing import AdapterConformance

from .adapter import Sonder
from .simulator import SonderSimulator


class SonderConformance(AdapterConformance):
    """Sonder and its simulator, with a transaction that no operation creates."""

    adapter = Sonder
    simulator = SonderSimulator

    def seed(self, kind: str, simulator: Any, bank: Any) -> str | None:  # noqa: ARG002  # the base's signature
        """Create a transaction: "Transactions" shows no operation that does."""
        if kind != "transaction":
            return None
        account = simulator.seed_account([simulator.seed_customer()])
        transaction: str = simulator.seed_transaction(account)
        return transaction
