"""`anybank conformance`: test an installed plugin and attest the result."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ..exit_codes import ExitCode
from ..testing.attestations import Attestation, AttestedCheck, attest, save_attestation
from ..testing.tiers import missing_for_silver
from .options import json_option
from .output import emit_json, heading, line, paragraph, plain, table
from .progress import progress

_RESULTS = ("passed", "failed", "skipped", "inapplicable")


@click.command()
@click.argument("bank")
@click.option(
    "--save",
    is_flag=True,
    help="Write the attestation to your data directory, where `anybank providers` looks.",
)
@click.option(
    "--to",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the attestation to this file. To ship it with a plugin, name it "
    "anybank-conformance.json and put it into the package.",
)
@json_option
@click.pass_context
def conformance(
    ctx: click.Context, *, bank: str, save: bool, file: Path | None, as_json: bool
) -> None:
    """Test the plugin of BANK against its simulator and attest the result.

    The declaration of the plugin selects the checks. Nothing is sent to the vendor. The
    attestation holds the versions of the plugin and of anybank, the date, and each check
    that failed or was skipped, with the reason. Nothing is written without --save or --to;
    `anybank providers` shows what is saved. The command exits 0 if no check failed, and 1
    otherwise.
    """
    with progress("checked") as report:
        attestation = attest(bank, progress=report)
    # Saved before anything is printed: a closed pipe must not lose a run of minutes.
    targets: list[Path | None] = [*([None] if save else []), *([file] if file else [])]
    paths = [str(save_attestation(attestation, target)) for target in targets]
    if as_json:
        passed = attestation.passed
        emit_json({**plain(attestation), "passed": passed, "paths": paths})
    else:
        _show(attestation)
        for path in paths:
            line(f"wrote the attestation to {path}")
    ctx.exit(ExitCode.DONE if attestation.passed else ExitCode.FAILED)


def _show(attestation: Attestation) -> None:
    plugin = f"{attestation.distribution} {attestation.version}"
    heading(
        f"{attestation.provider} ({plugin}), {attestation.mode}, by anybank "
        f"{attestation.kit}"
    )
    line()
    counts = [(name, _count(attestation, name)) for name in _RESULTS]
    table("", ("checks", "number"), [count for count in counts if count[1]])
    _list("Failed", attestation.failed)
    _list("Skipped by the author", attestation.skipped)
    if attestation.passed:
        _show_tier(missing_for_silver(attestation))


def _show_tier(missing: Sequence[str]) -> None:
    if missing:
        line(
            f"tier: bronze. For silver it is missing that {', and that '.join(missing)}"
        )
    else:
        line("tier: silver")


def _count(attestation: Attestation, result: str) -> int:
    return sum(check.result == result for check in attestation.checks)


def _list(title: str, checks: Sequence[AttestedCheck]) -> None:
    if not checks:
        return
    heading(title)
    line()
    for check in checks:
        paragraph(f"{check.check}: {check.reason}", indent="  ")
    line()
