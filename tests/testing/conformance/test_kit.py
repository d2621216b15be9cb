"""The kit as an adapter author uses it: as a class, as a function, without pytest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any, ClassVar

import attrs
import pytest
from tests.testing.conformance.acme.adapter import Acme
from tests.testing.conformance.acme.seeds import DOCUMENT
from tests.testing.conformance.acme.simulator import AcmeSimulator
from tests.testing.conformance.broken.making import subject_of, with_webhooks
from tests.testing.few_checks import few_checks, left_out

from anybank import (
    Address,
    NewCustomer,
    NotFound,
    Request,
    Response,
    Sensitive,
    Ssn,
    StartKyc,
)
from anybank.adapter.credentials import basic
from anybank.adapter.wire import get
from anybank.declaration import FieldRule
from anybank.model.events import EventKind
from anybank.testing import AdapterConformance
from anybank.testing.conformance import CHECKS, Subject, run, run_check
from anybank.testing.conformance.kit import EXAMPLES

REASON = "the vendor names no time zone"


class AcmeConformance(AdapterConformance):
    adapter = Acme
    simulator = AcmeSimulator
    samples: ClassVar = {"StartKyc.program_id": "program-7"}
    skips: ClassVar = {"times_have_a_time_zone": REASON}


def test_every_check_is_run() -> None:
    """`run` returns a result for each check, in their order."""
    with few_checks():
        results = run(Acme, AcmeSimulator)
        assert [result.check for result in results] == list(CHECKS)
    assert [result.message for result in results if not result.passed] == []


def test_a_class_configures_its_subject() -> None:
    """All tests of a class share one subject, which has the samples of the class."""
    subject = AcmeConformance.subject()
    assert AcmeConformance.subject() is subject
    assert {start.program_id for start in subject.values(StartKyc)} == {"program-7"}


def test_a_skip_must_be_necessary() -> None:
    """A skip is reported with its reason, and fails if the adapter passes the check."""
    subject = AcmeConformance.subject()
    assert run_check(subject, "times_have_a_time_zone").skipped == REASON
    message = run_check(subject, "skips_have_reasons").message
    assert "the adapter passes that check" in message


def test_a_check_without_anything_to_examine_is_inapplicable() -> None:
    """The result passes, does not apply, and gives the reason."""
    subject = Subject(adapter=Acme, simulator=AcmeSimulator)
    result = run_check(subject, "cassettes_hold_no_personal_data")
    assert result.passed
    assert not result.applies
    assert result.skipped.startswith("no cassettes")


def test_generated_customers_are_reproducible() -> None:
    """Two subjects with the same declaration have the same customers."""
    one, other = (Subject(adapter=Acme, simulator=AcmeSimulator) for _ in range(2))
    assert one.people == other.people
    assert len({item.last_name for item in one.people}) == len(one.people)


def test_an_author_may_supply_the_customer() -> None:
    """The author's own customer replaces the generated ones."""
    ada = NewCustomer(first_name="Ada", last_name="Sample", ssn=Ssn("900-12-3456"))
    subject = Subject(adapter=Acme, simulator=AcmeSimulator, make_person=lambda: ada)
    assert subject.person is ada


def test_a_check_that_cannot_run_names_the_failed_operation() -> None:
    """The message names the operation and the error class."""

    class Closed(AcmeSimulator):
        def admit(self, request: Any) -> Any:
            return super().admit(request.with_headers(x_key="wrong"))

    subject = Subject(adapter=Acme, simulator=Closed)
    result = run_check(subject, "updates_change_only_their_fields")
    assert not result.passed
    assert "customers.create failed with AuthenticationFailed" in result.message


def test_messages_contain_no_generated_values() -> None:
    """A message names fields, never values."""

    class Choosy(AcmeSimulator):
        def admit(self, request: Any) -> Any:
            return super().admit(request.with_headers(x_key="wrong"))

    subject = Subject(adapter=Acme, simulator=Choosy)
    messages = " ".join(run_check(subject, name).message for name in CHECKS)
    assert not [p for p in subject.people if p.last_name and p.last_name in messages]


def test_pytest_generates_a_test_per_check() -> None:
    """A subclass needs no configuration to have a test for every check."""

    class Metafunc:
        fixturenames = ("self", "check")
        calls: ClassVar[list[Any]] = []

        def parametrize(self, name: str, values: list[str]) -> None:
            self.calls.append((name, values))

    AcmeConformance().pytest_generate_tests(Metafunc())
    assert Metafunc.calls == [("check", list(CHECKS))]


_WITHOUT_PYTEST = """
import sys
sys.modules["pytest"] = None
from anybank.testing.attestations import attest
from anybank.testing.conformance import CHECKS
for name in {left_out}:
    del CHECKS[name]
assert attest("sonder").passed
"""


def test_the_kit_runs_without_pytest() -> None:
    """The `testing` extra is enough to attest a plugin."""
    process = subprocess.run(  # noqa: S603  # our own line
        [sys.executable, "-c", _WITHOUT_PYTEST.format(left_out=left_out())],
        env={**os.environ, EXAMPLES: "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (process.returncode, process.stderr) == (0, "")


def test_a_memory_address_is_not_personal_data() -> None:
    """The address in a repr may have the digits of a postal code."""
    people = AcmeConformance.subject().people
    codes = {address.postal_code for person in people for address in person.addresses}
    code = next(code for code in sorted(filter(None, codes)) if len(set(code)) > 1)

    class WithAddress(Acme):
        def __repr__(self) -> str:
            return f"<Acme object at 0x7fd{code}b0>"

    subject = Subject(adapter=WithAddress, simulator=AcmeSimulator)
    assert run_check(subject, "errors_hold_no_personal_data").message == ""


def test_a_failure_is_a_failure_of_pytest() -> None:
    """A test fails with the message of the result, without a traceback."""

    class Broken(Acme):
        def refuse(self, feature: Any) -> Any:
            return NotFound("no")

    class TestBroken(AcmeConformance):
        adapter = Broken

    with pytest.raises(pytest.fail.Exception, match="Do not override `refuse`"):
        TestBroken().test_conforms("undeclared_features_raise_unsupported")


class _Crashing(AcmeSimulator):
    def __call__(self, request: Request) -> Response:
        if request.method == "DELETE":
            raise KeyError("Ada")
        return super().__call__(request)


def test_a_crash_of_the_simulator_is_reported() -> None:
    """The message has the exception's class and place, without its text."""
    result = run_check(
        Subject(adapter=Acme, simulator=_Crashing), "declared_operations_succeed"
    )
    assert "Fix the simulator: it raised KeyError in tests." in result.message
    assert "Ada" not in result.message


def test_an_event_of_an_account_holder_is_one_of_a_customer() -> None:
    """A vendor's name for a customer contains a name of ours for something else."""
    table = {"account_holder.updated": EventKind.CUSTOMER_UPDATED}
    subject = subject_of(openapi_values={"event": table})
    result = run_check(subject, "words_read_as_the_member_of_their_name")
    assert (result.passed, result.message, result.skipped) == (True, "", "")


def test_a_mistake_in_the_seeds_is_reported_with_its_place() -> None:
    """The message names the author's function and line, and no helper of the kit."""
    subject = subject_of(seed_expected=lambda simulator, _: [simulator.no_such_member])
    result = run_check(subject, "amounts_are_read_exactly")
    place = r"AttributeError in tests\.testing\.conformance\.test_kit:<lambda>:\d+\."
    assert re.search(place, result.message)


def test_a_mistake_in_a_webhook_format_is_reported_with_its_place() -> None:
    """The library's own message about it is shown, because it quotes nothing."""
    result = run_check(
        with_webhooks(sign=lambda *_: "\ud800".encode()), "signed_webhooks_are_verified"
    )
    place = (
        r"UnicodeEncodeError in tests\.testing\.conformance\.test_kit:<lambda>:\d+\."
    )
    assert re.search(place, result.message)


def _failures(**members: Any) -> list[str]:
    broken = type("Broken", (Acme,), members)
    results = run(broken, AcmeSimulator)
    assert any("Fix it first" in result.skipped for result in results)
    return [result.check for result in results if not result.passed]


def test_one_mistake_is_one_failure() -> None:
    """A create that nobody understands fails one check, and 80 others are not judged."""

    def create(self: Any, query: Any) -> Any:
        request = next(Acme.create_customer(self, query))
        yield attrs.evolve(request, path="/persons", query={})

    assert _failures(create_customer=create) == ["declared_operations_succeed"]


def test_checks_of_the_declaration_are_always_judged() -> None:
    """Without credentials everything fails, and the reason is not hidden."""
    assert _failures(authenticate=lambda _self, request, _credentials: request) == [
        "declared_operations_succeed",
        "credentials_are_sent_in_headers",
    ]


def test_violations_of_a_document_contain_no_values() -> None:
    """A request that breaks the document is described by places and rules alone."""

    def create(self: Any, query: Any) -> Any:
        request = next(Acme.create_customer(self, query))
        body = {**request.body, "nick": [query.new.first_name], "born": 7}
        yield attrs.evolve(request, query={}, body=body)

    broken: Any = type("Broken", (Acme,), {"create_customer": create})
    subject = Subject(adapter=broken, simulator=AcmeSimulator, openapi=DOCUMENT)
    message = run_check(subject, "requests_match_the_document").message
    assert "POST /people request nick" in message
    names = {person.first_name or "" for person in subject.people}
    assert not [name for name in names if name in message]


class _Basic(Acme):
    """Acme, if it took its key as the user of HTTP Basic."""

    def authenticate(self, request: Any, credentials: Any) -> Any:
        return request.with_headers(authorization=basic(credentials.api_key))


class _BasicSimulator(AcmeSimulator):
    def admit(self, request: Any) -> Any:
        expected = basic(Sensitive(str(self.credentials["api_key"]))).reveal()
        return None if request.headers.get("authorization") == expected else no_key()


def no_key() -> Response:
    return Response(status=401)


@pytest.mark.parametrize(
    "check", ["credentials_are_sent_in_headers", "declared_operations_succeed"]
)
def test_http_basic_is_a_header_with_the_credentials(check: str) -> None:
    """The encoded user and password count as the credentials."""
    assert run_check(Subject(adapter=_Basic, simulator=_BasicSimulator), check).passed


def test_all_failing_operations_are_named_with_their_last_exchange() -> None:
    """One message has every operation, the status of its response and the next step."""

    def nowhere(self: Any, query: Any) -> Any:
        yield get("/nowhere")

    broken: Any = type("Broken", (Acme,), dict.fromkeys(_READS, nowhere))
    subject = Subject(adapter=broken, simulator=AcmeSimulator)
    message = run_check(subject, "declared_operations_succeed").message
    assert "customers.get is declared, but gave NotFound" in message
    assert "credit_applications.get is declared, but gave NotFound" in message
    assert (
        "The last exchange of get_customer was GET /v1/nowhere with HTTP 404" in message
    )


_READS = ("get_customer", "get_credit_application")


def test_a_wire_class_in_a_value_is_named() -> None:
    """The message says which field of the value holds which class of the adapter."""

    @attrs.frozen
    class WireHome:
        street: str | None

    def get_customer(self: Any, query: Any) -> Any:
        value = yield from Acme.get_customer(self, query)
        homes: Any = [WireHome(address.line1) for address in value.addresses]
        return attrs.evolve(value, addresses=homes)

    broken: Any = type("Broken", (Acme,), {"get_customer": get_customer})
    subject = Subject(adapter=broken, simulator=AcmeSimulator)
    message = run_check(subject, "reprs_hold_no_personal_data").message
    assert "shows personal data: addresses holds a WireHome" in message


def test_records_that_cannot_be_seeded_are_explained() -> None:
    """An author whose adapter has no create learns to use the simulator."""

    def seed_expected(simulator: Any, bank: Any) -> Any:
        bank.external_accounts.get("x")
        return ()

    subject = Subject(
        adapter=Acme, simulator=AcmeSimulator, seed_expected=seed_expected
    )
    message = run_check(subject, "amounts_are_read_exactly").message
    assert (
        "`seed_expected` called external_accounts.get, which gave Unsupported"
        in message
    )


def test_a_mistake_in_the_seed_is_one_failure() -> None:
    """The check that meets it first names the line; the others are not judged."""

    def seed_expected(simulator: Any, bank: Any) -> Any:
        simulator.pay(1, 2, 3)

    subject = Subject(
        adapter=Acme, simulator=AcmeSimulator, seed_expected=seed_expected
    )
    first = run_check(subject, "amounts_are_read_exactly")
    assert "`seed_expected` fails with AttributeError in " in first.message
    other = run_check(subject, "decisions_are_read_exactly")
    assert other.passed
    assert other.skipped.startswith(
        "not judged: `seed_expected` fails, see amounts_are"
    )
    assert run_check(subject, "amounts_are_read_exactly") == first


@pytest.mark.parametrize(
    ("length", "message"),
    [
        (None, "addresses is required, and no part of Address is accepted"),
        ((9, 9), "Two rules contradict each other"),
    ],
)
def test_a_declaration_that_nobody_satisfies_is_explained(
    length: Any, message: str
) -> None:
    """The message names the value without rules, or the kind of contradiction."""
    home = FieldRule(create="required", items=(1, 1), source="page")
    state = FieldRule(
        create="required", pattern="[A-Z]{2}", length=length, source="page"
    )
    declared = attrs.evolve(
        Acme.capabilities,
        fields={
            NewCustomer: {"addresses": home},
            Address: {"state": state}
            if length
            else {"kind": FieldRule(create="refused")},
        },
    )
    adapter = type("Contradicting", (Acme,), {"capabilities": declared})
    subject = Subject(adapter=adapter, simulator=AcmeSimulator)
    assert message in run_check(subject, "accepted_fields_are_sent").message
