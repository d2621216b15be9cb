"""A migration that a command works on: the journal with its lock, key and sides.

A journal belongs to one pair of banks for good. Everything that decides what is sent (the
banks and their URLs, the consents, the supplement) is in its signed metadata, so that
every later command needs only the journal, and refuses any other pair.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import evolve, field, frozen

from .._engine.send_guard import sent_only_if
from .._engine.throttle import Throttle
from ..declaration.diff import supplied_extras_note
from ..errors import ConfigurationError
from ..model.customers import Customer
from ..model.spellings import Spelling
from .certify.certificate import Certificate, Certifier
from .certify.file_layout import Layout
from .certify.shared_identities import kinds_shared, shared_issue
from .certify.supplement import Supplement, columns_for
from .certify.supplement_lookup import SupplementLookup, is_lookup
from .journal.batch_leases import Lease
from .journal.group_commit import CommitQueue
from .journal.journal import Journal
from .journal.keys import Key
from .journal.location import JournalLocation
from .journal.plan_checksum import is_whole
from .journal.rates import shared_throttle
from .journal.records import Record
from .journal.run_log import logged
from .side import Side

if TYPE_CHECKING:
    from .neutral.file_side import FileSide

SideLike: TypeAlias = "str | os.PathLike[str] | Side"
"""A side as an argument: a provider's name, the path of a neutral file, or a Side."""

_FILE = "file"
_FILE_SUFFIXES = (".jsonl", ".ndjson")


@frozen(kw_only=True)
class Migration:
    """One migration, open for writing; no other command writes to its journal meanwhile."""

    id: str
    journal: Journal
    metadata: Mapping[str, str] = field(repr=False)
    """The verified metadata of the journal when the migration was opened."""
    key: Key
    source: Side
    target: Side
    accept_loss: Collection[str]
    accept_quality: Collection[str]
    planned_on: date
    """The date for which ages are calculated.

    It is that of the plan, so that a customer whom the plan certified does not become too
    old or too young for it overnight.
    """
    supplement: Supplement | SupplementLookup | None
    lease: Lease | None = None
    """The lease of a worker's batch; None for other commands."""
    settle_after: float = 0.0
    """In how many seconds no request of an earlier worker can arrive any more."""
    commit_queue: CommitQueue = field(factory=CommitQueue, repr=False)
    """Where transitions wait to be written; the batches of a worker share it."""
    is_shared: bool = False
    """Whether other workers may work on the journal at the same time."""

    @property
    def may_send(self) -> bool:
        """Whether a request that leaves now ends before another worker may take over."""
        return self.lease is None or self.lease.allows_request

    def sent_within_lease(self) -> AbstractContextManager[None]:
        """Let the requests of this context leave only while the lease of the batch lasts."""
        lease = self.lease
        if lease is None:
            return nullcontext()
        return sent_only_if(lambda: lease.allows_request)

    def throttle_of(self, side: Side) -> Throttle | None:
        """Return the rate limit of a side; workers at batches share it.

        A Throttle that the caller passed as the side's `rate_limit` is used as it is.
        """
        throttle = side.throttle
        is_own = isinstance(side.options.get("rate_limit"), Throttle)
        if throttle is None or is_own or not self.is_shared:
            return throttle
        key = "source" if side is self.source else "target"
        return shared_throttle(self.journal, key, throttle.per_minute)

    def certifier(self) -> Certifier:
        """Return the certifier of this migration's records."""
        return Certifier(
            source=self.source.adapter.capabilities,
            target=self.target.adapter,
            migration_id=self.id,
            key=self.key,
            accept_loss=self.accept_loss,
            accept_quality=self.accept_quality,
            today=self.planned_on,
        )

    def certify(self, certifier: Certifier, customer: Customer) -> Certificate:
        """Return the certificate of a customer as it is now, with its supplement."""
        return certifier.certify(customer, self._row(customer))

    def certify_again(
        self, certifier: Certifier, customer: Customer, record: Record
    ) -> Certificate:
        """Return the certificate of the plan, or a new one where the data have changed."""
        row = self._row(customer)
        same = certifier.again(record, customer, row)
        return same or self._compared(certifier.certify(customer, row), record)

    def _compared(self, certificate: Certificate, record: Record) -> Certificate:
        """Return the certificate, blocked where the customer shares an identity with another."""
        if certificate.identities is None:
            return certificate
        kinds = kinds_shared(self.journal, record.number, certificate.identities)
        return certificate.with_issues(
            [shared_issue(kind, self.accept_quality) for kind in kinds]
        )

    def _row(self, customer: Customer) -> Mapping[str, Any] | None:
        return None if self.supplement is None else self.supplement.of(customer.id)


@contextmanager
def begin_migration(
    location: JournalLocation,
    source: Side,
    target: Side,
    *,
    supplement: Path | str | None,
    layout: Layout | None = None,
    accept_loss: Collection[str],
    accept_quality: Collection[str] = (),
) -> Iterator[Migration]:
    """Open a new migration, or that of a journal with the same two sides, to plan it."""
    source.require_other(target)
    target = target.receiving
    today = target.timing.today()
    facts = {
        "source": source.record,
        "source_at": source.base_url,
        "source_limit": _limit(source),
        "target": target.record,
        "target_at": target.base_url,
        "target_limit": _limit(target),
        "accept_loss": json.dumps(sorted(accept_loss)),
        "accept_quality": json.dumps(sorted(accept_quality)),
        "planned_on": today.isoformat(),
    }
    with ExitStack() as stack:
        declared = target.adapter.capabilities
        opened = stack.enter_context(
            _supplement(supplement, layout or Layout(), columns_for(declared))
        )
        facts["supplement"] = opened.location if opened is not None else ""
        facts["supplement_sha256"] = opened.sha256 if opened is not None else ""
        facts |= _layout_facts(opened, supplied_extras_note(declared))
        journal = stack.enter_context(Journal.at(location))
        # Locked before it is created, so that two plans at the same moment create one.
        stack.enter_context(journal.locked())
        key = _begin_or_require(journal, facts)
        stack.enter_context(logged(journal))
        journal.set_metadata(**facts)
        metadata = journal.metadata()
        yield Migration(
            id=_fact(journal, metadata, "migration_id"),
            journal=journal,
            metadata=metadata,
            key=key,
            source=source,
            target=target,
            accept_loss=frozenset(accept_loss),
            accept_quality=frozenset(accept_quality),
            planned_on=today,
            supplement=opened,
        )


@contextmanager
def resume_migration(
    location: JournalLocation,
    source: SideLike | None = None,
    target: SideLike | None = None,
    *,
    shared: bool = False,
    adopting: bool = False,
) -> Iterator[Migration]:
    """Open the migration that a journal records, to continue it, alone or next to workers.

    To adopt a journal, its plan may be incomplete and its supplement may be missing.
    """
    with ExitStack() as stack:
        journal = stack.enter_context(
            Journal.open_locked(location, shared=shared, adopting=adopting)
        )
        metadata = journal.metadata()
        if not adopting and not is_whole(metadata):
            raise ConfigurationError(
                f"the plan in {journal.path} was interrupted: run `anybank migrate plan` "
                "again"
            )
        sides = [
            _reopen_side(journal, metadata, "source", source),
            _reopen_side(journal, metadata, "target", target),
        ]
        yield Migration(
            is_shared=shared,
            id=_fact(journal, metadata, "migration_id"),
            journal=journal,
            metadata=metadata,
            key=journal.key,
            source=sides[0],
            target=sides[1].receiving,
            accept_loss=frozenset(json.loads(_fact(journal, metadata, "accept_loss"))),
            accept_quality=frozenset(
                json.loads(metadata.get("accept_quality") or "[]")
            ),
            planned_on=_planned_on(metadata, sides[1]),
            supplement=None
            if adopting
            else stack.enter_context(
                _supplement_again(
                    journal, metadata, columns_for(sides[1].adapter.capabilities)
                )
            ),
        )


def _planned_on(metadata: Mapping[str, str], target: Side) -> date:
    """Return the date of the plan; today where an older anybank planned it."""
    recorded = metadata.get("planned_on")
    return date.fromisoformat(recorded) if recorded else target.timing.today()


def _limit(side: Side) -> str:
    throttle = side.throttle
    return str(throttle.per_minute) if throttle else ""


def _begin_or_require(journal: Journal, facts: dict[str, str]) -> Key:
    """Create the journal, or check that the existing one has the same two sides."""
    if journal.exists:
        journal.require_readable()
        _require_pair(journal, facts)
    else:
        journal.initialise(migration_id=uuid.uuid4(), plan=0, **facts)
    return journal.key


def _require_pair(journal: Journal, facts: dict[str, str]) -> None:
    metadata = journal.metadata()
    for side in ("source", "target"):
        recorded = recorded_side(_fact(journal, metadata, side)).provider
        requested = recorded_side(facts[side]).provider
        urls = _fact(journal, metadata, f"{side}_at"), facts[f"{side}_at"]
        if recorded != requested or urls[0] != urls[1]:
            raise _of_another(journal, side, (recorded, urls[0]), requested)


def _of_another(
    journal: Journal, side: str, recorded: tuple[str, str], requested: str
) -> ConfigurationError:
    """Return the error for a side that is not the recorded one, with what to do."""
    provider, url = recorded
    fix = (
        f"if the same bank has another URL now, run `anybank migrate rebase --{side}-url "
        f"URL --journal {journal.path}`; a new journal would send everybody again"
        if requested == provider
        else "name the journal of this migration with --journal"
    )
    return ConfigurationError(
        f"the journal {journal.path} is of another migration: its {side} is {provider} "
        f"at {url}; {fix}"
    )


def recorded_side_of(journal: Journal, name: str) -> Side:
    """Return a side as the journal stores it."""
    return recorded_side(_fact(journal, journal.metadata(), name))


def reopen_side(journal: Journal, name: str, requested: SideLike | None) -> Side:
    """Return the stored side with the caller's options; refuse another bank or URL."""
    return _reopen_side(journal, journal.metadata(), name, requested)


def _reopen_side(
    journal: Journal, metadata: Mapping[str, str], name: str, requested: SideLike | None
) -> Side:
    recorded = recorded_side(_fact(journal, metadata, name))
    url = _fact(journal, metadata, f"{name}_at")
    chosen = recorded if requested is None else side_of(requested)
    side = evolve(chosen, options={**recorded.options, **chosen.options})
    # The URL is recorded apart from the options, since it may come from the environment:
    # a changed variable must not send the rest of the customers to another host.
    if side.provider != recorded.provider or side.base_url != url:
        raise _of_another(journal, name, (recorded.provider, url), side.provider)
    return side


def _fact(journal: Journal, metadata: Mapping[str, str], name: str) -> str:
    value = metadata.get(name)
    if value is None:
        raise ConfigurationError(f"the journal {journal.path} is damaged: no {name}")
    return value


def _layout_facts(
    supplement: Supplement | SupplementLookup | None, note: str | None
) -> dict[str, str]:
    """Return the metadata with which later commands read the file the same way."""
    notes = [f"{note[0].upper()}{note[1:]}."] if note else []
    if not isinstance(supplement, Supplement):
        return {"supplement_layout": "{}", "supplement_notes": json.dumps(notes)}
    return {
        "supplement_layout": supplement.layout.record,
        "supplement_notes": json.dumps([*supplement.notes, *notes]),
    }


def _supplement(
    location: Path | str | None, layout: Layout, columns: Mapping[str, Spelling]
) -> AbstractContextManager[Supplement | SupplementLookup | None]:
    is_file = location and not is_lookup(location)
    if not is_file and not layout.is_plain:
        raise ConfigurationError(
            "columns, separator and ignored columns describe a supplement file: name the "
            "file with supplement= (--supplement FILE)"
        )
    if is_file:
        return Supplement.read(Path(str(location)), layout, columns)
    return SupplementLookup(str(location), columns) if location else nullcontext()


def _supplement_again(
    journal: Journal, metadata: Mapping[str, str], columns: Mapping[str, Spelling]
) -> AbstractContextManager[Supplement | SupplementLookup | None]:
    location = metadata.get("supplement")
    if not location:
        return nullcontext()
    if is_lookup(location):
        return SupplementLookup(location, columns)
    # The plan has validated every row, so the same bytes are only indexed again.
    layout = Layout.recorded(metadata.get("supplement_layout"))
    sha256 = _fact(journal, metadata, "supplement_sha256")
    return Supplement.reopen(Path(location), layout, sha256, columns)


def side_of(value: SideLike) -> Side:
    """Return the side for a provider's name or the path of a neutral file."""
    if isinstance(value, Side):
        return value
    if _is_path(value):
        return _file_side(path=os.fspath(value))
    return _file_side() if value == _FILE else Side(str(value))


def recorded_side(text: str) -> Side:
    """Return a side from the journal, without credentials: they are not in the journal."""
    recorded = json.loads(text)
    if recorded["provider"] == _FILE:
        return _file_side(**recorded["options"])
    return Side(**recorded)


def _is_path(value: object) -> bool:
    """Tell whether an argument is the path of a neutral file, and not a bank's name."""
    if isinstance(value, os.PathLike):
        return True
    text = str(value)
    return Path(text).suffix.lower() in _FILE_SUFFIXES or os.sep in text


def _file_side(**options: Any) -> FileSide:
    from .neutral.file_side import FileSide  # noqa: PLC0415  # needs the extra `export`

    return FileSide(_FILE, options)
