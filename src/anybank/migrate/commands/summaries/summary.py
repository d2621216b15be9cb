"""The summary that most commands return: counts, reasons and what is left to do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from attrs import frozen

from ....errors import IssueCount
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
from ..target.duplicates import KINDS, DuplicateCheck, last_check
from ..workers.outages import Outage
from . import departures
from .next_command import next_command
from .reasons import duplicate_reasons, record_reasons
from .work_status import WorkStatus, work_status

_FINISHED = frozenset({State.CREATED, State.VERIFIED, State.ROLLED_BACK})
_LIVE = frozenset({"status", "pause", "resume", "report"})
"""Commands whose summary shows the workers."""
_DECISIONS = frozenset({"resolve", "retry", "rebase", "pause", "resume"})
"""Commands that only record a decision; `status` reports the records that wait."""


@frozen(kw_only=True)
class Summary:
    """How far a migration has come; it contains nothing personal."""

    command: str
    source: str
    target: str
    counts: Mapping[str, int]
    """How many records are in each state."""
    reasons: tuple[IssueCount, ...]
    """Why records wait, failed or lose fields, those for a person first."""
    totals: Mapping[str, int]
    """Counts by name. Every summary has:

    - `records`, `crosswalk` (how many were moved) and `inventory` (how many customers the
      source had)
    - `excluded`, and of these `excluded_sent` by an earlier plan
    - `without_supplement`
    - `listing_passes`, `listed_late` (customers whom only a later pass listed),
      `without_id` (records that cannot be planned) and `unsettled_listing`
    - `departed`: customers who were sent and have left the source since
    - `duplicates`, `unrecorded` and `look_alikes`: the result of the last search

    A command adds its own, such as `sent` or `changed_since_plan`, and `bank_failures`,
    the requests that failed because of a bank.
    """
    efforts: tuple[RemainingCalls, ...] = ()
    kyc_again: int = 0
    """How many customers must pass KYC again at the target."""
    plan: str | None = None
    """The checksum of the last plan."""
    irreversible: tuple[str, ...] = ()
    """What cannot be undone at the target, as sentences."""
    stopped: str | None = None
    """Why the run ended early."""
    outage: Outage | None = None
    """The failure of a bank that ended the run; no record is at fault."""
    findings: tuple[str, ...] = ()
    """The checks that failed."""
    duplicates: DuplicateCheck | None = None
    """The last search for duplicates at the target, None before the first."""
    quality: tuple[QualityFinding, ...] = ()
    """What looks wrong with the data of customers, accepted or not; see `reasons` too."""
    notes: tuple[str, ...] = ()
    """How the supplement was read, and which extras it can provide, as sentences."""
    next_command: str | None = None
    """The command line to run next."""
    runs: tuple[Run, ...] = ()
    """The last commands on the journal, and who ran them."""
    work: WorkStatus | None = None
    """What the workers do; only `status`, `report`, `pause` and `resume` return it."""

    @property
    def open(self) -> int:
        """How many records still need something."""
        return sum(
            count
            for state, count in self.counts.items()
            if State(state) not in _FINISHED
        )

    @property
    def waiting(self) -> int:
        """How many records wait for a person."""
        return sum(self.counts[state] for state in FOR_A_PERSON)

    @property
    def exit_code(self) -> int:
        """0: nothing is open. 1: not done. 2: done, but records wait for a person.

        75: not done because a bank is down; run the same command again later.
        """
        # An outage also sets `stopped`, and a scheduler may repeat only the former.
        if self.outage:
            return ExitCode.TRY_AGAIN_LATER
        if self.stopped or self.findings:
            return ExitCode.FAILED
        return ExitCode.NEEDS_A_PERSON if self._remaining else ExitCode.DONE

    @property
    def _remaining(self) -> int:
        """How many records, or customers of the source, need a person."""
        if self.command == "rollback":
            skipped = (
                reason.count
                for reason in self.reasons
                if reason.effect == "skipped" and reason.remedy
            )
            return self.totals["unchanged"] + self.totals["in_doubt"] + sum(skipped)
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
    metadata: Mapping[str, str] | None = None,
    stopped: str | None = None,
    outage: Outage | None = None,
    findings: tuple[str, ...] = (),
    **totals: int,
) -> Summary:
    """Return the summary of a journal, with the totals that one command adds.

    A command that has the journal alone and changes no metadata passes those that it has.
    """
    metadata, counts = metadata or journal.metadata(), journal.counts()
    moved = sum(counts[state] for state in MOVED)
    duplicates = last_check(metadata)
    excluded, excluded_sent = count_excluded(journal)
    incomplete = _incomplete_plan(metadata)
    stopped = stopped or incomplete
    # The log is written when the journal is closed, after this.
    if stopped or findings:
        note_stopped()
    reasons = [
        *duplicate_reasons(duplicates),
        *departures.reasons(journal, metadata),
        *record_reasons(journal),
    ]
    return Summary(
        command=command,
        source=provider_of(metadata, "source"),
        target=provider_of(metadata, "target"),
        counts={state.value: count for state, count in counts.items()},
        reasons=_sorted(reasons),
        totals={
            "records": sum(counts.values()),
            "inventory": int(metadata.get("inventory", 0)),
            "crosswalk": moved,
            "without_supplement": int(metadata.get("without_supplement", 0)),
            "excluded": excluded,
            "excluded_sent": excluded_sent,
            **departures.totals(journal, metadata),
            **dict.fromkeys(KINDS, 0),
            **(duplicates.counts if duplicates else {}),
            **totals,
        },
        efforts=count_remaining_calls(metadata, counts),
        # A verification belongs to the bank that made it and does not move.
        kyc_again=moved + counts[State.READY] + counts[State.PENDING],
        plan=metadata.get("plan_checksum"),
        irreversible=tuple(json.loads(metadata.get("irreversible", "[]"))),
        stopped=stopped,
        outage=outage,
        findings=findings,
        duplicates=duplicates,
        quality=quality_findings(journal),
        notes=tuple(json.loads(metadata.get("supplement_notes", "[]"))),
        next_command=None
        if incomplete
        else next_command(journal, metadata.get("plan_checksum"), counts),
        runs=tuple(runs_of(journal)),
        work=work_status(journal, metadata, counts) if command in _LIVE else None,
    )


def _incomplete_plan(metadata: Mapping[str, str]) -> str | None:
    """Return why the counts are not those of a complete plan, None where they are."""
    if is_whole(metadata):
        refusal = refusal_of(metadata)
        return f"the plan is refused: {refusal}" if refusal else None
    return (
        "the plan is not complete: run `anybank migrate plan` again, unless it runs now"
    )


def _sorted(reasons: Iterable[IssueCount]) -> tuple[IssueCount, ...]:
    """Return the reasons that wait for a person first, the frequent before the rare."""
    return tuple(sorted(reasons, key=lambda reason: (not reason.remedy, -reason.count)))
