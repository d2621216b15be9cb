"""The kit replays a vendor's cassettes, and says what no cassette can show."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from tests.proofs import PROOF

from anybank import ConfigurationError
from anybank.plugins import find
from anybank.testing.conformance import CheckResult, Subject, run_check, run_subject
from anybank.testing.conformance.runs import run_in_mode
from anybank.testing.modes import Mode

CASSETTES = Path(__file__).parents[3] / "cassettes"
STATEFUL = ("listings_are_complete_and_end", "repeated_keys_have_one_effect")


def subject_of(provider: str, **changes: Any) -> Subject:
    """Return the kit's settings of an adapter, with the cassettes and one person."""
    settings = find(provider).conformance
    assert settings is not None
    subject: Subject = settings().subject()
    return evolve(subject, cassettes=CASSETTES, examples=1, **changes)


def recorded(subject: Subject) -> Mapping[str, CheckResult]:
    """Return the results of a recorded run by check."""
    with run_in_mode(subject, Mode.RECORDED, notice=print) as run:
        return {result.check: result for result in run_subject(run.subject)}


@pytest.fixture(
    scope="module", params=["sonder", "bond", "increase"] if PROOF else ["sonder"]
)
def results(request: pytest.FixtureRequest) -> Mapping[str, CheckResult]:
    """The results of a recorded run of an adapter."""
    return recorded(subject_of(request.param))


def test_an_adapter_reads_what_the_vendor_has_published(
    results: Mapping[str, CheckResult],
) -> None:
    """No check fails, and those of reading pass over the vendor's own responses."""
    assert [result.message for result in results.values() if not result.passed] == []
    for name in ("null_fields_read_as_none", "recorded_responses_are_read"):
        assert (results[name].ran, results[name].skipped) == (True, "")


@pytest.mark.parametrize("name", STATEFUL)
def test_what_needs_other_responses_is_not_run(
    results: Mapping[str, CheckResult], name: str
) -> None:
    """It has a reason, and never counts as passed."""
    assert not results[name].ran
    assert "which no cassette holds" in results[name].skipped


def misreading(provider: str, method: str) -> Any:
    """Return an adapter that reads a null as text."""
    kind: Any = find(provider).adapter

    def read(self: Any, query: Any) -> Any:
        value = yield from getattr(kind, method)(self, query)
        return evolve(value, middle_name=str(value.middle_name))

    return type("Misreading", (kind,), {method: read})


def test_a_mistake_is_found_in_the_vendors_own_response() -> None:
    """A recorded run fails for the same mistakes as a simulated one."""
    subject = subject_of("bond", adapter=misreading("bond", "get_customer"))
    with run_in_mode(subject, Mode.RECORDED, notice=print) as run:
        result = run_check(run.subject, "null_fields_read_as_none")
    assert "reads" not in result.skipped
    assert "Declare the wire field" in result.message


def test_recordings_of_a_simulator_show_nothing(tmp_path: Path) -> None:
    """A directory that has only those has no cassette of the vendor."""
    (tmp_path / "sonder").mkdir()
    (tmp_path / "sonder" / "recorded").symlink_to(CASSETTES / "sonder" / "recorded")
    subject = evolve(subject_of("sonder"), cassettes=tmp_path)
    with (
        pytest.raises(ConfigurationError, match="the vendor's pages or sandbox"),
        run_in_mode(subject, Mode.RECORDED, notice=print),
    ):
        pass
    result = run_check(subject, "simulator_matches_cassettes")
    assert (result.passed, result.applies) == (True, False)
    assert "shows nothing about the vendor" in result.skipped


def test_a_check_without_a_recorded_response_is_not_run() -> None:
    """The reason names the request that no cassette answers."""
    with run_in_mode(subject_of("bond"), Mode.RECORDED, notice=print) as run:
        result = run_check(run.subject, "unreadable_records_do_not_hide_others")
    assert not result.ran
    assert "no cassette of the vendor has the response to POST /customers" in (
        result.skipped
    )
