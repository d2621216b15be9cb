"""The search for customers who are at the target twice, or are not in the journal.

The search lists the target. Two customers with the reference of one record are
duplicates. A customer with the reference of a record that was not sent is unrecorded. Two
customers with the same name, date of birth and last four digits of the SSN (or address),
one of whom the journal has, are look-alikes: a person must compare them. Where the target
cannot be listed, the result says so.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from attrs import asdict, define, field, frozen

from ....aio import AsyncBank
from ....model.customers import Customer, CustomerStatus
from ....model.features import Feature
from ...certify.certificate import Certifier
from ...journal.journal import Journal
from ...journal.record_pages import BATCH
from ...journal.states import UNSENT, WITH_TARGET_ID, State
from ...journal.tables import RECORDS
from ..workers.listings import CustomerListing

MAX_EXAMPLES = 100
KINDS = ("duplicates", "unrecorded", "look_alikes")
_AT_TARGET = WITH_TARGET_ID | {State.DELETING}
_NOT_THERE = UNSENT | {State.ROLLED_BACK}


@frozen(kw_only=True)
class Duplicate:
    """Customers of the target that seem to belong to one record.

    `kind` is `duplicates` (several customers have the record's reference), `unrecorded`
    (one customer has it although the record was not sent) or `look_alikes` (the same name,
    date of birth and last four digits of the SSN).
    """

    kind: str
    source_id: str
    target_ids: tuple[str, ...]


@frozen(kw_only=True)
class DuplicateCheck:
    """The result of the search for duplicates in the last `verify`.

    `how` is a sentence on how the search was made, or why it was not. `calls` is how many
    requests the listing took and `listed` how many customers it had. `counts` counts the
    duplicates by kind, and `examples` has at most 100 of them.
    """

    how: str
    listed: int = 0
    calls: int = 0
    counts: Mapping[str, int] = field(factory=dict)
    examples: Sequence[Duplicate] = ()

    def record(self, journal: Journal) -> None:
        """Store the result in the journal: ids and counts, nothing personal."""
        journal.set_metadata(duplicates=json.dumps(asdict(self)))


def last_check(metadata: Mapping[str, str]) -> DuplicateCheck | None:
    """Return the result of the last search, None before the first."""
    text = metadata.get("duplicates")
    if text is None:
        return None
    facts: dict[str, Any] = json.loads(text)
    examples = [
        Duplicate(**{**example, "target_ids": tuple(example["target_ids"])})
        for example in facts.pop("examples")
    ]
    return DuplicateCheck(**facts, examples=tuple(examples))


async def check_duplicates(
    journal: Journal, certifier: Certifier, target: AsyncBank, *, search: bool = True
) -> DuplicateCheck:
    """List the target, look for duplicates, and store the result in the journal."""
    title = target.capabilities.title
    if not target.capabilities.supports(Feature.CUSTOMERS_LIST):
        check = DuplicateCheck(
            how=f"{title} cannot list its customers, so duplicates there cannot be "
            f"detected from here. Look for them in {title}'s own tools, or ask its support."
        )
    elif not search:
        check = DuplicateCheck(
            how=f"The search for duplicates at {title} was skipped. Run verify without "
            "--skip-duplicates to list its customers and look for duplicates."
        )
    else:
        with closing(_Listed()) as listed:
            check = await _Search(journal, certifier, target, listed).run()
    check.record(journal)
    return check


@define
class _Search:
    """One search for duplicates in the listing of a target."""

    journal: Journal
    certifier: Certifier
    target: AsyncBank
    listed: _Listed
    count: int = field(init=False, default=0)
    counts: dict[str, int] = field(init=False, factory=lambda: dict.fromkeys(KINDS, 0))
    examples: list[Duplicate] = field(init=False, factory=list)

    async def run(self) -> DuplicateCheck:
        """List the target and return the duplicates."""
        listing, batch = CustomerListing(self.target), list[Customer]()
        async for customer in listing:
            batch.append(customer)
            if len(batch) >= BATCH:
                self._note(batch)
                batch = []
        self._note(batch)
        # Only after the listing: a look-alike may come pages after the first customer.
        for source_id, target_ids in self.listed.look_alikes():
            self._add("look_alikes", source_id, target_ids)
        return DuplicateCheck(
            how=self._how(listing),
            listed=self.count,
            calls=listing.calls,
            counts=self.counts,
            examples=tuple(self.examples),
        )

    def _how(self, listing: CustomerListing) -> str:
        title = self.target.capabilities.title
        by = "our reference, " if self.certifier.has_reference else ""
        unsettled = (
            ""
            if listing.is_settled
            else " The last pass still listed new customers: there may be more."
        )
        return (
            f"{title} was listed to look for duplicates, by {by}name, date of birth and "
            f"last four digits of the SSN: {self.count} customers in {listing.calls} calls."
            f"{unsettled}"
        )

    def _note(self, batch: Sequence[Customer]) -> None:
        if not batch:
            return
        self.count += len(batch)
        owners = self._owners([customer.id for customer in batch])
        duplicates = (
            set(self._by_reference(batch)) if self.certifier.has_reference else set()
        )
        for customer in batch:
            # A denied person is no customer, and may have been sent again since.
            if customer.status is CustomerStatus.DENIED:
                continue
            identity = self._identity(customer)
            if identity is not None and customer.id not in duplicates:
                self.listed.add(customer.id, identity, owners.get(customer.id))

    def _owners(self, target_ids: Collection[str]) -> Mapping[str, str]:
        columns = sa.select(RECORDS.c.target_id, RECORDS.c.source_id)
        ours = RECORDS.c.state.in_(_AT_TARGET) & RECORDS.c.target_id.in_(target_ids)
        return {
            row.target_id: row.source_id
            for row in self.journal.query(columns.where(ours))
        }

    def _by_reference(self, batch: Sequence[Customer]) -> Iterator[str]:
        """Add customers with the reference of another record; yield their ids."""
        batch = [
            customer
            for customer in batch
            if customer.status is not CustomerStatus.DENIED
        ]
        references = [
            customer.external_id for customer in batch if customer.external_id
        ]
        query = sa.select(RECORDS).where(RECORDS.c.reference.in_(references))
        records = {row.reference: row for row in self.journal.query(query)}
        for customer in batch:
            row = records.get(customer.external_id)
            if row is None or row.target_id == customer.id:
                continue
            # The decision gives a pending person another id, which `apply` will record.
            if row.state == State.PENDING:
                continue
            if row.state in _AT_TARGET:
                self._add("duplicates", row.source_id, (row.target_id, customer.id))
                yield customer.id
            elif row.state in _NOT_THERE:
                self._add("unrecorded", row.source_id, (customer.id,))
                yield customer.id

    def _identity(self, customer: Customer) -> str | None:
        """Return a keyed fingerprint of a person, None where a field is missing."""
        parts = (customer.first_name, customer.middle_name, customer.last_name)
        name = customer.full_name or " ".join(filter(None, parts))
        digits = customer.ssn.last_four if customer.ssn else None
        home = customer.address
        last = digits or (home and home.line1 and f"{home.line1} {home.postal_code}")
        if not (name and customer.date_of_birth and last):
            return None
        # Case and spaces differ between banks and do not distinguish people. The salt is
        # empty, unlike that of the journal's fingerprints: here equal people must match.
        text = f"{name} {customer.date_of_birth.isoformat()} {last}"
        same = " ".join(text.casefold().split())
        return self.certifier.key.fingerprint("identity", "", same)

    def _add(self, kind: str, source_id: str, target_ids: Sequence[str]) -> None:
        self.counts[kind] += 1
        if len(self.examples) < MAX_EXAMPLES:
            ids = tuple(target_ids)
            self.examples.append(
                Duplicate(kind=kind, source_id=source_id, target_ids=ids)
            )


class _Listed:
    """The listed customers by fingerprint, in a temporary file: memory stays flat."""

    def __init__(self) -> None:
        # A temporary file of SQLite, removed when it is closed; the transaction is never
        # committed, because nobody reads the file later.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("CREATE TABLE listed (identity, id, source_id)")
        self._database.execute("BEGIN")

    def add(self, identifier: str, identity: str, source_id: str | None) -> None:
        row = (identity, identifier, source_id)
        self._database.execute("INSERT INTO listed VALUES (?, ?, ?)", row)

    def look_alikes(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield a source id with the target ids that look alike, its own id first."""
        self._database.execute("CREATE INDEX by_identity ON listed (identity)")
        # Groups with a customer of the journal and one who is not in it. Two customers of
        # the journal are two customers of the source, and twins may share all of this.
        rows = self._database.execute(
            "SELECT identity, source_id, id FROM listed WHERE identity IN ("
            "SELECT identity FROM listed GROUP BY identity HAVING count(*) > 1 "
            "AND count(source_id) > 0 AND count(source_id) < count(*)"
            ") ORDER BY identity, source_id IS NULL, id"
        )
        for _, group in groupby(rows, key=itemgetter(0)):
            alike = list(islice(group, BATCH))
            yield alike[0][1], tuple(row[2] for row in alike)

    def close(self) -> None:
        self._database.close()
