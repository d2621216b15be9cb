"""The records of the simulator; no repr shows their values."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar

from attrs import Factory, define, field

from anybank.sensitive import Ssn

from .triggers import Outcome

TEXTS = (
    "dob",
    "first_name",
    "middle_name",
    "last_name",
    "phone",
    "phone_country_code",
    "email",
)
"""The fields of a customer that are stored and returned unchanged."""


_UNDER_WAY = frozenset({"submitted", "under_review", "document_required"})


@define(kw_only=True, repr=False, eq=False)
class Record:
    """A record of one brand."""

    id: str
    brand_id: str
    created: datetime
    serial: int = 0
    """The position in the order of creation, set by the table."""


@define(kw_only=True, repr=False, eq=False)
class Address(Record):
    """An address of a customer, with the fields sent."""

    fields: dict[str, Any]
    deliverability: str

    @property
    def primary(self) -> bool:
        """True for a primary address."""
        return bool(self.fields["is_primary"])


@define(kw_only=True, repr=False, eq=False)
class Customer(Record):
    """A customer; `fields` are the plain texts sent."""

    brand_person_id: str
    fields: dict[str, str]
    ssn: Ssn | None
    addresses: list[Address]
    kyc_attempts: int = 3
    checks: dict[str, Check] = field(factory=dict)
    """The latest KYC check for each program."""

    @property
    def passed(self) -> bool:
        """True after a KYC pass for any program."""
        return any(check.status == "passed" for check in self.checks.values())

    @property
    def primary(self) -> Address:
        """The first primary address: a customer always has one ("Managing customers")."""
        return next(address for address in self.addresses if address.primary)


@define(kw_only=True, repr=False, eq=False)
class Check(Record):
    """A KYC check of a customer for a program."""

    customer: Customer
    program_id: str
    next: Outcome
    """The outcome when the check is due."""
    due: datetime | None = None
    status: str = "submitted"
    outcome: Outcome = Outcome(status="submitted")
    decided: datetime = field(default=Factory(attrgetter("created"), takes_self=True))
    inquiry_id: str = ""
    missing: list[str] = field(factory=list)
    """The required documents that are missing."""

    @property
    def under_way(self) -> bool:
        """True while an outcome is pending."""
        return self.status in _UNDER_WAY and not self.outcome.fields

    @property
    def documents(self) -> list[dict[str, str]]:
        """The required documents, as responses show them ("Webhook payloads")."""
        link = f"https://verify.example.test/?inquiry-id={self.inquiry_id}"
        return [
            {
                "document_type": kind,
                "status": "required" if kind in self.missing else "submitted",
                "upload_link": link,
            }
            for kind in self.outcome.documents
        ]


R = TypeVar("R", bound=Record)


@define(repr=False, eq=False)
class Table(Generic[R]):
    """Records by id, and by brand in the order of creation."""

    _by_id: dict[str, R] = field(factory=dict)
    _by_brand: dict[str, list[R]] = field(factory=dict)
    _count: int = 0

    def add(self, record: R) -> R:
        """Store a record and return it."""
        self._count += 1
        record.serial = self._count
        self._by_id[record.id] = record
        self._by_brand.setdefault(record.brand_id, []).append(record)
        return record

    def get(self, identifier: str) -> R | None:
        """Return a record of any brand."""
        return self._by_id.get(identifier)

    def of(self, brand_id: str) -> Sequence[R]:
        """Return the records of a brand, oldest first."""
        return self._by_brand.get(brand_id, ())

    def remove(self, record: R) -> None:
        """Remove a record."""
        del self._by_id[record.id]
        listed = self._by_brand[record.brand_id]
        del listed[bisect_left(listed, record.serial, key=attrgetter("serial"))]
