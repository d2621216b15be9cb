"""The simulator responds to any request, and never crashes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .conftest import ADDRESS, PERSON, PROGRAM, App

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=5,
)
APPLICANT = {
    "customer_id": "",
    "employment_status": "other",
    "total_annual_income": 1,
    "monthly_housing_payment": 1,
}
BODIES: dict[str, dict[str, Any]] = {
    "POST /customers": {**PERSON, "brand_person_id": "mine-1"},
    "PATCH /customers/{}": PERSON,
    "POST /customers/{}/addresses": ADDRESS,
    "POST /customers/{}/verification-kyc": {"program_id": PROGRAM, "ip": ""},
    "POST /customers/{}/verification-kyc/documents": {"government_id": {}},
    "POST /simulate/kyc-pass": {"customer_id": "", "program_id": PROGRAM},
    "POST /credit/applications": {"program_id": PROGRAM, "applicant": APPLICANT},
    "POST /webhooks": {"url": "https://hooks.example.com", "events": ["*"]},
    "POST /accounts": {"program_id": PROGRAM, "type": "deposit", "customer_id": ""},
    "POST /auth/key/temporary": {"customer_id": ""},
}


@pytest.mark.parametrize("call", BODIES)
@given(data=st.data())
def test_any_value_of_a_field_is_answered(call: str, data: st.DataObject) -> None:
    """A field with any JSON value is accepted or refused, without an exception."""
    app = App()
    app.subscribe("*")
    method, path = call.split()
    body = {**BODIES[call]}
    body[data.draw(st.sampled_from(list(body)))] = data.draw(JSON)
    customer_id = app.bond.seed_customer(kyc="document_required")
    answer = app.call(method, path.format(customer_id), json.dumps(body).encode())
    assert 200 <= answer.status < 500
    assert app.bond.due() is not None


@pytest.mark.parametrize("call", BODIES)
@given(body=JSON)
def test_any_body_is_answered(call: str, body: Any) -> None:
    """Any JSON body is accepted or refused."""
    app = App()
    method, path = call.split()
    customer_id = app.bond.seed_customer(kyc="document_required")
    answer = app.call(method, path.format(customer_id), json.dumps(body).encode())
    assert 200 <= answer.status < 500


def test_other_digits_are_no_ssn(app: App) -> None:
    """Digits of other scripts are not an SSN."""
    body = {**PERSON, "ssn": "١٢٣-٤٥-٦٧٨٩"}
    assert app.call("POST", "/customers", body).status == 400


def test_half_a_character_is_refused(app: App) -> None:
    """An unpaired surrogate, which UTF-8 cannot encode, is refused."""
    body = {**PERSON, "addresses": [{**ADDRESS, "city": "Reno\ud800"}]}
    refusal = app.call("POST", "/customers", json.dumps(body).encode())
    assert refusal.json()["Message"] == {
        "addresses": {"0": {"city": ["Not a valid string."]}}
    }


def test_equal_simulators_answer_equally() -> None:
    """The same seed and clock give the same ids."""
    assert App().customer() == App().customer()
