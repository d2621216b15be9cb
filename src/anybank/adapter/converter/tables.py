"""Tables of a vendor's words for neutral members."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

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
