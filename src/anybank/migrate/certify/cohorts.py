"""A part of the customers, and how many of them may fail."""

from __future__ import annotations

import re
from typing import TypeAlias

from attrs import frozen

from ...errors import ConfigurationError
from ..journal.keys import Key

Share: TypeAlias = "float | str"
"""A part of a whole: 0.01, or "1%"."""
Threshold: TypeAlias = "int | str"
"""A number, or a part of a whole: 3, or "5%"."""

_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,6})?) ?%")
_BITS = 128


@frozen
class Sample:
    """A share of all ids, by their keyed hash: of a journal it is always the same.

    A larger sample has everybody of a smaller one. Without the key nobody can tell, or
    choose, who is in it.
    """

    key: Key
    share: float

    def __contains__(self, source_id: str) -> bool:
        place = int(self.key.fingerprint("sample", "", source_id), 16)
        return place < int(self.share * (1 << _BITS))


def share_of(given: Share) -> float:
    """Return a share as a number; raises ConfigurationError unless it is in 0 to 1."""
    found = _percent(given) if isinstance(given, str) else given
    if found is None or not 0 < found <= 1:
        raise ConfigurationError(
            "sample must be more than 0 % and at most 100 %: 1% (or 0.01 in Python)"
        )
    return found


def limit_of(given: Share | None) -> float | None:
    """Return the share that may change; raises ConfigurationError unless in 0 to 1."""
    found = _percent(given) if isinstance(given, str) else given
    if given is not None and (found is None or not 0 <= found <= 1):
        raise ConfigurationError(
            "max_change must be a share from 0% to 100%: 30% (or 0.3 in Python)"
        )
    return found


def most_failures(given: Threshold | None, total: int) -> int | None:
    """Return how many of a total may fail; a percentage is rounded down."""
    number = given
    if isinstance(given, str):
        part = _percent(given)
        digits = int(given) if given.isascii() and given.isdigit() else None
        number = digits if part is None else int(part * total)
    if isinstance(number, int) and number >= 0:
        return number
    if given is None:
        return None
    raise ConfigurationError("max_failures must be a number such as 3, or 5%")


def _percent(text: str) -> float | None:
    found = _PERCENT.fullmatch(text.strip())
    return float(found[1]) / 100 if found and float(found[1]) <= 100 else None
