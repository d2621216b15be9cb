"""`anybank providers`: the installed banks, and whether each works."""

from __future__ import annotations

from collections.abc import Mapping

import click

from ..errors import ConfigurationError
from ..plugins import ProviderInfo
from ..plugins import providers as installed
from ..testing.attestations import (
    AttestationOrigin,
    Mode,
    StoredAttestation,
    find_attestations,
)
from ..testing.tiers import Assessment, assess
from .options import json_option
from .output import emit_json, heading, line, paragraph, plain, table


@click.command()
@click.argument("bank", required=False)
@click.option(
    "--verbose",
    "-v",
    is_flag=True,
    help="Show for each bank what is missing for the next tier, and every attestation.",
)
@json_option
def providers(*, bank: str | None, verbose: bool, as_json: bool) -> None:
    """List the installed banks. For a bank that cannot be used, show the reason.

    The list shows what each adapter rests on: a `live` API, `documented` pages, or, for
    an API that is retired, only the `simulated` bank. It also shows the tier (bronze,
    silver or gold), and the mode and date of each conformance attestation: `simulated`,
    `recorded` (replayed cassettes) or `live` (the vendor's sandbox). A tier is computed and
    not claimed; with BANK or --verbose the list says what is missing for the next one.
    `anybank conformance BANK --save` creates an attestation.

    A bank is a plugin: `pip install "anybank[bond]"` adds one. If you set ANYBANK_PLUGINS
    to a list of names, separated by commas, only those plugins load.
    """
    infos = _chosen(bank)
    stored = {info.name: _stored(info) for info in infos}
    if as_json:
        emit_json([_json_of(info, stored[info.name]) for info in infos])
    elif infos:
        table("", _COLUMNS, (_row(info, stored[info.name]) for info in infos))
        for info in infos:
            if info.status is not None:
                paragraph(f"{info.name} is {info.status}.", indent="  ")
            if (verbose or bank) and not info.problem:
                _show_details(info, stored[info.name])
    else:
        line('no bank is installed: try pip install "anybank[bond,sonder]"')


_COLUMNS = ("name", "vendor", "distribution", "version", "state", "conformance")
_Stored = Mapping[Mode, StoredAttestation]


def _chosen(bank: str | None) -> list[ProviderInfo]:
    infos = list(installed())
    if bank is None:
        return infos
    chosen = [info for info in infos if info.name == bank]
    if not chosen:
        names = ", ".join(info.name for info in infos) or "none"
        raise ConfigurationError(
            f"no provider {bank!r} is installed; there are: {names}"
        )
    return chosen


def _stored(info: ProviderInfo) -> _Stored:
    return {} if info.problem else find_attestations(info.name)


def _row(info: ProviderInfo, stored: _Stored) -> tuple[str, ...]:
    state = f"quarantined: {info.problem}" if info.problem else "ok"
    conformance = "" if info.problem else _in_words(stored)
    return info.name, info.title, info.distribution, info.version, state, conformance


def _json_of(info: ProviderInfo, stored: _Stored) -> dict[str, object]:
    assessment = assess(stored)
    conformance = {mode.value: _attested(stored.get(mode)) for mode in Mode}
    return {
        **plain(info),
        "tier": assessment.tier,
        "next_tier": assessment.next_tier,
        "missing": list(assessment.missing),
        "conformance": conformance,
    }


def _attested(stored: StoredAttestation | None) -> dict[str, object] | None:
    if stored is None:
        return None
    return {
        **plain(stored.attestation),
        "passed": stored.attestation.passed,
        "stale": stored.stale,
        "origin": stored.origin,
        "path": str(stored.path),
    }


def _in_words(stored: _Stored) -> str:
    """Return the tier, and the mode and date of each attestation."""
    if not stored:
        return "not attested"
    return ", ".join(
        [_tier_in_words(assess(stored)), *map(_run_in_words, stored.values())]
    )


def _tier_in_words(assessment: Assessment) -> str:
    return "no tier" if assessment.tier == "none" else str(assessment.tier)


def _run_in_words(stored: StoredAttestation) -> str:
    attestation = stored.attestation
    run = f"{attestation.mode} {attestation.created_at:%Y-%m-%d}"
    if stored.stale:
        return f"{run} is stale: {stored.stale}"
    failed, total = len(attestation.failed), len(attestation.checks)
    result = f" fails {failed} of {total} checks" if failed else ""
    author = " by its author" if stored.origin is AttestationOrigin.SHIPPED else ""
    return f"{run}{result}{author}"


def _show_details(info: ProviderInfo, stored: _Stored) -> None:
    """Print what is missing for the next tier, and what each attestation rests on."""
    assessment = assess(stored)
    heading(f"{info.name}: {_tier_in_words(assessment)}")
    for item in stored.values():
        against = item.attestation.against
        paragraph(f"{_run_in_words(item)}, against: {against}", indent="  ")
    if assessment.missing:
        line(f"  missing for {assessment.next_tier}:")
        for text in assessment.missing:
            paragraph(f"- {text}", indent="    ")
    line()
