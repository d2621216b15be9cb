"""`anybank conformance`: test an installed plugin and attest the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from ..exit_codes import ExitCode
from ..testing.attestations import (
    Attestation,
    AttestationOrigin,
    AttestedCheck,
    KitSettings,
    Mode,
    StoredAttestation,
    attest,
    find_attestations,
    save_attestation,
)
from ..testing.tiers import Assessment, assess
from .options import json_option
from .output import emit_json, heading, line, paragraph, plain, table, warn
from .progress import progress

_RESULTS = ("passed", "failed", "skipped", "inapplicable", "not_run")
_WORDS = {"not_run": "not run in this mode"}


@click.command()
@click.argument("bank")
@click.option(
    "--live",
    "mode",
    flag_value=Mode.LIVE.value,
    help="Run against the vendor's sandbox, with the credentials ANYBANK_<BANK>_*. The run "
    "creates invented people and removes what it created. Other hosts are refused.",
)
@click.option(
    "--recorded",
    "mode",
    flag_value=Mode.RECORDED.value,
    help="Replay the vendor's responses in the cassettes instead of the simulator.",
)
@click.option(
    "--cassettes",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The directory with the cassettes of all vendors, in DIRECTORY/BANK/.",
)
@click.option(
    "--document",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The vendor's OpenAPI document in JSON or YAML, which judges each request and response.",
)
@click.option(
    "--record",
    type=click.Path(file_okay=False, path_type=Path),
    help="With --live: write what the sandbox responds as masked cassettes, in DIRECTORY/BANK/.",
)
@click.option(
    "--sample",
    "samples",
    multiple=True,
    metavar="NAME=VALUE",
    help="A value that only you know, such as StartKyc.program_id=YOUR-PROGRAM. Repeatable.",
)
@click.option(
    "--save",
    is_flag=True,
    help="Write the attestation to your data directory, where `anybank providers` looks.",
)
@click.option(
    "--to",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the attestation to this file. To ship it with a plugin, put it into the "
    "package as anybank-conformance.json, anybank-conformance-recorded.json or "
    "anybank-conformance-live.json.",
)
@json_option
@click.pass_context
def conformance(
    ctx: click.Context,
    *,
    bank: str,
    mode: str | None,
    cassettes: Path | None,
    document: Path | None,
    record: Path | None,
    samples: Sequence[str],
    save: bool,
    file: Path | None,
    as_json: bool,
) -> None:
    """Test the plugin of BANK against its simulator and attest the result.

    The declaration of the plugin selects the checks. Nothing is sent to the vendor unless
    you pass --live. The attestation holds the versions of the plugin and of anybank, the
    mode, the date, and each check that failed, was skipped or was not run, with the reason.
    Nothing is written without --save or --to; `anybank providers` shows what is saved. The
    command exits 0 if no check failed, 1 if one did, and 2 if a live run left records in
    the sandbox that you should remove.
    """
    chosen = Mode(mode or Mode.SIMULATED)
    if record is not None and chosen is not Mode.LIVE:
        raise click.UsageError("--record needs --live: it records the vendor's sandbox")
    settings = KitSettings(
        cassettes=cassettes,
        document=document,
        record=record,
        samples=dict(map(_sample, samples)),
    )
    with progress("checked") as report:
        attestation = attest(
            bank, mode=chosen, settings=settings, progress=report, notice=warn
        )
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
    ctx.exit(_exit_code(attestation))


def _exit_code(attestation: Attestation) -> ExitCode:
    if not attestation.passed:
        return ExitCode.FAILED
    return ExitCode.NEEDS_A_PERSON if attestation.left else ExitCode.DONE


def _sample(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or "." not in name:
        raise click.BadParameter(
            f"{name!r} is not a sample: write TYPE.FIELD=VALUE, such as "
            "StartKyc.program_id=YOUR-PROGRAM"
        )
    return name, value


def _show(attestation: Attestation) -> None:
    plugin = f"{attestation.distribution} {attestation.version}"
    heading(
        f"{attestation.provider} ({plugin}), {attestation.mode}, by anybank "
        f"{attestation.kit}"
    )
    line(f"against: {attestation.against}")
    line()
    counts = [(name, _count(attestation, name)) for name in _RESULTS]
    rows = [(_WORDS.get(name, name), count) for name, count in counts if count]
    table("", ("checks", "number"), rows)
    _list("Failed", attestation.failed)
    _list("Skipped by the author", attestation.skipped)
    if attestation.passed:
        show_tier(assess(_with(attestation)))


def _with(attestation: Attestation) -> Mapping[Mode, StoredAttestation]:
    """Return the stored attestations, with a new one in place of that of its mode."""
    new = StoredAttestation(
        attestation=attestation, origin=AttestationOrigin.YOURS, path=Path()
    )
    return {**find_attestations(attestation.provider), attestation.mode: new}


def show_tier(assessment: Assessment) -> None:
    """Print a tier, and what is missing for the next one."""
    line(f"tier: {assessment.tier}")
    if assessment.missing:
        line(f"missing for {assessment.next_tier}:")
        for text in assessment.missing:
            paragraph(f"- {text}", indent="  ")


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
