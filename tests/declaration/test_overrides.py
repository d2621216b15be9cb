"""A program's own rules: `Bank(overrides=)`."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import Script, james, json_response

from anybank import (
    Bank,
    ConfigurationError,
    CustomerChanges,
    FieldNotUpdatable,
    InvalidInput,
    NewCustomer,
    Phone,
)
from anybank.declaration.diff import diff

LONG = {"NewCustomer.first_name": {"length": (1, 80)}}


def bank(provider: str, overrides: Any = None, *responses: httpx.Response) -> Bank:
    """Return a bank whose program has rules of its own."""
    credentials: dict[str, dict[str, Any]] = {
        "bond": {"identity": "i", "authorization": "a"},
        "sonder": {"token": "t"},
        "increase": {"api_key": "k"},
    }
    script = Script(*responses)
    return Bank(
        provider, transport=script, overrides=overrides, **credentials[provider]
    )


def rules(checked: Bank, value: object) -> set[tuple[str, str]]:
    """Return the field and the rule of each issue."""
    return {(issue.field, issue.rule) for issue in checked.check(value)}


def test_a_wider_rule_lets_a_value_through() -> None:
    """Bond's page allows 50 characters, and this program's agreement 80."""
    long = james(first_name="J" * 60)
    with bank("bond") as page:
        assert ("first_name", "length=2-50") in rules(page, long)
        with pytest.raises(InvalidInput):
            page.customers.create(long)
    created = json_response(customer_id="c1")
    with bank("bond", LONG, created) as own:
        assert not rules(own, long)
        assert own.customers.create(long).id == "c1"


def test_a_stricter_rule_stops_a_value() -> None:
    """The issue names the override as its source, and the page that it replaces."""
    with bank("bond", {"NewCustomer.first_name": {"length": (2, 3)}}) as own:
        (issue,) = own.check(james())
        with pytest.raises(InvalidInput):
            own.customers.create(james())
    assert (issue.field, issue.rule) == ("first_name", "length=2-3")
    page = 'Bond docs, "Managing customers"'
    assert issue.source == f"an override, in place of {page}"


def test_changes_follow_the_rules_of_the_new_value() -> None:
    """An update is checked by the same rule, and a field may become final."""
    overrides = {"NewCustomer.last_name": {"update": "never", "length": [2, 4]}}
    with bank("bond", overrides) as own, pytest.raises(FieldNotUpdatable):
        own.customers.update("c1", CustomerChanges(last_name="Bond"))


def test_a_field_may_be_required_or_left_out() -> None:
    """A program may require more than its vendor, and may store less."""
    overrides = {
        "NewCustomer.emails": {"create": "required"},
        "NewCustomer.phones": {"create": "refused", "source": "our agreement"},
    }
    with bank("bond", overrides) as own:
        issues = own.check(james(emails=[], phones=[Phone("+12015550123")]))
    by_field = {issue.field: (issue.rule, issue.source) for issue in issues}
    assert by_field["emails"][0] == "create=required"
    assert by_field["phones"] == ("create=refused", "our agreement")


def test_the_declaration_shows_what_is_overridden() -> None:
    """The rule, the notes and `diff` name the field, and the class stays as it was."""
    with bank("bond", LONG) as own, bank("bond") as page:
        rule = own.capabilities.rule(NewCustomer, "first_name")
        assert (rule.length, rule.overridden) == ((1, 80), ("length",))
        assert own.capabilities.overrides == LONG
        assert "NewCustomer.first_name (length)" in own.capabilities.notes[-1]
        assert page.capabilities.rule(NewCustomer, "first_name").overridden == ()
        with bank("increase") as source:
            compared = diff(source.capabilities, own.capabilities)
            plain = diff(source.capabilities, page.capabilities)
    assert any("NewCustomer.first_name (length)" in note for note in compared.notes)
    narrowed = {issue.rule for issue in compared.issues if issue.field == "first_name"}
    before = {issue.rule for issue in plain.issues if issue.field == "first_name"}
    assert "length=2-50" in before - narrowed


def test_the_environment_has_overrides_as_json(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The command line and an app share them; an argument takes precedence."""
    monkeypatch.setenv("ANYBANK_BOND_OVERRIDES", json.dumps(LONG))
    with bank("bond") as own, bank("bond", {}) as page:
        lengths = [
            it.capabilities.rule(NewCustomer, "first_name").length for it in (own, page)
        ]
    assert lengths == [(1, 80), (2, 50)]


def test_json_that_cannot_be_read_names_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The message does not repeat the content."""
    monkeypatch.setenv("ANYBANK_BOND_OVERRIDES", "{first_name")
    with pytest.raises(
        ConfigurationError, match="ANYBANK_BOND_OVERRIDES must be a JSON"
    ):
        bank("bond")


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        ("text", "must map fields"),
        ({"NewCustomer.first_name": (1, 80)}, "must map fields"),
        ({"NewCustomer.first_name": {}}, "must map fields"),
        ({"first_name": {"length": (1, 80)}}, "declares no rule for first_name"),
        ({"NewCustomer.frist_name": {"length": (1, 80)}}, "Use one of: first_name"),
        ({"Balance.current": {"length": (1, 80)}}, "declares no rule"),
        ({"NewCustomer.first_name": {"native": "x"}}, "no part native"),
        ({"NewCustomer.first_name": {"read": "never"}}, "no part read"),
        ({"NewCustomer.first_name": {"length": (80, 1)}}, "a pair of numbers"),
        ({"NewCustomer.first_name": {"length": (1, None)}}, "a pair of numbers"),
        ({"NewCustomer.first_name": {"length": (True, 2)}}, "a pair of numbers"),
        ({"NewCustomer.first_name": {"pattern": "("}}, "a regular expression"),
        ({"NewCustomer.first_name": {"pattern": 7}}, "a regular expression"),
        ({"NewCustomer.first_name": {"create": "optional"}}, "only be stricter"),
        ({"NewCustomer.ssn": {"update": "always"}}, "only be stricter"),
        ({"NewCustomer.emails": {"items": (0, 2)}}, "only be stricter"),
        ({"NewCustomer.emails": {"items": (1, 0)}}, "only be stricter"),
        ({"NewCustomer.first_name": {"note": " "}}, "must be a text"),
        ({"Address.line1": {"po_box": "maybe"}}, "accepted or refused"),
        ({"NewCustomer.preferred_name": {"create": "optional"}}, "is not supported"),
    ],
)
def test_an_override_that_cannot_hold_is_refused(overrides: Any, problem: str) -> None:
    """An adapter sends what it was written for: a rule cannot promise more than that."""
    with pytest.raises(ConfigurationError, match=problem):
        bank("bond", overrides)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 70))
def test_check_and_create_agree_on_any_length(low: int, high: int, size: int) -> None:
    """A name is stopped exactly where its length is outside of the override."""
    fewest, most = sorted((low, high))
    overrides = {"NewCustomer.first_name": {"length": (fewest, most)}}
    new = james(first_name="J" * size)
    with bank("bond", overrides, json_response(customer_id="c1")) as own:
        fits = not rules(own, new)
        try:
            own.customers.create(new)
        except InvalidInput:
            assert not fits
        else:
            assert fits
    assert fits == (fewest <= size <= most)
