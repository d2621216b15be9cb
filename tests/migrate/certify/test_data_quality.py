"""Suspected faults are counted, need consent, and are reported without values."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.migrate.moving import (
    NAMES,
    Moving,
    bond_to_sonder,
    people,
    seeded_bond,
    side,
    sonder_to_bond,
    ssn,
    supplement_for,
)

from anybank import Address, ConfigurationError, NewCustomer, migrate
from anybank.migrate import Summary
from anybank.migrate.certify.data_quality import QualityChecker, blanks, trimmed
from anybank.migrate.journal.location import JournalLocation
from anybank_increase.simulator import IncreaseSimulator
from anybank_sonder.simulator import SonderSimulator


def findings_of(summary: Summary) -> dict[str, tuple[int, tuple[tuple[str, ...], ...]]]:
    """Return count and examples of each finding by its name."""
    return {item.name: (item.count, item.examples) for item in summary.quality}


def sharing(directory: Path, count: int = 3) -> tuple[Moving, list[str]]:
    """Return a migration whose first and last customer share an SSN."""
    bond, ids = seeded_bond(count)
    bond.seed_customer(first_name="Zoe", middle_name="May", ssn=ssn(0))
    ids = list(people(bond))
    numbers = [ssn(at) for at in range(count)] + [ssn(0)]
    rows = "".join(
        f"{item},{number},{900_000 + at}\n"
        for at, (item, number) in enumerate(zip(ids, numbers, strict=True))
    )
    path = directory / "vault.csv"
    path.write_text("source_id,ssn,document_locator_number\n" + rows)
    return Moving(directory, bond, SonderSimulator(), supplement=path), ids


def seeded(directory: Path, **fields: Any) -> Moving:
    """Return a migration of a customer with some values, and of a usual one."""
    bond, _ = seeded_bond(1)
    bond.seed_customer(
        **{"first_name": "Zoe", "middle_name": "May", "ssn": ssn(1), **fields}
    )
    supplement = supplement_for(list(people(bond)), directory / "vault.csv")
    return Moving(directory, bond, SonderSimulator(), supplement=supplement)


def test_one_number_of_two_people_is_not_sent(tmp_path: Path) -> None:
    """Both are blocked and named together, and the target has neither."""
    moving, ids = sharing(tmp_path)
    summary = moving.plan()
    assert findings_of(summary) == {"shared-ssn": (2, ((ids[0], ids[3]),))}
    assert summary.exit_code == 2
    moving.apply()
    assert sorted(people(moving.target).values()) == ["Bea", "Cleo"]


def test_it_is_sent_when_it_was_accepted_by_its_name(tmp_path: Path) -> None:
    """Consent makes both ready, and the summary has the accepted finding."""
    moving, _ = sharing(tmp_path)
    summary = moving.plan(accept_quality={"shared-ssn"})
    assert [(item.name, item.accepted) for item in summary.quality] == [
        ("shared-ssn", True)
    ]
    moving.apply()
    assert len(people(moving.target)) == 4
    assert moving.verify().exit_code == 0


def test_who_was_sent_in_a_pilot_counts(tmp_path: Path, place: JournalLocation) -> None:
    """The second customer is blocked even if an earlier plan moved the first."""
    moving, ids = sharing(tmp_path)
    moving.place = place
    moving.plan(limit=2)
    moving.apply()
    summary = moving.plan(since_last=True)
    assert findings_of(summary) == {"shared-ssn": (1, ((ids[0], ids[3]),))}
    moving.apply()
    assert sorted(people(moving.target).values()) == ["Ada", "Bea", "Cleo"]


def test_a_finding_ends_when_its_cause_is_corrected(tmp_path: Path) -> None:
    """After a plan with the right number both are ready."""
    moving, _ = sharing(tmp_path)
    moving.plan()
    path = moving.supplement
    assert path is not None
    text = path.read_text().splitlines()
    text[-1] = text[-1].replace(ssn(0), "912-46-" + ssn(0)[-4:])
    path.write_text("\n".join(text) + "\n")
    summary = moving.plan()
    assert summary.quality == ()
    assert summary.counts["ready"] == 4


def test_who_comes_to_share_after_the_plan_is_stopped_by_apply(tmp_path: Path) -> None:
    """Apply compares a name that the source changed after the plan."""
    moving = sonder_to_bond(tmp_path, 3)
    moving.plan()
    last = moving.source.customer_ids[-1]
    moving.source.stored(last).fields["firstName"] = "Ada"
    summary = moving.apply()
    assert findings_of(summary)["same-name-and-birth"][0] == 1
    assert sorted(people(moving.target).values()) == ["Ada", "Bea"]


def test_two_of_one_name_and_birth_are_questioned(tmp_path: Path) -> None:
    """Case, blanks and a middle name do not distinguish people."""
    moving = seeded(tmp_path, first_name="ADA ", middle_name="J")
    summary = moving.plan()
    assert findings_of(summary)["same-name-and-birth"][0] == 2


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"dob": "2023-12-25"}, "birth-date"),
        ({"dob": "1899-12-31"}, "birth-date"),
        ({"dob": "2006-04-01"}, "under-18"),
        ({"first_name": "=1+1"}, "formula"),
        ({"first_name": " @SUM"}, "formula"),
    ],
)
def test_a_finding_blocks_its_customer(
    fields: dict[str, str], name: str, tmp_path: Path
) -> None:
    """The finding has a name and no value, and the other customers are sent."""
    moving = seeded(tmp_path, **fields)
    summary = moving.plan()
    assert findings_of(summary)[name][0] == 1
    assert not any(value.strip() in str(summary) for value in fields.values())
    moving.apply()
    assert list(people(moving.target).values()) == ["Ada"]


def test_an_accepted_finding_blocks_nobody(tmp_path: Path) -> None:
    """An accepted value is sent unchanged, and the plan records the consent."""
    moving = seeded(tmp_path, dob="2006-04-01")
    without = moving.plan().plan
    assert moving.plan(accept_quality="under-18").plan != without
    moving.apply()
    assert sorted(people(moving.target).values()) == ["Ada", "Zoe"]


def test_blanks_are_removed_and_reported(tmp_path: Path) -> None:
    """Blanks block nobody: the target has the name without them, and it verifies."""
    moving = seeded(tmp_path, first_name="  Zoe ")
    summary = moving.plan()
    changed = [item for item in summary.quality if item.name == "blanks"]
    assert [(entry.count, entry.field) for entry in changed] == [(1, "first_name")]
    moving.apply()
    assert sorted(people(moving.target).values()) == ["Ada", "Zoe"]
    assert moving.verify().exit_code == 0


def test_an_external_id_of_two_cannot_be_accepted_where_it_finds(
    tmp_path: Path,
) -> None:
    """Bond finds customers by that id, so two of them would become one."""
    moving = sonder_to_bond(tmp_path, 2)
    path = tmp_path / "ids.csv"
    rows = "".join(
        f"{customer_id},same\n" for customer_id in moving.source.customer_ids
    )
    path.write_text("source_id,external_id\n" + rows)
    summary = moving.plan(supplement=path, accept_quality="all")
    assert summary.counts["blocked"] == 2
    with pytest.raises(ConfigurationError, match="Bond looks customers up by ext"):
        moving.plan(supplement=path, accept_quality="shared-external-id")


def test_a_misspelt_consent_is_refused(tmp_path: Path) -> None:
    """The error suggests the nearest name, and nothing is planned."""
    moving = bond_to_sonder(tmp_path, 1)
    with pytest.raises(ConfigurationError, match="Did you mean 'shared-ssn'"):
        moving.plan(accept_quality="shared-snn")
    assert not moving.journal.exists()


@pytest.mark.parametrize(
    "line", ["P.O. Box 12", "PO BOX 12", "Post Office Box 9", "Suite 4, PMB 7"]
)
def test_a_po_box_is_questioned_where_the_target_refuses_one(line: str) -> None:
    """The finding names vendor and page, and needs a declaration."""
    new = NewCustomer(addresses=[Address(line1=line)])
    refusing = QualityChecker(
        side(IncreaseSimulator()).adapter.capabilities, date(2026, 1, 1)
    )
    ((name, path),) = refusing.findings(new)
    assert (name, path) == ("po-box", "addresses[0].line1")
    assert "Increase: " in refusing.message(name, path)
    silent = QualityChecker(
        side(SonderSimulator()).adapter.capabilities, date(2026, 1, 1)
    )
    assert list(silent.findings(new)) == []


@given(
    birth=st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    today=st.dates(date(1990, 1, 1), date(2100, 1, 1)),
)
def test_an_age_is_counted_by_birthdays(birth: date, today: date) -> None:
    """A person born on a leap day comes of age on the first of March."""
    checker = QualityChecker(side(SonderSimulator()).adapter.capabilities, today)
    names = [name for name, _ in checker.findings(NewCustomer(date_of_birth=birth))]
    try:
        eighteenth = birth.replace(year=birth.year + 18)
    except ValueError:
        eighteenth = date(birth.year + 18, 3, 1)
    expected = "birth-date" if birth > today else "under-18"
    assert names == ([] if eighteenth <= today else [expected])


@given(st.text(st.sampled_from(" \u00a0abc=-"), max_size=6))
def test_trimming_is_done_once(text: str) -> None:
    """A trimmed text has no blanks left, and loses nothing else."""
    line = text if text.strip() else None  # no value is blank alone
    fields = {"first_name": text or None, "addresses": (Address(line1=line),)}
    once = trimmed(fields)
    assert list(blanks(once)) == []
    assert (once["first_name"] or "") == text.strip()
    assert trimmed(once) == once


def test_no_value_is_in_the_journal(tmp_path: Path) -> None:
    """The journal has keyed fingerprints of numbers and no number."""
    moving, _ = sharing(tmp_path)
    moving.plan()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("move.db*"))
    for at in range(3):
        assert ssn(at).encode() not in content
        assert ssn(at).replace("-", "").encode() not in content
    assert NAMES[0].encode() not in content


def test_machines_read_the_same(tmp_path: Path) -> None:
    """The JSON of a report has every finding with its ids."""
    moving, ids = sharing(tmp_path)
    moving.plan()
    report = migrate.Report.read(moving.journal)
    (finding,) = (attrs.asdict(item) for item in report.summary.quality)
    assert json.loads(json.dumps(finding))["examples"] == [[ids[0], ids[3]]]
    assert "--accept-quality shared-ssn" in finding["remedy"]


def test_a_report_has_the_findings(tmp_path: Path) -> None:
    """The page has a section with both ids that share a number."""
    moving, ids = sharing(tmp_path)
    moving.plan()
    page = tmp_path / "report.html"
    migrate.report(journal=moving.journal, html=page)
    text = page.read_text().partition("Data quality")[2].partition("</section>")[0]
    assert all(f"<code>{item}</code>" in text for item in (ids[0], ids[3]))
    assert ssn(0) not in page.read_text()
