"""What the conformance kit found of an installed plugin, on file and bound to its code.

An attestation is made on this machine and kept in the user's data directory; a plugin may
ship its own as `anybank-conformance.json` in its package. It speaks of the plugin's version
and of a digest of its code: where either is another by now, it is stale and shown as such.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import EntryPoint, entry_points, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, TypeAlias

import attrs
from attrs import frozen

from .._engine.files import read_text, written_whole
from ..adapter.hookspecs import NAMESPACE, Provider
from ..errors import ConfigurationError
from ..plugins import find

if TYPE_CHECKING:
    from .conformance import Finding, Subject

SHIPPED = "anybank-conformance.json"
"""The name of the attestation that a plugin has in its package."""
FORMAT = 1

Progress: TypeAlias = Callable[[int, int | None, str], None]
Result: TypeAlias = Literal["passed", "failed", "skipped", "inapplicable"]


class Mode(StrEnum):
    """What the kit ran against: the simulator, cassettes, or the vendor's sandbox."""

    SIMULATED = "simulated"
    RECORDED = "recorded"
    LIVE = "live"


class Origin(StrEnum):
    """Whose attestation it is."""

    YOURS = "yours"
    """Made on this machine."""
    SHIPPED = "shipped"
    """Part of the plugin: its author's word."""


@frozen
class Verdict:
    """What came of one check.

    `reason` says what to do where it failed, why the author skipped it, or why it is
    inapplicable: nothing that it examines is declared.
    """

    check: str
    result: Result
    reason: str = ""


@frozen(kw_only=True)
class Attestation:
    """What the kit found of one version of one plugin.

    `kit` is the version of anybank, `digest` the SHA-256 of the plugin's Python files.
    """

    provider: str
    distribution: str
    version: str
    digest: str
    kit: str
    mode: Mode
    made_at: datetime
    verdicts: tuple[Verdict, ...]

    @property
    def passed(self) -> bool:
        """True where nothing failed."""
        return not self.failed

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """The checks that failed, each with what to do."""
        return self._of("failed")

    @property
    def skipped(self) -> tuple[Verdict, ...]:
        """The checks that the author skips, each with the reason."""
        return self._of("skipped")

    def _of(self, result: Result) -> tuple[Verdict, ...]:
        return tuple(each for each in self.verdicts if each.result == result)

    def to_json(self) -> str:
        """Return the attestation as a JSON document, the same text for the same words."""
        said = attrs.asdict(self) | {"made_at": self.made_at.isoformat()}
        return json.dumps({"format": FORMAT, **said}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read an attestation; raises ValueError where the text is none."""
        try:
            said = json.loads(text)
            if said.pop("format") != FORMAT:
                raise ValueError("of another format")
            verdicts = tuple(Verdict(**each) for each in said.pop("verdicts"))
            made_at = datetime.fromisoformat(said.pop("made_at"))
            mode = Mode(said.pop("mode"))
            return cls(**said, mode=mode, made_at=made_at, verdicts=verdicts)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("not an attestation") from error


@frozen(kw_only=True)
class CopyDetector:
    """An attestation that is on file: whose it is, and why it is stale if it is."""

    attestation: Attestation
    origin: Origin
    path: Path
    stale: str = ""


def attest(
    provider: str,
    *,
    mode: Mode = Mode.SIMULATED,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> Attestation:
    """Run the conformance kit on an installed plugin and return what it found.

    Nothing is written: `keep` does that. `progress` is told how many checks are made, of
    how many, and of what. The plugin's own settings of the kit are used
    (`Provider.conformance`), else its simulator as it is. Raises ConfigurationError where
    there is no such provider, it has no simulator, or hypothesis is not installed.
    """
    if mode is not Mode.SIMULATED:
        said = f"an installed plugin is examined over its simulator, not {mode}"
        raise ConfigurationError(said)
    offered, verdicts = find(provider), list[Verdict]()
    for made, (finding, count) in enumerate(_examined(provider, offered), 1):
        verdicts.append(_verdict(finding))
        if progress:
            progress(made, count, "checked")
    return Attestation(
        provider=provider,
        mode=mode,
        made_at=now or datetime.now(UTC).replace(microsecond=0),
        verdicts=tuple(verdicts),
        **_identity(provider),
    )


def keep(attestation: Attestation, path: Path | None = None) -> Path:
    """Write an attestation where `standing` looks for it, or to a path; return where."""
    path = path or _kept_path(attestation.provider)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
    else:
        with written_whole(path) as file:
            file.write(attestation.to_json())
        return path
    raise ConfigurationError(f"{path} cannot be written: {reason}")


def standing(provider: str) -> CopyDetector | None:
    """Return the attestation that counts for an installed plugin, None without one.

    One that fits the code goes before a stale one, yours before a shipped one. The plugin
    is not imported.
    """
    found = list(_on_file(provider))
    fresh = (each for each in found if not each.stale)
    return next(fresh, found[0] if found else None)


def _examined(provider: str, offered: Provider) -> Iterator[tuple[Finding, int]]:
    """Yield what each check finds, with how many there are."""
    try:
        from . import conformance  # noqa: PLC0415  # it needs hypothesis
    except ImportError as error:
        missing = str(error.name)
    else:
        count = len(conformance.CHECKS)
        for finding in conformance.findings(_subject(provider, offered)):
            yield finding, count
        return
    raise ConfigurationError(
        f'the conformance kit needs {missing}: pip install "anybank[testing]"'
    )


def _subject(provider: str, offered: Provider) -> Subject:
    """Return what the plugin sets for the kit, else its adapter over its simulator."""
    from .conformance import AdapterConformance, Subject  # noqa: PLC0415  # as above

    if offered.conformance is not None:
        kind: type[AdapterConformance] = offered.conformance()
        return kind.subject()
    if offered.simulator is None:
        raise ConfigurationError(f"the plugin of {provider!r} offers no simulator")
    return Subject(adapter=offered.adapter, simulator=offered.simulator())


def _verdict(finding: Finding) -> Verdict:
    if not finding.passed:
        return Verdict(finding.check, "failed", finding.message)
    skipped: Result = "skipped" if finding.applies else "inapplicable"
    result = skipped if finding.skipped else "passed"
    return Verdict(finding.check, result, finding.skipped)


def _on_file(provider: str) -> Iterator[CopyDetector]:
    identity = _identity(provider)
    package = _package(_point(provider))
    for origin, path in (
        (Origin.YOURS, _kept_path(provider)),
        (Origin.SHIPPED, package / SHIPPED),
    ):
        try:
            told = Attestation.from_json(read_text(path))
        except (OSError, ValueError):
            continue
        if told.provider == provider:
            stale = _staleness(told, identity)
            yield CopyDetector(attestation=told, origin=origin, path=path, stale=stale)


def _staleness(told: Attestation, identity: Mapping[str, str]) -> str:
    """Say in what the plugin or the kit is another than the one attested."""
    for name, what in _COMPARED.items():
        was, now = getattr(told, name), identity[name]
        if was != now:
            shown = "" if name == "digest" else f" ({was}, now {now})"
            return f"made of another {what}{shown}"
    return ""


_COMPARED = {
    "distribution": "distribution",
    "version": "version of the plugin",
    "digest": "state of the plugin's code",
    "kit": "version of the kit",
}


def _identity(provider: str) -> dict[str, str]:
    point = _point(provider)
    owner = point.dist
    return {
        "distribution": owner.name if owner else "",
        "version": owner.version if owner else "",
        "digest": _digest(_package(point)),
        "kit": version("anybank"),
    }


def _point(provider: str) -> EntryPoint:
    points = entry_points(group=NAMESPACE, name=provider)
    if not points:
        raise ConfigurationError(f"no provider {provider!r} is installed")
    return next(iter(points))


def _package(point: EntryPoint) -> Path:
    """Return the directory, or the one file, that holds a plugin's code."""
    spec = find_spec(point.module.partition(".")[0])
    if spec is None or spec.origin is None:
        raise ConfigurationError(f"the code of {point.module} cannot be found")
    origin = Path(spec.origin)
    return origin.parent if spec.submodule_search_locations else origin


def _digest(package: Path) -> str:
    """Return the SHA-256 of every Python file of a package and of their places."""
    found = hashlib.sha256()
    files = [package] if package.is_file() else sorted(package.rglob("*.py"))
    for each in files:
        place = each.relative_to(package.parent).as_posix()
        content = hashlib.sha256(each.read_bytes()).hexdigest()
        found.update(f"{place} {content}\n".encode())
    return found.hexdigest()


def _kept_path(provider: str) -> Path:
    try:
        from platformdirs import user_data_path  # noqa: PLC0415  # the tools' alone
    except ImportError:
        said = 'attestations need platformdirs: pip install "anybank[cli]"'
    else:
        return user_data_path("anybank") / "conformance" / f"{provider}.json"
    raise ConfigurationError(said)
