"""Rows 58 to 65, 73 and 74 of the table in docs/vendors/bond.md, "Where the pages disagree"."""

from __future__ import annotations

from typing import Any

import pytest
from tests.bond.banks import body, bond, error
from tests.bond.simulator.conftest import ADDRESS, PERSON, PROGRAM, App
from tests.fakes import home, james, json_response

from anybank import (
    Bank,
    Conflict,
    CustomerChanges,
    InvalidInput,
    KycStatus,
    Money,
    NewAccount,
    NewCreditApplication,
    NewCustomer,
    Rejected,
    StartKyc,
)
from anybank.sandbox.transport import SimulatorTransport
from anybank_bond.simulator import BondSimulator

OTHER_PROGRAM = "77777777-7777-4777-8777-777777777777"
SECONDARY = home(line1="2 Elm St.", primary=False)


def simulated(**switches: Any) -> tuple[Bank, BondSimulator]:
    simulator = BondSimulator(**switches)
    transport = SimulatorTransport(simulator)
    return Bank(
        "bond", transport=transport, rate_limit=None, **simulator.credentials
    ), simulator


def test_row_58_the_name_of_an_account_is_its_description() -> None:
    """The API reference has no `name`: its `description` is the label of an account."""
    bank, simulator = simulated()
    new = NewAccount(
        customer_ids=[simulator.seed_customer()],
        program_id=PROGRAM,
        native_kind="deposit",
        name="Everyday",
    )
    created = bank.accounts.create(new)
    assert (created.name, created.raw["description"]) == ("Everyday", "Everyday")
    assert bank.accounts.get(created.id).name == "Everyday"


def test_row_59_an_application_without_amounts_is_sent_and_may_be_rejected() -> None:
    """The page calls both amounts optional, the API reference requires them."""
    missing = ["Missing data for required field."]
    complaint = {"applicant": {"total_annual_income": missing}}
    bank, script = bond(error(400, "input_error", complaint))
    new = NewCreditApplication(program_id=PROGRAM, customer_id="c1")
    assert {issue.rule for issue in bank.check(new)} == {"submit=required"}
    with pytest.raises(Rejected) as caught:
        bank.credit_applications.create(new)
    assert caught.value.field_errors == {"total_annual_income": tuple(missing)}
    assert body(script)["applicant"] == {"customer_id": "c1"}


def test_row_60_kyc_requests_available_becomes_attempts_left() -> None:
    """It is read from a verification that is over, or else from the customer."""
    status: dict[str, Any] = {"customer_id": "c1", "kyc_status": "failed"}
    bank, script = bond(
        json_response(**status, kyc_requests_available=2),
        json_response(**status),
        json_response(customer_id="c1", kyc_requests_available=1),
        json_response(**status),
        json_response(customer_id="c1"),
    )
    left = [bank.kyc.get("c1", program_id=PROGRAM).attempts_left for _ in range(3)]
    assert left == [2, 1, None]
    assert script.request_lines[2].endswith("/customers/c1")


@pytest.mark.parametrize("status", ["submitted", "passed", "document_required"])
def test_a_verification_that_is_not_over_costs_one_request(status: str) -> None:
    """Polling does not read the customer each time."""
    bank, script = bond(json_response(customer_id="c1", kyc_status=status))
    assert bank.kyc.get("c1", program_id=PROGRAM).attempts_left is None
    assert len(script.requests) == 1


def test_row_61_a_country_code_alone_is_not_a_phone() -> None:
    """Both fields are optional: without a number there is no phone, and `raw` has both."""
    bank, _ = bond(json_response(customer_id="c1", phone_country_code="44"))
    customer = bank.customers.get("c1")
    assert list(customer.phones) == []
    assert customer.raw["phone_country_code"] == "44"


def test_row_61_a_complaint_about_a_country_code_is_about_the_phone() -> None:
    """The neutral phone has no field of its own for the country code."""
    wrong = {"phone_country_code": ["Not a valid string."]}
    bank, _ = bond(error(400, "create_customer_schema", wrong))
    with pytest.raises(Rejected) as caught:
        bank.customers.create(james())
    assert list(caught.value.field_errors) == ["phones[0]"]


def test_row_62_a_second_program_is_verified_on_its_own() -> None:
    """A pass belongs to one program, and so does the start for another."""
    bank, simulator = simulated()
    customer = simulator.seed_customer(ssn="123-45-6789")
    bank.kyc.start(customer, StartKyc(program_id=PROGRAM))
    assert bank.kyc.get(customer, program_id=PROGRAM).status is KycStatus.PASSED
    second = bank.kyc.start(customer, StartKyc(program_id=OTHER_PROGRAM))
    assert second.status is KycStatus.SUBMITTED


def test_row_62_a_pass_for_another_program_is_not_a_pass_for_this_one() -> None:
    """Where Bond allows one pass only, its refusal is raised, not taken for a pass."""
    bank, simulator = simulated(one_pass_for_all_programs=True)
    customer = simulator.seed_customer(ssn="123-45-6789")
    bank.kyc.start(customer, StartKyc(program_id=PROGRAM))
    with pytest.raises(Conflict, match="already passed"):
        bank.kyc.start(customer, StartKyc(program_id=OTHER_PROGRAM))
    check = bank.kyc.get(customer, program_id=OTHER_PROGRAM)
    assert check.status is KycStatus.NOT_STARTED


def test_row_63_a_us_state_has_two_capital_letters() -> None:
    """The page says "2-letter code": a lower-case one is refused, here and there."""
    bank, script = bond()
    with pytest.raises(InvalidInput) as caught:
        bank.customers.create(james(addresses=[home(state="nv")]))
    assert [issue.field for issue in caught.value.issues] == ["addresses[0].state"]
    assert script.requests == []
    assert refused(addresses=[{**ADDRESS, "state": "nv"}])


def test_row_64_a_country_is_one_of_iso_3166() -> None:
    """XX is the form of a code and not a country."""
    with pytest.raises(InvalidInput):
        home(country="XX")
    assert refused(addresses=[{**ADDRESS, "country": "XX"}])


def test_row_64_an_email_address_has_a_domain_with_a_dot() -> None:
    """`a@b` is refused by the value and by the simulator."""
    with pytest.raises(InvalidInput):
        NewCustomer(emails=["a@b"])
    assert refused(email="a@b")


@pytest.mark.parametrize("name", ["total_annual_income", "monthly_housing_payment"])
def test_row_64_an_amount_is_not_negative(name: str) -> None:
    """The simulator refuses what no applicant can have."""
    bank, simulator = simulated()
    amount: dict[str, Any] = {name: Money(-1)}
    new = NewCreditApplication(
        program_id=PROGRAM, customer_id=simulator.seed_customer(), **amount
    )
    with pytest.raises(Rejected) as caught:
        bank.credit_applications.create(new)
    assert list(caught.value.field_errors) == [name]


def test_row_65_a_secondary_address_alone_needs_the_word_of_the_caller() -> None:
    """A list of addresses is replaced whole; after KYC its primary one stays.

    Without `kyc_passed` a list without a primary address is refused with the way out.
    """
    bank, script = bond()
    with pytest.raises(InvalidInput, match="kyc_passed=True"):
        bank.customers.update("c1", CustomerChanges(addresses=[SECONDARY]))
    assert script.requests == []


def test_row_65_a_secondary_address_alone_after_kyc() -> None:
    """With `kyc_passed` the primary address is read and sent along."""
    bank, _ = simulated()
    customer = bank.customers.create(james())
    bank.kyc.start(customer.id, StartKyc(program_id=PROGRAM))
    changes = CustomerChanges(addresses=[SECONDARY])
    after = bank.customers.update(customer.id, changes, kyc_passed=True)
    assert [address.primary for address in after.addresses] == [True, False]


def refused(**fields: Any) -> bool:
    """Return whether the simulator refuses to create a customer with these fields."""
    answer = App().call("POST", "/customers/", {**PERSON, **fields})
    return bool(answer.json().get("Code") == "create_customer_schema")


def _with_marks(address: dict[str, Any]) -> dict[str, Any]:
    return {"customer_id": "c1", "bond_brand_id": "brand-1", "addresses": [address]}


def test_rows_73_74_marks_of_bond_are_read() -> None:
    """An address has Bond's word for its deliverability, and a customer its brand."""
    home = {"address_type": "PHYSICAL", "street": "1 Test St."}
    marked = {**home, "deliverability": "deliverable_missing_unit"}
    bank, _ = bond(
        json_response(**_with_marks(marked)), json_response(customer_id="c1")
    )
    customer = bank.customers.get("c1")
    assert customer.brand_id == "brand-1"
    assert customer.addresses[0].deliverability == "deliverable_missing_unit"
    assert bank.customers.get("c1").brand_id is None


def test_row_73_a_deliverability_is_never_sent() -> None:
    """An address that was read is written without the mark that Bond has set."""
    bank, script = bond(json_response(201, address_id="a1"))
    bank.customer_addresses.create("c1", home(deliverability="undeliverable"))
    assert "deliverability" not in body(script)
