"""The expected fields of a record are the fields that the simulator returns."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.migrate.moving import side

from anybank import Address, AddressKind, Bank, NewCustomer, Phone, PhoneKind, Ssn
from anybank.declaration.preflight import prepare
from anybank.migrate.certify.expected_fields import expected_fields, returned_fields
from anybank.model import operations as ask
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator

words = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=12).map(str.title)
digits = st.text("0123456789", min_size=4, max_size=4)


@st.composite
def addresses(draw: st.DrawFn, /, kinds: list[AddressKind], *, line2: bool) -> Any:
    """Draw an address that a vendor accepts."""
    return Address(
        kind=draw(st.sampled_from(kinds)),
        line1=f"{draw(st.integers(1, 999))} {draw(words)} St.",
        line2=draw(st.none() | words) if line2 else None,
        city=draw(words),
        state=draw(st.sampled_from(["NV", "CA"])),
        postal_code="8" + draw(digits),
        country="US",
    )


@st.composite
def persons(draw: st.DrawFn, /, kinds: list[AddressKind], **more: Any) -> NewCustomer:
    """Draw a person; the first address is the primary one."""
    items = draw(st.lists(addresses(kinds, line2=True), min_size=1, max_size=3))
    kind = draw(st.sampled_from([PhoneKind.MOBILE, PhoneKind.UNKNOWN]))
    return NewCustomer(
        first_name=draw(words),
        last_name=draw(words),
        date_of_birth=draw(st.dates(date(1940, 1, 1), date(2004, 1, 1))),
        ssn=Ssn(f"912-45-{draw(digits)}"),
        emails=[f"{draw(words)}@example.com"],
        phones=[Phone(f"+1555010{draw(digits)}", kind)],
        addresses=[_primary(item, first=at == 0) for at, item in enumerate(items)],
        **{name: draw(strategy) for name, strategy in more.items()},
    )


def _primary(address: Address, *, first: bool) -> Address:
    fields = ("kind", "line1", "line2", "city", "state", "postal_code", "country")
    return Address(primary=first, **{name: getattr(address, name) for name in fields})


def expected_and_actual(
    simulator: Any, new: NewCustomer, **options: Any
) -> tuple[Any, Any]:
    """Return the expected fields of a person and those that the bank returns."""
    at = side(simulator, **options)
    settled = prepare(at.adapter.capabilities, new).value
    question = ask.CreateCustomer(new=settled, idempotency_key="key")
    request = next(at.adapter.create_customer(question))
    promised = expected_fields(at.adapter.capabilities, settled, request)
    with Bank(at.provider, **at.options) as bank:
        created = bank.customers.create(new, accept_loss="all")
        return promised, returned_fields(
            bank.capabilities, bank.customers.get(created.id)
        )


BOND = [AddressKind.PHYSICAL, AddressKind.MAILING, AddressKind.HOME]
SONDER = [AddressKind.PHYSICAL, AddressKind.HOME]


@given(persons(BOND, middle_name=st.none() | words, external_id=st.uuids().map(str)))
def test_bond_returns_the_expected_fields(new: NewCustomer) -> None:
    """Bond returns every expected field as expected."""
    expected, actual = expected_and_actual(BondSimulator(), new)
    assert expected == actual


@given(
    persons(
        SONDER,
        middle_name=words,
        preferred_name=st.none() | words,
        document_locator_number=st.integers(0, 10**13),
    ),
    st.sampled_from(["refuse", "join"]),
)
def test_sonder_returns_the_expected_fields(new: NewCustomer, line2: str) -> None:
    """Sonder returns every expected field, with line 2 joined or omitted."""
    expected, actual = expected_and_actual(SonderSimulator(), new, second_line=line2)
    assert expected == actual


def test_an_empty_name_is_expected_as_absent() -> None:
    """Sonder accepts an empty middle name, which reads as None."""
    new = NewCustomer(
        first_name="Ada",
        last_name="Sample",
        date_of_birth=date(1990, 4, 1),
        ssn=Ssn("912-45-6789"),
        document_locator_number=1,
        emails=["ada@example.com"],
        phones=[Phone("+15550102000")],
        addresses=[
            Address(line1="1 A St.", city="Reno", state="NV", postal_code="89501")
        ],
    )
    expected, actual = expected_and_actual(
        SonderSimulator(), new, middle_name_when_absent=""
    )
    assert expected == actual
    assert expected["middle_name"] == "null"
