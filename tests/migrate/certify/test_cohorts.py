"""Plans for a part of the customers, and thresholds for failures."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.migrate.moving import bond_to_sonder, people, sonder_to_bond
from tests.migrate.unwilling import Moody

from anybank import ConfigurationError
from anybank.migrate.certify.cohorts import Sample, most_failures, share_of
from anybank.migrate.journal.keys import Key
from anybank_sonder.simulator import SonderSimulator

IDS = [f"id-{at}" for at in range(2000)]


@pytest.fixture(autouse=True)
def _key(tmp_path: Path) -> None:
    """Use a fixed key for the journal, so that no result depends on chance."""
    key = tmp_path / "move.db.key"
    key.write_text(f"{7:064x}")
    key.chmod(0o600)


def sample(directory: Path, share: float) -> list[str]:
    chosen = Sample(Key.create(directory / "move.db.key"), share)
    return [item for item in IDS if item in chosen]


def test_a_sample_is_about_as_large_as_it_is_to_be(tmp_path: Path) -> None:
    """Ten percent of two thousand customers are about two hundred."""
    assert 140 < len(sample(tmp_path, 0.1)) < 260
    assert sample(tmp_path, 1.0) == IDS


def test_the_same_sample_comes_again(tmp_path: Path) -> None:
    """A journal has always the same sample, and a larger sample contains it."""
    assert sample(tmp_path, 0.1) == sample(tmp_path, 0.1)
    assert set(sample(tmp_path, 0.1)) < set(sample(tmp_path, 0.2))


def test_another_journal_has_another_sample(tmp_path: Path) -> None:
    """Without the key nobody can predict the members of a sample."""
    (tmp_path / "other").mkdir()
    assert sample(tmp_path, 0.1) != sample(tmp_path / "other", 0.1)


def test_only_the_sample_is_planned_and_moved(tmp_path: Path) -> None:
    """The others are in the journal only once they are planned, each of them once."""
    moving = bond_to_sonder(tmp_path, 8)
    first = moving.plan(sample="40%").counts["ready"]
    assert 0 < first < 8
    assert moving.plan(sample="40%").totals["records"] == first
    assert moving.apply().totals["sent"] == first
    assert moving.verify().exit_code == 0
    assert moving.plan().counts["ready"] == 8 - first
    moving.apply()
    assert len(people(moving.target)) == 8


def test_a_sample_of_named_ids_reads_no_others(tmp_path: Path) -> None:
    """The ids of a file are sampled before anything is read."""
    moving = sonder_to_bond(tmp_path, 8)
    assert moving.plan(sample=0.5).totals["records"] < 8


def test_ids_choose_from_a_bank_that_lists(tmp_path: Path) -> None:
    """Only the customers in the file are planned."""
    moving = bond_to_sonder(tmp_path, 4)
    chosen = sorted(people(moving.source))[:2]
    (tmp_path / "ids").write_text("\n".join(chosen))
    moving.plan(ids=tmp_path / "ids")
    moving.apply()
    assert sorted(moving.crosswalk()) == chosen
    assert moving.verify().exit_code == 0


@pytest.mark.parametrize("value", ["0%", "101%", "1", "-1%", "x", "", 0, 1.5, -0.1])
def test_what_is_no_share_is_refused(value: float | str) -> None:
    """A sample is above zero and at most all customers."""
    with pytest.raises(ConfigurationError, match="sample must be a share above 0%"):
        share_of(value)


@pytest.mark.parametrize(("value", "share"), [("1%", 0.01), ("0.5 %", 0.005), (1, 1)])
def test_a_share_is_a_number_or_a_percentage(value: float | str, share: float) -> None:
    """Both forms have the same meaning."""
    assert share_of(value) == pytest.approx(share)


@pytest.mark.parametrize(
    ("value", "most"), [(None, None), (3, 3), ("3", 3), ("0", 0), ("5%", 10), ("0%", 0)]
)
def test_a_threshold_is_a_number_or_a_part(
    value: int | str | None, most: int | None
) -> None:
    """A percentage refers to the records that are ready when apply begins."""
    assert most_failures(value, 200) == most


@pytest.mark.parametrize("value", ["x", "-1", "101%", "", -1])
def test_what_is_no_threshold_is_refused(value: int | str) -> None:
    """The error describes the accepted forms."""
    with pytest.raises(
        ConfigurationError, match="such as 3, or a percentage such as 5%"
    ):
        most_failures(value, 200)


@pytest.mark.parametrize(("value", "failed"), [("25%", 3), (1, 2), (0, 1)])
def test_apply_stops_at_its_threshold_and_says_so(
    tmp_path: Path, value: int | str, failed: int
) -> None:
    """The run stops right after the first failure beyond the threshold."""
    target = Moody()
    moving = bond_to_sonder(tmp_path, 8, target=target)
    moving.plan()
    summary = moving.apply(max_failures=value, concurrency=1)
    assert summary.counts["failed"] == failed
    assert (summary.stopped or "").startswith(f"stopped after {failed} failures")
    assert summary.exit_code == 1
    assert isinstance(target.bank, SonderSimulator)
