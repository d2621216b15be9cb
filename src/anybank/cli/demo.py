"""`anybank demo`: the main job from end to end, told step by step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from .. import migrate
from ..declaration.diff import diff
from ..exit_codes import ExitCode
from ..migrate import Reason, Summary
from ..sandbox.demo.banks import ACCEPT_LOSS, POLICIES, SUPPLIED, DemoBanks, serve_banks
from ..sandbox.demo.checks import Evidence, check_move
from ..sandbox.demo.folder import Folder
from ..sandbox.demo.population import FEWEST
from .diff import show_issues
from .output import heading, line, paragraph, progress, table

_WHY = {
    "middle_name_when_absent": "Sonder requires a middle name; who has none gets an "
    "empty one",
    "second_line": "Sonder takes one line of street; the second is written behind it",
    "external_id": "Sonder keeps no id of yours; the crosswalk does",
}
"""Why each thing is decided as it is."""


@click.command()
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-output"),
    show_default=True,
    metavar="DIR",
    help="Where the crosswalk, the report and the journal are left.",
)
@click.option(
    "--customers",
    type=click.IntRange(FEWEST, 100_000),
    default=500,
    show_default=True,
    help="How many customers are invented.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Chooses them.")
@click.pass_context
def demo(ctx: click.Context, *, output: Path, customers: int, seed: int) -> None:
    """Move 500 invented customers from a simulated Bond to a simulated Sonder Labs.

    It is the whole job on this machine: two banks over HTTP on loopback, the diff of
    their declarations, a plan that writes nothing, the move, and its verification by
    reading back. It needs no account, no key and no network, and says at each step
    which command does the same for you.

    Exits 0 only if all that it claims is true of the banks' own memories too.
    """
    folder = Folder(output)
    folder.begin()
    with serve_banks(customers, seed) as stage:
        _people(stage)
        _declarations(stage)
        _planned(stage, folder)
        _moved(stage, folder)
        fine = _verified(stage, folder)
    _left(folder)
    ctx.exit(ExitCode.DONE if fine else ExitCode.FAILED)


def _people(stage: DemoBanks) -> None:
    heading(
        f"1. Two simulated banks, and {len(stage.people)} invented customers of Bond"
    )
    for side in (stage.source, stage.target):
        line(f"   {side.provider:<8} {side.options['base_url']}")
    columns = ", ".join(SUPPLIED)
    line(f"   supplement of {stage.supplied} rows: {columns}")
    line()
    paragraph(
        "The supplement stands for your own store: it holds what Bond masks or never "
        "had. Most customers are ordinary; these are not:",
        indent="   ",
    )
    line()
    rows = ((trait.value, count) for trait, count in stage.traits.items())
    table("", ("customers with", "count"), rows)


def _declarations(stage: DemoBanks) -> None:
    heading("2. What the declarations say: anybank diff bond sonder")
    source, target = stage.source.adapter, stage.target.adapter
    show_issues(diff(source.capabilities, target.capabilities))


def _planned(stage: DemoBanks, folder: Folder) -> None:
    heading("3. The plan: every customer is certified, nothing is written at Sonder")
    _command(
        "plan --from bond --to sonder --journal move.db --supplement vault.csv",
        *(f"--accept-loss {name}" for name in ACCEPT_LOSS),
    )
    _decisions()
    with progress("planning") as report:
        planned = migrate.plan(
            stage.source,
            stage.target,
            journal=folder.journal,
            supplement=stage.supplement,
            accept_loss=ACCEPT_LOSS,
            progress=report,
        )
    _summary(planned)
    _reasons(planned)


def _moved(stage: DemoBanks, folder: Folder) -> None:
    heading("4. The move: each intent is durable before its request leaves")
    _command("apply --journal move.db")
    with progress("moving") as report:
        applied = migrate.apply(
            journal=folder.journal,
            source=stage.source,
            target=stage.target,
            progress=report,
        )
    _summary(applied)
    paragraph(
        "Verification does not travel: the "
        f"{applied.kyc_again} who moved must pass KYC again at Sonder.",
        indent="   ",
    )
    line()


def _verified(stage: DemoBanks, folder: Folder) -> bool:
    heading("5. The proof: every customer is read back, field by field")
    _command("verify --journal move.db")
    with progress("verifying") as report:
        verified = migrate.verify(
            journal=folder.journal,
            source=stage.source,
            target=stage.target,
            progress=report,
        )
    _summary(verified)
    migrate.crosswalk(journal=folder.journal, csv=folder.crosswalk)
    migrate.report(journal=folder.journal, html=folder.report)
    return _claims(stage, folder)


def _claims(stage: DemoBanks, folder: Folder) -> bool:
    heading("6. What is claimed, and checked against what the banks remember")
    evidence = Evidence(
        people=stage.people,
        sonder=stage.sonder,
        crosswalk=folder.crosswalk,
        files=folder.files,
    )
    found = tuple(check_move(evidence))
    for claim in found:
        paragraph(claim.text, indent="   true:  " if claim.holds else "   FALSE: ")
    line()
    return all(claim.holds for claim in found)


def _command(*words: str) -> None:
    paragraph(f"anybank migrate {' '.join(words)}", indent="   $ ")


def _decisions() -> None:
    line("   Decided beforehand, since no machine should:")
    for name, value in POLICIES.items():
        paragraph(f"sonder option {name}={value!r}: {_WHY[name]}", indent="   - ")
    for name in ACCEPT_LOSS:
        paragraph(f"--accept-loss {name}: {_WHY[name]}", indent="   - ")
    line()


def _summary(summary: Summary) -> None:
    counts = ((state, count) for state, count in summary.counts.items() if count)
    said = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in counts)
    paragraph(f"{said}", indent="   ")
    for finding in (*filter(None, [summary.stopped]), *summary.findings):
        paragraph(finding, indent="   ! ")
    line()


def _reasons(summary: Summary) -> None:
    waiting = [each for each in summary.reasons if each.remedy]
    moving = [each for each in summary.reasons if not each.remedy]
    _table("What is changed, filled in or dropped on the way", moving)
    _table("Who waits, and what to do about it", waiting)


def _table(title: str, reasons: Sequence[Reason]) -> None:
    rows = [
        (each.field, each.count, each.effect, each.message, each.remedy)
        for each in reasons
    ]
    if rows:
        table(title, ("field", "count", "effect", "why", "what to do"), rows)


def _left(folder: Folder) -> None:
    heading("7. What is left for you")
    left = (
        (folder.crosswalk, "which customer of Bond is which of Sonder's"),
        (folder.report, "the whole story, a page to file"),
        (folder.journal, "the journal: anybank migrate status --journal"),
    )
    width = max(len(str(path)) for path, _ in left)
    for path, what in left:
        line(f"   {path!s:<{width}}  {what}")
