"""Attestations: stored results of the conformance kit for an installed plugin.

`attest` runs the kit in a mode; `save_attestation` stores the results in the user's data
directory, one file per mode. A plugin may ship its own in its package
(`anybank-conformance.json`, `anybank-conformance-recorded.json`,
`anybank-conformance-live.json`). An attestation names the plugin's version and a digest of
its code. If either has changed since, the attestation is stale and reported as such.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

import attrs
from attrs import field, frozen

from .._engine.files import atomic_write, read_text
from ..adapter.hookspecs import Provider
from ..errors import ConfigurationError
from ..plugins import find
from .modes import Mode
from .plugin_identity import identity_of, package_of, staleness

if TYPE_CHECKING:
    from .conformance import CheckResult, Subject
    from .conformance.runs import ModeRun

__all__ = [
    "Attestation",
    "AttestationOrigin",
    "AttestedCheck",
    "KitSettings",
    "Mode",
    "StoredAttestation",
    "attest",
    "find_attestation",
    "find_attestations",
    "save_attestation",
    "shipped_name",
]

FORMAT = 1

Progress: TypeAlias = Callable[[int, int | None, str], None]
Notice: TypeAlias = Callable[[str], None]
Result: TypeAlias = Literal["passed", "failed", "skipped", "inapplicable", "not_run"]


def shipped_name(mode: Mode) -> str:
    """Return the name of the file with the attestation that a plugin ships for a mode."""
    suffix = "" if mode is Mode.SIMULATED else f"-{mode}"
    return f"anybank-conformance{suffix}.json"


class AttestationOrigin(StrEnum):
    """The place where an attestation was found."""

    YOURS = "yours"
    """The user's data directory: created on this machine."""
    SHIPPED = "shipped"
    """The plugin's package: created by its author."""


@frozen
class AttestedCheck:
    """The result of one check.

    `reason` says how to fix a failure, why the author skipped the check, why it is
    inapplicable (the adapter declares nothing that the check could examine), or why it was
    not run: the mode cannot show anything about it.
    """

    check: str
    result: Result
    reason: str = ""


@frozen(kw_only=True)
class Attestation:
    """The results of the kit for one version of one plugin.

    `kit` is the version of anybank, `digest` the SHA-256 of the plugin's Python files.
    `against` names what responded: the simulator, the number of cassettes, or the host of
    a sandbox. `of_vendor` is True if the responses were the vendor's own: those of a
    simulator, served on loopback or recorded, are not. `left` names the records that a live
    run could not remove.
    """

    provider: str
    distribution: str
    version: str
    digest: str
    kit: str
    mode: Mode
    created_at: datetime
    checks: tuple[AttestedCheck, ...]
    against: str = ""
    of_vendor: bool = False
    left: tuple[str, ...] = ()

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
            mode, left = Mode(fields.pop("mode")), tuple(fields.pop("left", ()))
            return cls(
                **fields, mode=mode, created_at=created_at, checks=checks, left=left
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("the text is not an attestation") from error


@frozen(kw_only=True)
class StoredAttestation:
    """An attestation and its file. `stale` is the reason why it is out of date, or empty."""

    attestation: Attestation
    origin: AttestationOrigin
    path: Path
    stale: str = ""


@frozen(kw_only=True)
class KitSettings:
    """Settings of a run that the plugin's package does not have.

    `cassettes` is the directory with the cassettes of all vendors, `document` the vendor's
    OpenAPI document, and `record` a directory to which a live run writes its exchanges as
    masked cassettes. `samples` are values that no rule describes, such as a program of
    your own sandbox: {"StartKyc.program_id": "..."}.
    """

    cassettes: Path | None = None
    document: Path | None = None
    record: Path | None = None
    samples: Mapping[str, Any] = field(factory=dict)


def attest(
    provider: str,
    *,
    mode: Mode = Mode.SIMULATED,
    settings: KitSettings | None = None,
    now: datetime | None = None,
    progress: Progress | None = None,
    notice: Notice | None = None,
) -> Attestation:
    """Run the conformance kit on an installed plugin and return the results.

    Nothing is stored; `save_attestation` does that. `progress` is called after each check
    with the number of finished checks, the number of all checks, and a verb; `notice` with
    what a live run could not remove. The kit runs with the plugin's own settings
    (`Provider.conformance`) where it has some. A live run is made against the vendor's
    sandbox with the credentials of the environment, creates invented people, and deletes
    what it created even if it is interrupted. Raises ConfigurationError if the provider is
    unknown, has no simulator, has no cassettes of the vendor's for the mode `recorded`,
    lacks credentials or would not reach a sandbox in the mode `live`, or hypothesis is not
    installed.
    """
    plugin, checks = find(provider), list[AttestedCheck]()
    settings = settings or KitSettings()
    subject = _subject(provider, plugin, settings)
    with _run_in_mode(subject, mode, settings, notice or _ignore) as run:
        for finished, (result, count) in enumerate(_results(run.subject), 1):
            checks.append(_attested(result))
            if progress:
                progress(finished, count, "checked")
    return Attestation(
        provider=provider,
        mode=mode,
        created_at=now or datetime.now(UTC).replace(microsecond=0),
        checks=tuple(checks),
        against=run.against,
        of_vendor=run.of_vendor,
        left=tuple(run.left),
        **identity_of(provider),
    )


def save_attestation(attestation: Attestation, path: Path | None = None) -> Path:
    """Write an attestation to the user's data directory, or to *path*; return the path."""
    path = path or _user_path(attestation.provider, attestation.mode)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
    else:
        with atomic_write(path) as file:
            file.write(attestation.to_json())
        return path
    raise ConfigurationError(f"{path} cannot be written: {reason}.")


def find_attestation(
    provider: str, mode: Mode = Mode.SIMULATED
) -> StoredAttestation | None:
    """Return the valid attestation of an installed plugin, else a stale one, else None.

    The user's own attestation is preferred to a shipped one. The plugin is not imported.
    """
    # The user's own comes first in the list, so it is also the one reported when all
    # are stale.
    stored = list(_stored(provider, mode))
    valid = (attestation for attestation in stored if not attestation.stale)
    return next(valid, stored[0] if stored else None)


def find_attestations(provider: str) -> Mapping[Mode, StoredAttestation]:
    """Return the attestations of an installed plugin by mode; see `find_attestation`."""
    attestations = {mode: find_attestation(provider, mode) for mode in Mode}
    return {mode: stored for mode, stored in attestations.items() if stored is not None}


def _results(subject: Subject) -> Iterator[tuple[CheckResult, int]]:
    """Yield the result of each check, with the number of checks."""
    from . import conformance  # noqa: PLC0415  # it needs hypothesis

    count = len(conformance.CHECKS)
    for result in conformance.iterate_results(subject):
        yield result, count


def _run_in_mode(
    subject: Subject, mode: Mode, settings: KitSettings, notice: Notice
) -> AbstractContextManager[ModeRun]:
    from .conformance.runs import run_in_mode  # noqa: PLC0415  # it needs hypothesis

    return run_in_mode(subject, mode, record=settings.record, notice=notice)


def _ignore(_line: str) -> None:
    """Do nothing with a notice."""


def _subject(provider: str, plugin: Provider, settings: KitSettings) -> Subject:
    """Return the plugin's own settings for the kit, else its adapter and simulator."""
    try:
        from .conformance import AdapterConformance, Subject  # noqa: PLC0415  # as above
    except ImportError as error:
        missing = str(error.name)
    else:
        if plugin.conformance is not None:
            kind: type[AdapterConformance] = plugin.conformance()
            return _with_settings(kind.subject(), settings)
        if plugin.simulator is None:
            raise ConfigurationError(
                f"the plugin of {provider!r} has no simulator, which the kit needs"
            )
        subject = Subject(adapter=plugin.adapter, simulator=plugin.simulator())
        return _with_settings(subject, settings)
    raise ConfigurationError(
        f"the conformance kit needs {missing}: run pip install 'anybank[testing]'"
    )


def _with_settings(subject: Subject, settings: KitSettings) -> Subject:
    if settings.document is not None and not settings.document.is_file():
        raise ConfigurationError(f"the document {settings.document} is not a file")
    return attrs.evolve(
        subject,
        cassettes=settings.cassettes or subject.cassettes,
        openapi=settings.document or subject.openapi,
        samples={**subject.samples, **settings.samples},
    )


def _attested(result: CheckResult) -> AttestedCheck:
    if not result.passed:
        return AttestedCheck(result.check, "failed", result.message)
    if not result.ran:
        return AttestedCheck(result.check, "not_run", result.skipped)
    skipped: Result = "skipped" if result.applies else "inapplicable"
    return AttestedCheck(
        result.check, skipped if result.skipped else "passed", result.skipped
    )


def _stored(provider: str, mode: Mode) -> Iterator[StoredAttestation]:
    identity = identity_of(provider)
    package = package_of(provider)
    # A file that cannot be read or is no attestation counts as absent: `providers` must
    # not fail because of it.
    for origin, path in (
        (AttestationOrigin.YOURS, _user_path(provider, mode)),
        (AttestationOrigin.SHIPPED, package / shipped_name(mode)),
    ):
        try:
            attestation = Attestation.from_json(read_text(path))
        except (OSError, ValueError):
            continue
        # A file of another mode must not count as one of this mode.
        if (attestation.provider, attestation.mode) == (provider, mode):
            yield StoredAttestation(
                attestation=attestation,
                origin=origin,
                path=path,
                stale=staleness(attestation, identity),
            )


def _user_path(provider: str, mode: Mode) -> Path:
    try:
        from platformdirs import user_data_path  # noqa: PLC0415  # an extra has it
    except ImportError:
        # Raised below, outside of the `except`, so that the ImportError is not shown
        # with it.
        message = "attestations need platformdirs: run pip install 'anybank[cli]'"
    else:
        suffix = "" if mode is Mode.SIMULATED else f".{mode}"
        return user_data_path("anybank") / "conformance" / f"{provider}{suffix}.json"
    raise ConfigurationError(message)
