"""How Acme is examined: `anybank conformance acme` and the tests use it."""

from __future__ import annotations

from typing import Any

from anybank.testing import AdapterConformance

from .adapter import Acme
from .simulator import AcmeSimulator


class AcmeConformance(AdapterConformance):
    """Acme and its simulator."""

    adapter = Acme
    simulator = AcmeSimulator

    def seed(self, kind: str, simulator: Any, bank: Any) -> str | None:  # noqa: ARG002  # the base's
        """Put a person in place, while no operation makes one."""
        if kind != "customer":
            return None
        made: str = simulator.seed_person(
            given="Ada", family="Sample", born="1990-04-01", ssn="XXX-XX-3456"
        )
        return made
