"""Samples of the customers, and the shares and thresholds that options accept."""

from __future__ import annotations

import re
from typing import TypeAlias

from attrs import frozen

from ...errors import ConfigurationError
from ..journal.keys import Key

Share: TypeAlias = "float | str"
"""A share of a whole: 0.01 or "1%"."""
Threshold: TypeAlias = "int | str"
"""A number or a share: 3 or "5%"."""

_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,6})?) ?%")
_BITS = 128
"""The length of a fingerprint."""


@frozen
class Sample:
    """A share of all customers, chosen by the keyed hash of their ids.

    A journal always yields the same sample, and a larger sample contains every smaller
    one. Without the key nobody can predict or choose its members.
    """

    key: Key
    share: float

    def __contains__(self, source_id: str) -> bool:
        # A hash below a threshold: a larger threshold contains every smaller sample.
        position = int(self.key.fingerprint("sample", "", source_id), 16)
        return position < int(self.share * (1 << _BITS))


def share_of(sample: Share) -> float:
    """Return a sample's size as a share above 0 and up to 1.

    Raises ConfigurationError for any other value.
    """
    share = _percent(sample) if isinstance(sample, str) else sample
    if share is None or not 0 < share <= 1:
        raise ConfigurationError(
            "sample must be a share above 0% and up to 100%, such as 1% (or 0.01 in Python)"
        )
    return share


def limit_of(max_change: Share | None) -> float | None:
    """Return the share of customers that may change, from 0 to 1.

    Raises ConfigurationError for any other value.
    """
    share = _percent(max_change) if isinstance(max_change, str) else max_change
    if max_change is not None and (share is None or not 0 <= share <= 1):
        raise ConfigurationError(
            "max_change must be a share from 0% to 100%, such as 30% (or 0.3 in Python)"
        )
    return share


def most_failures(threshold: Threshold | None, total: int) -> int | None:
    """Return how many of *total* customers may fail; a percentage is rounded down."""
    number = threshold
    if isinstance(threshold, str):
        share = _percent(threshold)
        is_number = threshold.isascii() and threshold.isdigit()
        digits = int(threshold) if is_number else None
        number = digits if share is None else int(share * total)
    if isinstance(number, int) and number >= 0:
        return number
    if threshold is None:
        return None
    raise ConfigurationError(
        "max_failures must be a number of customers such as 3, or a percentage such as 5%"
    )


def _percent(text: str) -> float | None:
    match = _PERCENT.fullmatch(text.strip())
    return float(match[1]) / 100 if match and float(match[1]) <= 100 else None
