"""The outcome of records where the target, the source or the network fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import define, evolve
from tests.fakes import FakeTime
from tests.migrate.moving import (
    Moving,
    bond_to_sonder,
    people,
    seeded_bond,
    side,
    sonder_to_bond,
    ssn,
    supplement_for,
)

from anybank import (
    AuthenticationFailed,
    Bank,
    ConfigurationError,
    CustomerChanges,
    HttpOptions,
    ProviderUnavailable,
    migrate,
)
from anybank.adapter.wire import Request, Response
from anybank.migrate import Outage
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank.sandbox.faults import Faults, FaultyBank
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator

TWO_LINES = {
    "address_type": "PHYSICAL",
    "street": "1 Test St.",
    "street2": "Suite 9",
    "city": "Reno",
    "state": "NV",
    "zip_code": "89501",
    "country": "US",
    "is_primary": True,
}


class Recorder:
    """A bank that records its requests."""

    def __init__(self, bank: BondSimulator | SonderSimulator) -> None:
        self.bank = bank
        self.requests: list[str] = []

    def __call__(self, request: Request) -> Response:
        self.requests.append(f"{request.method} {request.path.rsplit('/', 1)[-1]}")
        return self.bank(request)


def faulty_sonder(*names: str | None, **chances: float) -> FaultyBank:
    """Return a Sonder behind a faulty network: given faults first, then by chance."""
    faulty = Faults(chances, seed=3).around(SonderSimulator())
    faulty.schedule(*names)
    return faulty


def faulty_bond(*names: str | None, **chances: float) -> FaultyBank:
    """Return a Bond behind a faulty network."""
    faulty = Faults(chances, seed=3).around(BondSimulator(seed=1))
    faulty.schedule(*names)
    return faulty


def moving_to(target: FaultyBank, directory: Path, count: int = 4) -> Moving:
    """Return a planned migration to a faulty bank."""
    begin = sonder_to_bond if isinstance(target.bank, BondSimulator) else bond_to_sonder
    moving = begin(directory, count, target=target)
    moving.plan(match=False)  # the faults are for the apply
    return moving


def there(moving: Moving) -> list[str]:
    """Return the first names at the target, sorted."""
    target = moving.target
    return sorted(people(getattr(target, "bank", target)).values())


def test_planning_asks_the_target_nothing(tmp_path: Path) -> None:
    """A plan needs only the source and the declarations."""
    target = Recorder(SonderSimulator())
    moving = bond_to_sonder(tmp_path, target=target)
    assert moving.plan().counts["ready"] == 4
    assert target.requests == []


def test_everyone_arrives_and_is_verified(tmp_path: Path) -> None:
    """Plan, apply and verify move everyone, and another apply moves nobody."""
    moving = bond_to_sonder(tmp_path)
    assert moving.plan().exit_code == 0
    assert moving.apply().counts["created"] == 4
    assert moving.verify().exit_code == 0
    assert moving.apply().totals["sent"] == 0
    assert there(moving) == ["Ada", "Bea", "Cleo", "Dora"]


def test_one_request_at_the_target_makes_one_customer(tmp_path: Path) -> None:
    """Only verify reads back: each call counts against a rate limit."""
    target = Recorder(SonderSimulator())
    moving = bond_to_sonder(tmp_path, target=target)
    moving.plan()
    moving.apply()
    assert [requests.partition(" ")[0] for requests in target.requests] == ["POST"] * 4


def test_a_lost_answer_is_quarantined_where_nobody_can_look(tmp_path: Path) -> None:
    """Sonder may have created the customer, so a person has to check."""
    moving = moving_to(faulty_sonder("lost"), tmp_path, 1)
    summary = moving.apply()
    assert summary.counts["quarantined"] == 1
    assert summary.exit_code == 2
    assert summary.reasons[0].remedy.startswith("check in the target's own tools")
    assert moving.apply().totals["sent"] == 0
    assert there(moving) == ["Ada"]


def test_a_lost_answer_is_found_where_one_can_look(tmp_path: Path) -> None:
    """Bond is searched by our reference, and the customer counts as created."""
    moving = moving_to(faulty_bond("lost"), tmp_path, 1)
    assert moving.apply().counts["created"] == 1
    assert there(moving) == ["Ada"]


@pytest.mark.parametrize("fault", ["500", "503", "malformed", "truncated", "html"])
def test_an_unclear_answer_is_looked_into(tmp_path: Path, fault: str) -> None:
    """Whatever the response leaves open, Bond has each customer once in the end."""
    moving = moving_to(faulty_bond(fault, fault, fault), tmp_path, 3)
    assert moving.apply().open == 0
    assert there(moving) == ["Ada", "Bea", "Cleo"]


@pytest.mark.parametrize("fault", ["refused", "429"])
def test_what_was_not_taken_is_sent_again(tmp_path: Path, fault: str) -> None:
    """A refused connection and a 429 leave no doubt, even at Sonder."""
    moving = moving_to(faulty_sonder(fault, fault), tmp_path)
    assert moving.apply().counts["created"] == 4
    assert there(moving) == ["Ada", "Bea", "Cleo", "Dora"]


def test_a_storm_is_weathered_by_bond(tmp_path: Path) -> None:
    """With a third of the responses lost, everyone is there once after a few runs."""
    chances = {"lost": 0.12, "429": 0.12, "503": 0.06, "refused": 0.05}
    moving = moving_to(faulty_bond(**chances), tmp_path, 8)
    for _ in range(5):
        summary = moving.apply()
    assert summary.open == 0
    assert len(set(there(moving))) == len(there(moving)) == 8


def test_a_storm_at_sonder_duplicates_nobody(tmp_path: Path) -> None:
    """Records in doubt are quarantined, and nobody is there twice."""
    chances = {"lost": 0.2, "429": 0.1, "500": 0.1}
    moving = moving_to(faulty_sonder(**chances), tmp_path, 8)
    for _ in range(3):
        summary = moving.apply()
    settled = summary.counts["created"] + summary.counts["quarantined"]
    assert settled == 8
    assert len(set(there(moving))) == len(there(moving))


def test_somebody_who_is_there_already_is_ambiguous(tmp_path: Path) -> None:
    """A bank that has the SSN rejects the create, and a person decides."""
    moving = bond_to_sonder(tmp_path, 1, duplicate_ssn="reject")
    moving.target.seed_customer(socialSecurityNumber="912-45-6000")
    moving.plan()
    assert moving.apply().counts["ambiguous"] == 1


def seed_by_reference(moving: Moving, **fields: str) -> None:
    """Create a customer with our reference at Bond, as an earlier create would."""
    (source_id,) = people(moving.source)
    with Journal.open(moving.journal) as journal:
        (record,) = journal.records({State.READY})
    reference = record.reference
    assert (record.source_id, reference is None) == (source_id, False)
    moving.target.seed_customer(brand_person_id=reference, **fields)


def test_our_reference_on_ourselves_is_an_earlier_create(tmp_path: Path) -> None:
    """A rejected duplicate that is the same person counts as created."""
    moving = sonder_to_bond(tmp_path, 1)
    moving.plan()
    seed_by_reference(moving, first_name="Ada", middle_name="May")
    assert moving.apply().counts["created"] == 1
    assert there(moving) == ["Ada"]


def test_our_reference_on_somebody_else_is_ambiguous(tmp_path: Path) -> None:
    """A customer with our reference and another name does not count as ours."""
    moving = sonder_to_bond(tmp_path, 1)
    moving.plan()
    seed_by_reference(moving, first_name="Zoe")
    summary = moving.apply()
    assert summary.counts["ambiguous"] == 1
    assert summary.reasons[0].rule == "FoundDifferent"


def test_a_rejection_is_recorded_by_its_code(tmp_path: Path) -> None:
    """A rejected create is a failed record with code and field, and no value."""
    moving = sonder_to_bond(tmp_path, 1, target=BondSimulator(unique_ssn=True))
    (source_id,) = people(moving.source)
    moving.supplement = supplement_for([source_id], tmp_path / "vault.csv")
    moving.target.seed_customer(ssn="912-45-6000")
    moving.plan(supplement=None)
    (tmp_path / "ssn.csv").write_text(f"source_id,ssn\n{source_id},912-45-6000\n")
    moving.plan(supplement=tmp_path / "ssn.csv")
    summary = moving.apply()
    assert summary.counts["failed"] == 1
    assert summary.reasons[0].field == "ssn"
    assert summary.reasons[0].rule == "create_customer_schema"
    assert moving.apply().totals["sent"] == 0


def test_too_many_failures_stop_the_run(tmp_path: Path) -> None:
    """A limit of zero stops at the first failure, and the summary says so."""
    moving = moving_to(faulty_sonder(*["lost"] * 8), tmp_path, 8)
    summary = moving.apply(max_failures=0, concurrency=1)
    assert summary.stopped is not None
    assert "--max-failures 0" in summary.stopped
    assert summary.exit_code == 1
    assert summary.counts["ready"] == 7


def test_a_changed_source_is_not_sent_blind(tmp_path: Path) -> None:
    """A customer who changed after the plan is certified again and sent so."""
    moving = bond_to_sonder(tmp_path, 1)
    moving.plan()
    (source_id,) = people(moving.source)
    at = side(moving.source)
    with Bank("bond", **at.options) as bank:
        changes = CustomerChanges(emails=["new@example.com"])
        bank.customers.update(source_id, changes)
    summary = moving.apply()
    assert summary.totals["changed_since_plan"] == 1
    assert moving.verify().counts["verified"] == 1


def test_another_policy_is_certified_again(tmp_path: Path) -> None:
    """An equal source with another request is certified again."""
    moving = bond_to_sonder(tmp_path, 1)
    moving.source.seed_customer(
        first_name="Bea", middle_name="May", ssn=ssn(1), addresses=[TWO_LINES]
    )
    ids = list(people(moving.source))
    moving.supplement = supplement_for(ids, tmp_path / "both.csv")
    moving.plan()
    moving.options = {"second_line": "join"}
    assert moving.apply().totals["changed_since_plan"] == 1
    assert moving.verify().counts["verified"] == 2


def test_a_source_that_is_gone_is_not_sent(tmp_path: Path) -> None:
    """A customer who was deleted after the plan is blocked."""
    moving = bond_to_sonder(tmp_path, 2)
    moving.plan()
    gone, _ = people(moving.source)
    with Bank("bond", **side(moving.source).options) as bank:
        bank.customers.delete(gone)
    summary = moving.apply()
    assert summary.counts["blocked"] == 1
    assert summary.reasons[0].rule == "gone"
    assert there(moving) == ["Bea"]


def test_bad_credentials_end_the_run_and_lose_nothing(tmp_path: Path) -> None:
    """Every record stays ready."""
    moving = bond_to_sonder(tmp_path)
    moving.plan()
    moving.options = {"token": "wrong"}
    with pytest.raises(AuthenticationFailed):
        moving.apply()
    moving.options = {}
    assert moving.apply().counts["created"] == 4


@pytest.mark.parametrize("good", [0, 2])
def test_a_secret_that_breaks_ends_the_run_and_loses_nothing(
    good: int, tmp_path: Path
) -> None:
    """A secret that fits no header makes no record failed or quarantined."""
    token = SonderSimulator.credentials["token"]
    left = [token] * good

    def vault() -> str:
        return left.pop() if left else f"{token}\n"

    moving = bond_to_sonder(tmp_path)
    moving.plan()
    moving.options = {"token": vault}
    with pytest.raises(ConfigurationError, match="token: the callable returned text"):
        moving.apply(concurrency=1)
    counts = migrate.status(journal=moving.journal).counts
    assert (counts["created"], counts["ready"]) == (good, 4 - good)
    moving.options = {}
    assert moving.apply().counts["created"] == 4
    assert there(moving) == ["Ada", "Bea", "Cleo", "Dora"]
    moving.options = {"token": vault}
    with pytest.raises(ConfigurationError, match="token: the callable"):
        moving.verify()
    _, target = moving.sides()
    with pytest.raises(ConfigurationError, match="token: the callable"):
        migrate.rollback(journal=moving.journal, target=target, yes=True)
    assert migrate.status(journal=moving.journal).counts["created"] == 4


def test_how_a_side_sends_is_of_this_process_alone(tmp_path: Path) -> None:
    """HttpOptions are not recorded, because a proxy may have a password."""
    moving = bond_to_sonder(tmp_path)
    moving.options = {"http": HttpOptions(proxy="http://user:hunter2secret@127.0.0.1")}
    moving.plan()
    assert moving.apply().counts["created"] == 4
    assert b"hunter2secret" not in moving.journal.read_bytes()
    source, target = moving.sides()
    assert "http" not in target.record
    wrong = evolve(source, options={**source.options, "http": {"proxy": None}})
    with pytest.raises(ConfigurationError, match="http must be an HttpOptions"):
        migrate.apply(journal=moving.journal, source=wrong, target=target)


def test_certificates_that_are_missing_end_the_run_and_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing can be sent, so everybody stays ready."""
    moving = bond_to_sonder(tmp_path)
    moving.plan()
    source, _ = moving.sides()
    live = migrate.Side("sonder", {"token": "t", "rate_limit": None})
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    with pytest.raises(ConfigurationError, match="SSL_CERT_FILE: the file it names"):
        migrate.apply(journal=moving.journal, source=source, target=live)
    assert migrate.status(journal=moving.journal).counts["ready"] == 4


def test_a_dead_source_ends_the_run_and_loses_nothing(tmp_path: Path) -> None:
    """A source that cannot be read leaves its records ready."""
    moving = bond_to_sonder(tmp_path)
    moving.plan()
    alive, moving.source = moving.source, Faults({"503": 1.0}).around(moving.source)
    summary = moving.apply()
    assert summary.stopped == (
        "Bond failed 5 times in a row (ProviderUnavailable, HTTP 503), so nothing more was "
        "sent. Run the same command again when the bank is back, or add --wait 30m to "
        "wait for it."
    )
    assert (summary.counts["ready"], summary.exit_code) == (4, 75)
    moving.source = alive
    assert moving.apply().open == 0


def test_a_run_that_gets_nowhere_gives_up(tmp_path: Path) -> None:
    """After a few records that cannot be read the run stops."""
    moving = bond_to_sonder(tmp_path, 8)
    moving.plan()
    moving.source = Faults({"503": 1.0}).around(moving.source)
    outage = moving.apply(concurrency=1).outage
    assert outage == Outage(
        provider="bond", error="ProviderUnavailable", status=503, failures=5, waited=0.0
    )


def test_a_plan_is_refreshed_and_forgets_no_outcome(tmp_path: Path) -> None:
    """A second plan adds new customers and does not change records that were sent."""
    moving = bond_to_sonder(tmp_path, 2)
    moving.plan(limit=1)
    moving.apply()
    walked = moving.crosswalk()
    assert moving.plan().counts["ready"] == 1
    assert moving.apply().open == 0
    assert walked.items() <= moving.crosswalk().items()


def test_what_was_blocked_goes_once_it_is_supplied(tmp_path: Path) -> None:
    """A better supplement makes records ready, and missing rows are counted."""
    moving = bond_to_sonder(tmp_path, 2)
    ids = list(people(moving.source))
    full, moving.supplement = moving.supplement, tmp_path / "half.csv"
    supplement_for(ids[:1], moving.supplement)
    summary = moving.plan()
    assert (summary.counts["blocked"], summary.totals["without_supplement"]) == (1, 1)
    assert moving.plan(supplement=full).counts["ready"] == 2


def test_a_changed_supplement_is_refused(tmp_path: Path) -> None:
    """Apply accepts only the supplement of the plan."""
    moving = bond_to_sonder(tmp_path, 1)
    moving.plan()
    (tmp_path / "vault.csv").write_text("source_id,ssn\nnobody,\n")
    with pytest.raises(ConfigurationError, match="has changed since the plan"):
        moving.apply()


def test_an_interrupted_plan_is_not_applied(tmp_path: Path) -> None:
    """A plan that has not read the whole source must be repeated first."""
    moving = bond_to_sonder(tmp_path, 1)
    moving.plan()
    (tmp_path / "empty").write_text("")
    with pytest.raises(ConfigurationError, match="has no ids"):
        moving.plan(ids=tmp_path / "empty")
    moving.source = Faults({"500": 1.0}).around(moving.source)
    with pytest.raises(Exception, match="500"):
        moving.plan()
    with pytest.raises(ConfigurationError, match="was interrupted"):
        moving.apply()
    status = migrate.status(journal=moving.journal)
    assert (status.exit_code, "plan` again" in str(status.stopped)) == (1, True)


def test_one_bad_answer_does_not_end_a_plan(tmp_path: Path) -> None:
    """A read is also repeated after a response that cannot be parsed."""
    moving = sonder_to_bond(tmp_path)
    moving.source = Faults().around(moving.source)
    moving.source.schedule("malformed", "malformed", *["500"] * 5)
    assert moving.plan().counts["ready"] == moving.plan().totals["records"] > 0


def test_a_bank_is_not_moved_to_itself(tmp_path: Path) -> None:
    """With the same credentials and URL everybody would be there twice."""
    one = side(seeded_bond(1)[0])
    with pytest.raises(ConfigurationError, match="are the same, bond at"):
        migrate.plan(one, one, journal=tmp_path / "move.db")
    assert not (tmp_path / "move.db").exists()


def test_another_brand_of_the_same_bank_is_not_taken_for_itself(tmp_path: Path) -> None:
    """A plan between two brands sends nothing with only one brand's credentials."""
    one, journal = side(seeded_bond(1)[0]), tmp_path / "move.db"
    other = evolve(one, options={**one.options, "identity": "another"})
    planned = migrate.plan(one, other, journal=journal, accept_loss="all", match=False)
    assert planned.counts["ready"]
    with pytest.raises(ConfigurationError, match="are the same, bond at"):
        migrate.apply(journal=journal, source=one, target=one)


def test_a_source_without_a_list_needs_ids(tmp_path: Path) -> None:
    """Sonder has no list, and the error names the option --ids."""
    moving = sonder_to_bond(tmp_path)
    with pytest.raises(ConfigurationError, match="--ids FILE"):
        moving.plan(ids=None)


def test_an_id_that_the_source_does_not_know_is_blocked(tmp_path: Path) -> None:
    """An unknown id from the file is counted and named."""
    moving = sonder_to_bond(tmp_path, 1)
    assert moving.ids is not None
    moving.ids.write_text("nobody\n")
    summary = moving.plan()
    assert summary.counts["blocked"] == 1
    assert summary.reasons[0].examples == ("nobody",)


def test_verify_names_the_field_that_differs(tmp_path: Path) -> None:
    """A field that was changed at the target is a mismatch."""
    moving = bond_to_sonder(tmp_path, 2)
    moving.plan()
    moving.apply()
    first, second = moving.crosswalk().values()
    with Bank("sonder", **side(moving.target).options) as bank:
        bank.customers.update(first, CustomerChanges(preferred_name="Addie"))
        bank.customers.delete(second)
    summary = moving.verify()
    assert summary.counts["mismatched"] == 2
    assert {
        reason.field for reason in summary.reasons if reason.effect == "mismatched"
    } == {
        "preferred_name",
        "",
    }
    assert summary.exit_code == 2


def test_verify_can_find_it_right_again(tmp_path: Path) -> None:
    """A mismatch that was corrected is verified the next time."""
    moving = bond_to_sonder(tmp_path, 1)
    moving.plan()
    moving.apply()
    (result,) = moving.crosswalk().values()
    with Bank("sonder", **side(moving.target).options) as bank:
        for name, state in (("Addie", "mismatched"), ("Ada", "verified")):
            bank.customers.update(result, CustomerChanges(preferred_name=name))
            assert moving.verify().counts[state] == 1


def test_progress_is_reported(tmp_path: Path) -> None:
    """The callback gets the count, the total and the action."""
    shown: list[tuple[int, int | None, str]] = []
    moving = bond_to_sonder(tmp_path)
    moving.plan(progress=lambda *message: shown.append(message))
    moving.apply(progress=lambda *message: shown.append(message))
    assert shown[0] == (4, None, "certified")
    assert shown[-1] == (4, 4, "sent")


def test_remaining_calls_and_minutes_are_counted(tmp_path: Path) -> None:
    """A plan has the minutes that the banks' rate limits require."""
    moving = bond_to_sonder(tmp_path)
    source, target = moving.sides()
    slow = evolve(target, options={**target.options, "rate_limit": 60})
    summary = migrate.plan(
        source, slow, journal=moving.journal, supplement=moving.supplement
    )
    assert [effort.minutes for effort in summary.efforts] == [None, 0.0]
    summary = migrate.plan(
        source,
        slow,
        journal=moving.journal,
        supplement=moving.supplement,
        accept_loss="all",
    )
    assert [item.calls for item in summary.efforts] == [4, 8]
    assert summary.efforts[1].minutes == pytest.approx(8 / 60)
    assert summary.kyc_again == 4


def test_attempts_are_counted(tmp_path: Path) -> None:
    """Each intent is one more attempt."""
    moving = moving_to(faulty_sonder("429", "429"), tmp_path, 1)
    moving.apply()
    with Journal.open(moving.journal) as journal:
        (record,) = journal.records({State.CREATED})
    assert record.attempts == 3


class Repeating:
    """A Sonder that returns the id of the first customer for every create."""

    def __init__(self) -> None:
        self.bank = SonderSimulator()
        self.first: Response | None = None

    def __call__(self, request: Request) -> Response:
        answer = self.bank(request)
        if request.method == "POST":
            self.first = self.first or answer
            return self.first
        return answer


def test_one_target_id_for_two_is_ambiguous(tmp_path: Path) -> None:
    """A target that returns one id for two creates has created one or none."""
    moving = bond_to_sonder(tmp_path, 2, target=Repeating())
    moving.plan()
    summary = moving.apply(concurrency=1)
    assert (summary.counts["created"], summary.counts["ambiguous"]) == (1, 1)
    assert summary.reasons[0].rule == "TargetIdTwice"


def test_a_connection_that_is_refused_long_is_tried_in_the_next_round(
    tmp_path: Path,
) -> None:
    """After three retries a record waits for the next round."""
    moving = moving_to(faulty_sonder(*["refused"] * 5), tmp_path, 1)
    assert moving.apply().counts["created"] == 1
    assert there(moving) == ["Ada"]


def test_all_workers_respect_a_vendors_pause(tmp_path: Path) -> None:
    """After a 429 no worker sends before the time that the vendor named."""
    moving, time = moving_to(faulty_sonder("429"), tmp_path, 2), FakeTime()
    source, target = moving.sides()
    target = evolve(
        target,
        options={**target.options, "rate_limit": 600, "timing": time.timing()},
    )
    summary = migrate.apply(journal=moving.journal, source=source, target=target)
    assert summary.counts["created"] == 2
    assert sum(time.slept) >= 1.0


def test_a_source_without_credentials_ends_the_run(tmp_path: Path) -> None:
    """The error is raised, and every record stays ready."""
    moving = bond_to_sonder(tmp_path)
    moving.plan()
    source, target = moving.sides()
    locked = evolve(source, options={**source.options, "authorization": "wrong"})
    with pytest.raises(AuthenticationFailed):
        migrate.apply(journal=moving.journal, source=locked, target=target)
    assert migrate.status(journal=moving.journal).counts["ready"] == 4


def test_a_refused_record_stays_failed_until_it_changes(tmp_path: Path) -> None:
    """An unchanged plan leaves a failed record failed; another SSN does not."""
    moving = sonder_to_bond(tmp_path, 1, target=BondSimulator(unique_ssn=True))
    (source_id,) = people(moving.source)
    moving.target.seed_customer(ssn="912-45-6000")
    moving.supplement = tmp_path / "ssn.csv"
    moving.supplement.write_text(f"source_id,ssn\n{source_id},912-45-6000\n")
    moving.plan()
    moving.apply()
    assert moving.plan().counts["failed"] == 1
    moving.supplement.write_text(f"source_id,ssn\n{source_id},912-45-6001\n")
    assert moving.plan().counts["ready"] == 1
    assert moving.apply().open == 0


@define
class Broken:
    """A Sonder that fails for one customer."""

    bank: SonderSimulator
    over: str

    def __call__(self, request: Request) -> Response:
        if request.path.endswith(self.over):
            return Response(status=503)
        return self.bank(request)


@pytest.mark.parametrize("at", [0, -1])
def test_what_cannot_be_read_back_is_not_verified(tmp_path: Path, at: int) -> None:
    """A customer who cannot be read stays as recorded, and is reported."""
    moving = bond_to_sonder(tmp_path, 2)
    moving.plan()
    moving.apply()
    over = list(moving.crosswalk().values())[at]
    moving.target = Broken(moving.target, over)
    summary = moving.verify()
    assert summary.findings == (
        "1 created record could not be read back: verify again",
    )
    assert summary.exit_code == 1


def test_a_target_that_does_not_answer_is_not_verified(tmp_path: Path) -> None:
    """The target's error is raised, and every record stays as it was."""
    moving = bond_to_sonder(tmp_path, 2)
    moving.plan()
    moving.apply()
    moving.target = Faults({"503": 1.0}).around(moving.target)
    with pytest.raises(ProviderUnavailable):
        moving.verify()
    assert migrate.status(journal=moving.journal).counts["created"] == 2


def test_verify_without_credentials_is_raised(tmp_path: Path) -> None:
    """No customer is reported as lost."""
    moving = bond_to_sonder(tmp_path, 1)
    moving.plan()
    moving.apply()
    moving.options = {"token": "wrong"}
    with pytest.raises(AuthenticationFailed):
        moving.verify()
    assert migrate.status(journal=moving.journal).counts["created"] == 1


def test_a_journal_that_lost_records_is_found_out(tmp_path: Path) -> None:
    """The counts of verify show that a record was removed."""
    moving = bond_to_sonder(tmp_path, 2)
    moving.plan()
    with Journal.open(moving.journal) as journal:
        journal.set_metadata(inventory=3)
    assert moving.verify().findings == (
        "the source had 3 customers, the journal has 2",
    )
