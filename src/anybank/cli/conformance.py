"""`anybank conformance`: examine an installed plugin, and attest what was found."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from ..exit_codes import ExitCode
from ..testing.attestations import Attestation, AttestedCheck, attest, save_attestation
from .output import emit_json, heading, line, paragraph, plain, progress, table

_RESULTS = ("passed", "failed", "skipped", "inapplicable")


@click.command()
@click.argument("bank")
@click.option(
    "--to",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the attestation here, and not where `anybank providers` looks: an author "
    "ships it as anybank-conformance.json in the package.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_context
def conformance(
    ctx: click.Context, *, bank: str, file: Path | None, as_json: bool
) -> None:
    """Examine the plugin of BANK over its simulator, and attest what was found.

    Every check that its declaration selects is made; nothing is sent to the vendor. The
    attestation names the versions of plugin and kit, the day, and each check that failed
    or is skipped, with the reason; `anybank providers` shows it. Exit code 0 where
    nothing failed, else 1.
    """
    with progress("checked") as told:
        made = attest(bank, progress=told)
    path = save_attestation(made, file)
    if as_json:
        emit_json({**plain(made), "passed": made.passed, "path": str(path)})
    else:
        _show(made)
        line(f"the attestation is in {path}")
    ctx.exit(ExitCode.DONE if made.passed else ExitCode.FAILED)


def _show(made: Attestation) -> None:
    plugin = f"{made.distribution} {made.version}"
    heading(f"{made.provider} ({plugin}), {made.mode}, by anybank {made.kit}")
    line()
    counts = [(name, _count(made, name)) for name in _RESULTS]
    table("", ("checks", "number"), [each for each in counts if each[1]])
    _list("Failed", made.failed)
    _list("Skipped by its author", made.skipped)


def _count(made: Attestation, result: str) -> int:
    return sum(each.result == result for each in made.checks)


def _list(title: str, checks: Iterable[AttestedCheck]) -> None:
    shown = list(checks)
    if not shown:
        return
    heading(title)
    line()
    for each in shown:
        paragraph(f"{each.check}: {each.reason}", indent="  ")
    line()
