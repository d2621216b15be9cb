"""Exports every customer of a bank to a neutral file, completely or not at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from itertools import islice
from pathlib import Path

from attrs import define, field, frozen

from ..._engine.error_boundary import guarded
from ...aio import AsyncBank
from ...declaration.vocabulary import Capabilities
from ...errors import ConfigurationError, NotFound, UnexpectedResponse
from ...model.customers import Customer, NewCustomer
from ...model.features import Feature
from ...sensitive import Sensitive, shielded
from ..certify.id_file import IdFile
from ..event_loop import run
from ..migration import SideLike, side_of
from ..neutral.documents import document
from ..neutral.file_writer import FileWriter
from ..neutral.headers import FileHeader, FileOrigin
from ..neutral.keys import FileKey
from ..neutral.seals import Seal
from ..side import Side
from .arguments import AnyPath
from .workers.groups import groups_of
from .workers.listings import CustomerListing
from .workers.worker_pool import Progress

_CONCURRENCY = 50
_MAX_EXAMPLES = 10
_UNREADABLE = object()
"""Stands for a customer with a value that cannot be read; None is an unknown id."""


@frozen(kw_only=True)
class Export:
    """What was exported, and what the bank did not return.

    `masked` counts the customers whose SSN is a mask or a token. `reads` has the fields
    that the bank masks or never returns. `unknown_count` counts the requested ids that the
    bank does not know, and `unknown` has the first few of them. `unreadable_count` counts
    the customers with a value that could not be read, and `unreadable` has the first few
    ids: a listed customer is in the file without those fields, a customer that was
    requested by id is not in the file. `without_id` counts the listed records without a
    usable id.
    """

    path: str
    provider: str
    customers: int
    key_id: str
    masked: int
    reads: dict[str, str]
    unknown_count: int = 0
    unknown: tuple[str, ...] = ()
    unreadable_count: int = 0
    unreadable: tuple[str, ...] = ()
    without_id: int = 0

    @property
    def exit_code(self) -> int:
        """2 where customers wait for a person, else 0."""
        waiting = self.unknown_count or self.unreadable_count or self.without_id
        return 2 if waiting else 0


@guarded
def export(
    source: SideLike,
    to: AnyPath,
    *,
    key: str | Sensitive,
    ids: AnyPath | None = None,
    limit: int | None = None,
    progress: Progress | None = None,
) -> Export:
    """Write every customer of a bank to a new neutral file, sealed with a key.

    `key` is `file:PATH`, `env:NAME` or 64 hexadecimal digits. `ids` is a file with one id
    per line, for a bank that cannot list its customers. The file appears once it is
    complete; an existing file is never overwritten. `raw` is omitted: it has the vendor's
    format, which no other bank reads. Raises ConfigurationError where the file exists or
    the bank can neither list customers nor has `ids`.
    """
    side, path = side_of(source), Path(to)
    declared = side.adapter.capabilities
    named = _named(declared, ids)
    file_key = FileKey.of(key)
    header = FileHeader(
        provider=declared.provider,
        origin=FileOrigin.EXPORT,
        key_id=file_key.id,
        reads=incomplete_reads(declared),
    )
    with FileWriter.new(path, Seal.new(header, file_key)) as writer:
        exporter = Exporter(writer, progress, limit)
        run(exporter.export(side, named))
        writer.seal()
        writer.publish()
    return Export(
        path=str(path),
        provider=declared.provider,
        customers=exporter.count,
        key_id=file_key.id,
        masked=exporter.masked,
        reads=incomplete_reads(declared),
        unknown_count=exporter.unknown_count,
        unknown=tuple(exporter.unknown),
        unreadable_count=exporter.unreadable_count,
        unreadable=tuple(exporter.unreadable),
        without_id=exporter.without_id,
    )


def incomplete_reads(declared: Capabilities) -> dict[str, str]:
    """Return the fields that a bank masks or never returns, with how it returns them."""
    rules = declared.rules(NewCustomer).items()
    return {name: rule.read for name, rule in rules if rule.read != "returned"}


def _named(declared: Capabilities, ids: AnyPath | None) -> IdFile | None:
    if ids is not None:
        return IdFile.read(Path(ids))
    if not declared.supports(Feature.CUSTOMERS_LIST):
        raise ConfigurationError(
            f"{declared.title} cannot list its customers: pass their ids in a file, "
            "one id per line (--ids FILE)"
        )
    return None


@define
class Exporter:
    """Writes the customers of a bank to a file, and counts them; use it once."""

    writer: FileWriter
    progress: Progress | None
    limit: int | None
    count: int = 0
    masked: int = 0
    unknown_count: int = 0
    unknown: list[str] = field(factory=list)
    unreadable_count: int = 0
    unreadable: list[str] = field(factory=list)
    without_id: int = 0

    async def export(self, side: Side, named: IdFile | None) -> None:
        """Write each listed customer, or each customer of `named`, once."""
        total = (
            self.limit if named is None else min(named.count, self.limit or named.count)
        )
        async with side.open() as bank:
            async for customer in self._customers(bank, named):
                self._write(customer)
                if self.progress and self.count % _CONCURRENCY == 0:
                    self.progress(self.count, total, "exported")
                if self.count == self.limit:
                    break
        if self.progress:
            self.progress(self.count, total, "exported")

    async def _customers(
        self, bank: AsyncBank, named: IdFile | None
    ) -> AsyncIterator[Customer]:
        if named is None:
            listing = CustomerListing(bank)
            # Copied at each customer as well: with a limit the caller ends the loop early.
            async for customer in listing:
                yield customer
                self.without_id = listing.without_id
            self.without_id = listing.without_id
            return
        for group in groups_of(_CONCURRENCY, islice(named, self.limit)):
            for customer in await self._get_group(bank, group):
                yield customer

    async def _get_group(self, bank: AsyncBank, ids: Collection[str]) -> list[Customer]:
        results = await asyncio.gather(
            *(self._get(bank, customer_id) for customer_id in ids)
        )
        pairs = list(zip(ids, results, strict=True))
        unknown = [customer_id for customer_id, result in pairs if result is None]
        self.unknown_count += len(unknown)
        self.unknown += unknown[: _MAX_EXAMPLES - len(self.unknown)]
        for customer_id, result in pairs:
            if result is _UNREADABLE:
                self._note_unreadable(customer_id)
        return [result for result in results if isinstance(result, Customer)]

    async def _get(self, bank: AsyncBank, identifier: str) -> Customer | object | None:
        """Return a customer, None for an unknown id, or _UNREADABLE."""
        try:
            return await bank.customers.get(identifier)
        except NotFound:
            return None
        except UnexpectedResponse as error:
            if error.path is None:  # not even a customer: the bank is at fault
                raise
            return _UNREADABLE

    def _note_unreadable(self, identifier: str) -> None:
        self.unreadable_count += 1
        if len(self.unreadable) < _MAX_EXAMPLES:
            self.unreadable.append(identifier)

    def _write(self, customer: Customer) -> None:
        self.writer.add(encoded(customer))
        self.count += 1
        if customer.unreadable:
            self._note_unreadable(customer.id)
        self.masked += customer.ssn is not None and customer.ssn.is_masked


@shielded
def encoded(customer: Customer) -> bytes:
    """Return a customer as one line of JSON."""
    return json.dumps(document(customer), default=_revealed).encode()


def _revealed(value: Sensitive) -> str:
    return str(value.reveal())
