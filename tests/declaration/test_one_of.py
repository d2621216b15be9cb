"""Rules across fields: one of several, by the kind of a value, and with a confirmation."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from anybank import (
    Capabilities,
    CustomerChanges,
    FieldRule,
    GovernmentId,
    GovernmentIdKind,
    NewCustomer,
    Ssn,
)
from anybank.cli.capabilities import field_row
from anybank.declaration.preflight import prepare
from anybank.testing.conformance.generated_values import draw
from anybank.testing.strategies import customers

ONE_ID = ("ssn", "government_ids")
PASSPORT, OTHER = GovernmentIdKind.PASSPORT, GovernmentIdKind.OTHER
KIND = FieldRule(
    create="required",
    values={PASSPORT: "pass", OTHER: "other"},
    confirmed_by={OTHER: "checked"},
)
COUNTRY = FieldRule(create="refused", create_for={PASSPORT: "required"})


@attrs.frozen
class Extras:
    """The extras of the invented vendor."""

    checked: bool | None = None


def toy(**rules: FieldRule) -> Capabilities:
    person = {
        "ssn": FieldRule(create="required", one_of=ONE_ID),
        "government_ids": FieldRule(one_of=ONE_ID),
        **rules,
    }
    number = FieldRule(create="required")
    government_id = {"kind": KIND, "number": number, "country": COUNTRY}
    fields: dict[type, Any] = {NewCustomer: person, GovernmentId: government_id}
    return Capabilities(
        provider="toy",
        title="Toy",
        hosts={},
        fields=fields,
        extras={NewCustomer: Extras},
    )


def found(new: NewCustomer | CustomerChanges) -> list[tuple[str, str]]:
    return [(issue.field, issue.rule) for issue in prepare(toy(), new).issues]


def passport(**fields: Any) -> GovernmentId:
    return GovernmentId(
        **{"kind": PASSPORT, "number": "X123", "country": "GB", **fields}
    )


def test_one_of_two_is_enough_and_required() -> None:
    """Either field satisfies the rule; without both, one issue names them."""
    assert found(NewCustomer(ssn=Ssn("912456789"))) == []
    assert found(NewCustomer(government_ids=[passport()])) == []
    (issue,) = prepare(toy(), NewCustomer()).issues
    assert (issue.field, issue.rule) == ("ssn", "create=required")
    assert issue.message == "Toy requires it or government_ids"


def test_of_two_the_first_listed_is_written() -> None:
    """The other is dropped, which needs consent, and is not in the prepared value."""
    both = NewCustomer(ssn=Ssn("912456789"), government_ids=[passport()])
    prepared = prepare(toy(), both)
    assert [issue.rule for issue in prepared.issues] == ["one_of"]
    assert prepared.value.government_ids == ()
    assert prepared.value.ssn == both.ssn


def test_one_replaces_the_other_in_a_change() -> None:
    """To clear the one that is replaced is no loss, and to clear both is refused."""
    ids = [passport()]
    assert found(CustomerChanges(ssn=None, government_ids=ids)) == []
    assert found(CustomerChanges(ssn=Ssn("912456789"), government_ids=())) == []
    assert found(CustomerChanges(ssn=None)) == [("ssn", "clear")]


def test_a_change_of_both_leaves_the_second_alone() -> None:
    """The dropped list is not cleared at the vendor."""
    changes = CustomerChanges(ssn=Ssn("912456789"), government_ids=[passport()])
    assert not prepare(toy(), changes).value.government_ids
    assert found(CustomerChanges(government_ids=[passport()])) == []


@pytest.mark.parametrize(
    ("government_id", "issues"),
    [
        (passport(), []),
        (passport(country=None), [("government_ids[0].country", "create=required")]),
        (
            passport(kind=OTHER),
            [
                ("government_ids[0].kind", "confirmed_by"),
                ("government_ids[0].country", "create=refused"),
            ],
        ),
        (
            passport(kind=OTHER, country=None),
            [("government_ids[0].kind", "confirmed_by")],
        ),
    ],
)
def test_a_rule_follows_the_kind(
    government_id: GovernmentId, issues: list[tuple[str, str]]
) -> None:
    """A country is required of a passport, and refused of another document."""
    assert found(NewCustomer(government_ids=[government_id])) == issues


@pytest.mark.parametrize(
    ("extras", "is_confirmed"),
    [({"toy": Extras(checked=True)}, True), ({"toy": Extras()}, False), ({}, False)],
)
def test_only_the_caller_confirms(
    extras: dict[str, object], *, is_confirmed: bool
) -> None:
    """No other value than True is a confirmation."""
    ids = [passport(kind=OTHER, country=None)]
    new = NewCustomer(government_ids=ids, extras=extras)
    assert (found(new) == []) is is_confirmed


def test_the_rules_are_shown_in_words() -> None:
    """`anybank capabilities` says each of the three."""
    rules = toy().rules(NewCustomer)
    assert "one of ssn, government_ids" in field_row("ssn", rules["ssn"])[-1]
    assert "required for PASSPORT" in field_row("country", COUNTRY)[-1]
    assert "OTHER only with the extra checked=True" in field_row("kind", KIND)[-1]


def test_generated_customers_have_one_of_them() -> None:
    """The strategies cover both, and confirm what needs it."""
    people = draw(customers(toy()), 40)
    assert {bool(person.ssn) for person in people} == {True, False}
    assert all(bool(person.ssn) != bool(person.government_ids) for person in people)


def test_a_refused_field_that_loses_nothing_is_only_reported() -> None:
    """`changed` says why, and no consent is needed."""
    rule = FieldRule(create="refused", changed="not stored: it follows from the SSN")
    new = NewCustomer(ssn=Ssn("912456789"), middle_name="May")
    (issue,) = prepare(toy(middle_name=rule), new).issues
    assert (str(issue.effect), issue.rule) == ("changed", "changed")
