"""The other values: accounts, credit, KYC, events and pages."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from anybank import (
    UNSET,
    Account,
    Address,
    AddressKind,
    CreditApplicationChanges,
    Customer,
    EmploymentStatus,
    Event,
    EventKind,
    InvalidInput,
    Money,
    NewAccount,
    NewCreditApplication,
    NewWebhookSubscription,
    Page,
    Phone,
    Ssn,
    StartKyc,
    WebhookSubscription,
    WebhookSubscriptionChanges,
)
from anybank.model import operations
from anybank.model.values import unvalidated

BAD: list[tuple[type, dict[str, Any], str]] = [
    (NewAccount, {"customer_ids": "c1"}, "customer_ids"),
    (NewAccount, {"customer_ids": [""]}, "customer_ids"),
    (NewAccount, {"currency": "usd"}, "currency"),
    (NewAccount, {"kind": "deposit"}, "kind"),
    (NewAccount, {"native_kind": ""}, "native_kind"),
    (NewCreditApplication, {"total_annual_income": 5}, "total_annual_income"),
    (NewCreditApplication, {"monthly_housing_payment": 5.0}, "monthly_housing_payment"),
    (NewCreditApplication, {"employment_status": "employed"}, "employment_status"),
    (NewCreditApplication, {"program_id": ""}, "program_id"),
    (CreditApplicationChanges, {"total_annual_income": "5"}, "total_annual_income"),
    (StartKyc, {"program_id": ""}, "program_id"),
    (StartKyc, {"email": "nobody"}, "email"),
    (StartKyc, {"phone": "+15551112222"}, "phone"),
    (StartKyc, {"ssn": "12"}, "ssn"),
    (StartKyc, {"ip": "\n"}, "ip"),
    (NewWebhookSubscription, {"url": "", "events": []}, "url"),
    (NewWebhookSubscription, {"url": None, "events": []}, "url"),
    (NewWebhookSubscription, {"url": "https://a.example", "events": "kyc"}, "events"),
    (NewWebhookSubscription, {"url": "https://a.example", "events": None}, "events"),
    (WebhookSubscriptionChanges, {"events": [1]}, "events"),
    (WebhookSubscriptionChanges, {"enabled": "yes"}, "enabled"),
    (Phone, {"number": None}, "number"),
    (Money, {"minor_units": None}, "minor_units"),
]


@pytest.mark.parametrize(("kind", "fields", "name"), BAD)
def test_an_ill_formed_field_is_refused_by_its_name(
    kind: type, fields: dict[str, Any], name: str
) -> None:
    """Each value checks itself and names the invalid field."""
    with pytest.raises(InvalidInput) as caught:
        kind(**fields)
    assert [issue.field for issue in caught.value.issues] == [name]


def test_valid_values_are_accepted() -> None:
    """Valid fields are accepted."""
    new = NewCreditApplication(
        program_id="p",
        customer_id="c",
        employment_status=EmploymentStatus.RETIRED,
        total_annual_income=Money(1),
    )
    assert new.total_annual_income == Money(1)
    assert StartKyc(program_id="p", ssn=Ssn("333527584")).ssn is not None
    assert NewAccount(customer_ids=["c1"]).customer_ids == ("c1",)


def test_changes_of_an_application_start_unset() -> None:
    """Each field of empty changes is UNSET."""
    values = attrs.asdict(CreditApplicationChanges(), recurse=False)
    assert values.pop("extras") == {}
    assert set(values.values()) == {UNSET}


def test_income_does_not_show() -> None:
    """The repr masks amounts of income and balances."""
    changes = CreditApplicationChanges(total_annual_income=Money(424242))
    assert "424242" not in repr(changes)
    assert "424242" not in repr(Account(id="a", balance=Money(424242)))


def test_a_subscription_does_not_show_its_secret() -> None:
    """The repr of a subscription masks its secret and leaves out `raw`."""
    from anybank import Sensitive  # noqa: PLC0415

    shown = repr(
        WebhookSubscription(id="s", secret=Sensitive("whsec_1"), raw={"x": "whsec_1"})
    )
    assert "whsec_1" not in shown


def test_an_event_of_no_known_kind_is_unknown() -> None:
    """The default kind of an event is UNKNOWN."""
    assert Event(provider="toy", dedupe_key="k").kind is EventKind.UNKNOWN


def test_a_page_is_a_list_of_its_items() -> None:
    """A page has a length and yields its items."""
    page = Page([1, 2], "next")
    assert (list(page), len(page), page.next_token) == ([1, 2], 2, "next")


def test_a_vendors_value_is_never_refused() -> None:
    """`unvalidated` accepts a value that the constructor would reject."""
    address = unvalidated(Address, country="zz", kind=AddressKind.UNKNOWN)
    assert (address.country, address.line1) == ("zz", None)


def test_an_unvalidated_value_has_the_constructors_defaults() -> None:
    """Absent fields have the constructor's defaults, and no two values share them."""
    created = Customer(id="c1", provider="toy")
    one, other = (unvalidated(Customer, id="c1", provider="toy") for _ in range(2))
    assert attrs.asdict(one) == attrs.asdict(created)
    assert one.raw == {}
    assert one.raw is not other.raw


def test_every_question_is_frozen_and_by_keyword() -> None:
    """Each question is frozen and keyword-only."""
    for kind in vars(operations).values():
        if attrs.has(kind) and kind.__module__ == operations.__name__:
            assert all(field.kw_only for field in attrs.fields(kind)), kind
            assert kind.__setattr__ is not object.__setattr__
