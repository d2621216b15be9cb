"""The comparison of two declarations."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anybank import (
    Address,
    AddressKind,
    Capabilities,
    Effect,
    Feature,
    FieldRule,
    NewCustomer,
)
from anybank.declaration import SAFE, FeatureRule, Idempotency, Support
from anybank.declaration.consent import without_indexes
from anybank.declaration.diff import Diff, diff
from anybank.declaration.preflight import prepare
from anybank.migrate.certify.supplement import COLUMNS
from anybank.model.government_ids import GovernmentId
from anybank.model.kyc_evidence import KycEvidence
from anybank.model.phones import Phone, PhoneKind
from anybank.plugins import find

BOND = find("bond").adapter.capabilities
SONDER = find("sonder").adapter.capabilities

IN_FULL = (Effect.DROPPED, Effect.NARROWED, Effect.CHANGED, Effect.UNREADABLE)


def declared(**parts: Any) -> Capabilities:
    return Capabilities(**{"provider": "a", "title": "A", "hosts": {}, **parts})


def with_name(rule: FieldRule) -> Capabilities:
    return declared(fields={NewCustomer: {"first_name": rule}})


def names(comparison: Diff, effect: Effect) -> list[str]:
    return [item.field for item in comparison.of(effect)]


rules = st.builds(
    FieldRule,
    create=st.sampled_from(["required", "optional", "refused"]),
    read=st.sampled_from(["returned", "masked", "never"]),
    update=st.sampled_from(["always", "before_kyc", "never"]),
    length=st.none() | st.tuples(st.integers(1, 5), st.integers(5, 9)),
    pattern=st.sampled_from([None, "[a-z]+", ".*"]),
    items=st.none() | st.tuples(st.integers(0, 2), st.integers(2, 4)),
    default=st.none() | st.just("none"),
    implied=st.none() | st.just("US"),
    misfit=st.sampled_from(["blocked", "dropped"]),
)
customer_rules = st.dictionaries(
    st.sampled_from([field.name for field in attrs.fields(NewCustomer)]), rules
)


@given(customer_rules)
def test_a_declaration_loses_nothing_to_itself(fields: dict[str, FieldRule]) -> None:
    """A migration to the same vendor drops, narrows, changes and fixes no field."""
    same = declared(fields={NewCustomer: fields})
    comparison = diff(same, same)
    assert not any(comparison.of(effect) for effect in (*IN_FULL, Effect.FIXED))
    assert comparison.features_lost == comparison.features_gained == ()


@given(customer_rules)
def test_a_vendor_that_returns_every_field_needs_no_supplement(
    fields: dict[str, FieldRule],
) -> None:
    """A vendor that returns every accepted field in full has no missing field."""
    returned = {
        name: attrs.evolve(rule, read="returned") for name, rule in fields.items()
    }
    same = declared(fields={NewCustomer: returned})
    assert diff(same, same).issues == ()


@given(customer_rules, customer_rules)
def test_a_field_that_only_the_source_accepts_is_dropped(
    before: dict[str, FieldRule], after: dict[str, FieldRule]
) -> None:
    """A field that only the source accepts is dropped, unless the target implies it."""
    lost = {
        name
        for name, rule in before.items()
        if rule.create != "refused" and name != "extras"
        if after.get(name, FieldRule(create="refused")).create == "refused"
        if name not in after or after[name].implied is None
    }
    comparison = diff(
        declared(fields={NewCustomer: before}), declared(fields={NewCustomer: after})
    )
    assert lost <= set(names(comparison, Effect.DROPPED))


@given(st.text("ab", min_size=1, max_size=9), rules, rules)
def test_the_diff_announces_each_text_that_preflight_rejects(
    text: str, before: FieldRule, after: FieldRule
) -> None:
    """The diff names each field whose text only the source accepts."""
    source, target = with_name(before), with_name(after)
    new = NewCustomer(first_name=text)
    if before.create == "refused" or prepare(source, new).issues:
        return
    issues = {without_indexes(issue.field) for issue in prepare(target, new).issues}
    assert issues <= {item.field for item in diff(source, target).issues}


postal = st.builds(
    Address,
    kind=st.sampled_from([AddressKind.PHYSICAL, AddressKind.MAILING]),
    line1=st.sampled_from(["1 Test St.", "x" * 60, "1/2 Test St."]),
    line2=st.sampled_from([None, "Suite 600"]),
    city=st.sampled_from(["Reno", "X"]),
    state=st.sampled_from(["NV", "Nevada"]),
    postal_code=st.sampled_from(["89501", "1"]),
    country=st.sampled_from(["US", "CA"]),
)
numbers = st.builds(
    Phone,
    st.sampled_from(["+15550102000", "+442079460123"]),
    kind=st.sampled_from([PhoneKind.MOBILE, PhoneKind.UNKNOWN]),
)
people = st.builds(
    NewCustomer,
    first_name=st.sampled_from(["Ada", "A", "Ada-Mae"]),
    middle_name=st.sampled_from([None, "Q", "Mary"]),
    last_name=st.sampled_from(["Sample", "O'Sample"]),
    preferred_name=st.sampled_from([None, "Addie"]),
    emails=st.lists(st.just("ada@example.com"), max_size=2),
    phones=st.lists(numbers, max_size=2),
    addresses=st.lists(postal, min_size=1, max_size=2),
    external_id=st.sampled_from([None, "ours"]),
)


@pytest.mark.parametrize(("source", "target"), [(BOND, SONDER), (SONDER, BOND)])
@given(new=people)
def test_the_diff_announces_each_issue_of_a_customer(
    source: Capabilities, target: Capabilities, new: NewCustomer
) -> None:
    """The diff of two vendors names every field that `check` reports for a customer."""
    issues = {without_indexes(issue.field) for issue in prepare(target, new).issues}
    accepted = {without_indexes(issue.field) for issue in prepare(source, new).issues}
    announced = {item.field for item in diff(source, target).issues}
    assert issues - accepted <= announced


def test_bond_to_sonder_needs_the_full_ssn_and_the_document_number() -> None:
    """Fields that Sonder requires and Bond does not return in full are missing."""
    missing = names(diff(BOND, SONDER), Effect.MISSING)
    assert {"ssn", "document_locator_number", "middle_name"} <= set(missing)


def test_bond_to_sonder_drops_line2_and_the_external_id() -> None:
    """A migration to Sonder drops the second address line and the external id."""
    lost = names(diff(BOND, SONDER), Effect.DROPPED)
    assert lost == ["external_id", "addresses.line2"]


def test_a_kind_that_is_written_as_another_is_changed() -> None:
    """Bond's PHYSICAL is written as Sonder's HOME, and the issue says so."""
    (changed,) = diff(BOND, SONDER).of(Effect.CHANGED)
    assert (changed.field, "PHYSICAL is written as HOME" in changed.message) == (
        "addresses.kind",
        True,
    )


def test_a_kind_without_a_word_is_blocked() -> None:
    """Bond's MAILING has no word at Sonder, and the issue names the option."""
    kinds = [e for e in diff(BOND, SONDER).of(Effect.NARROWED) if "kind" in e.field]
    assert "MAILING" in kinds[0].message
    assert "address_types" in kinds[0].remedy.text


def test_a_default_says_what_is_written() -> None:
    """The preferred name, which Bond lacks, is a copy of the first name."""
    issues = {item.field: item for item in diff(BOND, SONDER).of(Effect.DEFAULTED)}
    assert "first_name" in issues["preferred_name"].message
    assert "MOBILE" in issues["phones.kind"].message


def test_a_column_is_named_where_a_supplement_has_one() -> None:
    """The remedy of a missing field is a column that `migrate plan` accepts."""
    needed = {
        field.name: FieldRule(create="required") for field in attrs.fields(NewCustomer)
    }
    parts = {
        kind: {
            field.name: FieldRule(create="required")
            for field in attrs.fields(kind)
            if field.name not in ("id", "native_kind", "unreadable")
        }
        for kind in (Address, GovernmentId, KycEvidence)
    }
    lists = {"addresses": FieldRule(), "government_ids": FieldRule()}
    lists["kyc_evidence"] = FieldRule()
    source = declared(fields={NewCustomer: lists})
    target = declared(fields={NewCustomer: needed, **parts})
    returned = {
        e.field
        for e in diff(source, target).of(Effect.MISSING)
        if "to the supplement" in e.remedy.text
    }
    assert returned == set(COLUMNS) - {"addresses.primary"}  # nobody lacks it


LISTED = {"phones": FieldRule()}
NUMBERED = {"number": FieldRule(create="required"), "kind": FieldRule(default="MOBILE")}


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [(LISTED, {}, ["phones"]), ({}, LISTED, []), ({}, {}, [])],
)
def test_a_dropped_list_has_no_issues_of_its_items(
    source: dict[str, FieldRule], target: dict[str, FieldRule], expected: list[str]
) -> None:
    """A list that is dropped or absent as a whole has no issues of its items."""
    comparison = diff(
        declared(fields={NewCustomer: source, Phone: NUMBERED if source else {}}),
        declared(fields={NewCustomer: target, Phone: NUMBERED if target else {}}),
    )
    assert [issue.field for issue in comparison.issues] == expected


def test_fewer_items_lose_the_rest() -> None:
    """Bond accepts only the first of several e-mail addresses."""
    assert "emails" in names(diff(SONDER, BOND), Effect.DROPPED)


def test_a_field_with_fewer_changes_is_fixed() -> None:
    """Names can be changed before KYC at Bond, and never at Sonder."""
    assert "first_name" in names(diff(BOND, SONDER), Effect.FIXED)


def test_features_are_lost_and_gained() -> None:
    """Sonder does not list customers, so the reverse migration gains that feature."""
    there, back = diff(BOND, SONDER), diff(SONDER, BOND)
    lost = [item.feature for item in there.features_lost]
    assert Feature.CUSTOMERS_LIST in lost
    assert lost == [item.feature for item in back.features_gained]


def created(kind: Any, *, listed: bool) -> Capabilities:
    support = Support.FULL if listed else Support.UNSUPPORTED
    create = FeatureRule(
        support=Support.FULL, idempotency=Idempotency(kind, reference="external_id")
    )
    listing = FeatureRule(support=support, idempotency=SAFE)
    features = {Feature.CUSTOMERS_CREATE: create, Feature.CUSTOMERS_LIST: listing}
    return declared(features=features)


@pytest.mark.parametrize(
    ("kind", "listed", "expected"),
    [
        ("client_reference", True, "looked up by external_id"),
        ("client_reference", False, "quarantined"),
        ("none", True, "quarantined"),
        ("replays", False, "same key"),
        ("rejects_duplicate", False, "rejects a duplicate"),
        ("natural", False, "sent again"),
    ],
)
def test_a_lost_create_has_a_consequence(
    kind: str, *, listed: bool, expected: str
) -> None:
    """The idempotency of the target decides the consequence of a lost create."""
    assert expected in diff(BOND, created(kind, listed=listed)).consequence


def test_verification_does_not_travel() -> None:
    """Every diff says that customers must pass KYC again."""
    assert any("KYC" in note for note in diff(BOND, BOND).notes)
