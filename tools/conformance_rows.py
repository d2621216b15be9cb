"""What the pages of the vendors say about the modes in which an adapter was checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from anybank.testing.attestations import Attestation, Mode, shipped_name
from anybank.testing.cassette_files import CassetteFile, cassette_files
from anybank.testing.plugin_identity import package_of

CASSETTES = Path(__file__).parents[1] / "cassettes"


def conformance_rows(provider: str) -> Iterator[tuple[str, str]]:
    """Yield each mode of the kit, with what a run in it rests on and its date."""
    yield f"`{Mode.SIMULATED}`", f"in every build{_attested(provider, Mode.SIMULATED)}"
    files = [file for file in cassette_files(CASSETTES, provider) if _counts(file)]
    recorded = _attested(provider, Mode.RECORDED)
    if files:
        yield f"`{Mode.RECORDED}`", f"in every build, over {_sources(files)}{recorded}"
    else:
        nothing = (
            "not possible yet: no response of the vendor is transcribed or recorded"
        )
        yield f"`{Mode.RECORDED}`", nothing
    live = _attested(provider, Mode.LIVE).removeprefix("; ")
    yield f"`{Mode.LIVE}`", live or "no run against the vendor's sandbox is attested"


def _counts(file: CassetteFile) -> bool:
    return file.origin.is_of_vendor


def _sources(files: list[CassetteFile]) -> str:
    counts = Counter(file.source for file in files)
    listed = "; ".join(
        f"{source} ({count})" for source, count in sorted(counts.items())
    )
    return f"{len(files)} cassettes of the vendor's: {listed}"


def _attested(provider: str, mode: Mode) -> str:
    """Return the date of the attestation that the package ships, if it ships one."""
    path = package_of(provider) / shipped_name(mode)
    if not path.exists():
        return ""
    attestation = Attestation.from_json(path.read_text("utf-8"))
    result = "" if attestation.passed else f", {len(attestation.failed)} checks fail"
    day = f"{attestation.created_at:%Y-%m-%d}"
    return f"; attested on {day} against {attestation.against}{result}"
