"""Tables of a vendor's words for neutral members."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

from .neutral import Mapped, has_neutral_names, wire_fields

E = TypeVar("E", bound=Enum)


def members_by_word(table: Mapping[E, str], suffix: str = "") -> dict[str, E]:
    """Return the member of each word; the words of a member are separated by spaces.

    >>> from anybank.model.transactions import TransactionKind
    >>> sorted(members_by_word({TransactionKind.FEE: "fee feeReversal"}))
    ['fee', 'feeReversal']
    """
    return {
        f"{word}{suffix}": member
        for member, words in table.items()
        for word in words.split()
    }


def words_by_member(table: Mapping[str, E]) -> dict[E, str]:
    """Return the words of each member, separated by spaces (see `members_by_word`)."""
    return {
        member: " ".join(word for word in table if table[word] is member)
        for member in dict.fromkeys(table.values())
    }


def words_for(mapped: Mapped) -> Mapping[Any, Any]:
    """Return the table by which a wire field is read, or an empty one."""
    if isinstance(mapped.read, Mapping):
        return mapped.read
    is_declared = mapped.read is None and mapped.rule and mapped.rule.values
    return mapped.rule.members if mapped.rule and is_declared else {}


def word_tables(wire: type) -> Mapping[str, Mapping[Any, Any]]:
    """Return every table of words of a wire class, by its neutral field."""
    fields = wire_fields(wire) if has_neutral_names(wire) else ()
    return {
        field.mapped.part or field.mapped.name: words
        for field in reversed(fields)  # the first of several wins
        if field.mapped and (words := words_for(field.mapped))
    }


def words_of(wire: type, name: str) -> Mapping[str, Any]:
    """Return the table of the vendor's words that a neutral field is read by."""
    return word_tables(wire)[name]
