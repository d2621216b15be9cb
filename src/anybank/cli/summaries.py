"""What the commands of a migration share: options, progress, and how a summary looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from .failures import complain
from .output import (
    Report,
    emit_json,
    heading,
    line,
    paragraph,
    plain,
    progress,
    table,
    warn,
)
from .streams import reporting

if TYPE_CHECKING:
    from ..migrate import Reason, Summary

journal_option = click.option(
    "--journal",
    required=True,
    metavar="FILE|URL",
    help="The journal: a file, its key beside it as FILE.key (keep both); or "
    "postgresql://USER@HOST/DATABASE?journal=NAME, its key where ANYBANK_JOURNAL_KEY "
    "says (file:PATH); or where to find that (env:NAME, file:PATH).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON.")


def _operate(ctx: click.Context, _: click.Parameter, name: str | None) -> None:
    """Name the operator of what follows."""
    if name is not None:
        from ..migrate import operating  # noqa: PLC0415  # SQLAlchemy is slow to import

        ctx.with_resource(operating(name))


operator_option = click.option(
    "--operator",
    metavar="NAME",
    expose_value=False,
    callback=_operate,
    help="Who runs it, for the journal's log (ANYBANK_OPERATOR, or the login name).",
)
Command = Callable[..., None]
BLANKS = "blanks"
"""The finding that needs no consent: what it is about is removed."""


def max_change(
    change: str, default: str | None, of: str
) -> Callable[[Command], Command]:
    """Add the options that refuse a change to too many, and that allow it by name."""
    limit = click.option(
        "--max-change",
        metavar="N%",
        default=default,
        show_default=default is not None,
        help=f"Refuse where more than N% {of}.",
    )
    allowed = click.option(
        "--allow",
        multiple=True,
        type=click.Choice([change]),
        help="Go on where it would be refused.",
    )
    return lambda command: limit(allowed(command))


def waiting(command: Command) -> Command:
    """Add the option that lets a command wait for a bank that is out of order."""
    wait = click.option(
        "--wait",
        metavar="TIME",
        help="Wait up to this long (90s, 30m, 2h) for a bank that fails for everybody, "
        "and go on when it is back; without it, the run ends with exit code 75.",
    )
    return wait(command)


def common(command: Command) -> Command:
    """Add the options of every command."""
    return journal_option(json_option(operator_option(command)))


def read_mapping(
    _: click.Context, __: click.Parameter, given: tuple[str, ...]
) -> Mapping[str, str]:
    """Return what --map says: our name of a column by its name in the file."""
    pairs = [each.rpartition("=") for each in given]
    if any(not theirs or not ours for theirs, _, ours in pairs):
        raise click.BadParameter('write it as --map "Customer ID=source_id"')
    return {theirs.strip(): ours.strip() for theirs, _, ours in pairs}


@contextmanager
def running(what: str) -> Iterator[Report]:
    """Show progress; on Ctrl-C or SIGTERM drain, and say that the journal is whole."""
    from ..migrate import draining  # noqa: PLC0415  # SQLAlchemy is slow to import

    try:
        with draining(), progress(what) as told:
            yield told
    except KeyboardInterrupt:
        warn(
            "interrupted: what was in flight is written down; the same command goes on"
        )
        raise


def finish(summary: Summary, *, as_json: bool) -> None:
    """Show a summary, say on stderr why it is not done, and end with its exit code."""
    with reporting(f"{summary.command} has ended; `anybank migrate status` shows it"):
        if as_json:
            emit_json(json_of(summary))
        else:
            _show(summary)
    for why in (*summary.findings, *filter(None, [summary.stopped])):
        complain("error", why)
    click.get_current_context().exit(summary.exit_code)


def json_of(summary: Summary) -> Mapping[str, Any]:
    """Return a summary as JSON tells it: with what is open, and the exit code."""
    shown: dict[str, Any] = plain(summary)
    return {**shown, "open": summary.open, "exit_code": summary.exit_code}


def _show(summary: Summary) -> None:
    heading(
        f"{summary.source} to {summary.target}: {summary.totals['records']} records"
    )
    line()
    rows = [(_word(state), count) for state, count in summary.counts.items() if count]
    table("", ("state", "records"), rows)
    _show_quality(summary)
    waiting = [each for each in _others(summary) if each.remedy]
    _show_reasons("Waits for a person", waiting)
    _show_reasons("Different at the target", _losses(summary))
    if summary.command == "status":
        _show_runs(summary)
    for note in _notes(summary):
        paragraph(note)
    if summary.next_command:
        line(f"Next: {summary.next_command}")


def _show_runs(summary: Summary) -> None:
    rows = [
        (
            f"{each.started_at:%Y-%m-%d %H:%M:%S}Z",
            each.command,
            each.operator,
            each.outcome or "running, or killed",
        )
        for each in summary.runs
    ]
    if rows:
        table("Runs", ("started", "command", "operator", "ended"), rows)


def _others(summary: Summary) -> list[Reason]:
    """Return the reasons that are no findings on data quality."""
    names = {each.name for each in summary.quality}
    return [each for each in summary.reasons if each.rule not in names]


def _losses(summary: Summary) -> list[Reason]:
    return [each for each in _others(summary) if not each.remedy]


def _show_quality(summary: Summary) -> None:
    if not summary.quality:
        return
    heading("Data quality")
    line()
    for each in summary.quality:
        lead = f"{each.count:>6}  {each.name}  "
        field = f"{each.field}: " if each.field else ""
        accepted = "" if each.remedy or each.name == BLANKS else " (accepted)"
        paragraph(f"{field}{each.message}{accepted}", indent=lead)
        if each.remedy:
            paragraph(f"to do: {each.remedy}", indent=" " * 8)
        for ids in each.examples:
            line(" " * 8 + "such as " + " and ".join(ids))
    line()


def _show_reasons(title: str, reasons: list[Reason]) -> None:
    if not reasons:
        return
    heading(title)
    line()
    for each in reasons:
        name = f"{each.field}: " if each.field else ""
        lead = f"{each.count:>6}  {_word(each.effect):<11}  "
        paragraph(f"{name}{each.message}", indent=lead)
        if each.remedy:
            paragraph(f"to do: {each.remedy}", indent=" " * len(lead))
            is_list = len(each.examples) == each.count
            for example in each.examples if is_list else each.examples[:1]:
                line(" " * len(lead) + ("" if is_list else "such as ") + example)
    line()


_TOTALS = {
    "resolved": "Verdicts recorded: {}.",
    "corrected": "{} of them replace an earlier verdict.",
    "forced": "{} of them were recorded by --force: name, birth date or SSN differ, or "
    "could not be compared.",
    "excluded": "{} are excluded, and not planned.",
    "excluded_sent": "{} of the excluded were sent by an earlier plan: they stay there.",
    "new": "{} are new at the source.",
    "departed": "{} that were sent are not at the source any more.",
    "without_id": "{} records of the source have no usable id, and are not planned.",
    "listed_late": "{} were found only when the source was listed again.",
    "changed_after_move": "{} have changed after the move: nothing is overwritten.",
    "matched": "{} were at the target already, and are not sent.",
    "match_calls": "{} calls listed the target to look for customers who are there already.",
    "adopted_found": "{} were found at the target, and are not sent.",
    "adopted_by_key": "{} may have been sent: the target answers their keys again.",
    "adopted_quarantined": "{} may have been sent, and wait for a person.",
    "overwritten": "{} were overwritten and read back.",
    "rolled_back": "{} are not at the target any more; they are not sent again.",
    "skipped": "{} were not created by this migration for certain, and are not deleted.",
    "gone": "{} of them were gone before: look whether these are the right credentials.",
    "retried": "{} that had failed are ready: apply reads them at the source and sends them.",
    "bank_failures": "{} requests failed for a reason of the bank's, not of a customer's.",
    "changed_since_plan": "{} had changed since the plan and were certified anew.",
    "without_supplement": "{} have no row in the supplement.",
}
"""What a summary's totals mean, where they are not zero."""


def _notes(summary: Summary) -> Iterator[str]:
    for name, said in _TOTALS.items():
        if count := summary.totals.get(name):
            yield said.format(count)
    for effort in summary.efforts:
        if effort.calls:
            took = f", {effort.minutes:.1f} minutes" if effort.minutes else ""
            yield f"Still to do at {effort.provider}: {effort.calls} calls{took}."
    if summary.duplicates and summary.command != "plan":
        yield summary.duplicates.how
    if summary.plan and summary.counts["ready"]:
        yield f"This plan is {summary.plan}: `apply --plan {summary.plan}` takes no other."
    if summary.command == "plan":
        yield from summary.notes
        yield from summary.irreversible
    yield f"{summary.kyc_again} must pass KYC again: verification does not travel."


def _word(state: str) -> str:
    return state.replace("_", " ")
