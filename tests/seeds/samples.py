"""The literal samples of the vendors' pages, and what they are in our values.

The same table is held against the pages themselves, where they are at hand, and against
the cassettes that were transcribed from them, always.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import httpx
from attrs import evolve, frozen
from tests.fakes import Script
from tests.seeds import pages
from tests.seeds.pages import Curl, Repair

from anybank import (
    Address,
    AddressKind,
    AsyncBank,
    Bank,
    CustomerChanges,
    NewCustomer,
    Phone,
    PhoneKind,
    Ssn,
)
from anybank.model.customers import Customer
from anybank.model.values import told

Operation = Callable[[Any], Any]

INVENTED: Repair = ("mi6.gov.uk", "example.com")
"""Not a fault of the page: our tests write to nobody outside example.com."""
ELIDED: Repair = ("[email protected]", "james@example.com")
"""bond.md §13 row 55: whoever stored the page hid the address."""


@frozen(kw_only=True)
class Sample:
    """A request and its answer as a page shows them.

    `asked` and `answered` are the phrases that lead to each, `repairs` what of the answer
    is not JSON or not ours to write to. `means` is the answer in our values.
    """

    name: str
    provider: str
    number: str
    asked: Sequence[str]
    answered: Sequence[str]
    operation: Operation
    means: Any
    status: int = 200
    request_repairs: Sequence[Repair] = ()
    repairs: Sequence[Repair] = ()
    text: bool = False

    def curl(self) -> Curl:
        """Return the page's request."""
        text = pages.after(pages.page(self.number), *self.asked)
        if self.provider == "sonder":
            return pages.curl_g(text)
        return pages.curl(text, self.request_repairs)

    def answer(self) -> str:
        """Return the page's answer, repaired."""
        text = pages.after(pages.page(self.number), *self.answered)
        found = text.splitlines()[0] if self.text else pages.literal(text)
        return pages.repaired(found, self.repairs)

    def response(self) -> httpx.Response:
        """Return the page's answer as it would arrive."""
        kind = "text/plain" if self.text else "application/json"
        return httpx.Response(
            self.status, headers={"content-type": kind}, text=self.answer()
        )

    def credentials(self) -> dict[str, str]:
        """Return the credentials with which the page's own headers are made."""
        headers = self.curl().headers
        if self.provider == "sonder":
            return {"token": headers["Authorization"].removeprefix("Bearer ")}
        return {
            "identity": headers["Identity"],
            "authorization": headers["Authorization"],
        }


@frozen
class Asked:
    """What came of an operation, and what was sent for it."""

    value: Any
    requests: Sequence[httpx.Request]

    @property
    def request(self) -> httpx.Request:
        """The first request."""
        return self.requests[0]

    @property
    def body(self) -> Any:
        """The first request's body, None where there is none."""
        return json.loads(self.request.content) if self.request.content else None


def ask(
    provider: str,
    operation: Operation,
    *answers: httpx.Response,
    sync: bool,
    **options: Any,
) -> Asked:
    """Run an operation over scripted answers."""
    script = Script(*answers)
    given = {"transport": script, "retries": 0, **options}
    value = perform(provider, operation, sync=sync, **given)
    return Asked(value, script.requests)


def perform(provider: str, operation: Operation, *, sync: bool, **options: Any) -> Any:
    """Run an operation of a Bank or an AsyncBank; a listing is read to its end."""
    if not sync:
        return asyncio.run(_perform(provider, operation, options))
    with Bank(provider, **options) as bank:
        found = operation(bank)
        return list(found) if hasattr(found, "pages") else found


async def _perform(provider: str, operation: Operation, options: Any) -> Any:
    async with AsyncBank(provider, **options) as bank:
        found = operation(bank)
        if hasattr(found, "pages"):
            return [each async for each in found]
        return await found


def _bond_address(address_id: str, **fields: Any) -> Address:
    given = {"country": "US", "state": "CA", "city": "San Francisco", **fields}
    return told(Address, id=address_id, **given)


_JAMES = Customer(
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
        ),
        _bond_address(
            "242c459e-6bd5-4158-89ee-550f0bdd133d",
            kind=AddressKind.MAILING,
            line1="111 Lake Tahoe Rd.",
            postal_code="12345",
            primary=False,
        ),
    ),
    external_id="7b18da9e-0217-4ecb-8454-8c0ab8bedc14",
    created_at=datetime(2020, 10, 26, 21, 48, 57, 287919, UTC),
)

_CHRISTINE = evolve(
    _JAMES,
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
        ),
        _bond_address(
            "47dc4547-b306-4f49-94c4-4ad89cbb9dac",
            kind=AddressKind.MAILING,
            line1="111 Lake Tahoe Rd.",
            postal_code="12345",
            primary=False,
        ),
    ),
    external_id="1ea85e01-c35f-4675-9f74-e39fa877bc53",
    created_at=datetime(2020, 10, 27, 22, 48, 57, 287919, UTC),
)

_CREATED = Customer(
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
        ),
    ),
    external_id="ac6ee2d3-5a03-4043-a4aa-dda51836b9fd",
    created_at=datetime(2021, 6, 2, 13, 38, 27, 965404, UTC),
)

_SAM = Customer(
    id="931e2341-c3eb-4681-97d4-f6e09d90da14",
    provider="bond",
    first_name="sam",
    middle_name="amazed",
    last_name="McKorkindale",
    date_of_birth=date(1961, 3, 3),
    external_id="8dd4e2de-33be-4bb3-9a19-25069033a5e2",
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


def _create_james(bank: Any) -> Any:
    return bank.customers.create(NEW_JAMES)


def _get_james(bank: Any) -> Any:
    return bank.customers.get("931e2341-c3eb-4681-97d4-f6e09d90da14")


def _list_bond(bank: Any) -> Any:
    return bank.customers.list(page_size=20)


def _update_james(bank: Any) -> Any:
    return bank.customers.update("5fec3f30-dc2e-4b20-9e07-53c31400bbe3", JAMES_CHANGES)


def _delete_james(bank: Any) -> Any:
    return bank.customers.delete("931e2341-c3eb-4681-97d4-f6e09d90da14")


def _create_sarah(bank: Any) -> Any:
    return bank.customers.create(NEW_SARAH)


def _get_sarah(bank: Any) -> Any:
    return bank.customers.get(SARAH_ID)


def _update_sarah(bank: Any) -> Any:
    return bank.customers.update(SARAH_ID, CustomerChanges(preferred_name="John"))


def _delete_sarah(bank: Any) -> Any:
    return bank.customers.delete(SARAH_ID)


_SUCCESS = "An example of a response to a successful request to "

BOND_CREATE = Sample(
    name="customers-create",
    provider="bond",
    number="001",
    asked=["To create an instance of a customer object"],
    answered=[_SUCCESS + "create a customer"],
    operation=_create_james,
    means=_CREATED,
    status=201,  # bond.md §3.1
    request_repairs=[ELIDED],
    repairs=[ELIDED],
)
BOND_GET = Sample(
    name="customers-get",
    provider="bond",
    number="000",
    asked=["To retrieve a single customer"],
    answered=[_SUCCESS + "retrieve a customer"],
    operation=_get_james,
    means=_JAMES,  # another id than was asked for (row 17)
    repairs=[INVENTED],
)
BOND_LIST = Sample(
    name="customers-list",
    provider="bond",
    number="000",
    asked=["An example of a request to retrieve all customers"],
    answered=[_SUCCESS + "retrieve all customers"],
    operation=_list_bond,
    means=[_JAMES, _CHRISTINE],
    repairs=[INVENTED],
)
BOND_UPDATE = Sample(
    name="customers-update",
    provider="bond",
    number="000",
    asked=["An example of a request to update a customer's state"],
    answered=[_SUCCESS + "update a customer"],
    operation=_update_james,
    means=_SAM,  # another person (row 16)
    request_repairs=[INVENTED],
    repairs=[('+00:00" "dob"', '+00:00", "dob"'), ("[...]", "[]")],  # row 15
)
BOND_DELETE = Sample(
    name="customers-delete",
    provider="bond",
    number="000",
    asked=["To delete a customer"],
    answered=["you receive the following response:\n"],
    operation=_delete_james,
    means=None,
    text=True,
)

_TRAILING: Sequence[Repair] = [(",\n}", "\n}")]
_SPELT: Repair = ("sonderlabs.io", "example.com")

SONDER_GET = Sample(
    name="customers-get",
    provider="sonder",
    number="002",
    asked=["Retrieve A Customer"],
    answered=["Retrieve A Customer", "\nResponse\n"],
    operation=_get_sarah,
    means=SARAH,
    repairs=[('"data" {', '"data": {'), *_TRAILING, _SPELT],  # row 9
)
SONDER_CREATE = Sample(
    name="customers-create",
    provider="sonder",
    number="002",
    asked=["Create A New Customer"],
    answered=["Create A New Customer", "\nResponse\n"],
    operation=_create_sarah,
    means=SARAH,  # read back: the answer is an id
)
SONDER_UPDATE = Sample(
    name="customers-update",
    provider="sonder",
    number="002",
    asked=["Update A Customer"],
    answered=["Update A Customer", "\nResponse\n"],
    operation=_update_sarah,
    means=evolve(SARAH, preferred_name="John", emails=("sarah@example.com",)),
    repairs=[*_TRAILING, _SPELT],  # row 9
)
SONDER_DELETE = Sample(
    name="customers-delete",
    provider="sonder",
    number="002",
    asked=["Delete A Customer"],
    answered=["Delete A Customer", "\nResponse\n"],
    operation=_delete_sarah,
    means=None,
)

BOND = (BOND_CREATE, BOND_GET, BOND_LIST, BOND_UPDATE, BOND_DELETE)
SONDER = (SONDER_CREATE, SONDER_GET, SONDER_UPDATE, SONDER_DELETE)
ALL = (*BOND, *SONDER)
