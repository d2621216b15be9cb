"""The kit runs against a sandbox over HTTP, and leaves nothing there."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from tests.proofs import PROFILE

from anybank import Bank, ConfigurationError, Request, Response
from anybank.plugins import find
from anybank.sandbox.server import serve
from anybank.sandbox.transport import SimulatorTransport
from anybank.testing import AdapterConformance
from anybank.testing.cassette_files import CassetteFile, CassetteOrigin
from anybank.testing.cassettes import find_problems
from anybank.testing.conformance import run_check, run_subject
from anybank.testing.conformance.runs import ModeRun, run_in_mode
from anybank.testing.modes import Mode
from anybank_increase.conformance import IncreaseConformance

from .test_recorded import subject_of

PROVIDERS = ("unit", "sonder", "bond", "increase")[
    : {"thorough": None, "short": 2}.get(PROFILE, 1)
]
"""The adapters whose whole run is made over HTTP: the long proof makes all of them."""
BASIS = "declared_operations_succeed"
Answer = Callable[[Any, Request, int], Response | None]
"""Returns another response than the simulator's, for a write with its number."""


def _as_simulated(_simulator: Any, _request: Request, _count: int) -> None:
    """Leave each response as it is."""


@define(eq=False)
class Served:
    """A simulator behind HTTP, as if it were a vendor's sandbox."""

    simulator: Any
    answer: Answer
    writes: list[Request] = field(factory=list)

    @property
    def base_path(self) -> str:
        """The part of the path before the resources."""
        return str(self.simulator.base_path)

    def __call__(self, request: Request) -> Response:
        other = None
        if request.method != "GET":
            self.writes.append(request)
            other = self.answer(self.simulator, request, len(self.writes))
        response: Response = other or self.simulator(request)
        return response

    def people(self, provider: str) -> int:
        """Return how many customers are still there."""
        transport = SimulatorTransport(self.simulator)
        options = {**self.simulator.credentials, "rate_limit": None}
        with Bank(provider, transport=transport, **options) as bank:
            return sum(1 for _ in bank.customers.list())


@contextmanager
def live(
    provider: str,
    lines: list[str],
    answer: Answer = _as_simulated,
    record: Path | None = None,
) -> Iterator[tuple[ModeRun, Served]]:
    """Run the kit against a served simulator, with the environment of a user."""
    factory = find(provider).simulator
    assert factory is not None
    served = Served(factory()(), answer)
    with (
        serve({provider: served}) as running,
        pytest.MonkeyPatch.context() as environment,
    ):
        options = {"base_url": running.base_url(provider), "rate_limit": "none"}
        for name, value in {**options, **served.simulator.credentials}.items():
            environment.setenv(f"ANYBANK_{provider}_{name}".upper(), str(value))
        with run_in_mode(
            subject_of(provider), Mode.LIVE, record=record, notice=lines.append
        ) as run:
            yield run, served


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_adapter_passes_over_http(provider: str) -> None:
    """No check fails, people are invented for this run, and all of them are removed."""
    lines: list[str] = []
    with live(provider, lines) as (run, served):
        results = run_subject(run.subject)
    assert [result.message for result in results if not result.passed] == []
    assert sum(result.ran for result in results) > 30
    assert served.writes
    assert all("no operation to remove" in line for line in run.left), run.left
    # A simulator on this machine is no vendor, whatever it is served as.
    assert (run.against, run.of_vendor) == ("127.0.0.1", False)
    if provider != "sonder":  # Sonder has no listing
        assert served.people(provider) == 0
    assert "removed " in lines[0]
    names = {person.last_name or "-" for person in run.subject.people}
    assert not [name for name in names if name in " ".join(lines)]


def _down_after(limit: int) -> Answer:
    def answer(_simulator: Any, request: Request, count: int) -> Response | None:
        is_create = request.path.endswith(("/customers/", "/entities", "/applications"))
        return Response(status=500) if is_create and count > limit else None

    return answer


def _lost_at(number: int) -> Answer:
    def answer(simulator: Any, request: Request, count: int) -> Response | None:
        if count != number:
            return None
        simulator(request)
        return Response(status=503)

    return answer


@pytest.mark.parametrize("provider", ["bond", "increase", "unit"])
@pytest.mark.parametrize("answer", [_down_after(8), _lost_at(1), _lost_at(2)])
def test_a_sandbox_that_fails_halfway_is_left_clean(
    provider: str, answer: Answer
) -> None:
    """Records whose responses were lost are looked up and removed, too."""
    lines: list[str] = []
    with live(provider, lines, answer) as (run, served):
        result = run_check(run.subject, BASIS)
    assert not result.passed
    assert served.people(provider) == 0
    # Unit has no look-up: a create that still fails cannot be told from a lost one.
    left = [line for line in run.left if line.startswith("customer")]
    assert all(provider == "unit" and "ProviderUnavailable" in line for line in left)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_removes_what_it_created(number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM arrive while a create is on its way."""
    lines: list[str] = []
    sandboxes: list[Served] = []

    def answer(simulator: Any, request: Request, count: int) -> Response | None:
        if count != 6:
            return None
        response: Response = simulator(request)
        os.kill(os.getpid(), number)
        return response

    def run_until_the_signal() -> None:
        with live("increase", lines, answer) as (run, served):
            sandboxes.append(served)
            run_subject(run.subject)

    with pytest.raises(KeyboardInterrupt):
        run_until_the_signal()
    assert sandboxes[0].people("increase") == 0
    assert lines[0].startswith("removed ")


def test_what_cannot_be_removed_is_reported() -> None:
    """The report names the kind and the id, and groups them by reason."""
    lines: list[str] = []

    def answer(_simulator: Any, request: Request, _count: int) -> Response | None:
        return Response(status=403) if request.path.endswith("/archive") else None

    with live("increase", lines, answer) as (run, _):
        run_check(run.subject, "unknown_ids_raise_not_found")
        run_check(run.subject, "customer_fields_are_read_back")
    assert any("left at 127.0.0.1: customer entity_" in line for line in lines)
    assert any(line.startswith("customer entity_") for line in run.left)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "production"),
        ("BASE_URL", "https://api.increase.com"),
        ("BASE_URL", "https://sandbox.example.com"),
    ],
)
def test_another_host_than_the_sandbox_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Nothing is sent to production, or to a host that the adapter does not declare."""
    monkeypatch.setenv("ANYBANK_INCREASE_API_KEY", "nobodys")
    monkeypatch.setenv(f"ANYBANK_INCREASE_{name}", value)
    with (
        pytest.raises(ConfigurationError, match=r"refused at .*sandbox.increase.com"),
        run_in_mode(subject_of("increase"), Mode.LIVE, notice=print),
    ):
        pass


def test_a_rate_limited_call_waits_and_is_sent_again() -> None:
    """The sandbox's 429 is no failure of the adapter."""
    lines: list[str] = []

    def answer(_simulator: Any, _request: Request, count: int) -> Response | None:
        limited = Response(status=429, headers={"retry-after": "0"})
        return limited if count in (1, 2) else None

    with live("sonder", lines, answer) as (run, _):
        result = run_check(run.subject, "customer_fields_are_read_back")
    assert result.message == ""


def test_a_live_run_records_masked_cassettes(tmp_path: Path) -> None:
    """Each operation has one, which names the vendor's host and no person."""
    with live("increase", [], record=tmp_path) as (run, _):
        people = run.subject.people
    paths = sorted((tmp_path / "increase" / "recorded").glob("*.yaml"))
    assert {"customers-create", "accounts-get"} <= {path.stem for path in paths}
    text = "".join(path.read_text() for path in paths)
    assert [problem for path in paths for problem in find_problems(path)] == []
    assert "https://sandbox.increase.com/entities" in text
    assert not [person for person in people if f"{person.last_name}" in text]
    # This machine is no vendor, so the recordings count as a simulator's.
    origins = {CassetteFile.read(path).origin for path in paths}
    assert origins == {CassetteOrigin.SIMULATOR}


class _Live(AdapterConformance):
    adapter = IncreaseConformance.adapter
    simulator = IncreaseConformance.simulator
    mode = Mode.LIVE


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({}, "opt-in: set ANYBANK_LIVE=1"),
        ({"ANYBANK_LIVE": "1"}, "set ANYBANK_INCREASE_API_KEY"),
    ],
)
def test_a_live_test_class_is_skipped_unless_it_can_run(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], reason: str
) -> None:
    """It is opt-in, and needs the credentials of the sandbox."""
    for name in ("ANYBANK_LIVE", "ANYBANK_INCREASE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(pytest.skip.Exception, match=reason):
        _Live().test_conforms(BASIS)


def test_a_live_test_class_removes_its_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """The records of all tests are removed after the last one."""
    served = Served(IncreaseConformance.simulator(), _as_simulated)
    monkeypatch.setenv("ANYBANK_LIVE", "1")
    monkeypatch.setenv("ANYBANK_INCREASE_RATE_LIMIT", "none")
    for name, value in served.simulator.credentials.items():
        monkeypatch.setenv(f"ANYBANK_INCREASE_{name}".upper(), value)
    with serve({"increase": served}) as running:
        monkeypatch.setenv("ANYBANK_INCREASE_BASE_URL", running.base_url("increase"))
        _Live().test_conforms("customer_fields_are_read_back")
        assert served.people("increase") > 0
        _Live.teardown_class()
    assert served.people("increase") == 0
