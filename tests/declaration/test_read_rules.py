"""Which fields of a value a vendor returns, and what `diff` makes of it."""

from __future__ import annotations

import attrs
import pytest

from anybank import Account, Balance, Event, Transaction
from anybank.declaration import Capabilities, ReadRule
from anybank.declaration.diff import diff
from anybank.errors import Effect
from anybank.plugins import find


def declared(provider: str) -> Capabilities:
    """Return the capabilities of an installed provider."""
    return find(provider).adapter.capabilities


def test_an_app_asks_whether_a_field_is_returned() -> None:
    """The same question works at every bank."""
    answers = {
        provider: declared(provider).returns(Transaction, "counterparty")
        for provider in ("bond", "increase", "sonder")
    }
    assert answers == {"bond": True, "increase": True, "sonder": False}


def test_an_undeclared_type_counts_as_returned() -> None:
    """Nothing is known about it, so nothing is ruled out."""
    assert declared("sonder").returns(Event, "account_id")


def test_an_unknown_field_is_a_mistake() -> None:
    """A misspelt name raises, as a misspelt feature does."""
    with pytest.raises(ValueError, match="no field counterpart"):
        declared("bond").returns(Transaction, "counterpart")


def test_diff_names_what_is_never_returned() -> None:
    """Only fields that the source returns are lost, each with the reason and the page."""
    lost = {issue.field: issue for issue in diff(*_two("bond", "sonder")).reads_lost}
    counterparty = lost["Transaction.counterparty"]
    assert counterparty.effect is Effect.UNREADABLE
    assert counterparty.message
    assert counterparty.source
    assert "Balance.as_of" not in lost  # Bond does not return it either
    assert "Event.id" not in lost  # no page of Sonder's describes events


def _two(source: str, target: str) -> tuple[Capabilities, Capabilities]:
    return declared(source), declared(target)


@pytest.mark.parametrize("kind", [Account, Balance, Transaction])
@pytest.mark.parametrize("provider", ["bond", "increase", "sonder"])
def test_every_vendor_declares_what_it_returns(provider: str, kind: type) -> None:
    """Each value that is read has a rule whose names are fields."""
    rule = declared(provider).reads[kind]
    assert isinstance(rule, ReadRule)
    assert set(rule.never) <= set(attrs.fields_dict(kind))
