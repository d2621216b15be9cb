"""Exporting: every customer of a bank into a neutral file, whole or not at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
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
from .workers.listings import CustomerListing
from .workers.worker_pool import Progress

_CONCURRENCY = 50
_NAMED = 10
_UNREADABLE = object()


@frozen(kw_only=True)
class Export:
    """What was exported, and what the bank did not tell.

    `masked` counts the customers whose SSN is a mask or token; `reads` has the fields
    that the bank masks or never tells. `unknown` are the first few ids that the bank does
    not know, of `unknown_count`. `unreadable` are the first few ids of the customers of
    whom something could not be read, of `unreadable_count`: a listed one is in the file
    without those fields, which its `unreadable` names, and one that was asked for by its
    id is not. `without_id` counts the listed records that have no usable id.
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
    a line, for a bank that cannot list. The file is there when all is in it, and not
    before; one that is there already is never written over. `raw` is left out: it has the
    vendor's shape, and no other bank reads it.
    """
    side, path = side_of(source), Path(to)
    declared = side.adapter.capabilities
    named = _named(declared, ids)
    own = FileKey.of(key)
    header = FileHeader(
        provider=declared.provider,
        origin=FileOrigin.EXPORT,
        key_id=own.id,
        reads=not_told(declared),
    )
    with FileWriter.new(path, Seal.new(header, own)) as writer:
        exporter = Exporter(writer, progress, limit)
        run(exporter.export(side, named))
        writer.seal()
        writer.publish()
    return Export(
        path=str(path),
        provider=declared.provider,
        customers=exporter.count,
        key_id=own.id,
        masked=exporter.masked,
        reads=not_told(declared),
        unknown_count=exporter.unknown_count,
        unknown=tuple(exporter.unknown),
        unreadable_count=exporter.unreadable_count,
        unreadable=tuple(exporter.unreadable),
        without_id=exporter.without_id,
    )


def not_told(declared: Capabilities) -> dict[str, str]:
    """Return the fields that a bank masks or never tells, by our name."""
    rules = declared.rules(NewCustomer).items()
    return {name: rule.read for name, rule in rules if rule.read != "returned"}


def _named(declared: Capabilities, ids: AnyPath | None) -> IdFile | None:
    if ids is not None:
        return IdFile.read(Path(ids))
    if not declared.supports(Feature.CUSTOMERS_LIST):
        raise ConfigurationError(
            f"{declared.title} cannot list its customers: give their ids in a file "
            "(--ids FILE), one a line"
        )
    return None


@define
class Exporter:
    """Reads a bank once, and counts."""

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
        """Write each customer that is listed, or named, once."""
        total = (
            self.limit if named is None else min(named.count, self.limit or named.count)
        )
        async with side.open() as bank:
            async for customer in self._found(bank, named):
                self._write(customer)
                if self.progress and self.count % _CONCURRENCY == 0:
                    self.progress(self.count, total, "exported")
                if self.count == self.limit:
                    break
        if self.progress:
            self.progress(self.count, total, "exported")

    async def _found(
        self, bank: AsyncBank, named: IdFile | None
    ) -> AsyncIterator[Customer]:
        if named is None:
            walk = CustomerListing(bank)
            async for customer in walk:
                yield customer
                self.without_id = walk.without_id
            self.without_id = walk.without_id
            return
        for chunk in _chunks(islice(named, self.limit), _CONCURRENCY):
            for customer in await self._got(bank, chunk):
                yield customer

    async def _got(self, bank: AsyncBank, ids: Collection[str]) -> list[Customer]:
        found = await asyncio.gather(*(self._get(bank, each) for each in ids))
        pairs = list(zip(ids, found, strict=True))
        gone = [each for each, customer in pairs if customer is None]
        self.unknown_count += len(gone)
        self.unknown += gone[: _NAMED - len(self.unknown)]
        for each in (each for each, customer in pairs if customer is _UNREADABLE):
            self._note_unreadable(each)
        return [customer for customer in found if isinstance(customer, Customer)]

    async def _get(self, bank: AsyncBank, identifier: str) -> Customer | object | None:
        """Return a customer, None for nobody, _UNREADABLE where it cannot be read."""
        try:
            return await bank.customers.get(identifier)
        except NotFound:
            return None
        except UnexpectedResponse as error:
            if error.path is None:
                raise
            return _UNREADABLE

    def _note_unreadable(self, identifier: str) -> None:
        self.unreadable_count += 1
        if len(self.unreadable) < _NAMED:
            self.unreadable.append(identifier)

    def _write(self, customer: Customer) -> None:
        self.writer.add(encoded(customer))
        self.count += 1
        if customer.unreadable:
            self._note_unreadable(customer.id)
        self.masked += customer.ssn is not None and customer.ssn.is_masked


@shielded
def encoded(customer: Customer) -> bytes:
    """Return a customer as the text of a line."""
    return json.dumps(document(customer), default=_revealed).encode()


def _revealed(value: Sensitive) -> str:
    return str(value.reveal())


def _chunks(items: Iterable[str], size: int) -> Iterator[list[str]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
