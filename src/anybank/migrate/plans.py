"""Planning: every record of the source gets its certificate; the target hears nothing."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from attrs import define, field

from ..aio import AsyncBank
from ..capabilities import Feature
from ..errors import (
    ConfigurationError,
    NotFound,
    OutcomeUnknown,
    ProviderUnavailable,
    RateLimited,
    UnexpectedResponse,
    unsupported_by,
)
from ..model.customers import Customer
from .certificate import Certificate, Certifier, Fate, Finding
from .checksums import checksum_of
from .cohorts import Sample
from .crews import Progress
from .deltas import Delta
from .finality import irreversible
from .ids import Ids
from .journal import BATCH, Move, Record
from .matchers import Matcher
from .migrations import Migration
from .states import UNSENT, State

Found: TypeAlias = tuple[str, Customer | None]
"""An id, and the customer that the source has under it."""

GONE = Finding(
    "",
    Fate.BLOCKED,
    "gone",
    "the source does not know this id",
    "check the id; where the customer was deleted, nothing need be done",
    stops=True,
)
_AT_ONCE = 50
_TRIES = 3
"""How often a read is begun again, each with the bank's own retries."""


@define
class Planner:
    """Plans one migration, once."""

    migration: Migration
    progress: Progress | None
    again: bool = False
    """Plan what was rolled back, too."""
    matcher: Matcher | None = None
    """Recognises who is at the target already."""
    sample: Sample | None = None
    """Whom to plan, where not all."""
    delta: Delta | None = None
    """Notes what has changed."""
    _certifier: Certifier = field(init=False)
    _seen: int = field(init=False)
    _without_supplement: int = field(init=False, default=0)

    @_certifier.default
    def _certifier_of_migration(self) -> Certifier:
        return self.migration.certifier()

    @_seen.default
    def _number_of_this_plan(self) -> int:
        return int(self.migration.journal.meta("plan") or 0) + 1

    async def plan(self, ids: Path | None, limit: int | None) -> None:
        """Read the source once and certify each of its customers."""
        named = self._named(ids)
        journal = self.migration.journal
        journal.set_meta(plan=self._seen)
        known = named.count if named and self.sample is None else None
        counts = (known, limit)
        total = min((each for each in counts if each is not None), default=None)
        done = 0
        async with self.migration.source.open() as bank:
            async for batch in _batches(self._found(bank, named), limit):
                self._certify(batch)
                done += len(batch)
                if self.progress:
                    self.progress(done, total, "certified")
        if self.matcher is not None:
            async with self.migration.target.open() as target:
                await self.matcher.match_all(target)
        declared = self.migration.target.adapter.capabilities
        journal.set_meta(
            planned=self._seen,
            inventory=journal.count_seen(self._seen),
            without_supplement=self._without_supplement,
            plan_checksum=checksum_of(journal),
            irreversible=json.dumps(irreversible(declared)),
        )

    def _named(self, ids: Path | None) -> Ids | None:
        declared = self.migration.source.adapter.capabilities
        _require(declared.provider, declared.supports("customers.get"), _NO_GET)
        if ids is not None:
            return Ids.read(ids)
        if not declared.supports(Feature.CUSTOMERS_LIST):
            raise ConfigurationError(
                f"{declared.title} cannot list its customers: give their ids in a file "
                "(--ids FILE), one a line"
            )
        return None

    async def _found(self, bank: AsyncBank, ids: Ids | None) -> AsyncIterator[Found]:
        """Yield each customer of the source who is wanted, listed or by its id."""
        if ids is None:
            async for customer in bank.customers.list():
                if self._is_wanted(customer.id):
                    yield customer.id, customer
            return
        for chunk in _chunks(filter(self._is_wanted, ids), _AT_ONCE):
            for found in await asyncio.gather(*(_get(bank, each) for each in chunk)):
                yield found

    def _is_wanted(self, source_id: str) -> bool:
        return self.sample is None or source_id in self.sample

    def _certify(self, batch: list[Found]) -> None:
        journal = self.migration.journal
        records = journal.add([source_id for source_id, _ in batch], self._seen)
        if self.migration.supplement is not None:
            there = [each for each, customer in batch if customer is not None]
            self.migration.supplement.prepare(there)
        moves = (self._planned(records[each], found) for each, found in batch)
        journal.move([move for move in moves if move])

    def _planned(self, record: Record, customer: Customer | None) -> Move | None:
        """Return what becomes of a record: one that was sent keeps its outcome."""
        changed = self.delta.note(record, customer) if self.delta and customer else None
        if not self._may_plan(record.state):
            return changed
        if customer is None:
            return Move(record.number, State.BLOCKED, {}, [GONE.reason])
        certificate = self.migration.certify(self._certifier, customer)
        if self.migration.supplement is not None and not certificate.supplemented:
            self._without_supplement += 1
        same = certificate.request_print == record.request_print
        if record.state is State.FAILED and same:
            return None
        return planned(record, certificate)

    def _may_plan(self, state: State) -> bool:
        return state in UNSENT or (self.again and state is State.ROLLED_BACK)


def planned(record: Record, certificate: Certificate) -> Move:
    """Return the move to what a certificate says."""
    state = State.READY if certificate.is_ready else State.BLOCKED
    known = {**known_of(record, certificate), "failure": None, "target_id": None}
    return Move(record.number, state, known, certificate.reasons)


def known_of(record: Record, certificate: Certificate) -> dict[str, Any]:
    """Return what the journal keeps of a certificate; a key of a create stays the same.

    But for who was rolled back: what the old key made is at the target still, archived
    perhaps, and would be the answer to it.
    """
    if certificate.key is None:
        return certificate.known
    key = record.reference or certificate.key
    if record.state is State.ROLLED_BACK:
        key = str(uuid.uuid5(uuid.UUID(key), "again"))
    return {**certificate.known, "reference": key}


_NO_GET = "its customers cannot be read"


def _require(provider: str, works: object, why: str) -> None:
    if not works:
        raise unsupported_by(provider, Feature.CUSTOMERS_GET, why)


async def _get(bank: AsyncBank, source_id: str) -> Found:
    """Read one of many: one bad answer must not end a plan that begins anew each time."""
    for left in reversed(range(_TRIES)):
        try:
            return source_id, await bank.customers.get(source_id)
        except NotFound:
            break
        except (OutcomeUnknown, ProviderUnavailable, RateLimited, UnexpectedResponse):
            if not left:
                raise
    return source_id, None


def _chunks(items: Iterable[str], size: int) -> Iterator[Collection[str]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


async def _batches(
    found: AsyncIterator[Found], limit: int | None
) -> AsyncIterator[list[Found]]:
    """Group what comes into batches, up to a limit; a listing's repetitions are one."""
    batch: dict[str, Customer | None] = {}
    count = 0
    async for source_id, customer in found:
        if limit is not None and count >= limit:
            break
        batch[source_id] = customer
        count += 1
        if len(batch) >= BATCH:
            yield list(batch.items())
            batch = {}
    if batch:
        yield list(batch.items())
