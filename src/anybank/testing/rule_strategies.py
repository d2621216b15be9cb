"""How a rule restricts the strategies of a field: its presence, its texts and its members."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any, TypeAlias, TypeVar

from hypothesis import strategies as st

from ..declaration.vocabulary import FieldRule

T = TypeVar("T")
Strategy: TypeAlias = st.SearchStrategy[T]
Rules: TypeAlias = Mapping[str, FieldRule]

FREE = FieldRule()
"""The rule of an undeclared field: any value, or none."""

# Latin letters up to U+024F: names with accents, without scripts that no vendor in the
# declaration describes.
LETTERS = st.characters(categories=("Lu", "Ll"), max_codepoint=0x24F)
PRINTED = st.characters(
    min_codepoint=0x20, max_codepoint=0x24F, categories=("L", "N", "P", "S", "Zs")
)


def with_presence(rules: Rules) -> Callable[[str, Strategy[Any]], Strategy[Any]]:
    """Return a function that makes a field present, absent or either, as its rule says."""

    def ruled(name: str, strategy: Strategy[Any]) -> Strategy[Any]:
        rule = rules.get(name, FREE)
        if rule.create == "required":
            return strategy
        return st.none() if rule.create == "refused" else st.none() | strategy

    return ruled


def matching_texts(
    rule: FieldRule, plain: Strategy[str], country: str | None = None
) -> Strategy[str]:
    """Generate texts that satisfy a rule: usual ones, and unusual ones for its pattern."""
    pattern = rule.pattern_in.get(country or "", rule.pattern)
    fewest, most = rule.length or (1, 60)

    def fits(text: str) -> bool:
        matches = pattern is None or re.fullmatch(pattern, text)
        long_enough = fewest <= len(text) <= most
        # Some vendors write "null" for an absent value, so it reads as None.
        return bool(matches) and text.strip() not in ("", "null") and long_enough

    if pattern is None:
        return plain.filter(fits)
    # Usual values alone would not show a pattern that the vendor reads differently.
    return st.one_of(plain, _unusual(pattern)).filter(fits)


@cache
def _unusual(pattern: str) -> Strategy[str]:
    return st.from_regex(pattern, fullmatch=True, alphabet=PRINTED)


def members_of(rule: FieldRule, kind: type[Enum], usual: Enum) -> Strategy[Any]:
    """Generate the members in a rule's `values`; the usual one if the rule refuses them."""
    if rule.create == "refused":
        return st.just(usual)
    members = kind if rule.values is None else list(rule.values)
    return st.sampled_from([member for member in members if member.name != "UNKNOWN"])
