"""How Sonder is examined: `anybank conformance sonder` and the tests use it."""

from __future__ import annotations

from typing import Any

from anybank.testing import AdapterConformance

from .adapter import Sonder
from .simulator import SonderSimulator


class SonderConformance(AdapterConformance):
    """Sonder and its simulator, with what no operation of Sonder's makes."""

    adapter = Sonder
    simulator = SonderSimulator

    def seed(self, kind: str, simulator: Any, bank: Any) -> str | None:  # noqa: ARG002  # the base's signature
        """Put a transaction in place: the page shows no operation that makes one."""
        if kind != "transaction":
            return None
        account = simulator.seed_account([simulator.seed_customer()])
        made: str = simulator.seed_transaction(account)
        return made
