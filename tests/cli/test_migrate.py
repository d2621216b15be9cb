"""`anybank migrate` as it is typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from anybank.migrate.journal.file_lock import FileLock
from anybank.sandbox.server import serve
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator

from .conftest import Run

SSN = "912-45-6000"


@pytest.fixture
def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Serve both banks, one with two people, and return their supplement."""
    bond, sonder = BondSimulator(), SonderSimulator()
    numbers = (SSN, "912-45-6001")
    ids = [
        bond.seed_customer(first_name=name, middle_name="May", ssn=each)
        for name, each in zip(("Ada", "Bea"), numbers, strict=True)
    ]
    path = tmp_path / "vault.csv"
    rows = "".join(f"{each},{numbers[at]},9\n" for at, each in enumerate(ids))
    path.write_text(f"source_id,ssn,document_locator_number\n{rows}")
    with serve({"bond": bond, "sonder": sonder}) as running:
        for name, kind in (("bond", BondSimulator), ("sonder", SonderSimulator)):
            variable = f"ANYBANK_{name}".upper()
            monkeypatch.setenv(f"{variable}_BASE_URL", running.base_url(name))
            monkeypatch.setenv(f"{variable}_RATE_LIMIT", "none")
            for option, value in kind.credentials.items():
                monkeypatch.setenv(f"{variable}_{option.upper()}", value)
        monkeypatch.chdir(tmp_path)
        yield path


def plan(run: Run, *more: str, loss: str = "external_id") -> tuple[int, str, str]:
    """Plan, with consent to lose one field."""
    sides = ("--from", "bond", "--to", "sonder", "--journal", "move.db")
    given = (*sides, "--supplement", "vault.csv", "--accept-loss", loss, *more)
    ran = run("migrate", "plan", *given)
    return ran.code, ran.out, ran.err


def step(run: Run, command: str, *more: str) -> tuple[int, str, str]:
    """Run one of the later commands."""
    ran = run("migrate", command, "--journal", "move.db", *more)
    return ran.code, ran.out, ran.err


@pytest.mark.usefixtures("vault")
def test_the_five_lines_move_everyone(run: Run) -> None:
    """Plan, apply, verify, crosswalk and report end well, and say so."""
    assert plan(run)[0] == 0
    assert step(run, "apply")[0] == 0
    code, out, _ = step(run, "verify")
    assert code == 0
    assert "verified   2" in out
    assert step(run, "crosswalk", "--csv", "x.csv")[1] == "2 rows in x.csv\n"
    assert step(run, "report", "--html", "r.html")[1] == "the report is in r.html\n"
    assert step(run, "status")[0] == 0


@pytest.mark.usefixtures("vault")
def test_what_waits_for_a_person_is_told_with_what_to_do(run: Run) -> None:
    """A loss without consent holds the records, exits 2 and names the option."""
    code, out, _ = plan(run, loss="addresses.line2")
    assert code == 2
    assert "to do: pass --accept-loss external_id" in out


@pytest.mark.usefixtures("vault")
def test_a_loss_of_no_field_is_refused(run: Run) -> None:
    """A slip of the pen would otherwise block everybody it was meant to let go."""
    code, _, err = plan(run, loss="adresses.line2")
    assert code == 1
    assert "'adresses.line2' is not a field of NewCustomer" in err
    assert "did you mean 'addresses.line2'?" in err
    assert not Path("move.db").exists()


@pytest.mark.usefixtures("vault")
def test_every_line_fits(run: Run) -> None:
    """What is shown fits 100 columns."""
    _, out, _ = plan(run, loss="addresses.line2")
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.usefixtures("vault")
def test_machines_are_told_the_same(run: Run) -> None:
    """JSON has counts, reasons, totals, what is open and the exit code."""
    _, out, err = plan(run, "--json")
    told = json.loads(out)
    assert told["counts"]["ready"] == 2
    assert told["exit_code"] == 0
    assert told["open"] == 2
    assert {each["field"] for each in told["reasons"]} >= {"external_id"}
    assert SSN not in out + err


@pytest.mark.usefixtures("vault")
@pytest.mark.parametrize(
    ("command", "option"), [("crosswalk", "--csv"), ("report", "--html")]
)
def test_files_are_told_to_machines(run: Run, command: str, option: str) -> None:
    """What was written where is JSON, too."""
    plan(run)
    _, out, _ = step(run, command, option, "out", "--json")
    assert json.loads(out)[option.removeprefix("--")] == "out"


@pytest.mark.usefixtures("vault")
def test_progress_is_on_stderr(run: Run) -> None:
    """Away from a terminal progress is plain lines, and stdout has none of it."""
    plan(run)
    _, out, err = step(run, "apply")
    assert "sent: 2 of 2" in err
    assert "sent:" not in out


def test_a_bad_supplement_is_told_by_its_place(run: Run, vault: Path) -> None:
    """File, line and column are named on stderr; the number is not."""
    vault.write_text(f"source_id,ssn\na,{SSN}1\n")
    code, out, err = plan(run)
    assert code == 1
    assert "vault.csv, line 2, column ssn: must be nine digits" in err
    assert SSN not in out + err


@pytest.mark.usefixtures("vault")
def test_a_second_writer_is_sent_away(run: Run, tmp_path: Path) -> None:
    """One line says who is writing."""
    plan(run)
    with FileLock(tmp_path / "move.db"):
        code, _, err = step(run, "apply")
    assert code == 75
    assert "is being written by process" in err
    assert len(err.splitlines()) <= 2


def test_a_journal_that_is_not_there_names_the_next_step(
    run: Run, tmp_path: Path
) -> None:
    """Who applies before planning is told to plan."""
    path = str(tmp_path / "no.db")
    ran = run("migrate", "status", "--journal", path)
    assert ran.code == 1
    assert "`anybank migrate plan` makes one" in ran.err


def test_ctrl_c_ends_with_a_clear_line(
    run: Run, vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupted run exits 130 and says that the journal is whole."""
    plan(run)

    def press(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("anybank.migrate.apply", press)
    code, _, err = step(run, "apply")
    assert code == 130
    assert "what was in flight is written down" in err


@pytest.mark.parametrize(
    "command", ["plan", "apply", "verify", "status", "crosswalk", "report"]
)
def test_help_is_there(run: Run, command: str) -> None:
    """Every command explains itself."""
    ran = run("migrate", command, "--help")
    assert ran.code == 0
    assert "--journal" in ran.out


def test_exit_codes_are_documented(run: Run) -> None:
    """The group's help tells the order of the commands and the codes."""
    out = run("migrate", "--help").out
    assert "Exit codes:" in out
    assert out.index("migrate plan") < out.index("migrate apply")


@pytest.mark.usefixtures("vault")
def test_the_plan_is_named_and_no_other_is_applied(run: Run) -> None:
    """The line that apply can be held to is shown, and another plan is refused."""
    seen = json.loads(plan(run, "--json")[1])["plan"]
    code, _, err = step(run, "apply", "--plan", "0" * 16)

    assert f"apply --plan {seen}" in step(run, "status")[1]
    assert (code, seen in err) == (1, True)
    assert step(run, "apply", "--plan", seen)[0] == 0


@pytest.mark.usefixtures("vault")
def test_each_command_names_the_next(run: Run) -> None:
    """The last line can be pasted, with the checksum of the plan that was shown."""
    out = plan(run)[1]
    checksum = out.partition("This plan is ")[2].partition(":")[0]
    assert f"Next: anybank migrate apply --plan {checksum} --journal move.db\n" in out
    assert "Next: anybank migrate verify --journal move.db\n" in step(run, "apply")[1]
    assert "Next: anybank migrate crosswalk --csv" in step(run, "verify")[1]


def test_one_customer_is_shown(run: Run, vault: Path) -> None:
    """Fields by fate, requests with time and operator, and no value."""
    (source_id, *_) = vault.read_text().splitlines()[1].split(",")
    plan(run, "--operator", "Grace")
    step(run, "apply", "--operator", "Ken")
    code, out, _ = step(run, "show", source_id)
    assert code == 0
    assert f"{source_id}: created" in out
    assert "apply (Ken)" in out
    assert "plan (Grace)" in out
    assert "external_id" in out
    assert not any(value in out for value in (SSN, "Ada", "May", "example.com"))
    told = json.loads(step(run, "show", source_id, "--json")[1])
    assert [each["state"] for each in told["events"]][-1] == "created"
    status = step(run, "status")[1]
    assert "Grace" in status
    assert "Ken" in status


def test_what_looks_wrong_is_a_section_of_the_plan(run: Run, vault: Path) -> None:
    """Finding, count and both ids are shown with the option that accepts it; no name is."""
    header, *rows = vault.read_text().splitlines()
    named = [f"{each},{name}" for each, name in zip(rows, ("=Bo", "=Cy"), strict=True)]
    vault.write_text("\n".join([f"{header},first_name", *named, ""]))
    code, out, err = plan(run)
    assert code == 2
    assert "Data quality" in out
    assert "2  formula  first_name: begins with a character" in " ".join(
        out.split(" " * 5)
    )
    assert "--accept-quality formula" in " ".join(out.split())
    assert not any(name in out + err for name in ("=Bo", "=Cy"))
    assert plan(run, "--accept-quality", "formula")[0] == 0


@pytest.mark.parametrize("given", ["Customer ID", "=ssn", "x="])
def test_half_a_mapping_is_wrong_usage(run: Run, given: str) -> None:
    """What --map takes is shown as it is typed."""
    ran = run(
        *("migrate", "plan", "--from", "bond", "--to", "sonder", "--journal", "j.db"),
        *("--map", given),
    )
    assert ran.code == 64
    assert 'write it as --map "Customer ID=source_id"' in ran.err
