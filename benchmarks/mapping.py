"""Parsing a page of 50 customers, compared with pydantic and dataclasses."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import date, datetime

from benchmarks.server import CUSTOMER
from benchmarks.tables import Row, report
from benchmarks.timing import cpu_of, measure_in_turns
from pydantic import BaseModel, ConfigDict, TypeAdapter

from anybank.adapter.wire import Response
from anybank_bond.customers import CUSTOMERS

PAGE = json.dumps([CUSTOMER] * 50).encode()
TIMES = 40
ROUNDS = 7


class WireAddress(BaseModel):
    """An address in Bond's JSON."""

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


class WireCustomer(BaseModel):
    """A customer in Bond's JSON."""

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
    addresses: list[WireAddress]


@dataclass(frozen=True)
class Address:
    """An address as an application would define it."""

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
    """A customer as an application would define it."""

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


_PAGE = TypeAdapter(list[WireCustomer])


def with_pydantic() -> list[Customer]:
    """Parse the page with pydantic and map it to dataclasses."""
    return [_to_customer(person) for person in _PAGE.validate_json(PAGE)]


def with_anybank() -> object:
    """Parse the page with the adapter."""
    return CUSTOMERS.each(Response(status=200, content=PAGE).json())


def _to_customer(wire: WireCustomer) -> Customer:
    return Customer(
        id=wire.customer_id,
        external_id=wire.brand_person_id,
        created_at=wire.date_created,
        date_of_birth=wire.dob,
        first_name=wire.first_name,
        middle_name=wire.middle_name,
        last_name=wire.last_name,
        ssn=wire.ssn,
        phone=f"+{wire.phone_country_code or 1}{wire.phone.replace('-', '')}",
        email=wire.email,
        addresses=tuple(map(_to_address, wire.addresses)),
    )


def _to_address(wire: WireAddress) -> Address:
    return Address(
        id=wire.address_id,
        kind=wire.address_type,
        line1=wire.street,
        line2=wire.street2,
        city=wire.city,
        state=wire.state,
        postal_code=wire.zip_code,
        country=wire.country,
        primary=wire.is_primary,
    )


def main(argv: list[str]) -> None:
    """Run this benchmark."""
    seconds = measure_in_turns(
        {
            "pydantic": lambda: cpu_of(with_pydantic, TIMES),
            "anybank": lambda: cpu_of(with_anybank, TIMES),
        },
        ROUNDS,
    )
    ratio = seconds["anybank"] / seconds["pydantic"]
    rows = [
        Row("pydantic v2 and dataclasses", f"{seconds['pydantic'] * 1e3:.3f} ms"),
        Row("anybank / pydantic", f"{seconds['anybank'] * 1e3:.3f} ms", ratio, 2.5),
    ]
    report("A page of 50 customers, bytes to values", rows, argv)


if __name__ == "__main__":
    main(sys.argv[1:])
