"""Single addresses of a Bond customer, and the rule for those who passed KYC."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.bond.banks import body, bond, error
from tests.fakes import home, json_response

from anybank import AddressKind, FieldNotUpdatable, InvalidInput

PATH = "/api/v0.1/customers/c1/addresses"
WIRE: dict[str, Any] = {
    "address_id": "a1",
    "address_type": "MAILING",
    "street": "345 California Ave.",
    "city": "San Francisco",
    "state": "CA",
    "zip_code": "94104",
    "country": "US",
    "is_primary": False,
}


def secondary(**more: Any) -> Any:
    return home(kind=AddressKind.MAILING, primary=False, **more)


def test_an_address_is_added() -> None:
    """The body is an address as in a customer, the response has its id."""
    bank, script = bond(json_response(201, **WIRE))
    created = bank.customer_addresses.create("c1", secondary())
    assert (created.id, created.kind, created.primary) == (
        "a1",
        AddressKind.MAILING,
        False,
    )
    assert script.request_lines == [f"POST {PATH}"]
    expected = {name: value for name, value in WIRE.items() if name != "address_id"}
    assert body(script) == expected


def test_an_address_that_is_not_marked_is_a_secondary_one() -> None:
    """An added address is primary only if it is marked as primary."""
    bank, script = bond(json_response(201, **WIRE))
    bank.customer_addresses.create("c1", home(primary=None), kyc_passed=True)
    assert body(script)["is_primary"] is False


@pytest.mark.parametrize("wrapped", [True, False])
def test_addresses_are_listed(wrapped: bool) -> None:
    """A bare list and one inside an object are both read."""
    answer = {"addresses": [WIRE]} if wrapped else [WIRE]
    bank, _ = bond(httpx.Response(200, json=answer))
    assert [item.id for item in bank.customer_addresses.list("c1")] == ["a1"]


def test_a_secondary_address_may_change_after_kyc() -> None:
    """After KYC one secondary address is sent alone."""
    bank, script = bond(json_response(**WIRE))
    bank.customer_addresses.update("c1", secondary(id="a1"), kyc_passed=True)
    assert script.request_lines == [f"PATCH {PATH}/a1"]


def test_the_primary_address_is_fixed_after_kyc() -> None:
    """After KYC a primary address is refused without a request."""
    bank, script = bond()
    with pytest.raises(FieldNotUpdatable):
        bank.customer_addresses.update("c1", home(id="a1"), kyc_passed=True)
    with pytest.raises(FieldNotUpdatable):
        bank.customer_addresses.create("c1", home(), kyc_passed=True)
    assert script.requests == []


def test_the_vendors_refusal_is_the_same_error() -> None:
    """Without `kyc_passed` Bond's own refusal becomes FieldNotUpdatable."""
    bank, _ = bond(error(403, "kyc_customer", "KYC passed"))
    with pytest.raises(FieldNotUpdatable) as caught:
        bank.customer_addresses.update("c1", home(id="a1"))
    assert caught.value.outcome == "refused"
    assert [issue.field for issue in caught.value.issues] == ["addresses"]


def test_an_update_needs_the_id_of_the_address() -> None:
    """An address without an id cannot be updated."""
    bank, script = bond()
    with pytest.raises(InvalidInput):
        bank.customer_addresses.update("c1", home())
    assert script.requests == []


def test_an_address_is_removed() -> None:
    """The path has the ids of the customer and the address."""
    bank, script = bond(json_response(address_id="a/1"))
    bank.customer_addresses.delete("c1", "a/1")
    assert script.requests[0].url.raw_path.decode() == f"{PATH}/a%2F1"
