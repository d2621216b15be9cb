"""Customers of Bond: writing, reading and paging."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bond.banks import AUTHORIZATION, IDENTITY, body, bond
from tests.fakes import home, james

from anybank import (
    AddressKind,
    AsyncBank,
    Bank,
    CustomerChanges,
    DocumentLocatorNumber,
    Effect,
    FieldNotUpdatable,
    InvalidInput,
    Phone,
    PhoneKind,
    Ssn,
    UnexpectedResponse,
)
from anybank.sandbox.transport import SimulatorTransport
from anybank_bond import BondExtras
from anybank_bond.simulator import BondSimulator

SIZES = (1, 2, 5, 10, 20, 50)
ADDRESS = {
    "address_id": "a1",
    "address_type": "PHYSICAL",
    "street": "1 Test St.",
    "city": "Reno",
    "state": "NV",
    "zip_code": "89501",
    "country": "US",
    "is_primary": True,
}


def stored(**more: Any) -> httpx.Response:
    """Return a response with a customer."""
    return httpx.Response(200, json={"customer_id": "c1", **more})


def test_a_customer_is_written_with_the_vendors_names() -> None:
    """The body has every supported field in Bond's form."""
    bank, script = bond(stored())
    extras = {"bond": BondExtras(account_holder_type="secondary", primary_id="p1")}
    bank.customers.create(
        james(middle_name="Herbert", external_id="ref-1", extras=extras)
    )
    assert body(script) == {
        "first_name": "James",
        "middle_name": "Herbert",
        "last_name": "Bond",
        "dob": "1997-12-25",
        "ssn": "333-52-7584",
        "email": "james@example.com",
        "phone": "555-111-2222",
        "phone_country_code": "1",
        "brand_person_id": "ref-1",
        "account_holder_type": "secondary",
        "primary_id": "p1",
        "addresses": [
            {
                "address_type": "PHYSICAL",
                "street": "345 California Ave.",
                "city": "San Francisco",
                "state": "CA",
                "zip_code": "94104",
                "country": "US",
                "is_primary": True,
            }
        ],
    }
    request = script.requests[0]
    assert (
        request.headers["identity"],
        request.headers["authorization"],
    ) == (
        IDENTITY,
        AUTHORIZATION,
    )


def test_a_foreign_number_is_written_without_dashes() -> None:
    """The country code and the national digits are separate members."""
    bank, script = bond(stored())
    bank.customers.create(james(phones=[Phone("+442079460018")]))
    assert body(script)["phone"] == "2079460018"
    assert body(script)["phone_country_code"] == "44"


def test_an_absent_field_is_not_written() -> None:
    """An absent field is not in the body, neither as null nor as an empty text."""
    bank, script = bond(stored())
    bank.customers.create(james(ssn=None, emails=[], phones=[]))
    assert set(body(script)) == {"first_name", "last_name", "dob", "addresses"}


@pytest.mark.parametrize(
    ("field", "value", "effect"),
    [
        ("preferred_name", "Jim", Effect.DROPPED),
        ("document_locator_number", DocumentLocatorNumber(5), Effect.DROPPED),
        ("emails", ["a@example.com", "b@example.com"], Effect.DROPPED),
        ("middle_name", "J", None),
        ("middle_name", "Anne-Marie", Effect.DROPPED),
        ("last_name", "O\u2019Neill", Effect.CHANGED),
        ("first_name", "Zoe\u0308", Effect.CHANGED),
        ("addresses", [home(line1="12\u201314 Main\u00a0St")], Effect.CHANGED),
        ("ssn", Ssn("XXX-XX-6789"), Effect.DROPPED),
        ("first_name", "Anne-Marie", Effect.BLOCKED),
        ("first_name", "J4mes", Effect.BLOCKED),
        ("last_name", None, Effect.BLOCKED),
        ("date_of_birth", None, Effect.BLOCKED),
        ("addresses", [], Effect.BLOCKED),
        ("addresses", [home(primary=False)], Effect.BLOCKED),
        ("addresses", [home(line1="x" * 41)], Effect.BLOCKED),
        ("addresses", [home(state="Calif")], Effect.BLOCKED),
        ("addresses", [home(postal_code="9410")], Effect.BLOCKED),
        ("addresses", [home(kind=AddressKind.WORK)], Effect.BLOCKED),
        ("addresses", [home(kind=AddressKind.HOME)], Effect.CHANGED),
        ("first_name", "Zoë", None),
        ("last_name", "O'Neill Smith", None),
        ("addresses", [home(state="Bavaria", postal_code="80331", country="DE")], None),
        ("phones", [Phone("+15551112222", PhoneKind.UNKNOWN)], None),
    ],
)
def test_unsupported_customers_are_refused(
    field: str, value: Any, effect: Effect | None
) -> None:
    """Each rule of the page is checked without a request."""
    bank, _ = bond()
    result = bank.check(james(**{field: value}))
    assert [item.effect for item in result] == ([effect] if effect else [])


def test_a_home_is_written_as_a_physical_address() -> None:
    """Bond has two types of address; the change is reported with the customer."""
    bank, script = bond(stored())
    created = bank.customers.create(james(addresses=[home(kind=AddressKind.HOME)]))
    assert body(script)["addresses"][0]["address_type"] == "PHYSICAL"
    assert [item.effect for item in created.issues] == [Effect.CHANGED]


def test_an_unusual_value_is_read_unchanged() -> None:
    """A value that Bond returns is never refused."""
    bank, _ = bond(
        stored(
            phone="call me",
            ssn="hidden",
            addresses=[{**ADDRESS, "address_type": "CASTLE", "state": "x"}],
        )
    )
    result = bank.customers.get("c1")
    assert result.phone is not None
    assert result.phone.number == "call me"
    assert result.ssn is not None
    assert result.ssn.is_masked
    assert result.address is not None
    assert (result.address.kind, result.address.native_kind) == (
        AddressKind.UNKNOWN,
        "CASTLE",
    )


def test_a_customer_with_hardly_anything_is_a_customer() -> None:
    """Only the id is required in a response."""
    bank, _ = bond(stored())
    result = bank.customers.get("c1")
    assert (result.phones, result.emails, result.ssn) == ((), (), None)


SIMULATOR = BondSimulator()
SECONDARY = home(line1="2 Elm St.", primary=False)


def simulated(**options: Any) -> tuple[Bank, BondSimulator]:
    simulator = BondSimulator()
    settings = {**simulator.credentials, "rate_limit": None, **options}
    return Bank("bond", transport=SimulatorTransport(simulator), **settings), simulator


def test_after_kyc_the_primary_address_goes_along() -> None:
    """Secondary addresses are sent together with the unchanged primary one."""
    bank, _ = simulated()
    created = bank.customers.create(james())
    changes = CustomerChanges(addresses=[SECONDARY])
    after = bank.customers.update(created.id, changes, kyc_passed=True)
    assert [item.line1 for item in after.addresses] == [
        "345 California Ave.",
        "2 Elm St.",
    ]
    assert after.address is not None
    assert after.address.line1 == "345 California Ave."


@pytest.mark.parametrize(
    "changes",
    [
        CustomerChanges(first_name="Eve"),
        CustomerChanges(ssn=Ssn("333-52-7585")),
        CustomerChanges(addresses=[home()]),
        CustomerChanges(addresses=[home(primary=None)]),
    ],
)
def test_fields_fixed_by_kyc_are_refused_without_a_request(
    changes: CustomerChanges,
) -> None:
    """With `kyc_passed=True` nothing is sent to the vendor."""
    bank, script = bond()
    with bank, pytest.raises(FieldNotUpdatable):
        bank.customers.update("c1", changes, kyc_passed=True)
    assert script.requests == []


@pytest.mark.parametrize(
    "changes",
    [
        CustomerChanges(emails=["a@example.com"]),
        CustomerChanges(phones=[Phone("+15551112222")]),
        CustomerChanges(addresses=[SECONDARY]),
    ],
)
def test_the_strict_option_refuses_everything_after_kyc(
    changes: CustomerChanges,
) -> None:
    """The option refuses every change after KYC, and none before."""
    bank, script = bond(stored(), strict_kyc=True)
    with pytest.raises(FieldNotUpdatable):
        bank.customers.update("c1", changes, kyc_passed=True)
    assert script.requests == []
    if not changes.addresses:
        bank.customers.update("c1", changes, kyc_passed=False)


@pytest.mark.parametrize(
    "changes",
    [
        CustomerChanges(emails=[]),
        CustomerChanges(middle_name=None),
        CustomerChanges(addresses=[SECONDARY]),
        CustomerChanges(external_id="other"),
    ],
)
def test_an_invalid_update_is_refused(changes: CustomerChanges) -> None:
    """No field can be cleared, one address must be primary, and the reference is fixed."""
    bank, script = bond()
    with bank, pytest.raises(InvalidInput):
        bank.customers.update("c1", changes)
    assert script.requests == []


def test_an_update_sends_only_what_changes() -> None:
    """The body has the changed fields only."""
    bank, script = bond(stored())
    bank.customers.update("c1", CustomerChanges(last_name="Roe"))
    assert (script.request_lines, body(script)) == (
        ["PATCH /api/v0.1/customers/c1"],
        {"last_name": "Roe"},
    )


@given(st.integers(0, 55), st.sampled_from(SIZES))
def test_a_listing_ends_by_itself(count: int, size: int) -> None:
    """Each customer is listed once, for any page size."""
    bank, simulator = simulated()
    ids = [simulator.seed_customer() for _ in range(count)]
    result = [item.id for item in bank.customers.list(page_size=size)]
    assert sorted(result) == sorted(ids)


@pytest.mark.parametrize("count", [0, 49, 50, 51, 100])
def test_an_async_listing_ends_by_itself(count: int) -> None:
    """The default page size is the largest."""
    simulator = BondSimulator()
    for _ in range(count):
        simulator.seed_customer()

    async def main() -> int:
        transport = SimulatorTransport(simulator)
        bank = AsyncBank("bond", transport=transport, **_options(simulator))
        async with bank:
            return len({item.id async for item in bank.customers.list()})

    assert asyncio.run(main()) == count


def _options(simulator: BondSimulator) -> dict[str, Any]:
    return {**simulator.credentials, "rate_limit": None}


@pytest.mark.parametrize("size", [0, -1])
def test_an_empty_page_size_is_refused(size: int) -> None:
    """A page has at least one customer."""
    bank, script = bond()
    with bank, pytest.raises(InvalidInput, match="page_size"):
        bank.customers.list(page_size=size)
    assert script.requests == []


@pytest.mark.parametrize(
    ("size", "per_page"), [(3, "2"), (49, "20"), (51, "50"), (100, "50")]
)
def test_a_page_has_a_size_of_bonds(size: int, per_page: str) -> None:
    """A page size that Bond does not have is rounded down to one that it has."""
    bank, script = bond(httpx.Response(200, json=[]))
    assert list(bank.customers.list(page_size=size)) == []
    assert script.requests[0].url.params["per_page"] == per_page


@pytest.mark.parametrize(
    "token", ["", "0", "-1", "1.5", "two", "\u0661", " 1", "1 ", "9" * 5000, "null"]
)
def test_an_invalid_token_is_refused(token: str) -> None:
    """A token is a page's `next_token`; anything else makes no request."""
    bank, script = bond()
    with bank, pytest.raises(InvalidInput, match="token"):
        list(bank.customers.list(token=token))
    assert script.requests == []


def test_every_operation_keeps_the_id_in_its_segment() -> None:
    """An id with a slash in it stays one segment."""
    answers = [stored(customer_id="a/b") for _ in range(2)]
    bank, script = bond(*answers, httpx.Response(204))
    bank.customers.get("a/b")
    bank.customers.update("a/b", CustomerChanges(last_name="Roe"))
    bank.customers.delete("a/b")
    paths = {item.url.raw_path for item in script.requests}
    assert paths == {b"/api/v0.1/customers/a%2Fb"}


ODD: list[tuple[dict[str, Any], str, str]] = [
    ({"dob": "0000-00-00"}, "date_of_birth", "$.dob"),
    ({"dob": "1990-04-01T00:00:00Z"}, "date_of_birth", "$.dob"),
    ({"first_name": "Dora \ud83d"}, "first_name", "$.first_name"),
    ({"date_created": "2016-12-31T23:59:60Z"}, "created_at", "$.date_created"),
    ({"date_created": 1709294400}, "created_at", "$.date_created"),
    ({"phone_country_code": 1}, "phones", "$.phone_country_code"),
    ({"brand_person_id": 7}, "external_id", "$.brand_person_id"),
    ({"addresses": {}}, "addresses", "$.addresses"),
    (
        {"addresses": [{"zip_code": 2134}]},
        "addresses[0].postal_code",
        "$.addresses[0].zip_code",
    ),
    (
        {"addresses": [{}, {"is_primary": "true"}]},
        "addresses[1].primary",
        "$.addresses[1].is_primary",
    ),
]


@pytest.mark.parametrize(("change", "name", "path"), ODD, ids=str)
def test_one_odd_customer_is_one_customer(
    change: dict[str, Any], name: str, path: str
) -> None:
    """A list and a create name the unreadable field, a get raises with its path."""
    odd = json.dumps({"customer_id": "c1", "last_name": "Null", **change})
    others = [json.dumps({"customer_id": item}) for item in ("c0", "c2")]
    page = f"[{others[0]}, {odd}, {{}}, {others[1]}]"
    bank, _ = bond(*[httpx.Response(200, content=item) for item in (page, odd, odd)])
    listing = bank.customers.list()
    listed = list(listing)
    assert [item.id for item in listed] == ["c0", "c1", "c2"]
    assert [item.unreadable for item in listed] == [(), (name,), ()]
    assert (listed[1].last_name, listing.without_id) == ("Null", 1)
    assert bank.customers.create(james()).unreadable == (name,)
    with pytest.raises(UnexpectedResponse) as caught:
        bank.customers.get("c1")
    assert caught.value.path == path
