"""Values as dictionaries, as JSON Schema, and in pydantic models."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import attrs
import jsonschema  # type: ignore[import-untyped]
import pydantic
import pytest
from hypothesis import given

import anybank
from anybank import (
    Address,
    ConfigurationError,
    Customer,
    CustomerChanges,
    InvalidInput,
    Money,
    NewCustomer,
    Phone,
    Sensitive,
    Ssn,
    from_dict,
    json_schema,
    to_dict,
)
from anybank.testing.strategies import customers
from anybank_bond import Bond, BondExtras

HOME = Address(
    line1="1 Test St.", city="Reno", state="NV", postal_code="89501", country="US"
)
ADA = NewCustomer(
    first_name="Ada",
    date_of_birth=date(1990, 4, 1),
    ssn=Ssn("912-45-6789"),
    phones=[Phone("+15550102000")],
    addresses=[HOME],
    extras={"bond": BondExtras(account_holder_type="primary")},
)


@given(customers(Bond.capabilities))
def test_a_revealed_dictionary_builds_an_equal_value(new: NewCustomer) -> None:
    """`from_dict` reads the JSON of a revealed `to_dict` as an equal value."""
    data = json.loads(json.dumps(to_dict(new, reveal=True)))
    assert from_dict(NewCustomer, data) == new


@given(customers(Bond.capabilities))
def test_every_dictionary_fits_its_schema(new: NewCustomer) -> None:
    """Masked and revealed dictionaries are valid by the schema."""
    schema = json_schema(NewCustomer)
    for reveal in (False, True):
        jsonschema.validate(to_dict(new, reveal=reveal), schema)


def test_sensitive_values_are_masked_unless_they_are_revealed() -> None:
    """Sensitive digits appear only with `reveal=True`."""
    assert to_dict(ADA)["ssn"] == "***-**-6789"
    assert to_dict(ADA, reveal=True)["ssn"] == "912456789"


def test_extras_are_read_as_the_class_of_their_provider() -> None:
    """Extras are read as the class that the provider's adapter declares."""
    again = from_dict(NewCustomer, to_dict(ADA, reveal=True))
    assert again.extras == ADA.extras


def test_a_vendors_value_is_read_unvalidated() -> None:
    """A phone in the vendor's own form and a mask survive the conversion."""
    returned = Customer(
        id="c1",
        provider="bond",
        ssn=Ssn("XXX-XX-6789"),
        created_at=datetime(2024, 3, 1, tzinfo=UTC),
        raw={"ssn": "912-45-6789"},
    )
    data = to_dict(returned, reveal=True)
    assert "raw" not in data
    assert from_dict(Customer, data) == returned


def test_unset_fields_are_left_out() -> None:
    """An UNSET field is left out, and None is written as null."""
    changes = CustomerChanges(emails=["a@example.com"], middle_name=None)
    data = to_dict(changes)
    assert data["middle_name"] is None
    assert "last_name" not in data
    assert from_dict(CustomerChanges, data) == changes


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"first_name": 5}, "first_name: must be a string"),
        ({"date_of_birth": "1990"}, "date_of_birth: must be a date, YYYY-MM-DD"),
        ({"phones": [{"number": "5"}]}, "phones[0].number: must be a number in E.164"),
        ({"addresses": "Reno"}, "addresses: must be a list"),
        ({"912-45-6789": "x"}, "NewCustomer: must be an object with the fields of"),
        ({"ssn": "912"}, "ssn: must be nine digits"),
        ({"addresses": [{"kind": "castle"}]}, "addresses[0].kind: must be one of"),
    ],
)
def test_a_mismatch_is_named_and_never_shown(
    data: dict[str, Any], message: str
) -> None:
    """The error has the path and the rule, and nothing of the data."""
    with pytest.raises(InvalidInput) as caught:
        from_dict(NewCustomer, data)
    assert str(caught.value).startswith(message)
    assert "912" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_only_values_have_dictionaries() -> None:
    """Any other object raises ConfigurationError."""
    for call in (
        lambda: to_dict({}),
        lambda: from_dict(dict, {}),
        lambda: json_schema(int),
    ):
        with pytest.raises(ConfigurationError):
            call()


VALUES = [
    getattr(anybank, name)
    for name in anybank.__all__
    if isinstance(getattr(anybank, name), type) and attrs.has(getattr(anybank, name))
]
MODEL = [kind for kind in VALUES if kind.__module__.startswith("anybank.model.")]


@pytest.mark.parametrize(
    "kind",
    [kind for kind in MODEL if kind is not anybank.Page],
    ids=lambda kind: kind.__name__,
)
def test_every_value_has_a_schema(kind: type) -> None:
    """Each value class has a valid schema and works in pydantic."""
    jsonschema.Draft202012Validator.check_schema(json_schema(kind))
    pydantic.TypeAdapter(kind).json_schema()


class SignUp(pydantic.BaseModel):
    """A pydantic model of an app with values of anybank."""

    customer: NewCustomer
    ssn: Ssn
    deposit: Money
    token: Sensitive | None = None


def test_a_pydantic_model_takes_and_returns_values() -> None:
    """A pydantic model reads dictionaries, writes masked ones and reveals by a context."""
    model = SignUp.model_validate(
        {
            "customer": to_dict(ADA, reveal=True),
            "ssn": "912-45-6789",
            "deposit": {"minor_units": 100, "currency": "USD"},
        }
    )
    assert model.customer == ADA
    assert model.deposit == Money(100, "USD")
    shown = model.model_dump_json()
    assert "912456789" not in shown
    assert "912-45-6789" not in shown
    assert json.loads(shown)["ssn"] == "***-**-6789"
    revealed = model.model_dump(context={"reveal": True})
    assert revealed["customer"]["ssn"] == revealed["ssn"] == "912456789"


def test_pydantic_reports_a_bad_value_without_its_content() -> None:
    """The error of pydantic has the path and the rule, and the app decides about `input`."""
    with pytest.raises(pydantic.ValidationError) as caught:
        SignUp.model_validate({"customer": {"first_name": 5}})
    assert "first_name: must be a string" in caught.value.errors()[0]["msg"]
