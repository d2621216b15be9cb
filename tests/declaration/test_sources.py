"""The page that states a rule, with its address and its day."""

from __future__ import annotations

import copy
import json
from datetime import date

import pytest

from anybank.declaration import FieldRule, Source
from anybank.declaration.sources import address_of, day_of
from anybank.plugins import find

PAGE = Source("Docs, People", address="https://a.example/p", as_of=date(2026, 1, 2))


def test_a_source_is_the_title_of_its_page() -> None:
    """A rule cites it as a text, and its address and day are there for those who ask."""
    rule = FieldRule(source=PAGE)
    assert rule.source == "Docs, People"
    assert json.dumps(rule.source) == '"Docs, People"'
    assert (address_of(rule.source), day_of(rule.source)) == (
        "https://a.example/p",
        "2026-01-02",
    )


def test_a_title_alone_has_no_address() -> None:
    """Rules may name a page by its title only."""
    for source in ("Docs, People", Source("Docs, People")):
        assert (address_of(source), day_of(source)) == ("", "")


def test_a_copy_keeps_the_address() -> None:
    """Declarations are copied by options and overrides."""
    for same in (copy.copy(PAGE), copy.deepcopy(PAGE)):
        assert (same, same.address, same.as_of) == (PAGE, PAGE.address, PAGE.as_of)


@pytest.mark.parametrize("provider", ["bond", "increase", "sonder"])
def test_the_pages_of_each_vendor_have_addresses(provider: str) -> None:
    """A reader of the declaration reaches a page without a search."""
    features = find(provider).adapter.capabilities.features.values()
    addresses = {address_of(rule.source) for rule in features} - {""}
    assert len(addresses) >= 3
