"""The kit as an author uses it: by a class, by a function, without pytest."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, ClassVar

import pytest
from tests.testing.conformance.acme.adapter import Acme
from tests.testing.conformance.acme.simulator import AcmeSimulator

from anybank import NewCustomer, NotFound, Request, Response, Ssn, StartKyc
from anybank.testing import AdapterConformance
from anybank.testing.conformance import CHECKS, Subject, run, run_check, run_subject

SLOW_WITHOUT = "the vendor's clock is in the mail"


class Examined(AdapterConformance):
    adapter = Acme
    simulator = AcmeSimulator
    samples: ClassVar = {"StartKyc.program_id": "program-7"}
    skips: ClassVar = {"times_are_aware": SLOW_WITHOUT}


def test_every_check_is_run() -> None:
    """The function gives a finding for each check, in their order."""
    findings = run(Acme, AcmeSimulator)
    assert [each.check for each in findings] == list(CHECKS)
    assert [each.message for each in findings if not each.passed] == []


def test_a_class_says_what_else_is_known() -> None:
    """What is set on it is what is examined, once for all its tests."""
    subject = Examined.subject()
    assert Examined.subject() is subject
    assert {each.program_id for each in subject.values(StartKyc)} == {"program-7"}


def test_a_skip_has_its_reason() -> None:
    """It is told where the check would be, and it must be needed."""
    findings = {each.check: each for each in run_subject(Examined.subject())}
    assert findings["times_are_aware"].skipped == SLOW_WITHOUT
    assert "has nothing to skip any more" in findings["skips_have_reasons"].message


def test_what_is_not_declared_is_not_applicable() -> None:
    """A check whose features are not declared says so."""
    subject = Subject(adapter=Acme, simulator=AcmeSimulator)
    finding = run_check(subject, "cassettes_hold_nobody")
    assert finding.passed
    assert not finding.applies
    assert finding.skipped.startswith("no cassettes are named")


def test_people_are_the_same_at_each_time() -> None:
    """What is generated for a declaration does not change from run to run."""
    one, other = (Subject(adapter=Acme, simulator=AcmeSimulator) for _ in range(2))
    assert one.people == other.people
    assert len({each.last_name for each in one.people}) == len(one.people)


def test_a_person_may_be_given() -> None:
    """An author's own person is the one who is examined."""
    ada = NewCustomer(first_name="Ada", last_name="Sample", ssn=Ssn("900-12-3456"))
    subject = Subject(adapter=Acme, simulator=AcmeSimulator, make_person=lambda: ada)
    assert subject.person is ada


def test_a_check_that_cannot_be_made_names_what_failed() -> None:
    """The operation that failed on the way is named, and nobody's data."""

    class Closed(AcmeSimulator):
        def admit(self, request: Any) -> Any:
            return super().admit(request.with_headers(x_key="wrong"))

    subject = Subject(adapter=Acme, simulator=Closed)
    finding = run_check(subject, "changes_arrive")
    assert not finding.passed
    assert "customers.create failed with AuthenticationFailed" in finding.message


def test_nothing_that_is_generated_is_in_a_message() -> None:
    """A finding names fields, never values."""

    class Choosy(AcmeSimulator):
        def admit(self, request: Any) -> Any:
            return super().admit(request.with_headers(x_key="wrong"))

    subject = Subject(adapter=Acme, simulator=Choosy)
    said = " ".join(each.message for each in run_subject(subject))
    assert not [p for p in subject.people if p.last_name and p.last_name in said]


def test_pytest_makes_a_test_of_each_check() -> None:
    """A subclass has a test for every check, and no configuration is needed."""

    class Metafunc:
        fixturenames = ("self", "check")
        given: ClassVar[list[Any]] = []

        def parametrize(self, name: str, values: list[str]) -> None:
            self.given.append((name, values))

    Examined().pytest_generate_tests(Metafunc())
    assert Metafunc.given == [("check", list(CHECKS))]


_WITHOUT_PYTEST = """
import sys
sys.modules["pytest"] = None
from anybank.testing.attestations import attest
assert attest("sonder").passed
"""


def test_the_kit_runs_without_pytest() -> None:
    """A user who has the `testing` extra alone can examine a plugin."""
    done = subprocess.run(  # noqa: S603  # our own line
        [sys.executable, "-c", _WITHOUT_PYTEST],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_place_in_memory_is_nobodys() -> None:
    """An object's address may have the digits of a postal code: it tells of nobody."""
    people = Examined.subject().people
    codes = {each.postal_code for person in people for each in person.addresses}
    code = next(code for code in sorted(filter(None, codes)) if len(set(code)) > 1)

    class Placed(Acme):
        def __repr__(self) -> str:
            return f"<Acme object at 0x7fd{code}b0>"

    subject = Subject(adapter=Placed, simulator=AcmeSimulator)
    assert run_check(subject, "nothing_personal_is_in_an_error").message == ""


def test_a_failure_is_a_failure_of_pytest() -> None:
    """A test fails with the finding's message, without a trace of the kit."""

    class Broken(Acme):
        def refuse(self, feature: Any) -> Any:
            return NotFound("no")

    class TestBroken(Examined):
        adapter = Broken

    with pytest.raises(pytest.fail.Exception, match="leave `refuse` as it is"):
        TestBroken().test_conforms("what_is_undeclared_is_unsupported")


class _Breaks(AcmeSimulator):
    def __call__(self, request: Request) -> Response:
        if request.method == "DELETE":
            raise KeyError("Ada")
        return super().__call__(request)


def test_a_simulator_that_breaks_is_named() -> None:
    """What the simulator itself raised is told with its place, without its text."""
    found = run_check(
        Subject(adapter=Acme, simulator=_Breaks), "what_is_declared_works"
    )
    assert "Mend the simulator: it raised KeyError in tests." in found.message
    assert "Ada" not in found.message
