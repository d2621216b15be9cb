"""The kit as a class of pytest, and as functions that need no pytest."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from ...adapter.base import Adapter
from ...client import Bank
from ...model.customers import NewCustomer
from .registry import CHECKS, Finding, run_check, run_subject
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
    do not suit; `options` are the adapter's policies. What else can be set is set on a
    subclass of AdapterConformance: `run_subject(TestAcme.subject())`.
    """
    subject = Subject(
        adapter=adapter, simulator=simulator, make_person=customer, options=options
    )
    return run_subject(subject)


class AdapterConformance:
    """The tests of an adapter: subclass it, name the adapter and the simulator.

    class TestAcme(AdapterConformance):
        adapter = Acme
        simulator = AcmeSimulator
    """

    adapter: ClassVar[type[Adapter]]
    simulator: ClassVar[Callable[..., Any]]
    options: ClassVar[Mapping[str, Any]] = {}
    """Policies of the adapter, beyond the simulator's credentials."""
    samples: ClassVar[Mapping[str, Any]] = {}
    """Values that no rule tells, by their place: a program at `StartKyc.program_id`."""
    skips: ClassVar[Mapping[str, str]] = {}
    """The checks that are not made, each with its reason."""
    cassettes: ClassVar[Path | None] = None
    """The directory of all vendors' cassettes."""

    customer: Callable[[], NewCustomer] | None = None
    """Override it as a method where generated customers do not suit."""

    def make_simulator(self) -> Any:
        """Return a fresh simulator; override it where it needs switches."""
        return type(self).simulator()

    def seed(self, kind: str, simulator: Any, bank: Bank) -> str | None:  # noqa: ARG002  # for those who override it
        """Put in place what no operation makes, and return its id; None where you cannot.

        `kind` is "customer", "verified_customer", "address", "account", "transaction",
        "application", "denied_application" or "subscription".
        """
        return None

    @classmethod
    def subject(cls) -> Subject:
        """Return what is examined: made once, for its people are costly."""
        kept = cls.__dict__.get("_subject")
        if not isinstance(kept, Subject):
            settings = cls()
            kept = Subject(
                adapter=cls.adapter,
                simulator=settings.make_simulator,
                make_person=settings.customer,
                options=cls.options,
                examples=int(os.environ.get(EXAMPLES, "6")),
                samples=cls.samples,
                skips=cls.skips,
                cassettes=cls.cassettes,
                seed=settings.seed,
            )
            cls._subject = kept  # type: ignore[attr-defined] # kept on each subclass
        return kept

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Make a test of every check; pytest calls this."""
        if "check" in metafunc.fixturenames:
            metafunc.parametrize("check", list(CHECKS))

    def test_conforms(self, check: str) -> None:
        """The adapter does what it declares."""
        import pytest  # noqa: PLC0415  # the kit itself runs without it

        finding = run_check(self.subject(), check)
        if finding.skipped:
            pytest.skip(finding.skipped)
        if not finding.passed:
            pytest.fail(finding.message, pytrace=False)
