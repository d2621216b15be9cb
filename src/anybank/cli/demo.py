"""`anybank demo`: a whole migration on this machine, explained step by step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from .. import migrate
from ..declaration.diff import diff
from ..exit_codes import ExitCode
from ..migrate import IssueCount, Summary
from ..sandbox.demo.banks import ACCEPT_LOSS, POLICIES, SUPPLIED, DemoBanks, serve_banks
from ..sandbox.demo.checks import Evidence, check_move
from ..sandbox.demo.folder import Folder
from ..sandbox.demo.population import FEWEST
from .diff import show_issues
from .output import heading, line, paragraph, table
from .progress import progress

_REASONS = {
    "middle_name_when_absent": "Sonder requires a middle name; customers without one get "
    "an empty one",
    "second_line": "Sonder supports one address line; the second is appended to it",
    "external_id": "Sonder does not store your own id; the crosswalk does",
}
"""The reason for each decision."""


@click.command()
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-output"),
    show_default=True,
    metavar="DIR",
    help="The directory for the crosswalk, the report and the journal.",
)
@click.option(
    "--customers",
    type=click.IntRange(FEWEST, 100_000),
    default=500,
    show_default=True,
    help="How many customers to invent.",
)
@click.option(
    "--seed",
    type=int,
    default=1,
    show_default=True,
    help="Seed of the random generator that invents them.",
)
@click.pass_context
def demo(ctx: click.Context, *, output: Path, customers: int, seed: int) -> None:
    """Move 500 invented customers from a simulated Bond to a simulated Sonder Labs.

    This is a whole migration on your machine: two banks over HTTP on loopback, the diff
    of their declarations, a plan that writes nothing, the move, and a verification that
    reads every customer back. It needs no account, no API key and no network. Each step
    shows the command that does the same for your own customers.

    The command exits 0 only if everything it claims also holds in the memory of the
    simulated banks.
    """
    folder = Folder(output)
    # Before the banks start: a folder that belongs to somebody else is refused immediately.
    folder.begin()
    with serve_banks(customers, seed) as banks:
        _introduce(banks)
        _compare(banks)
        _plan(banks, folder)
        _apply(banks, folder)
        _verify(banks, folder)
        # Inside the block: the claims are checked against the memory of the running
        # simulators.
        holds = _check_claims(banks, folder)
    _list_files(folder)
    ctx.exit(ExitCode.DONE if holds else ExitCode.FAILED)


def _introduce(banks: DemoBanks) -> None:
    heading(
        f"1. Two simulated banks, and {len(banks.people)} invented customers of Bond"
    )
    for side in (banks.source, banks.target):
        line(f"   {side.provider:<8} {side.options['base_url']}")
    columns = ", ".join(SUPPLIED)
    line(f"   supplement with {banks.supplied} rows: {columns}")
    line()
    paragraph(
        "The supplement stands for your own database: it holds what Bond masks or does "
        "not store. Most customers are ordinary. These are not:",
        indent="   ",
    )
    line()
    rows = ((trait.value, count) for trait, count in banks.traits.items())
    table("", ("customers with", "count"), rows)


def _compare(banks: DemoBanks) -> None:
    heading("2. Compare the declarations: anybank diff bond sonder")
    source, target = banks.source.adapter, banks.target.adapter
    show_issues(diff(source.capabilities, target.capabilities))


def _plan(banks: DemoBanks, folder: Folder) -> None:
    heading("3. Plan: certify every customer, without writing anything at Sonder")
    _show_command(
        "plan --from bond --to sonder --journal move.db --supplement vault.csv",
        *(f"--accept-loss {name}" for name in ACCEPT_LOSS),
    )
    _show_decisions()
    with progress("planning") as report:
        summary = migrate.plan(
            banks.source,
            banks.target,
            journal=folder.journal,
            supplement=banks.supplement,
            accept_loss=ACCEPT_LOSS,
            progress=report,
        )
    _show_summary(summary)
    to_decide = [reason for reason in summary.reasons if reason.remedy]
    automatic = [reason for reason in summary.reasons if not reason.remedy]
    _show_reasons("Changed, filled in or dropped during the move", automatic)
    _show_reasons("Needs a person", to_decide)


def _apply(banks: DemoBanks, folder: Folder) -> None:
    heading("4. Move: record each intent durably before its request is sent")
    _show_command("apply --journal move.db")
    with progress("moving") as report:
        summary = migrate.apply(
            journal=folder.journal,
            source=banks.source,
            target=banks.target,
            progress=report,
        )
    _show_summary(summary)
    paragraph(
        f"KYC results do not move with the customers: all {summary.kyc_again} moved "
        "customers must pass KYC again at Sonder.",
        indent="   ",
    )
    line()


def _verify(banks: DemoBanks, folder: Folder) -> None:
    heading("5. Verify: read every customer back and compare each field")
    _show_command("verify --journal move.db")
    with progress("verifying") as report:
        summary = migrate.verify(
            journal=folder.journal,
            source=banks.source,
            target=banks.target,
            progress=report,
        )
    _show_summary(summary)
    migrate.crosswalk(journal=folder.journal, csv=folder.crosswalk)
    migrate.report(journal=folder.journal, html=folder.report)


def _check_claims(banks: DemoBanks, folder: Folder) -> bool:
    heading("6. Check each claim against the memory of the simulated banks")
    evidence = Evidence(
        people=banks.people,
        sonder=banks.sonder,
        crosswalk=folder.crosswalk,
        files=folder.files,
    )
    claims = tuple(check_move(evidence))
    for claim in claims:
        paragraph(claim.text, indent="   true:  " if claim.holds else "   FALSE: ")
    line()
    return all(claim.holds for claim in claims)


def _show_command(*words: str) -> None:
    paragraph(f"anybank migrate {' '.join(words)}", indent="   $ ")


def _show_decisions() -> None:
    line("   Decisions that you make before the plan:")
    for name, value in POLICIES.items():
        paragraph(f"Sonder option {name}={value!r}: {_REASONS[name]}", indent="   - ")
    for name in ACCEPT_LOSS:
        paragraph(f"--accept-loss {name}: {_REASONS[name]}", indent="   - ")
    line()


def _show_summary(summary: Summary) -> None:
    counts = ((state, count) for state, count in summary.counts.items() if count)
    states = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in counts)
    paragraph(states, indent="   ")
    for problem in (*filter(None, [summary.stopped]), *summary.findings):
        paragraph(problem, indent="   ! ")
    line()


def _show_reasons(title: str, reasons: Sequence[IssueCount]) -> None:
    rows = [
        (reason.field, reason.count, reason.effect, reason.message, reason.remedy)
        for reason in reasons
    ]
    if rows:
        table(title, ("field", "count", "effect", "reason", "what to do"), rows)


def _list_files(folder: Folder) -> None:
    heading("7. The files")
    files = (
        (folder.crosswalk, "the id at Sonder for each id at Bond"),
        (folder.report, "the report, as a page"),
        (folder.journal, "the journal: anybank migrate status --journal"),
    )
    width = max(len(str(path)) for path, _ in files)
    for path, meaning in files:
        line(f"   {path!s:<{width}}  {meaning}")
