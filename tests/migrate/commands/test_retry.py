"""Failed records become ready again."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.migrate.moving import Moving, bond_to_sonder, people
from tests.migrate.unwilling import Moody

from anybank import ConfigurationError, migrate
from anybank.sandbox.faults import Faults
from anybank_sonder.simulator import SonderSimulator


@pytest.fixture
def refused(tmp_path: Path) -> Moving:
    """Return a migration whose records have all failed."""
    moving = bond_to_sonder(tmp_path, 3, target=Moody())
    moving.plan()
    assert moving.apply().counts["failed"] == 3
    return moving


def test_failed_records_are_sent_again_after_retry(refused: Moving) -> None:
    """Apply alone leaves a record failed; after retry it is sent once."""
    refused.target.refuses = False
    assert refused.apply().totals["sent"] == 0
    summary = migrate.retry(journal=refused.journal)
    assert (summary.totals["retried"], summary.counts["ready"]) == (3, 3)
    assert refused.apply().exit_code == 0
    assert sorted(people(refused.target.bank).values()) == ["Ada", "Bea", "Cleo"]


def test_retry_says_what_apply_will_do(refused: Moving) -> None:
    """The summary has the calls at both banks, and nothing was sent."""
    summary = migrate.retry(journal=refused.journal)
    assert {effort.provider: effort.calls for effort in summary.efforts} == {
        "bond": 3,
        "sonder": 6,
    }
    assert summary.exit_code == 0
    assert people(refused.target.bank) == {}


def test_a_code_takes_its_records_alone(refused: Moving) -> None:
    """The code is the vendor's, or the class of an error without a code."""
    (reason,) = (
        item
        for item in migrate.status(journal=refused.journal).reasons
        if item.effect == "failed"
    )
    summary = migrate.retry(journal=refused.journal, code=reason.rule)
    assert summary.totals["retried"] == 3


def test_a_code_that_nothing_failed_with_is_refused(refused: Moving) -> None:
    """The error lists the codes that exist."""
    with pytest.raises(
        ConfigurationError, match=r"the code 77: its codes are \w+ \(3\)"
    ):
        migrate.retry(journal=refused.journal, code="77")
    assert migrate.status(journal=refused.journal).counts["failed"] == 3


def test_what_is_in_doubt_is_never_retried(tmp_path: Path) -> None:
    """A quarantined record stays quarantined."""
    target = Faults().around(SonderSimulator())
    target.schedule("lost")
    moving = bond_to_sonder(tmp_path, 1, target=target)
    moving.plan()
    moving.apply()
    summary = migrate.retry(journal=moving.journal)
    assert summary.totals["retried"] == 0
    assert summary.counts["quarantined"] == 1
