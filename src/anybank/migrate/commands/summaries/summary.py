"""What a journal says in a page: counts, reasons, and what is still to do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from attrs import field, frozen

from ....exit_codes import ExitCode
from ...certify.change_limit import refusal_of
from ...certify.excluded_customers import count_excluded
from ...certify.quality_findings import QualityFinding, quality_findings
from ...certify.remaining_calls import (
    RemainingCalls,
    count_remaining_calls,
    provider_of,
)
from ...journal.journal import Journal
from ...journal.plan_checksum import is_whole
from ...journal.run_log import Run, note_stopped, runs_of
from ...journal.states import FOR_A_PERSON, MOVED, State
from ...journal.tables import FINDINGS, REASONS, RECORDS
from ..target.duplicates import KINDS, DuplicateCheck, last_check
from ..workers.outages import Outage
from . import departures
from .next_command import next_command

_EXAMPLES = 3
_FINE = frozenset({State.CREATED, State.VERIFIED, State.ROLLED_BACK})
_DECISIONS = frozenset({"resolve", "retry", "rebase"})
"""Commands that only record a decision; `status` reports the records that wait."""
_BY_ROLLBACK = frozenset({State.DELETING, State.ROLLED_BACK})


@frozen(kw_only=True)
class Reason:
    """Something that is true of `count` records, with a few of their ids.

    `effect` is a fate of a field (changed, dropped, missing, blocked, ...) or the state
    of a record (failed, quarantined, ...). `remedy` is empty where nothing need be done.
    """

    effect: str
    field: str
    rule: str
    message: str
    count: int
    examples: tuple[str, ...]
    remedy: str


@frozen(kw_only=True)
class Summary:
    """How far a migration has come; nothing in it is personal.

    `counts` has every state; `totals` has `records`, `inventory` (how many the source
    had), `excluded` and, of them, `excluded_sent` by an earlier plan, `crosswalk`, `without_supplement`, `changed_since_plan` and `sent`; of the source's
    listing `listing_passes`, `listed_late` (whom only a later pass found), `without_id`
    (records that cannot be planned) and `unsettled_listing`; and `departed`, who was sent
    and is not at the source any more. `duplicates` is what the last `verify` found by
    listing the target, None before; its counts are in `totals` too. `stopped`
    says why a run ended early, and `outage` that a bank failed for everybody: then no
    record is at fault, and `totals` counts the requests that failed as `bank_failures`. `findings` are
    checks that did not hold. `plan` is the checksum of what was planned last, `irreversible` what cannot be undone. `quality` is
    what looks wrong with people, also where it was accepted; `reasons` has it, too. `notes` are
    sentences on how the supplement was read. `next_command` is what to type next, and
    `runs` are the last commands on the journal, with who ran them.
    """

    command: str
    source: str
    target: str
    counts: Mapping[str, int]
    reasons: tuple[Reason, ...]
    totals: Mapping[str, int]
    efforts: tuple[RemainingCalls, ...] = ()
    kyc_again: int = 0
    plan: str | None = None
    irreversible: tuple[str, ...] = ()
    stopped: str | None = None
    outage: Outage | None = None
    findings: tuple[str, ...] = field(default=())
    duplicates: DuplicateCheck | None = None
    quality: tuple[QualityFinding, ...] = ()
    notes: tuple[str, ...] = ()
    next_command: str | None = None
    runs: tuple[Run, ...] = ()

    @property
    def open(self) -> int:
        """How many records still need something."""
        return sum(
            count for state, count in self.counts.items() if State(state) not in _FINE
        )

    @property
    def waiting(self) -> int:
        """How many records wait for a person."""
        return sum(self.counts[state] for state in FOR_A_PERSON)

    @property
    def exit_code(self) -> int:
        """0: nothing is open; 2: done, but records wait for a person; 1: not done.

        75: not done, as a bank failed for everybody; the same command goes on later.
        """
        if self.outage:
            return ExitCode.TRY_AGAIN_LATER
        if self.stopped or self.findings:
            return ExitCode.FAILED
        return ExitCode.NEEDS_A_PERSON if self._left else ExitCode.DONE

    @property
    def _left(self) -> int:
        if self.command == "rollback":
            skipped = (
                x.count for x in self.reasons if x.effect == "skipped" and x.remedy
            )
            return self.totals["kept"] + self.totals["in_doubt"] + sum(skipped)
        if self.command in _DECISIONS:
            return 0
        if self.command == "adopt":
            return self.waiting
        missed = self.totals["without_id"] + self.totals["unsettled_listing"]
        if self.command != "plan":
            return missed + self.open + sum(self.totals[kind] for kind in KINDS)
        since = self.totals.get("changed_after_move", 0) + self.totals["departed"]
        return missed + since + self.waiting


def summarise(
    journal: Journal,
    command: str,
    *,
    stopped: str | None = None,
    outage: Outage | None = None,
    findings: tuple[str, ...] = (),
    **totals: int,
) -> Summary:
    """Return the summary of a journal, with what one command adds to it."""
    counts = journal.counts()
    moved = sum(counts[state] for state in MOVED)
    check = last_check(journal)
    excluded, excluded_sent = count_excluded(journal)
    stopped = stopped or _unplanned(journal)
    if stopped or findings:
        note_stopped()
    return Summary(
        command=command,
        source=provider_of(journal, "source"),
        target=provider_of(journal, "target"),
        counts={state.value: count for state, count in counts.items()},
        reasons=tuple(_reasons(journal)),
        totals={
            "records": sum(counts.values()),
            "inventory": int(journal.metadata_value("inventory") or 0),
            "crosswalk": moved,
            "without_supplement": int(
                journal.metadata_value("without_supplement") or 0
            ),
            "excluded": excluded,
            "excluded_sent": excluded_sent,
            **departures.totals(journal),
            **dict.fromkeys(KINDS, 0),
            **(check.counts if check else {}),
            **totals,
        },
        efforts=count_remaining_calls(journal, counts),
        kyc_again=moved + counts[State.READY],
        plan=journal.metadata_value("plan_checksum"),
        irreversible=tuple(json.loads(journal.metadata_value("irreversible") or "[]")),
        stopped=stopped,
        outage=outage,
        findings=findings,
        duplicates=check,
        quality=quality_findings(journal),
        notes=tuple(json.loads(journal.metadata_value("supplement_notes") or "[]")),
        next_command=next_command(journal),
        runs=tuple(runs_of(journal)),
    )


def _unplanned(journal: Journal) -> str | None:
    """Say that a plan has not seen the whole source: its counts are not those of all."""
    if is_whole(journal):
        refusal = refusal_of(journal)
        return f"the plan is refused: {refusal}" if refusal else None
    return (
        "the plan is not complete: run `anybank migrate plan` again, unless it runs now"
    )


def _reasons(journal: Journal) -> Iterator[Reason]:
    """Yield what waits for a person first, and the frequent before the rare."""
    found = [
        *_twice(journal),
        *_missed(journal),
        *_certified(journal),
        *_failed(journal),
        *_mismatched(journal),
        *_forced(journal),
    ]
    yield from sorted(found, key=lambda each: (not each.remedy, -each.count))


def _twice(journal: Journal) -> Iterator[Reason]:
    """Yield who is at the target twice, or there without the journal knowing."""
    check = last_check(journal) or DuplicateCheck(how="")
    for kind, count in check.counts.items():
        found = [each.source_id for each in check.examples if each.kind == kind]
        if count:
            yield Reason(
                effect="duplicated",
                field="",
                rule=kind.replace("_", " "),
                message=_TWICE[kind],
                count=count,
                examples=tuple(found[:_EXAMPLES]),
                remedy=_SETTLE_TWICE,
            )


_TWICE = {
    "duplicates": "several customers at the target have the reference of one record",
    "unrecorded": "at the target with this record's reference, though it was not sent",
    "look_alikes": "the target has another customer with the same name and birth date",
}
_SETTLE_TWICE = (
    "compare the customers that `anybank migrate report` lists; delete at the target "
    "whoever is there twice, then verify again"
)


def _missed(journal: Journal) -> Iterator[Reason]:
    """Yield what a plan may have missed at the source, and who has gone there."""
    for each in departures.notices(journal):
        yield Reason(
            effect=each.effect,
            field=each.field,
            rule=each.rule,
            message=each.message,
            count=each.count,
            examples=each.examples,
            remedy=each.remedy,
        )


def _certified(journal: Journal) -> Iterator[Reason]:
    count = sa.func.count().label("records")
    joined = sa.select(REASONS, count).join(FINDINGS, FINDINGS.c.reason == REASONS.c.id)
    for row in journal.query(joined.group_by(REASONS.c.id)):
        examples = (
            sa.select(RECORDS.c.source_id)
            .join(FINDINGS, FINDINGS.c.number == RECORDS.c.number)
            .where(FINDINGS.c.reason == row.id)
            .order_by(FINDINGS.c.number)
        )
        yield Reason(
            effect=row.effect,
            field=row.field,
            rule=row.rule,
            message=row.message,
            count=row.records,
            examples=_ids(journal, examples),
            remedy=row.remedy,
        )


def _failed(journal: Journal) -> Iterator[Reason]:
    told = frozenset(FOR_A_PERSON) - {State.BLOCKED, State.MISMATCHED}
    for state, text, count, examples in _grouped(
        journal, RECORDS.c.failure, told | _LOOKED_FOR.keys()
    ):
        failure = json.loads(text or "{}")
        yield Reason(
            effect=state,
            field=", ".join(failure.get("fields", ())),
            rule=failure.get("code") or failure.get("class", ""),
            message=_told(state, failure),
            count=count,
            examples=examples,
            remedy={**FOR_A_PERSON, **_LOOKED_FOR}[State(state)],
        )


def _told(state: str, failure: Mapping[str, Any]) -> str:
    """Say in words what a failure's class and status mean for the record."""
    if State(state) in _BY_ROLLBACK:
        return _MEANING[State(state)]
    status = f", HTTP {failure['status']}" if failure.get("status") else ""
    came = f"{failure.get('class', 'the run ended before an answer came')}{status}"
    return f"{_MEANING.get(State(state), 'refused by the target')} ({came})"


_LOOKED_FOR = {
    State.UNKNOWN: "run apply again: it looks first",
    State.DELETING: "run rollback again: it looks first",
}

_MEANING = {
    State.DELETING: "about to be deleted, and it is not known whether it was",
    State.ROLLED_BACK: "made at the target, and deleted there by rollback",
    State.UNKNOWN: "sent, and it is not known whether it was made",
    State.QUARANTINED: "perhaps made: the target has nothing to look with",
    State.AMBIGUOUS: "the target has someone who may be this person",
}


GONE = ("gone",)
"""What stands for the fields of one who is not at the target any more."""
SOURCE = ("source",)
"""What stands for the fields of one who has changed at the source since."""
UNREADABLE = ("unreadable",)
"""What stands for the fields of one whom the target returns, and nobody can read."""
CHANGED_SINCE = "changed after the move"
TO_BRING_OVER = "`anybank migrate overwrite` writes it over what the target has"
_WHO_DELETED = "find out who deleted it there; `anybank migrate verify` looks again"
_COMPARE = FOR_A_PERSON[State.MISMATCHED]
_READ_BACK = ("read back", "was not read back as promised", _COMPARE)
_DIFFERENT = {
    GONE: ("gone", "is not there any more", _WHO_DELETED),
    UNREADABLE: (
        "unreadable",
        "the target returned a value that cannot be read",
        "look at the customer in the target's own tools, then verify again",
    ),
    SOURCE: (CHANGED_SINCE, "the source has changed since it was sent", TO_BRING_OVER),
}


def _mismatched(journal: Journal) -> Iterator[Reason]:
    for state, text, count, examples in _grouped(
        journal, RECORDS.c.mismatches, frozenset({State.MISMATCHED})
    ):
        names = json.loads(text or "[]")
        rule, said, remedy = _DIFFERENT.get(tuple(names), _READ_BACK)
        yield Reason(
            effect=state,
            field=", ".join(names) if rule is _READ_BACK[0] else "",
            rule=rule,
            message=said,
            count=count,
            examples=examples,
            remedy=remedy,
        )


def _forced(journal: Journal) -> Iterator[Reason]:
    """Yield whom a person recorded against what the comparison with the target showed."""
    for _, text, count, examples in _grouped(journal, RECORDS.c.failure, MOVED):
        names = json.loads(text or "{}").get("forced", ())
        if names:
            yield Reason(
                effect="forced",
                field=", ".join(names),
                rule="resolve --force",
                message="recorded by a person though the target's customer differs",
                count=count,
                examples=examples,
                remedy="",
            )


def _grouped(
    journal: Journal, column: sa.Column[Any], states: frozenset[State]
) -> Iterator[tuple[str, str | None, int, tuple[str, ...]]]:
    """Group the records in some states by a column, with examples."""
    among = RECORDS.c.state.in_(states)
    counting = sa.select(RECORDS.c.state, column, sa.func.count()).where(among)
    for row in journal.query(counting.group_by(RECORDS.c.state, column)):
        state, text, count = tuple(row)
        examples = (
            sa.select(RECORDS.c.source_id)
            .where(RECORDS.c.state == state, column.is_not_distinct_from(text))
            .order_by(RECORDS.c.number)
        )
        yield state, text, count, _ids(journal, examples)


def _ids(journal: Journal, statement: sa.Select[Any]) -> tuple[str, ...]:
    return tuple(row[0] for row in journal.query(statement.limit(_EXAMPLES)))
