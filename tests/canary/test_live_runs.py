"""Nothing of a person gets out of a live run: its reports, its results, its cassettes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import evolve
from tests.canary.canaries import PEOPLE, canaries_in

from anybank import Request, Response
from anybank.sandbox.faults import SimulatedBank
from anybank.sandbox.server import serve
from anybank.testing.cassettes import find_problems
from anybank.testing.conformance import run_subject
from anybank.testing.conformance.runs import ModeRun, run_in_mode
from anybank.testing.modes import Mode
from anybank_increase.conformance import IncreaseConformance
from anybank_increase.simulator import IncreaseSimulator


class Echoing(IncreaseSimulator):
    """Refuses every write, and repeats its body."""

    def __call__(self, request: Request) -> Response:
        if request.method == "GET":
            return super().__call__(request)
        return Response(status=400, content=request.encoded() or b"")


@contextmanager
def live(
    bank: SimulatedBank, lines: list[str], record: Path | None = None
) -> Iterator[ModeRun]:
    """Run the kit with a person who is full of canaries."""
    subject = evolve(
        IncreaseConformance.subject(),
        make_person=lambda: PEOPLE["increase"],
        examples=1,
    )
    with serve({"increase": bank}) as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANYBANK_INCREASE_BASE_URL", running.base_url("increase"))
        patch.setenv("ANYBANK_INCREASE_RATE_LIMIT", "none")
        for name, value in IncreaseSimulator.credentials.items():
            patch.setenv(f"ANYBANK_INCREASE_{name}".upper(), value)
        with run_in_mode(subject, Mode.LIVE, record=record, notice=lines.append) as run:
            yield run


def test_results_of_a_refusing_sandbox_hold_no_person(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every check that creates fails, with the class of the error and no text of it."""
    lines: list[str] = []
    with live(Echoing(), lines) as run:
        results = run_subject(run.subject)
    assert any(not result.passed for result in results)
    texts = [*lines, *run.left, *(f"{it.message} {it.skipped}" for it in results)]
    printed = capsys.readouterr()
    assert canaries_in(" ".join([*texts, printed.out, printed.err])) == []


def test_recorded_cassettes_hold_no_person(tmp_path: Path) -> None:
    """Requests and responses are masked before they are written."""
    lines: list[str] = []
    with live(IncreaseSimulator(), lines, tmp_path):
        pass
    paths = sorted(tmp_path.rglob("*.yaml"))
    assert paths
    assert canaries_in("".join(path.read_text("utf-8") for path in paths)) == []
    assert [problem for path in paths for problem in find_problems(path)] == []
    assert canaries_in(" ".join(lines)) == []
