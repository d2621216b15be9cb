"""`anybank migrate` beyond the five lines: what people settle, undo and check."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from anybank import Bank, CustomerChanges
from anybank.sandbox.faults import Faults, FaultyBank
from anybank.sandbox.server import serve
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator

from .conftest import Ran, Run

SSN = "912-45-6000"


@pytest.fixture
def sonder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyBank]:
    """Serve both banks, Bond with two people and their supplement."""
    bond, sonder = BondSimulator(), Faults().around(SonderSimulator())
    numbers = (SSN, "912-45-6001")
    ids = [
        bond.seed_customer(first_name=name, middle_name="May", ssn=each)
        for name, each in zip(("Ada", "Bea"), numbers, strict=True)
    ]
    rows = "".join(f"{each},{numbers[at]},9\n" for at, each in enumerate(ids))
    (tmp_path / "v.csv").write_text(f"source_id,ssn,document_locator_number\n{rows}")
    with serve({"bond": bond, "sonder": sonder}) as running:
        for name, kind in (("bond", BondSimulator), ("sonder", SonderSimulator)):
            variable = f"ANYBANK_{name}".upper()
            monkeypatch.setenv(f"{variable}_BASE_URL", running.base_url(name))
            monkeypatch.setenv(f"{variable}_RATE_LIMIT", "none")
            for option, value in kind.credentials.items():
                monkeypatch.setenv(f"{variable}_{option.upper()}", value)
        monkeypatch.chdir(tmp_path)
        yield sonder


def step(
    run: Run, command: str, *more: str, terminal: bool = False, **given: str
) -> Ran:
    """Run a command on the journal."""
    on = ("migrate", command, "--journal", "move.db", *more)
    return run(*on, terminal=terminal, **given)


def planned(run: Run, *more: str) -> Ran:
    """Plan the move of Bond's people to Sonder."""
    banks = ("--from", "bond", "--to", "sonder", "--supplement", "v.csv")
    return step(run, "plan", *banks, "--accept-loss", "all", *more)


def in_doubt(run: Run, sonder: FaultyBank) -> str:
    """Move everyone, one of them with a lost answer; return whose."""
    sonder.schedule("lost")
    planned(run)
    told = json.loads(step(run, "apply", "--concurrency", "1", "--json").out)
    (reason,) = (each for each in told["reasons"] if each["effect"] == "quarantined")
    return str(reason["examples"][0])


def first_at(sonder: FaultyBank) -> str:
    """Return the first customer in the bank's own memory."""
    bank = sonder.bank
    assert isinstance(bank, SonderSimulator)
    return next(iter(bank.customer_ids))


@pytest.mark.usefixtures("sonder")
def test_why_it_is_not_done_is_on_stderr(run: Run) -> None:
    """A plan that was ended is not done, also for a program that reads stdout."""
    banks = ("--from", "bond", "--to", "sonder", "--supplement", "command:false")
    assert step(run, "plan", *banks).code == 1
    ran = step(run, "status", "--json")
    assert (ran.code, json.loads(ran.out)["exit_code"]) == (1, 1)
    assert ran.err.startswith("error: the plan is not complete: run `anybank migrate")


def test_the_commands_of_a_quarantined_record_are_taken(
    run: Run, sonder: FaultyBank
) -> None:
    """What the report says to type works as it stands, once the id is put in."""
    in_doubt(run, sonder)
    (task,) = json.loads(step(run, "report", "--json").out)["waiting"]
    there = first_at(sonder)
    typed = shlex.split(task["commands"][0].replace("TARGET_ID", there))
    assert run(*typed[1:]).code == 0
    assert json.loads(step(run, "status", "--json").out)["counts"]["created"] == 2


def test_a_verdict_is_recorded(run: Run, sonder: FaultyBank) -> None:
    """Who was found is created, and stdout says that a verdict was recorded."""
    ours = in_doubt(run, sonder)
    there = first_at(sonder)
    found = step(run, "resolve", ours, "--exists", there)
    assert found.code == 0
    assert "Verdicts recorded: 1." in found.out
    assert "created   2" in found.out


def test_a_bad_verdict_is_told_by_its_place(run: Run, sonder: FaultyBank) -> None:
    """A row that is wrong is named on stderr, without its value."""
    in_doubt(run, sonder)
    Path("x.csv").write_text(f"source_id,verdict,target_id\na,{SSN},\n")
    ran = step(run, "resolve", "--csv", "x.csv")
    assert ran.code == 1
    assert "x.csv, line 2, column verdict: must be exists or absent" in ran.err
    assert SSN not in ran.out + ran.err


@pytest.mark.parametrize(
    "given", [("a",), ("--absent",), ("a", "--absent", "--exists", "t"), ()]
)
def test_half_a_verdict_is_wrong_usage(run: Run, given: tuple[str, ...]) -> None:
    """The usage says what belongs together."""
    ran = step(run, "resolve", *given)
    assert ran.code == 64
    assert "give ID with --exists or --absent" in ran.err


@pytest.mark.usefixtures("sonder")
def test_retry_says_what_apply_will_do(run: Run) -> None:
    """With nothing that failed, the summary says what is still to do."""
    planned(run)
    told = json.loads(step(run, "retry", "--json").out)
    assert told["totals"]["retried"] == 0
    assert [each["calls"] for each in told["efforts"]] == [2, 4]


@pytest.mark.usefixtures("sonder")
def test_a_code_that_is_not_there_is_refused(run: Run) -> None:
    """One line on stderr says which codes there are."""
    planned(run)
    ran = step(run, "retry", "--code", "nope")
    assert ran.code == 1
    assert "no failed record has the code nope" in ran.err


@pytest.fixture
def moved(run: Run, sonder: FaultyBank) -> SonderSimulator:
    """Move both people, and return where they are."""
    planned(run)
    step(run, "apply")
    bank = sonder.bank
    assert isinstance(bank, SonderSimulator)
    assert len(bank.customer_ids) == 2
    return bank


def test_rollback_says_what_cannot_be_undone_first(
    run: Run, moved: SonderSimulator
) -> None:
    """With --yes nobody is asked; stderr has the warnings, stdout what was done."""
    ran = step(run, "rollback", "--yes")
    assert ran.code == 0
    assert "2 customers will be deleted at Sonder Labs" in ran.err
    assert "2 are not at the target any more" in ran.out
    assert list(moved.customer_ids) == []


def test_rollback_asks_whoever_is_there(run: Run, moved: SonderSimulator) -> None:
    """A no leaves everybody where they are, and a yes does not."""
    assert step(run, "rollback", terminal=True, stdin="n\n").code == 1
    assert len(moved.customer_ids) == 2
    assert step(run, "rollback", terminal=True, stdin="y\n").code == 0
    assert list(moved.customer_ids) == []


def test_rollback_with_nobody_to_ask_is_wrong_usage(
    run: Run, moved: SonderSimulator
) -> None:
    """In a script it needs --yes."""
    ran = step(run, "rollback")
    assert ran.code == 64
    assert "give --yes" in ran.err
    assert len(moved.customer_ids) == 2


def test_who_is_kept_is_listed(run: Run, moved: SonderSimulator) -> None:
    """Everybody with accounts is named by id, with what to do."""
    for each in moved.customer_ids:
        moved.world.customers[each].account_ids.append("acc-1")
    ran = step(run, "rollback", "--yes")
    ids = [each.split(",")[0] for each in Path("v.csv").read_text().splitlines()[1:]]
    assert ran.code == 2
    assert "to do: close its accounts, then roll back again" in ran.out
    assert all(each in ran.out for each in ids)


@pytest.mark.usefixtures("moved")
def test_nothing_personal_is_told_of_a_rollback(run: Run) -> None:
    """Neither streams nor journal have a number or a name."""
    ran = step(run, "rollback", "--yes", "--json")
    files = b"".join(each.read_bytes() for each in Path().glob("move.db*"))
    for personal in (SSN, SSN.replace("-", ""), "May"):
        assert personal not in ran.out + ran.err
        assert personal.encode() not in files


@pytest.mark.usefixtures("moved")
def test_a_delta_with_nothing_new_ends_well(run: Run) -> None:
    """Plan again finds nobody new and nobody changed."""
    told = json.loads(planned(run, "--since-last", "--json").out)
    assert told["totals"]["changed_after_move"] == 0
    assert told["totals"]["new"] == 0


@pytest.mark.usefixtures("sonder")
def test_a_share_that_is_none_is_told(run: Run) -> None:
    """The one line says how it is written."""
    ran = planned(run, "--sample", "half")
    assert ran.code == 1
    assert "sample must be more than 0 %" in ran.err


@pytest.mark.usefixtures("sonder")
def test_all_is_a_share_too(run: Run) -> None:
    """A hundred percent is everybody, and a threshold may be a percentage."""
    assert json.loads(planned(run, "--sample", "100%", "--json").out)["open"] == 2
    assert step(run, "apply", "--max-failures", "5%").code == 0


@pytest.mark.usefixtures("moved")
def test_a_sound_journal_is_told_in_a_line(run: Run) -> None:
    """It exits 0, and says how many records it has."""
    ran = step(run, "check")
    assert (ran.code, ran.out) == (0, "move.db is sound: 2 records\n")


@pytest.mark.usefixtures("moved")
def test_a_damaged_journal_exits_one(run: Run) -> None:
    """What is damaged and what to do is a table, and JSON for machines."""
    Path("move.db.key").unlink()
    ran = step(run, "check")
    assert ran.code == 1
    assert "move.db is damaged" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 100
    told = json.loads(step(run, "check", "--json").out)
    assert told["exit_code"] == 1
    assert told["damages"][0]["remedy"].startswith("put the key")


@pytest.mark.parametrize("command", ["resolve", "retry", "rollback", "check"])
def test_the_later_commands_explain_themselves(run: Run, command: str) -> None:
    """Each has help, and is named in that of the group."""
    assert "--journal" in run("migrate", command, "--help").out
    assert f"  {command} " in run("migrate", "--help").out


def renamed(moved: SonderSimulator) -> str:
    """Give somebody at the target another e-mail, as another would, and return whom."""
    theirs = next(iter(moved.customer_ids))
    with Bank("sonder") as bank:
        bank.customers.update(theirs, CustomerChanges(emails=["zoe@example.com"]))
    return theirs


def test_overwrite_asks_and_then_nothing_is_open(
    run: Run, moved: SonderSimulator
) -> None:
    """Who was read back different is as promised again, once somebody says yes."""
    renamed(moved)
    assert "anybank migrate overwrite" in step(run, "verify").out
    ran = step(run, "overwrite", terminal=True, stdin="n\n")
    assert (ran.code, "1 customers at Sonder Labs" in ran.err) == (1, True)
    ran = step(run, "overwrite", "--yes")
    assert (ran.code, "1 were overwritten and read back" in ran.out) == (0, True)


def test_nothing_personal_is_told_of_overwriting(
    run: Run, moved: SonderSimulator
) -> None:
    """Neither streams nor journal have a number, a name or an e-mail."""
    renamed(moved)
    step(run, "verify")
    ran = step(run, "overwrite", "--yes", "--json")
    files = b"".join(each.read_bytes() for each in Path().glob("move.db*"))
    for personal in (SSN, "May", "example.com"):
        assert personal not in ran.out + ran.err
        assert personal.encode() not in files


def test_a_restored_backup_is_refused_until_it_is_adopted(
    run: Run, sonder: FaultyBank
) -> None:
    """Nothing is sent from a copy: first everybody who may have been sent is put aside."""
    planned(run)
    assert "2 records in copy.db" in step(run, "backup", "--to", "copy.db").out
    assert step(run, "apply").code == 0
    Path("copy.db").replace("move.db")
    refused = step(run, "apply")
    assert refused.code == 1
    for text in ("it is a copy that", "move.db.mark", "anybank migrate adopt"):
        assert text in refused.err
    assert step(run, "status").code == 1
    assert "may not be the latest" in step(run, "check").out
    early = step(run, "adopt", "--restored-from", "2001-01-01T00:00:00Z")
    assert (early.code, "it is another copy" in early.err) == (1, True)
    adopted = step(run, "adopt")
    assert (adopted.code, "2 may have been sent" in adopted.out) == (2, True)
    assert step(run, "apply").code == 2
    assert isinstance(sonder.bank, SonderSimulator)
    assert len(list(sonder.bank.customer_ids)) == 2


@pytest.mark.usefixtures("sonder")
def test_a_rebase_needs_a_url(run: Run) -> None:
    """Which bank has moved is for the user to say."""
    planned(run)
    assert "--target-url" in step(run, "rebase").err
    assert step(run, "rebase", "--target-url", "https://localhost:1").code != 0
