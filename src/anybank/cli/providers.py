"""`anybank providers`: which banks are installed, and which of them work."""

from __future__ import annotations

import click

from ..plugins import ProviderInfo
from ..plugins import providers as installed
from ..testing.attestations import (
    AttestationOrigin,
    StoredAttestation,
    find_attestation,
)
from .output import emit_json, line, plain, table


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def providers(*, as_json: bool) -> None:
    """List the banks that are installed, the unusable ones with the reason.

    What the conformance kit attested of each is shown with the day, or why it does not
    count any more: `anybank conformance BANK` makes an attestation.
    A bank is a plugin: `pip install "anybank[bond]"` adds one. The variable
    ANYBANK_PLUGINS (names, separated by commas) pins which may load.
    """
    found = installed()
    if as_json:
        emit_json([_as_json(info) for info in found])
    elif found:
        columns = ("name", "vendor", "distribution", "version", "state", "conformance")
        table("", columns, map(_row, found))
    else:
        line('no bank is installed; try: pip install "anybank[bond,sonder]"')


def _row(info: ProviderInfo) -> tuple[str, ...]:
    state = f"quarantined: {info.problem}" if info.problem else "ok"
    attested = "" if info.problem else _told(_standing(info))
    return info.name, info.title, info.distribution, info.version, state, attested


def _as_json(info: ProviderInfo) -> dict[str, object]:
    found = _standing(info)
    if found is None:
        return {**plain(info), "conformance": None}
    told = {"stale": found.stale, "origin": found.origin, "path": str(found.path)}
    attested = {**plain(found.attestation), "passed": found.attestation.passed, **told}
    return {**plain(info), "conformance": attested}


def _standing(info: ProviderInfo) -> StoredAttestation | None:
    return None if info.problem else find_attestation(info.name)


def _told(found: StoredAttestation | None) -> str:
    """Say in a few words what is attested, by whom, and whether it still counts."""
    if found is None:
        return "not attested"
    if found.stale:
        return f"stale: {found.stale}"
    told = found.attestation
    failed = len(told.failed)
    what = f"fails {failed} of {len(told.checks)} checks" if failed else "passed"
    by = " by its author" if found.origin is AttestationOrigin.SHIPPED else ""
    return f"{what}, {told.mode}, {told.created_at:%Y-%m-%d}{by}"
