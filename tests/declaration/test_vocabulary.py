"""The classes of a declaration, and the declaration of each vendor."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from anybank import (
    Capabilities,
    Feature,
    FieldRule,
    Idempotency,
    NewCustomer,
    Support,
    Unsupported,
)
from anybank.declaration import NOT_DECLARED, UNDECLARED, FeatureRule, Limits, Repeat
from anybank.model.addresses import Address, AddressKind
from anybank.model.phones import Phone
from anybank.plugins import find

EMPTY = Capabilities(provider="toy", title="Toy", hosts={})
VENDORS = ["bond", "increase", "sonder"]


@pytest.mark.parametrize(
    ("support", "works"),
    [
        (Support.FULL, True),
        (Support.PARTIAL, True),
        (Support.EMULATED, True),
        (Support.UNSUPPORTED, False),
        (Support.NOT_IMPLEMENTED, False),
        (Support.UNKNOWN, False),
    ],
)
def test_a_feature_works_in_whole_or_in_part(support: Support, *, works: bool) -> None:
    """`supports` is true for a feature that works fully or in part."""
    rule = FeatureRule(support=support)
    declared = attrs.evolve(EMPTY, features={Feature.KYC_GET: rule})
    assert declared.supports("kyc.get") is works


def test_a_feature_that_does_not_exist_is_a_mistake() -> None:
    """A misspelt feature raises ValueError."""
    with pytest.raises(ValueError, match=r"customers\.lsit"):
        EMPTY.supports("customers.lsit")


def test_an_undeclared_field_or_feature_is_refused() -> None:
    """An undeclared feature does not work, and an undeclared field is refused."""
    assert EMPTY.feature(Feature.KYC_GET) is NOT_DECLARED
    assert EMPTY.rule(NewCustomer, "first_name") is UNDECLARED
    assert EMPTY.rules(NewCustomer) == {}
    assert UNDECLARED.create == "refused"


@pytest.mark.parametrize(
    ("support", "why"),
    [
        (Support.UNSUPPORTED, "the vendor has no such operation"),
        (Support.NOT_IMPLEMENTED, "this adapter does not have it yet"),
    ],
)
def test_a_refusal_has_reason_note_and_source(support: Support, why: str) -> None:
    """The reason has the general text, the note and the source."""
    rule = FeatureRule(support=support, note="use a file", source="p. 7")
    assert rule.reason == f"{why}; use a file; see p. 7"


def test_a_note_says_what_a_vendor_does_not_describe() -> None:
    """The general text stands only where the declaration has no note of its own."""
    general = "the vendor's documentation does not describe it"
    assert FeatureRule(support=Support.UNKNOWN).reason == general
    noted = FeatureRule(support=Support.UNKNOWN, note="no page describes KYC")
    assert noted.reason == "no page describes KYC"


@pytest.mark.parametrize(
    ("kind", "repeatable"),
    [
        ("safe", True),
        ("natural", True),
        ("replays", True),
        ("rejects_duplicate", True),
        ("client_reference", False),
        ("none", False),
    ],
)
def test_which_idempotency_is_repeatable(kind: Repeat, *, repeatable: bool) -> None:
    """A client reference does not make a create repeatable."""
    assert Idempotency(kind).repeatable is repeatable


@pytest.mark.parametrize(
    "wrong",
    [
        {"create": "maybe"},
        {"read": "sometimes"},
        {"update": "often"},
        {"misfit": "ignored"},
    ],
)
def test_a_misspelt_rule_is_refused(wrong: dict[str, Any]) -> None:
    """A misspelt value of a rule is rejected when it is declared."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        FieldRule(**wrong)


def test_a_misspelt_idempotency_is_refused() -> None:
    """An unknown kind of idempotency is rejected."""
    with pytest.raises(ValueError, match="kind"):
        Idempotency("idempotent")  # type: ignore[arg-type] # the point


def test_a_feature_without_idempotency_is_not_repeatable() -> None:
    """A feature without a declared idempotency is not repeatable."""
    assert not FeatureRule(support=Support.FULL).idempotency.repeatable


def test_words_are_read_and_written_by_one_dictionary() -> None:
    """A word that two members share is read as the first of them."""
    rule = FieldRule(values={AddressKind.HOME: "H", AddressKind.PHYSICAL: "H"})
    assert rule.word(AddressKind.PHYSICAL) == "H"
    assert rule.member("H") is AddressKind.HOME
    assert rule.member("X") is None
    assert rule.word(AddressKind.WORK) is None
    assert FieldRule().words == ()


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_feature_is_declared_with_its_reason(vendor: str) -> None:
    """Each vendor declares every feature, with a source or a note."""
    declared = find(vendor).adapter.capabilities
    for feature in Feature:
        rule = declared.feature(feature)
        if feature.value.startswith(("customer_addresses", "credentials")):
            continue
        assert rule is not NOT_DECLARED, feature
        assert rule.source or rule.note, feature


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_rule_is_for_an_existing_field(vendor: str) -> None:
    """Each rule of each vendor is for an existing field."""
    from anybank import Customer  # noqa: PLC0415

    for kind, rules in find(vendor).adapter.capabilities.fields.items():
        returned = {field.name for field in attrs.fields(Customer)}
        ours = {field.name for field in attrs.fields(kind)}
        known = ours | returned if kind is NewCustomer else ours
        assert set(rules) <= known, kind


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("kind", [NewCustomer, Address, Phone])
def test_every_field_has_a_rule(vendor: str, kind: type) -> None:
    """Each field of a customer has a rule at every vendor."""
    rules = find(vendor).adapter.capabilities.rules(kind)
    names = {field.name for field in attrs.fields(kind)}
    assert names - {"extras", "native_kind", "unreadable", "id"} <= set(rules)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_client_reference_names_a_field(vendor: str) -> None:
    """The client reference of a vendor is a field that its declaration accepts."""
    declared = find(vendor).adapter.capabilities
    create = declared.feature(Feature.CUSTOMERS_CREATE).idempotency
    if (name := create.lookup_field) is not None:
        rule = declared.rule(NewCustomer, name)
        assert (rule.create != "refused", rule.read) == (True, "returned")


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_creation_is_never_declared_repeatable_without_a_key(vendor: str) -> None:
    """No vendor's create is declared repeatable without an idempotency key."""
    declared = find(vendor).adapter.capabilities
    for feature in Feature:
        if feature.value.endswith((".create", ".submit")):
            repeats = declared.feature(feature).idempotency
            assert repeats.header or not repeats.repeatable, feature


@pytest.mark.parametrize(
    ("sizes", "words"),
    [((1, 2, 5), "one of 1, 2, 5"), ((1, 2, 3, 4), "from 1 to 4"), ((7,), "one of 7")],
)
def test_page_sizes_are_described_briefly(sizes: tuple[int, ...], words: str) -> None:
    """A range of page sizes is described by its ends, and a few sizes one by one."""
    assert Limits(page_sizes=sizes).page_sizes_in_words == words


def test_an_app_requires_its_features_at_once() -> None:
    """The error names all that is missing, once for each reason, and nothing that works."""
    sonder = find("sonder").adapter.capabilities
    sonder.require("customers.create", "accounts.balance")
    with pytest.raises(Unsupported) as refused:
        sonder.require("customers.create", "kyc.start", "kyc.get", "events.list")
    assert str(refused.value) == (
        "sonder kyc.start: Sonder Labs lacks what is required: kyc.start, kyc.get "
        "(Sonder's documentation does not describe KYC); events.list (Sonder's "
        "documentation does not describe events)"
    )
    assert refused.value.outcome == "not_sent"
    with pytest.raises(ValueError, match=r"customers\.fly"):
        sonder.require("customers.fly")
