"""The customers in the vendors' samples, as our values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from attrs import evolve

from anybank import (
    Address,
    AddressKind,
    Customer,
    CustomerChanges,
    NewCustomer,
    Phone,
    PhoneKind,
    Ssn,
)
from anybank.model.values import unvalidated


def _bond_address(address_id: str, **fields: Any) -> Address:
    given = {"country": "US", "state": "CA", "city": "San Francisco", **fields}
    return unvalidated(Address, id=address_id, **given)


JAMES = Customer(
    id="8559dec0-2edb-4c3c-a3c5-32de10174c34",
    provider="bond",
    first_name="James",
    middle_name="Herbert",
    last_name="Bond",
    date_of_birth=date(1997, 12, 25),
    ssn=Ssn("XXX-XX-6789"),
    emails=("james@example.com",),
    phones=(Phone("+16501234567", PhoneKind.UNKNOWN),),
    addresses=(
        _bond_address(
            "9e8241d2-ac5e-41c6-8b38-b3fe44387266",
            kind=AddressKind.PHYSICAL,
            line1="345 California St.",
            line2="Suite 600",
            postal_code="94104-2657",
            primary=True,
            deliverability="deliverable",
        ),
        _bond_address(
            "242c459e-6bd5-4158-89ee-550f0bdd133d",
            kind=AddressKind.MAILING,
            line1="111 Lake Tahoe Rd.",
            postal_code="12345",
            primary=False,
            deliverability="undeliverable",
        ),
    ),
    external_id="7b18da9e-0217-4ecb-8454-8c0ab8bedc14",
    brand_id="e2b37ab8-5e6e-4538-bbe0-35121b481845",
    created_at=datetime(2020, 10, 26, 21, 48, 57, 287919, UTC),
)

CHRISTINE = evolve(
    JAMES,
    id="3cf29100-4396-4c90-b4b0-6edfeca0ee3f",
    first_name="Christine",
    middle_name="J",
    last_name="Smith",
    phones=(Phone("+16501244567", PhoneKind.UNKNOWN),),
    addresses=(
        _bond_address(
            "acf383d1-8510-47ed-ad28-0ca72f33bc33",
            kind=AddressKind.PHYSICAL,
            line1="345 California St.",
            postal_code="94104-2657",
            primary=True,
            deliverability="deliverable_missing_unit",
        ),
        _bond_address(
            "47dc4547-b306-4f49-94c4-4ad89cbb9dac",
            kind=AddressKind.MAILING,
            line1="111 Lake Tahoe Rd.",
            postal_code="12345",
            primary=False,
            deliverability="undeliverable",
        ),
    ),
    external_id="1ea85e01-c35f-4675-9f74-e39fa877bc53",
    created_at=datetime(2020, 10, 27, 22, 48, 57, 287919, UTC),
)

CREATED = Customer(
    id="b3f7f6c9-503e-4457-b0ca-31f65131cfff",
    provider="bond",
    first_name="James",
    middle_name="Herbert",
    last_name="Bond",
    date_of_birth=date(1997, 12, 25),
    ssn=Ssn("XXX-XX-9999"),
    emails=("james@example.com",),
    phones=(Phone("+15551112222", PhoneKind.UNKNOWN),),
    addresses=(
        _bond_address(
            "5ff2a5f8-2d96-4c89-9edc-ec762ac3844c",
            kind=AddressKind.MAILING,
            line1="345 California Ave.",
            line2="Suite 600",
            postal_code="12345-1234",
            primary=True,
            deliverability="deliverable",
        ),
    ),
    external_id="ac6ee2d3-5a03-4043-a4aa-dda51836b9fd",
    brand_id="8c7e08c8-0320-444c-b834-007cd9e18c0e",
    created_at=datetime(2021, 6, 2, 13, 38, 27, 965404, UTC),
)

SAM = Customer(
    id="931e2341-c3eb-4681-97d4-f6e09d90da14",
    provider="bond",
    first_name="sam",
    middle_name="amazed",
    last_name="McKorkindale",
    date_of_birth=date(1961, 3, 3),
    external_id="8dd4e2de-33be-4bb3-9a19-25069033a5e2",
    brand_id="e0cb152c-51dc-44b0-af3c-5c68341068da",
    created_at=datetime(2021, 2, 11, 13, 26, 50, 553841, UTC),
)

CALIFORNIA_AVENUE = Address(
    kind=AddressKind.PHYSICAL,
    line1="345 California Ave.",
    line2="Suite 600",
    city="San Francisco",
    state="CA",
    postal_code="12345-1234",
    country="US",
    primary=True,
)
NEW_JAMES = NewCustomer(
    first_name="James",
    last_name="Bond",
    date_of_birth=date(1997, 12, 25),
    ssn=Ssn("333-52-7584"),
    emails=["james@example.com"],
    phones=[Phone("+15551112222")],
    addresses=[CALIFORNIA_AVENUE],
)
JAMES_CHANGES = CustomerChanges(
    first_name="James",
    middle_name="Herbert",
    last_name="Bond",
    date_of_birth=date(1997, 12, 25),
    emails=["james@example.com"],
    phones=[Phone("+15551112222")],
    addresses=[CALIFORNIA_AVENUE],
)

SARAH_ID = "SU18VxiTglfSSSEIbbV3MJRmBZm1VVds"
NEW_SARAH = NewCustomer(
    first_name="Sarah",
    middle_name="Jane",
    last_name="Smith",
    preferred_name="Sarah",
    date_of_birth=date(1990, 1, 1),
    ssn=Ssn("123-45-6789"),
    document_locator_number=123456789,
    emails=["sarah@example.com"],
    phones=[Phone("+15555555555")],
    addresses=[
        Address(
            kind=AddressKind.HOME,
            line1="123 Main St",
            city="Anytown",
            state="NY",
            postal_code="12345",
            country="US",
        )
    ],
)
SARAH = Customer(
    id=SARAH_ID,
    provider="sonder",
    first_name="Sarah",
    middle_name="Jane",
    last_name="Smith",
    preferred_name="Sarah",
    date_of_birth=date(1990, 1, 1),
    emails=("sara@example.com",),  # a letter short of what was created (row 11)
    phones=(Phone("+15555555555"),),
    addresses=(evolve(NEW_SARAH.addresses[0], primary=True),),
    account_ids=("aub36832", "wlf47906"),
)
