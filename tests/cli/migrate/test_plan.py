"""`anybank migrate plan`: what it shows, refuses and asks for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import SEEDED_SSN, Run

from anybank.cli.output import MAX_WIDTH

from .steps import plan, step


@pytest.mark.usefixtures("vault")
def test_a_loss_without_consent_needs_a_person(run: Run) -> None:
    """The plan exits 2 and names the option that accepts the loss."""
    result = plan(run, accept_loss="addresses.line2")
    assert result.code == 2
    assert "to do: pass --accept-loss external_id" in result.out


@pytest.mark.usefixtures("vault")
def test_an_unknown_field_of_a_loss_is_refused(run: Run) -> None:
    """The error suggests the nearest field, and nothing is planned."""
    result = plan(run, accept_loss="adresses.line2")
    assert result.code == 1
    assert "'adresses.line2' is not a field of NewCustomer" in result.err
    assert "did you mean 'addresses.line2'?" in result.err
    assert not Path("move.db").exists()


@pytest.mark.usefixtures("vault")
def test_every_line_fits(run: Run) -> None:
    """Lines that are not commands to copy fit the width."""
    out = plan(run, accept_loss="addresses.line2").out
    assert max(map(len, out.splitlines())) <= MAX_WIDTH


@pytest.mark.usefixtures("vault")
def test_json_has_the_whole_summary(run: Run) -> None:
    """JSON has counts, reasons, open records and the exit code, and nothing personal."""
    result = plan(run, "--json", accept_loss="external_id")
    summary = json.loads(result.out)
    assert summary["counts"]["ready"] == 2
    assert summary["exit_code"] == 0
    assert summary["open"] == 2
    assert {item["field"] for item in summary["reasons"]} >= {"external_id"}
    assert SEEDED_SSN not in result.out + result.err


def test_an_error_in_the_supplement_names_its_location(run: Run, vault: Path) -> None:
    """The error names file, line and column, and not the value."""
    vault.write_text(f"source_id,ssn\na,{SEEDED_SSN}1\n")
    result = plan(run)
    assert result.code == 1
    assert "vault.csv, line 2, column ssn: must be nine digits" in result.err
    assert SEEDED_SSN not in result.out + result.err


def test_data_quality_findings_are_a_section(run: Run, vault: Path) -> None:
    """A finding shows its count and the option that accepts it, and no name."""
    header, *rows = vault.read_text().splitlines()
    named = [f"{item},{name}" for item, name in zip(rows, ("=Bo", "=Cy"), strict=True)]
    vault.write_text("\n".join([f"{header},first_name", *named, ""]))
    result = plan(run, accept_loss="external_id")
    assert result.code == 2
    assert "Data quality" in result.out
    text = " ".join(result.out.split(" " * 5))
    assert "2  formula  first_name: begins with a character" in text
    assert "--accept-quality formula" in " ".join(result.out.split())
    assert not any(name in result.out + result.err for name in ("=Bo", "=Cy"))
    accepted = plan(run, "--accept-quality", "formula", accept_loss="external_id")
    assert accepted.code == 0


@pytest.mark.parametrize("mapping", ["Customer ID", "=ssn", "x="])
def test_half_a_mapping_is_wrong_use(run: Run, mapping: str) -> None:
    """The error shows how to write --map."""
    result = run(
        *("migrate", "plan", "--from", "bond", "--to", "sonder", "--journal", "j.db"),
        *("--map", mapping),
    )
    assert result.code == 64
    assert 'write it as --map "Customer ID=source_id"' in result.err


@pytest.mark.usefixtures("moved")
def test_a_delta_without_changes_succeeds(run: Run) -> None:
    """Planning again with --since-last finds no new and no changed customer."""
    totals = json.loads(plan(run, "--since-last", "--json").out)["totals"]
    assert totals["changed_after_move"] == 0
    assert totals["new"] == 0


@pytest.mark.usefixtures("sonder")
def test_an_invalid_sample_is_refused(run: Run) -> None:
    """The error says which values are allowed."""
    result = plan(run, "--sample", "half")
    assert result.code == 1
    assert "sample must be a share above 0%" in result.err


@pytest.mark.usefixtures("sonder")
def test_a_sample_of_all_is_everyone(run: Run) -> None:
    """100% plans all customers."""
    assert json.loads(plan(run, "--sample", "100%", "--json").out)["open"] == 2
    assert step(run, "apply", "--max-failures", "5%").code == 0
