"""The conformance kit as a pytest class, and as a function that needs no pytest."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from ...adapter.base import Adapter
from ...client import Bank
from ...model.customers import NewCustomer
from ..modes import Mode
from .registry import CHECKS, CheckResult, judge, run_subject
from .runs import RunningMode, reason_to_skip
from .subject import Subject

EXAMPLES = "ANYBANK_CONFORMANCE_EXAMPLES"
"""The environment variable that sets how many customers are generated."""


def run(
    adapter: type[Adapter],
    simulator: Callable[[], Any],
    *,
    customer: Callable[[], NewCustomer] | None = None,
    **options: Any,
) -> list[CheckResult]:
    """Run every check on an adapter over its simulator.

    `simulator` returns a fresh simulator at each call. `customer` returns a customer where
    generated ones do not fit. `options` are the adapter's options. To set anything else,
    subclass AdapterConformance and call `run_subject(TestAcme.subject())`.
    """
    subject = Subject(
        adapter=adapter, simulator=simulator, make_person=customer, options=options
    )
    return run_subject(subject)


class AdapterConformance:
    """The conformance tests of an adapter: subclass it and set both attributes.

    class TestAcme(AdapterConformance):
        adapter = Acme
        simulator = AcmeSimulator
    """

    adapter: ClassVar[type[Adapter]]
    simulator: ClassVar[Callable[..., Any]]
    options: ClassVar[Mapping[str, Any]] = {}
    """Options of the adapter, in addition to the simulator's credentials."""
    samples: ClassVar[Mapping[str, Any]] = {}
    """Values that no rule describes, by their field: `StartKyc.program_id`."""
    skips: ClassVar[Mapping[str, str]] = {}
    """The checks to skip, each with its reason."""
    cassettes: ClassVar[Path | None] = None
    """The directory that holds the cassettes of all vendors."""
    openapi: ClassVar[Path | None] = None
    """The vendor's OpenAPI document in JSON or YAML, with which each exchange is compared."""
    openapi_exceptions: ClassVar[Mapping[str, str]] = {}
    """The places that rightly differ from the document, each with its reason."""
    openapi_values: ClassVar[Mapping[str, Collection[str]]] = {}
    """The words that the adapter reads, by the vendor's member: {"account.status": STATUSES}."""

    mode: ClassVar[Mode] = Mode.SIMULATED
    """What responds: the simulator, the vendor's cassettes, or the vendor's sandbox."""

    customer: Callable[[], NewCustomer] | None = None
    """Override it as a method where generated customers do not fit."""

    def make_simulator(self) -> Any:
        """Return a fresh simulator. Override it where the simulator needs arguments."""
        return type(self).simulator()

    def seed(self, kind: str, simulator: Any, bank: Bank) -> str | None:  # noqa: ARG002  # for those who override it
        """Create a record that no operation creates, and return its id.

        `kind` is "customer", "verified_customer", "address", "account", "account_number",
        "external_account", "transaction", "application", "denied_application", "event",
        "subscription" or "applicant", a customer whose verification waits for a document,
        for vendors where an upload needs one. Return None for a kind that cannot be
        created; the checks that need it are then inapplicable.
        """
        return None

    def seed_for(
        self,
        kind: str,
        owner: str,
        simulator: Any,
        bank: Bank,
    ) -> str | None:
        """Create a record below its owner, and return its id.

        The kit calls it in place of `seed` for records whose listing is declared with
        `requires`: an "account" of the customer *owner*, a "transaction" of the account
        *owner*. Without an override it calls `seed`.
        """
        del owner
        return self.seed(kind, simulator, bank)

    def seed_live(self, kind: str, bank: Bank) -> str | None:  # noqa: ARG002  # for those who override it
        """Create a record in the vendor's sandbox that no operation creates; return its id.

        The kinds are those of `seed`. Use what the sandbox offers, such as
        `bank.request("POST", "/simulations/...")`. Create invented people only, with the
        operations of `bank`, so that a live run removes them again.
        """
        return None

    def seed_expected(self, simulator: Any, bank: Bank) -> Iterable[Any]:  # noqa: ARG002  # for those who override it
        """Create records in the simulator, and return them as they must be read.

        The kit reads each one and compares every field that you set: Transaction, Event,
        Account, Balance, AccountNumber, ExternalAccount, Customer, KycCheck,
        CreditApplication and AdverseAction. Return the transactions of two accounts at
        three different times, with a credit, a debit and a pending one where the vendor
        has them, and their events. Write the values out; do not read them with the
        adapter. Without any, the checks of amounts, times and filters are inapplicable.
        """
        return ()

    @classmethod
    def subject(cls) -> Subject:
        """Return the adapter with its settings, the same object for all tests of a class.

        Generating its customers takes a while.
        """
        # `__dict__` and not `getattr`: a subclass of a test class would otherwise
        # inherit the subject of its base, with the other adapter.
        subject = cls.__dict__.get("_subject")
        if not isinstance(subject, Subject):
            settings = cls()
            subject = Subject(
                adapter=cls.adapter,
                simulator=settings.make_simulator,
                make_person=settings.customer,
                options=cls.options,
                examples=int(os.environ.get(EXAMPLES, "6")),
                samples=cls.samples,
                skips=cls.skips,
                cassettes=cls.cassettes,
                seed=settings.seed,
                seed_for=settings.seed_for,
                seed_live=settings.seed_live,
                seed_expected=settings.seed_expected,
                openapi=cls.openapi,
                openapi_exceptions=cls.openapi_exceptions,
                openapi_values=cls.openapi_values,
            )
            cls._subject = subject  # type: ignore[attr-defined] # cached on each subclass
        return subject

    # One test per check, instead of one test with all checks: pytest then reports,
    # selects and repeats each of them.
    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Generate one test per check; pytest calls this method."""
        if "check" in metafunc.fixturenames:
            metafunc.parametrize("check", list(CHECKS))

    def test_conforms(self, check: str) -> None:
        """The adapter passes the check."""
        import pytest  # noqa: PLC0415  # the kit itself runs without it

        result = judge(self._subject_in_mode(), check)
        if result.skipped:
            pytest.skip(result.skipped)
        if not result.passed:
            pytest.fail(result.message, pytrace=False)

    @classmethod
    def teardown_class(cls) -> None:
        """Remove what a live run has created; pytest calls this method."""
        running = cls.__dict__.get("_running")
        if isinstance(running, RunningMode):
            running.close()

    @classmethod
    def _subject_in_mode(cls) -> Subject:
        """Return the subject of the class's mode; skip a live run that is not possible."""
        if cls.mode is Mode.SIMULATED:
            return cls.subject()
        running = cls.__dict__.get("_running")
        if not isinstance(running, RunningMode):
            import pytest  # noqa: PLC0415  # as above

            if reason := reason_to_skip(cls.adapter, cls.mode):
                pytest.skip(reason)
            running = RunningMode(cls.subject(), cls.mode)
            cls._running = running  # type: ignore[attr-defined] # one per subclass
        return running.subject
