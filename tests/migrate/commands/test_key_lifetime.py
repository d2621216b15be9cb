"""A create is repeated under its key while the target remembers the key, and never after."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import define, evolve
from tests.fakes import FakeTime
from tests.migrate.commands.test_adopt import adopt, restore, saved
from tests.migrate.moving import Moving, bond_to_sonder, people

from anybank import Feature, KycStatus
from anybank.adapter.wire import Request, Response
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank.sandbox.faults import AnswerLost, Faults
from anybank_increase import Increase
from anybank_increase.simulator import IncreaseSimulator
from anybank_unit.simulator import UnitSimulator
from anybank_unit.simulator.people import DENIED

LIFETIME = 48 * 3600.0
NAMES = ["Ada", "Bea", "Cleo", "Dora"]


def moving_with_lost_responses(
    directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    time: FakeTime,
    *,
    listed_by_key: bool = True,
) -> Moving:
    """Return a plan whose target remembers keys for 48 hours and loses two responses."""
    feature = Increase.capabilities.feature(Feature.CUSTOMERS_CREATE)
    idempotency = evolve(
        feature.idempotency, lifetime=LIFETIME, listed_by_key=listed_by_key
    )
    rule = evolve(feature, idempotency=idempotency)
    features = {**Increase.capabilities.features, Feature.CUSTOMERS_CREATE: rule}
    declared = evolve(Increase.capabilities, features=features)
    monkeypatch.setattr("anybank_increase.adapter.CAPABILITIES", declared)
    target = Faults(seed=1).around(IncreaseSimulator())
    bond = bond_to_sonder(directory)
    moving = Moving(directory, bond.source, target, bond.supplement)
    moving.options = {"timing": time.timing()}
    moving.plan()
    return moving


@define
class Dropping:
    """A bank whose first create gets lost on its way to the bank."""

    bank: IncreaseSimulator | UnitSimulator
    _drops: int = 1

    def __call__(self, request: Request) -> Response:
        if request.method == "POST" and self._drops:
            self._drops -= 1
            raise AnswerLost("reset")
        return self.bank(request)


def there(moving: Moving) -> list[str]:
    return sorted(people(moving.target.bank).values())


@pytest.fixture
def time() -> FakeTime:
    """Return a clock long before the journal's times, by which every key is fresh."""
    return FakeTime()


@pytest.fixture
def late() -> FakeTime:
    """Return a clock long after the journal's times, by which every key has expired."""
    return FakeTime(now=4_000_000_000.0)


def test_a_fresh_key_moves_everyone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, time: FakeTime
) -> None:
    """Within the 48 hours a lost create is repeated, and nobody is quarantined."""
    moving = moving_with_lost_responses(
        tmp_path, monkeypatch, time, listed_by_key=False
    )
    moving.target.schedule("lost", None, "lost")
    counts = moving.apply().counts
    assert (counts["created"], counts["quarantined"]) == (4, 0)
    assert there(moving) == NAMES
    assert "remembers a key for 48 hours" in " ".join(moving.plan().irreversible)


def test_a_customer_is_looked_up_by_an_expired_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: FakeTime
) -> None:
    """After the 48 hours nothing is repeated: the target lists the customer by the key."""
    moving = moving_with_lost_responses(tmp_path, monkeypatch, late)
    moving.target.schedule("lost", None, "lost")
    counts = moving.apply().counts
    assert (counts["created"], counts["quarantined"]) == (4, 0)
    assert moving.verify().counts["verified"] == 4
    assert there(moving) == NAMES


def test_a_customer_who_is_not_listed_by_an_expired_key_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: FakeTime
) -> None:
    """Absent is not certain after the key expired: a person decides."""
    moving = moving_with_lost_responses(tmp_path, monkeypatch, late)
    moving.target = Dropping(moving.target.bank)
    counts = moving.apply().counts
    assert (counts["created"], counts["quarantined"]) == (3, 1)
    assert len(there(moving)) == 3


def test_without_a_look_up_an_expired_key_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: FakeTime
) -> None:
    """A target that cannot list by key gets nothing again after the 48 hours."""
    moving = moving_with_lost_responses(
        tmp_path, monkeypatch, late, listed_by_key=False
    )
    moving.target.schedule("lost")
    counts = moving.apply().counts
    assert (counts["created"], counts["quarantined"]) == (3, 1)
    assert there(moving) == NAMES


def test_a_key_that_expires_protects_no_copy_of_a_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, time: FakeTime
) -> None:
    """A record of an old copy may have been sent at any time, so it waits for a person."""
    moving = moving_with_lost_responses(tmp_path, monkeypatch, time)
    copy = saved(moving, "")
    moving.apply()
    restore(moving, copy)
    assert adopt(moving).counts["quarantined"] == 4


def moving_to_unit(directory: Path, time: FakeTime) -> Moving:
    """Return a plan to Unit, which remembers keys for 48 hours, with lost responses."""
    target = Faults(seed=1).around(UnitSimulator())
    bond = bond_to_sonder(directory)
    moving = Moving(directory, bond.source, target, bond.supplement)
    moving.options = {"timing": time.timing()}
    moving.plan()
    target.schedule("lost", None, "lost")
    return moving


def test_unit_is_sent_lost_creates_again_for_48_hours(
    tmp_path: Path, time: FakeTime
) -> None:
    """The true lifetime of Unit's keys moves everyone, and nobody twice."""
    moving = moving_to_unit(tmp_path, time)
    counts = moving.apply().counts
    assert (counts["created"], counts["quarantined"]) == (4, 0)
    assert there(moving) == NAMES


def test_unit_is_searched_by_the_tag_after_48_hours(
    tmp_path: Path, late: FakeTime
) -> None:
    """A lost create under an expired key is found by `external_id`, and not repeated."""
    moving = moving_to_unit(tmp_path, late)
    counts = moving.apply().counts
    assert (counts["created"], counts["quarantined"]) == (4, 0)
    assert there(moving) == NAMES
    assert len(moving.target.bank.application_numbers) == 4
    summary = moving.verify()
    assert (summary.exit_code, summary.totals["duplicates"]) == (0, 0)
    assert "looked up at Unit by our reference" in " ".join(moving.plan().irreversible)


def test_an_undecided_person_is_found_by_the_tag(
    tmp_path: Path, late: FakeTime
) -> None:
    """The look-up finds an application, and its record is pending."""
    moving = moving_to_unit(tmp_path, late)
    moving.target.bank.choose_kyc(KycStatus.UNDER_REVIEW)
    assert moving.apply().counts["pending"] == 4
    assert len(moving.target.bank.application_numbers) == 4


def test_an_earlier_denial_does_not_hide_the_application(
    tmp_path: Path, late: FakeTime
) -> None:
    """Of two applications with one tag, the one that Unit has not denied counts."""
    moving = moving_to_unit(tmp_path, late)
    unit = moving.target.bank
    with Journal.open(moving.journal) as journal:
        references = [record.reference for record in journal.records({State.READY})]
    for reference in references:
        unit.seed_application(ssn=DENIED, tags={"externalId": reference})
    counts = moving.apply().counts
    assert (counts["created"], counts["denied"], counts["ambiguous"]) == (4, 0, 0)
    assert moving.verify().exit_code == 0


def test_a_create_that_never_arrived_is_sent_after_48_hours(
    tmp_path: Path, late: FakeTime
) -> None:
    """Whom the listing of Unit does not have is sent again, once."""
    moving = moving_to_unit(tmp_path, late)
    moving.target = Dropping(moving.target.bank)
    counts = moving.apply().counts
    assert (counts["created"], counts["quarantined"]) == (4, 0)
    assert len(moving.target.bank.application_numbers) == 4


def test_a_copy_of_a_journal_is_adopted_by_the_tag(
    tmp_path: Path, time: FakeTime
) -> None:
    """After a copy was restored, those whom Unit has already are found and not sent."""
    moving = moving_to_unit(tmp_path, time)
    copy = saved(moving, "")
    moving.apply()
    restore(moving, copy)
    assert adopt(moving).counts["created"] == 4
    assert moving.apply().exit_code == 0
    assert len(moving.target.bank.application_numbers) == 4


def test_your_own_external_id_is_the_tag_and_never_the_key(
    tmp_path: Path, time: FakeTime
) -> None:
    """The key stays the same for a create that is replayed, whatever the tag is."""
    moving = moving_to_unit(tmp_path, time)
    assert moving.supplement
    head, *rows = moving.supplement.read_text().splitlines()
    lines = [f"{row},ours-{at}" for at, row in enumerate(rows)]
    moving.supplement.write_text("\n".join([f"{head},external_id", *lines, ""]))
    moving.plan()
    assert moving.apply().counts["created"] == 4
    rows_at_unit = moving.target.bank.people.applications.rows.values()
    tags = [row["attributes"]["tags"]["externalId"] for row in rows_at_unit]
    assert sorted(tags) == ["ours-0", "ours-1", "ours-2", "ours-3"]
    assert moving.verify().counts["verified"] == 4
