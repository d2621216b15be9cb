"""Why a field of a customer has no value."""

from __future__ import annotations

import pytest
from tests.fakes import Script, james, json_response

from anybank import (
    Address,
    Bank,
    Customer,
    CustomerChanges,
    MissingReason,
    Ssn,
    from_dict,
    to_dict,
)
from anybank.sandbox.transport import SimulatorTransport
from anybank_bond.simulator import BondSimulator

NEVER, ABSENT = MissingReason.NEVER_RETURNED, MissingReason.ABSENT
UNREADABLE = MissingReason.UNREADABLE


def customer(**fields: object) -> Customer:
    """Return a customer of a vendor that never returns two of the fields."""
    never = ("ssn", "addresses.line2")
    return Customer(id="c1", provider="acme", never_returned=never, **fields)  # type: ignore[arg-type]


def test_three_reasons_are_told_apart() -> None:
    """A field is never returned, absent from this record, or not readable."""
    read = customer(first_name="Ada", unreadable=("date_of_birth",))
    names = ("ssn", "middle_name", "date_of_birth", "emails", "first_name")
    reasons = [read.why_missing(name) for name in names]
    assert reasons == [NEVER, ABSENT, UNREADABLE, ABSENT, None]


def test_a_masked_value_is_a_value() -> None:
    """The last four digits are not missing, even where the full number is."""
    assert customer(ssn=Ssn("XXX-XX-6789")).why_missing("ssn") is None


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("addresses[0].line1", None),
        ("addresses[0].line2", NEVER),
        ("addresses[0].state", ABSENT),
        ("addresses[0].postal_code", UNREADABLE),
        ("addresses[0]", None),
        ("addresses[3]", ABSENT),
        ("addresses[3].line2", NEVER),
        ("emails[0]", ABSENT),
    ],
)
def test_a_path_names_a_part_of_a_list(path: str, reason: MissingReason | None) -> None:
    """The paths are those of `unreadable` and of errors."""
    address = Address(line1="1 Test St.", city="Reno", country="US")
    read = customer(addresses=(address,), unreadable=("addresses[0].postal_code",))
    assert read.why_missing(path) is reason


def test_a_list_with_an_unreadable_item_is_unreadable() -> None:
    """The list is empty because of its item, and not because the vendor has none."""
    assert (
        customer(unreadable=("phones[0].number",)).why_missing("phones") is UNREADABLE
    )


@pytest.mark.parametrize(
    "path",
    ["snn", "addresses.line2", "addresses[0].zip", "ssn[0]", "emails[0].x", "a b", ""],
)
def test_a_path_that_is_no_field_is_a_mistake(path: str) -> None:
    """A misspelt name raises instead of looking like an absent value."""
    with pytest.raises(ValueError, match="has no field"):
        customer().why_missing(path)


def test_a_value_in_the_place_of_a_path_is_not_repeated() -> None:
    """An SSN that is passed by mistake stays out of the message."""
    with pytest.raises(ValueError, match="has no field of this form") as caught:
        customer().why_missing("123-45-6789")
    assert "6789" not in str(caught.value)


def test_a_stored_customer_keeps_the_reasons() -> None:
    """The answer is in the value, so that it survives without the adapter."""
    stored = to_dict(customer(unreadable=("date_of_birth",)))
    read = from_dict(Customer, stored)
    reasons = [read.why_missing(name) for name in ("ssn", "emails", "date_of_birth")]
    assert reasons == [NEVER, ABSENT, UNREADABLE]


def test_the_declaration_says_what_is_never_returned() -> None:
    """Sonder never returns the number; Bond returns it for those who have one."""
    sonder_script = Script(
        json_response(success=True, data={"customerId": "c1", "firstName": "Ada"})
    )
    bond_script = Script(json_response(customer_id="c1", first_name="Ada"))
    with Bank("sonder", token="t", transport=sonder_script) as sonder:
        at_sonder = sonder.customers.get("c1")
    with Bank("bond", identity="i", authorization="a", transport=bond_script) as bond:
        at_bond = bond.customers.get("c1")
    names = ("ssn", "middle_name", "status", "created_at")
    assert [at_sonder.why_missing(name) for name in names] == [
        NEVER,
        ABSENT,
        NEVER,
        NEVER,
    ]
    assert [at_bond.why_missing(name) for name in names] == [
        ABSENT,
        ABSENT,
        NEVER,
        ABSENT,
    ]


def test_creates_updates_listings_and_look_ups_say_it_too() -> None:
    """A customer has the reasons, whichever call returns it."""
    simulator = BondSimulator()
    transport = SimulatorTransport(simulator)
    new = james(external_id="u1")
    with Bank("bond", transport=transport, **simulator.credentials) as bank:
        created = bank.customers.create(new)
        changes = CustomerChanges(first_name="Ada")
        customers = [
            created,
            bank.customers.update(created.id, changes),
            *bank.customers.list(),
            bank.customers.resolve(None, new),
        ]
    assert [it and it.why_missing("status") for it in customers] == [NEVER] * 4
