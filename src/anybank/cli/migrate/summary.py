"""The summary that a migration command prints when it ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from ..error_messages import print_line
from ..output import emit_json, heading, line, paragraph, plain, table
from ..standard_streams import note_if_output_fails

if TYPE_CHECKING:
    from ...migrate import IssueCount, Summary, WorkStatus

_BLANKS = "blanks"
"""A data quality finding that needs no consent, because the blanks are removed."""


def finish(summary: Summary, *, as_json: bool) -> None:
    """Show a summary, print to stderr why it is not complete, and exit with its code."""
    # The journal has the result whether or not it can be printed.
    note = f"{summary.command} has ended; `anybank migrate status` shows the result"
    with note_if_output_fails(note):
        if as_json:
            emit_json(json_of(summary))
        else:
            _show(summary)
    for problem in (*summary.findings, *filter(None, [summary.stopped])):
        print_line("error", problem)
    click.get_current_context().exit(summary.exit_code)


def json_of(summary: Summary) -> Mapping[str, Any]:
    """Return a summary as JSON, with the number of open records and the exit code."""
    fields: dict[str, Any] = plain(summary)
    return {**fields, "open": summary.open, "exit_code": summary.exit_code}


def _show(summary: Summary) -> None:
    heading(
        f"{summary.source} to {summary.target}: {summary.totals['records']} records"
    )
    line()
    rows = [
        (_in_words(state), count) for state, count in summary.counts.items() if count
    ]
    if rows:
        table("", ("state", "records"), rows)
    _show_quality(summary)
    reasons = _without_quality(summary)
    _show_reasons("Needs a person", [reason for reason in reasons if reason.remedy])
    _show_reasons(
        "Differs at the target", [reason for reason in reasons if not reason.remedy]
    )
    if summary.command == "status":
        _show_runs(summary)
    _show_work(summary.work)
    for note in _notes(summary):
        paragraph(note)
    if summary.next_command:
        line(f"Next: {summary.next_command}")


def _show_work(work: WorkStatus | None) -> None:
    """Show the workers and what is left for them, where workers were at the journal."""
    if work is None:
        return
    rows = [
        (
            worker.name,
            "lost" if worker.is_lost else worker.status,
            f"{worker.silent_for:.0f} s ago",
            ", ".join(worker.batches),
            "" if worker.lease_left is None else f"{worker.lease_left:.0f} s",
        )
        for worker in work.workers
    ]
    if rows:
        titles = ("worker", "status", "heartbeat", "batches", "lease ends in")
        table("Workers", titles, rows)
        paragraph(
            f"Batches left: {work.batches_left}, of which {work.batches_leased} are leased."
        )
    if work.paused_at:
        paragraph(
            f"The workers are paused since {work.paused_at:%Y-%m-%d %H:%M:%S}Z: "
            "`anybank migrate resume` lets them continue."
        )
    if work.limit_share:
        paragraph(
            f"Created in a minute: {work.created_per_minute}. Used of the target's "
            f"rate limit: {work.limit_share:.0%}."
        )
    if work.estimated_end:
        paragraph(f"Estimated end: {work.estimated_end:%Y-%m-%d %H:%M}Z.")


def _show_runs(summary: Summary) -> None:
    rows = [
        (
            f"{run.started_at:%Y-%m-%d %H:%M:%S}Z",
            run.command,
            run.operator,
            run.outcome or "running or killed",
        )
        for run in summary.runs
    ]
    if rows:
        table("Runs", ("started", "command", "operator", "result"), rows)


def _without_quality(summary: Summary) -> list[IssueCount]:
    """Return the reasons that are not data quality findings."""
    names = {finding.name for finding in summary.quality}
    return [reason for reason in summary.reasons if reason.rule not in names]


def _show_quality(summary: Summary) -> None:
    if not summary.quality:
        return
    heading("Data quality")
    line()
    for finding in summary.quality:
        lead = f"{finding.count:>6}  {finding.name}  "
        field = f"{finding.field}: " if finding.field else ""
        accepted = "" if finding.remedy or finding.name == _BLANKS else " (accepted)"
        paragraph(f"{field}{finding.message}{accepted}", indent=lead)
        if finding.remedy:
            paragraph(f"to do: {finding.remedy}", indent=" " * 8)
        for ids in finding.examples:
            line(" " * 8 + "for example " + " and ".join(ids))
    line()


def _show_reasons(title: str, reasons: list[IssueCount]) -> None:
    if not reasons:
        return
    heading(title)
    line()
    for reason in reasons:
        name = f"{reason.field}: " if reason.field else ""
        lead = f"{reason.count:>6}  {_in_words(reason.effect):<11}  "
        paragraph(f"{name}{reason.message}", indent=lead)
        if reason.remedy:
            paragraph(f"to do: {reason.remedy}", indent=" " * len(lead))
            # Examples that are all there is are a list to work through. Otherwise one
            # of them is enough.
            is_complete = len(reason.examples) == reason.count
            for example in reason.examples if is_complete else reason.examples[:1]:
                prefix = "" if is_complete else "for example "
                line(" " * len(lead) + prefix + example)
    line()


_TOTALS = {
    "resolved": "Decisions recorded: {}.",
    "corrected": "Decisions that replace an earlier one: {}.",
    "forced": "Recorded with --force although name, date of birth or SSN differ or could "
    "not be compared: {}.",
    "excluded": "Excluded customers, who are not planned: {}.",
    "excluded_sent": "Excluded customers whom an earlier plan sent, and who remain at the "
    "target: {}.",
    "new": "New at the source: {}.",
    "departed": "Sent, but no longer at the source: {}.",
    "without_id": "Source records without a usable id, which are not planned: {}.",
    "listed_late": "Customers whom only a repeated listing of the source found: {}.",
    "changed_after_move": "Changed at the source after the move, and not overwritten: {}.",
    "matched": "Already at the target, and not sent: {}.",
    "match_calls": "Calls made to list the target for customers who already exist there: {}.",
    "adopted_matched": "Found at the target, and not sent again: {}.",
    "adopted_by_key": "Possibly sent, but safe to repeat, because the target returns the "
    "same customer for their idempotency keys: {}.",
    "adopted_quarantined": "Possibly sent, and quarantined for a person to decide: {}.",
    "overwritten": "Overwritten and read back: {}.",
    "rolled_back": "No longer at the target, and not sent again: {}.",
    "skipped": "Not deleted, because they may not have been created by this migration: {}.",
    "gone": "Already gone before this rollback: {}. Check that these are the right "
    "credentials.",
    "retried": "Failed records that are ready again: {}. `apply` reads them from the source "
    "and sends them.",
    "bank_failures": "Requests that failed because of the bank, not because of a customer: "
    "{}.",
    "changed_since_plan": "Changed since the plan, and certified again: {}.",
    "without_supplement": "Customers without a row in the supplement: {}.",
}
"""The sentence for each total of a summary that is not zero."""


def _notes(summary: Summary) -> Iterator[str]:
    for name, sentence in _TOTALS.items():
        if count := summary.totals.get(name):
            yield sentence.format(count)
    for effort in summary.efforts:
        if effort.calls:
            minutes = f", {effort.minutes:.1f} minutes" if effort.minutes else ""
            yield f"Remaining at {effort.provider}: {effort.calls} calls{minutes}."
    if summary.duplicates and summary.command != "plan":
        yield summary.duplicates.how
    if summary.plan and summary.counts["ready"]:
        yield (
            f"The checksum of this plan is {summary.plan}. `apply --plan {summary.plan}` "
            "refuses any other plan."
        )
    if summary.command == "plan":
        yield from summary.notes
        yield from summary.irreversible
    yield f"Customers who must pass KYC again at the target: {summary.kyc_again}."


def _in_words(state: str) -> str:
    return state.replace("_", " ")
