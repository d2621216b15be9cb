"""Attestations: stored results of the conformance kit for an installed plugin.

`attest` runs the kit; `save_attestation` stores the results in the user's data directory. A
plugin may ship its own attestation as `anybank-conformance.json` in its package. An
attestation names the plugin's version and a digest of its code. If either has changed since,
the attestation is stale and reported as such.
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

from .._engine.files import atomic_write, read_text
from ..adapter.hookspecs import NAMESPACE, Provider
from ..errors import ConfigurationError
from ..plugins import find

if TYPE_CHECKING:
    from .conformance import CheckResult, Subject

SHIPPED = "anybank-conformance.json"
"""The name of the file with the attestation that a plugin ships in its package."""
FORMAT = 1

Progress: TypeAlias = Callable[[int, int | None, str], None]
Result: TypeAlias = Literal["passed", "failed", "skipped", "inapplicable"]


class Mode(StrEnum):
    """The system that the kit ran against: simulator, cassettes, or the vendor's sandbox."""

    SIMULATED = "simulated"
    RECORDED = "recorded"
    LIVE = "live"


class AttestationOrigin(StrEnum):
    """The place where an attestation was found."""

    YOURS = "yours"
    """The user's data directory: created on this machine."""
    SHIPPED = "shipped"
    """The plugin's package: created by its author."""


@frozen
class AttestedCheck:
    """The result of one check.

    `reason` says how to fix a failure, why the author skipped the check, or why it is
    inapplicable: the adapter declares nothing that the check could examine.
    """

    check: str
    result: Result
    reason: str = ""


@frozen(kw_only=True)
class Attestation:
    """The results of the kit for one version of one plugin.

    `kit` is the version of anybank, `digest` the SHA-256 of the plugin's Python files.
    """

    provider: str
    distribution: str
    version: str
    digest: str
    kit: str
    mode: Mode
    created_at: datetime
    checks: tuple[AttestedCheck, ...]

    @property
    def passed(self) -> bool:
        """True if no check failed."""
        return not self.failed

    @property
    def failed(self) -> tuple[AttestedCheck, ...]:
        """The checks that failed, each with the way to fix it."""
        return self._with_result("failed")

    @property
    def skipped(self) -> tuple[AttestedCheck, ...]:
        """The checks that the author skips, each with the reason."""
        return self._with_result("skipped")

    def _with_result(self, result: Result) -> tuple[AttestedCheck, ...]:
        return tuple(check for check in self.checks if check.result == result)

    def to_json(self) -> str:
        """Return the attestation as a JSON document, the same text for equal values."""
        fields = attrs.asdict(self) | {"created_at": self.created_at.isoformat()}
        return json.dumps({"format": FORMAT, **fields}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read an attestation from JSON; raise ValueError if the text is not one."""
        try:
            fields = json.loads(text)
            if fields.pop("format") != FORMAT:
                raise ValueError("the attestation has an unknown format")
            checks = tuple(AttestedCheck(**check) for check in fields.pop("checks"))
            created_at = datetime.fromisoformat(fields.pop("created_at"))
            mode = Mode(fields.pop("mode"))
            return cls(**fields, mode=mode, created_at=created_at, checks=checks)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("the text is not an attestation") from error


@frozen(kw_only=True)
class StoredAttestation:
    """An attestation and its file. `stale` is the reason why it is out of date, or empty."""

    attestation: Attestation
    origin: AttestationOrigin
    path: Path
    stale: str = ""


def attest(
    provider: str,
    *,
    mode: Mode = Mode.SIMULATED,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> Attestation:
    """Run the conformance kit on an installed plugin and return the results.

    Nothing is stored; `save_attestation` does that. `progress` is called after each check
    with the number of finished checks, the number of all checks, and a verb. The kit runs
    with the plugin's own settings (`Provider.conformance`) where it has some. Raises
    ConfigurationError if the provider is unknown, has no simulator, or hypothesis is not
    installed.
    """
    if mode is not Mode.SIMULATED:
        message = (
            f"mode={mode.value!r} is not supported for an installed plugin: the kit runs "
            f"over its simulator. Pass mode={Mode.SIMULATED.value!r}."
        )
        raise ConfigurationError(message)
    plugin, checks = find(provider), list[AttestedCheck]()
    for finished, (result, count) in enumerate(_results(provider, plugin), 1):
        checks.append(_attested(result))
        if progress:
            progress(finished, count, "checked")
    return Attestation(
        provider=provider,
        mode=mode,
        created_at=now or datetime.now(UTC).replace(microsecond=0),
        checks=tuple(checks),
        **_identity(provider),
    )


def save_attestation(attestation: Attestation, path: Path | None = None) -> Path:
    """Write an attestation to the user's data directory, or to *path*; return the path."""
    path = path or _user_path(attestation.provider)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
    else:
        with atomic_write(path) as file:
            file.write(attestation.to_json())
        return path
    raise ConfigurationError(f"{path} cannot be written: {reason}.")


def find_attestation(provider: str) -> StoredAttestation | None:
    """Return the valid attestation of an installed plugin, else a stale one, else None.

    The user's own attestation is preferred to a shipped one. The plugin is not imported.
    """
    # The user's own comes first in the list, so it is also the one reported when all
    # are stale.
    stored = list(_stored(provider))
    valid = (attestation for attestation in stored if not attestation.stale)
    return next(valid, stored[0] if stored else None)


def _results(provider: str, plugin: Provider) -> Iterator[tuple[CheckResult, int]]:
    """Yield the result of each check, with the number of checks."""
    try:
        from . import conformance  # noqa: PLC0415  # it needs hypothesis
    except ImportError as error:
        missing = str(error.name)
    else:
        count = len(conformance.CHECKS)
        for result in conformance.iterate_results(_subject(provider, plugin)):
            yield result, count
        return
    raise ConfigurationError(
        f"the conformance kit needs {missing}: run pip install 'anybank[testing]'"
    )


def _subject(provider: str, plugin: Provider) -> Subject:
    """Return the plugin's own settings for the kit, else its adapter and simulator."""
    from .conformance import AdapterConformance, Subject  # noqa: PLC0415  # as above

    if plugin.conformance is not None:
        kind: type[AdapterConformance] = plugin.conformance()
        return kind.subject()
    if plugin.simulator is None:
        raise ConfigurationError(
            f"the plugin of {provider!r} has no simulator, which the kit needs"
        )
    return Subject(adapter=plugin.adapter, simulator=plugin.simulator())


def _attested(result: CheckResult) -> AttestedCheck:
    if not result.passed:
        return AttestedCheck(result.check, "failed", result.message)
    skipped: Result = "skipped" if result.applies else "inapplicable"
    return AttestedCheck(
        result.check, skipped if result.skipped else "passed", result.skipped
    )


def _stored(provider: str) -> Iterator[StoredAttestation]:
    identity = _identity(provider)
    package = _package(_entry_point(provider))
    # A file that cannot be read or is no attestation counts as absent: `providers` must
    # not fail because of it.
    for origin, path in (
        (AttestationOrigin.YOURS, _user_path(provider)),
        (AttestationOrigin.SHIPPED, package / SHIPPED),
    ):
        try:
            attestation = Attestation.from_json(read_text(path))
        except (OSError, ValueError):
            continue
        if attestation.provider == provider:
            yield StoredAttestation(
                attestation=attestation,
                origin=origin,
                path=path,
                stale=_staleness(attestation, identity),
            )


def _staleness(attestation: Attestation, identity: Mapping[str, str]) -> str:
    """Return what has changed since the attestation, empty if nothing has."""
    for name, description in _COMPARED.items():
        before, now = getattr(attestation, name), identity[name]
        if before != now:
            versions = "" if name == "digest" else f" ({before}, now {now})"
            return f"{description} has changed{versions}"
    return ""


_COMPARED = {
    "distribution": "the distribution",
    "version": "the version of the plugin",
    "digest": "the code of the plugin",
    "kit": "the version of anybank",
}


def _identity(provider: str) -> dict[str, str]:
    entry_point = _entry_point(provider)
    distribution = entry_point.dist
    return {
        "distribution": distribution.name if distribution else "",
        "version": distribution.version if distribution else "",
        "digest": _digest(_package(entry_point)),
        "kit": version("anybank"),
    }


def _entry_point(provider: str) -> EntryPoint:
    matches = entry_points(group=NAMESPACE, name=provider)
    if not matches:
        raise ConfigurationError(f"no provider {provider!r} is installed")
    return next(iter(matches))


def _package(entry_point: EntryPoint) -> Path:
    """Return the directory, or the single file, that contains a plugin's code."""
    # The package is located and not imported: listing the providers must not run the
    # code of a plugin.
    spec = find_spec(entry_point.module.partition(".")[0])
    if spec is None or spec.origin is None:
        raise ConfigurationError(
            f"the code of {entry_point.module} was not found: reinstall the plugin"
        )
    origin = Path(spec.origin)
    return origin.parent if spec.submodule_search_locations else origin


def _digest(package: Path) -> str:
    """Return the SHA-256 of a package's Python files and their relative paths."""
    digest = hashlib.sha256()
    files = [package] if package.is_file() else sorted(package.rglob("*.py"))
    for file in files:
        path = file.relative_to(package.parent).as_posix()
        # The digest of each file, and not of all bytes in a row: moving code from the
        # end of one file to the start of the next changes it.
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{path} {content}\n".encode())
    return digest.hexdigest()


def _user_path(provider: str) -> Path:
    try:
        from platformdirs import user_data_path  # noqa: PLC0415  # an extra has it
    except ImportError:
        # Raised below, outside of the `except`, so that the ImportError is not shown
        # with it.
        message = "attestations need platformdirs: run pip install 'anybank[cli]'"
    else:
        return user_data_path("anybank") / "conformance" / f"{provider}.json"
    raise ConfigurationError(message)
