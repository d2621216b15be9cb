"""Which customers are planned: --exclude leaves some out, --next takes the next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.migrate.moving import Moving, bond_to_sonder, people, sonder_to_bond, ssn

from anybank import ConfigurationError
from anybank.migrate.journal.location import JournalLocation


def listed(directory: Path, ids: Sequence[str], name: str = "out.txt") -> Path:
    path = directory / name
    path.write_text("".join(f"{item}\n" for item in ids))
    return path


def names(moving: Moving) -> list[str]:
    return sorted(people(moving.target).values())


@pytest.fixture
def moving(tmp_path: Path, place: JournalLocation) -> Moving:
    moving = bond_to_sonder(tmp_path, 4)
    moving.place = place
    return moving


def test_who_is_excluded_is_not_sent(moving: Moving, tmp_path: Path) -> None:
    """The target has the others, nothing is open, and the excluded are counted."""
    ids = list(people(moving.source))
    summary = moving.plan(exclude=listed(tmp_path, ids[1:2]))
    assert (summary.totals["excluded"], summary.totals["records"]) == (1, 3)
    moving.apply()
    assert names(moving) == ["Ada", "Cleo", "Dora"]
    assert moving.verify().exit_code == 0


def test_an_exclusion_stays_until_another_replaces_it(
    moving: Moving, tmp_path: Path
) -> None:
    """A later plan without the option excludes the same customers."""
    ids = list(people(moving.source))
    moving.plan(exclude=listed(tmp_path, ids[1:2]))
    assert moving.plan(since_last=True).counts["ready"] == 3
    assert moving.plan(exclude=listed(tmp_path, [])).counts["ready"] == 4


def test_who_was_planned_already_is_taken_out(moving: Moving, tmp_path: Path) -> None:
    """An exclusion after the plan prevents the send, and verify finds no gap."""
    ids = list(people(moving.source))
    moving.plan()
    moving.plan(limit=1, exclude=listed(tmp_path, ids[2:]))
    moving.apply()
    assert names(moving) == ["Ada", "Bea"]


def test_who_was_sent_stays_and_is_counted(moving: Moving, tmp_path: Path) -> None:
    """An exclusion undoes nothing: the summary counts those at the target."""
    ids = list(people(moving.source))
    moving.plan(limit=2)
    moving.apply()
    summary = moving.plan(exclude=listed(tmp_path, ids[:1]))
    assert summary.totals["excluded_sent"] == 1
    moving.apply()
    assert names(moving) == ["Ada", "Bea", "Cleo", "Dora"]
    assert moving.verify().exit_code == 0


def test_one_of_two_who_share_a_number_is_left_out(tmp_path: Path) -> None:
    """The other needs no consent, since no planned customer shares the number."""
    moving = bond_to_sonder(tmp_path, 1)
    moving.source.seed_customer(first_name="Zoe", middle_name="May", ssn=ssn(0))
    ids = list(people(moving.source))
    path = tmp_path / "same.csv"
    rows = "".join(f"{item},{ssn(0)},{at + 1}\n" for at, item in enumerate(ids))
    path.write_text("source_id,ssn,document_locator_number\n" + rows)
    assert moving.plan(supplement=path).counts["blocked"] == 2
    out = listed(tmp_path, ids[1:])
    summary = moving.plan(supplement=path, exclude=out)
    assert summary.counts["ready"] == 1
    assert summary.quality == ()


def test_a_pilot_and_the_rest(moving: Moving) -> None:
    """The next two, the two after them, and then nobody is left."""
    for expected in (2, 4, 4):
        moving.plan(next_new=2)
        moving.apply()
        assert len(people(moving.target)) == expected
        assert moving.verify().exit_code == 0
    assert moving.plan().counts["ready"] == 0


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_parts_are_never_twice_the_same(
    steps: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """However a source is divided, each customer is in exactly one part."""
    moving = sonder_to_bond(tmp_path_factory.mktemp("parts"), 6)
    sent = 0
    for step in steps:
        moving.plan(next_new=step)
        moving.apply()
        sent = min(6, sent + step)
        assert len(people(moving.target)) == sent


def test_two_limits_are_refused(moving: Moving) -> None:
    """`limit` and `next_new` exclude each other."""
    with pytest.raises(ConfigurationError, match="exclude each other"):
        moving.plan(limit=1, next_new=1)
