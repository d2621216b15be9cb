"""The metadata of fields is complete, because everything else is derived from it."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from anybank import (
    Address,
    Customer,
    CustomerChanges,
    GovernmentId,
    KycEvidence,
    NewCustomer,
    Phone,
)
from anybank.model._fields import (
    CHECK,
    is_personal,
    masked,
    personal,
    sample_of,
    spelling_of,
    text,
)

PEOPLE = (Customer, NewCustomer, CustomerChanges)
LISTS_OF_VALUES = {"phones", "addresses", "government_ids", "kyc_evidence"}
BY_PART = {"addresses", "government_ids", "kyc_evidence", "extras"}
"""The fields that a file spells part by part, or not at all."""
BY_VENDOR = {"id", "native_kind", "unreadable", "extras", "deliverability"}


def fields(kind: Any) -> dict[str, Any]:
    return attrs.fields_dict(kind)


@pytest.mark.parametrize("name", fields(NewCustomer))
def test_a_field_of_a_person_is_the_same_in_each_class(name: str) -> None:
    """Customer, NewCustomer and CustomerChanges have the same personal fields."""
    declared = [fields(kind)[name] for kind in PEOPLE if name in fields(kind)]

    assert len({is_personal(field) for field in declared}) == 1
    assert (
        fields(CustomerChanges)[name].metadata[CHECK]
        is (fields(NewCustomer)[name].metadata[CHECK])
    )


@pytest.mark.parametrize(
    "kind", [NewCustomer, Address, Phone, GovernmentId, KycEvidence]
)
def test_every_personal_field_has_a_sample(kind: Any) -> None:
    """Each personal field has a sample that its check accepts."""
    for name, field in fields(kind).items():
        if not is_personal(field) or name in LISTS_OF_VALUES:
            continue
        sample = sample_of(field)
        assert sample is not None, name
        assert sample(0) == sample(0) != sample(1)


@pytest.mark.parametrize(
    ("kind", "others"),
    [
        (NewCustomer, BY_PART),
        (Address, BY_VENDOR),
        (GovernmentId, BY_VENDOR),
        (KycEvidence, BY_VENDOR),
    ],
)
def test_every_field_can_be_supplied_in_a_file(kind: Any, others: set[str]) -> None:
    """Each field has a spelling, unless its parts have one or only a vendor sets it."""
    spelled = {name for name, field in fields(kind).items() if spelling_of(field)}

    assert spelled == fields(kind).keys() - others


def test_a_new_personal_text_needs_no_sample_of_its_own() -> None:
    """The sample of a personal text is derived from its name."""

    @attrs.frozen
    class Person:
        maiden_name: str | None = personal(text)

    field = fields(Person)["maiden_name"]
    sample = sample_of(field)

    assert sample is not None
    assert sample(3).startswith("Xqmaidenname")
    assert field.repr is masked
