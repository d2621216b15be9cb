"""`anybank providers`: the installed banks, and whether each works."""

from __future__ import annotations

import click

from ..plugins import ProviderInfo
from ..plugins import providers as installed
from ..testing.attestations import (
    AttestationOrigin,
    StoredAttestation,
    find_attestation,
)
from ..testing.tiers import tier_of
from .options import json_option
from .output import emit_json, line, paragraph, plain, table


@click.command()
@json_option
def providers(*, as_json: bool) -> None:
    """List the installed banks. For a bank that cannot be used, show the reason.

    The list shows what each adapter rests on: a `live` API, `documented` pages, or, for
    an API that is retired, only the `simulated` bank. It also shows the tier
    and the date of each bank's conformance attestation (bronze or silver), the number of
    checks that fail, or why the attestation is no longer valid. `anybank conformance BANK --save` creates
    an attestation.

    A bank is a plugin: `pip install "anybank[bond]"` adds one. If you set ANYBANK_PLUGINS
    to a list of names, separated by commas, only those plugins load.
    """
    infos = installed()
    if as_json:
        emit_json([_json_of(info) for info in infos])
    elif infos:
        table("", _COLUMNS, map(_row, infos))
        for info in infos:
            if info.status is not None:
                paragraph(f"{info.name} is {info.status}.", indent="  ")
    else:
        line('no bank is installed: try pip install "anybank[bond,sonder]"')


_COLUMNS = ("name", "vendor", "distribution", "version", "state", "conformance")


def _row(info: ProviderInfo) -> tuple[str, ...]:
    state = f"quarantined: {info.problem}" if info.problem else "ok"
    conformance = "" if info.problem else _in_words(_stored(info))
    return info.name, info.title, info.distribution, info.version, state, conformance


def _json_of(info: ProviderInfo) -> dict[str, object]:
    stored = _stored(info)
    if stored is None:
        return {**plain(info), "tier": tier_of(None), "conformance": None}
    conformance = {
        **plain(stored.attestation),
        "passed": stored.attestation.passed,
        "stale": stored.stale,
        "origin": stored.origin,
        "path": str(stored.path),
    }
    return {**plain(info), "tier": tier_of(stored), "conformance": conformance}


def _stored(info: ProviderInfo) -> StoredAttestation | None:
    return None if info.problem else find_attestation(info.name)


def _in_words(stored: StoredAttestation | None) -> str:
    """Return the tier or the failures, the date and the origin of an attestation."""
    if stored is None:
        return "not attested"
    if stored.stale:
        return f"stale: {stored.stale}"
    attestation = stored.attestation
    failed, total = len(attestation.failed), len(attestation.checks)
    result = f"fails {failed} of {total} checks" if failed else tier_of(stored)
    author = " by its author" if stored.origin is AttestationOrigin.SHIPPED else ""
    return f"{result}, {attestation.mode}, {attestation.created_at:%Y-%m-%d}{author}"
