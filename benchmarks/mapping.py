"""A page of 50 customers, bytes to values: ours beside pydantic and dataclasses."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import date, datetime

from benchmarks.measuring import cpu_of, in_turns
from benchmarks.server import CUSTOMER
from benchmarks.tables import Row, report
from pydantic import BaseModel, ConfigDict, TypeAdapter

from anybank.adapter.wire import Response
from anybank_bond.customers import customers

PAGE = json.dumps([CUSTOMER] * 50).encode()
TIMES = 40
ROUNDS = 7


class TheirAddress(BaseModel):
    """An address of Bond."""

    model_config = ConfigDict(strict=True)
    address_id: str
    address_type: str
    street: str
    street2: str | None = None
    city: str
    state: str
    zip_code: str
    country: str
    is_primary: bool


class TheirCustomer(BaseModel):
    """A customer of Bond."""

    model_config = ConfigDict(strict=True)
    customer_id: str
    brand_person_id: str | None = None
    date_created: datetime
    dob: date
    first_name: str
    middle_name: str | None = None
    last_name: str
    ssn: str
    phone: str
    phone_country_code: str | None = None
    email: str
    addresses: list[TheirAddress]


@dataclass(frozen=True)
class Address:
    """An address as a user would keep it."""

    id: str
    kind: str
    line1: str
    line2: str | None
    city: str
    state: str
    postal_code: str
    country: str
    primary: bool


@dataclass(frozen=True)
class Customer:
    """A customer as a user would keep it."""

    id: str
    external_id: str | None
    created_at: datetime
    date_of_birth: date
    first_name: str
    middle_name: str | None
    last_name: str
    ssn: str
    phone: str
    email: str
    addresses: tuple[Address, ...]


_PAGE = TypeAdapter(list[TheirCustomer])


def theirs() -> list[Customer]:
    """Read the page with pydantic, and map it."""
    return [_mapped(each) for each in _PAGE.validate_json(PAGE)]


def ours() -> object:
    """Read the page with the adapter."""
    return customers(Response(status=200, content=PAGE).json())


def _mapped(given: TheirCustomer) -> Customer:
    return Customer(
        id=given.customer_id,
        external_id=given.brand_person_id,
        created_at=given.date_created,
        date_of_birth=given.dob,
        first_name=given.first_name,
        middle_name=given.middle_name,
        last_name=given.last_name,
        ssn=given.ssn,
        phone=f"+{given.phone_country_code or 1}{given.phone.replace('-', '')}",
        email=given.email,
        addresses=tuple(map(_mapped_address, given.addresses)),
    )


def _mapped_address(given: TheirAddress) -> Address:
    return Address(
        id=given.address_id,
        kind=given.address_type,
        line1=given.street,
        line2=given.street2,
        city=given.city,
        state=given.state,
        postal_code=given.zip_code,
        country=given.country,
        primary=given.is_primary,
    )


def main(argv: list[str]) -> None:
    """Measure and report."""
    found = in_turns(
        {
            "pydantic": lambda: cpu_of(theirs, TIMES),
            "anybank": lambda: cpu_of(ours, TIMES),
        },
        ROUNDS,
    )
    ratio = found["anybank"] / found["pydantic"]
    rows = [
        Row("pydantic v2 and dataclasses", f"{found['pydantic'] * 1e3:.3f} ms"),
        Row("anybank / pydantic", f"{found['anybank'] * 1e3:.3f} ms", ratio, 2.5),
    ]
    report("A page of 50 customers, bytes to values", rows, argv)


if __name__ == "__main__":
    main(sys.argv[1:])
