"""Whether a text fits a vendor's rule, and in which spelling."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bond.banks import body, bond
from tests.fakes import james, json_response

from anybank import Effect, FieldRule
from anybank.declaration.text_rules import fit_text, plain_spelling, text_problem

NAME = FieldRule(pattern=r"[^\W\d_](?:[^\W\d_]|[ '])*", length=(2, 10))


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("O'Neill", "O'Neill"),
        ("O\u2019Neill", "O'Neill"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("Al\u00a0Sam", "Al Sam"),
        ("Anne-Mary", None),
        ("Anne\u2011Mary", None),
        ("e\u0301", None),
        ("J", None),
    ],
)
def test_a_text_is_spelt_as_the_rule_has_it(text: str, spelling: str | None) -> None:
    """A plainer spelling is tried only if the text itself breaks the rule."""
    assert fit_text(NAME, text) == spelling


@given(st.text())
def test_a_text_without_a_rule_stays_as_it_is(text: str) -> None:
    """Without a rule a text stays unchanged."""
    assert fit_text(FieldRule(), text) == text


@given(st.text())
def test_a_returned_spelling_fits_the_rule(text: str) -> None:
    """A returned spelling fits the rule, and is the text or its plain form."""
    spelling = fit_text(NAME, text)
    assert spelling in (None, text, plain_spelling(text))
    assert spelling is None or text_problem(NAME, spelling) is None


@given(st.text())
def test_respelling_twice_changes_nothing_more(text: str) -> None:
    """The plain spelling of a plain spelling is the same."""
    plain = plain_spelling(text)
    assert plain_spelling(plain) == unicodedata.normalize("NFC", plain)


def test_bond_is_sent_the_plain_apostrophe_and_it_is_reported() -> None:
    """Bond receives the plain apostrophe, and the customer reports the change."""
    bank, script = bond(json_response(201, customer_id="c1"))
    new = james(last_name="O\u2019Neill", first_name="Zoe\u0308")
    checked = {issue.field: issue.effect for issue in bank.check(new)}
    created = bank.customers.create(new)
    assert checked == {"last_name": Effect.CHANGED, "first_name": Effect.CHANGED}
    assert [issue.field for issue in created.issues] == ["first_name", "last_name"]
    assert body(script)["last_name"] == "O'Neill"
    assert body(script)["first_name"] == "Zo\u00eb"
