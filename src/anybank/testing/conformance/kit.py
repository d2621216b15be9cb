"""The kit as a class of pytest, and as a function."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest

from ...adapter import Adapter
from ...model.customers import NewCustomer
from .registry import CHECKS, Finding, run_check
from .subject import Subject

EXAMPLES = "ANYBANK_CONFORMANCE_EXAMPLES"
"""The environment variable that sets how many people are generated."""


def run(
    adapter: type[Adapter],
    simulator: Callable[[], Any],
    *,
    customer: Callable[[], NewCustomer] | None = None,
    **options: Any,
) -> list[Finding]:
    """Run every check on an adapter and its simulator.

    `simulator` makes a fresh one at each call; `customer` a person where generated ones
    do not suit; `options` are the adapter's policies.
    """
    subject = Subject(
        adapter=adapter, simulator=simulator, make_person=customer, options=options
    )
    return [run_check(subject, name) for name in CHECKS]


class AdapterConformance:
    """The tests of an adapter: subclass it, name the adapter and the simulator.

    class TestAcme(AdapterConformance):
        adapter = Acme
        simulator = AcmeSimulator
    """

    adapter: ClassVar[type[Adapter]]
    simulator: ClassVar[Callable[..., Any]]
    options: ClassVar[Mapping[str, Any]] = {}
    examined: ClassVar[Subject | None] = None

    customer: Callable[[], NewCustomer] | None = None
    """Override it as a method where generated customers do not suit."""

    def make_simulator(self) -> Any:
        """Return a fresh simulator; override it where it needs switches."""
        return type(self).simulator()

    def subject(self) -> Subject:
        """Return what is examined: made once, for its people are costly."""
        kept = type(self).__dict__.get("examined")
        if not isinstance(kept, Subject):
            kept = Subject(
                adapter=self.adapter,
                simulator=self.make_simulator,
                make_person=self.customer,
                options=self.options,
                examples=int(os.environ.get(EXAMPLES, "6")),
            )
            type(self).examined = kept
        return kept

    @pytest.mark.parametrize("check", list(CHECKS))
    def test_conforms(self, check: str) -> None:
        """The adapter does what it declares."""
        finding = run_check(self.subject(), check)
        if finding.skipped:
            pytest.skip(finding.skipped)
        if not finding.passed:
            pytest.fail(finding.message, pytrace=False)
