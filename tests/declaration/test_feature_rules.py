"""Tables of features: groups, safe reads, and names that do not exist."""

from __future__ import annotations

import pytest

from anybank.declaration import (
    NATURAL,
    NO_IDEMPOTENCY,
    SAFE,
    Feature,
    Idempotency,
    Support,
    emulated,
    feature_rules,
    full,
    not_implemented,
    partial,
    undescribed,
    unsupported,
)

PAGE = "Acme docs"


def test_a_group_stands_for_the_features_that_the_table_does_not_name() -> None:
    """A named feature keeps its rule, before and after the line of its group."""
    named, group = full(PAGE), unsupported(PAGE, "use accounts.close")
    for table in (
        {"accounts.get": named, "accounts.*": group},
        {"accounts.*": group, "accounts.get": named},
    ):
        rules = feature_rules(table)
        assert rules[Feature.ACCOUNTS_GET].works
        assert not rules[Feature.ACCOUNTS_DELETE].works
        assert set(rules) == set(Feature.group("accounts.*"))


def test_reads_are_safe_and_writes_are_never_repeated_unless_declared() -> None:
    """The operation decides for a read; a write without a rule is not repeated."""
    key = Idempotency("replays", header="Key")
    rules = feature_rules(
        {
            "customers.get": full(PAGE),
            "customers.list": full(PAGE, stable_listing=True),
            "customers.create": full(PAGE, idempotency=key),
            "customers.delete": full(PAGE, idempotency=NATURAL),
            "credit_applications.*": full(PAGE),
        }
    )
    by_name = {str(feature): rule.idempotency for feature, rule in rules.items()}
    assert by_name["customers.get"] == by_name["customers.list"] == SAFE
    assert by_name["customers.create"] == key
    assert by_name["customers.delete"] == NATURAL
    assert by_name["credit_applications.submit"] == NO_IDEMPOTENCY
    assert rules[Feature.CUSTOMERS_LIST].stable_listing


@pytest.mark.parametrize("name", ["customers.*.get", "customer.*", "customers", "*"])
def test_a_name_without_features_is_an_error(name: str) -> None:
    """A misspelt name raises instead of declaring nothing."""
    with pytest.raises(ValueError, match=r"customer|\*"):
        feature_rules({name: full(PAGE)})


def test_each_builder_declares_its_support() -> None:
    """The builders differ in the support that they declare."""
    rules = {
        full(PAGE): Support.FULL,
        partial(PAGE, "some"): Support.PARTIAL,
        emulated(PAGE, "by reading"): Support.EMULATED,
        unsupported(PAGE, "none"): Support.UNSUPPORTED,
        not_implemented(PAGE, "use bank.request"): Support.NOT_IMPLEMENTED,
        undescribed("no page"): Support.UNKNOWN,
    }
    for rule, support in rules.items():
        assert rule.support is support
