"""Checks that the target is the bank of the journal: customers who were moved are there.

With the credentials of another brand or tenant a bank responds "not found" for every
customer. The commands would then record the customers as deleted or different, or send
them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from ....aio import AsyncBank
from ....errors import AnybankError, ConfigurationError, NotFound
from ....model.features import Feature
from ...journal.journal import Journal
from ...journal.records import Record
from ...journal.states import WITH_TARGET_ID
from ..workers.create_errors import FATAL_ERRORS

_SAMPLE_SIZE = 20
"""How many customers must be absent until the target counts as another bank.

Fewer may have been deleted there since: the last ones, and one by one.
"""
_MAX_ERRORS = 2
"""After how many errors the bank counts as broken: a single customer may be unreadable."""


async def require_known(journal: Journal, target: AsyncBank) -> None:
    """Raise ConfigurationError unless one of the last moved customers is at the target.

    The check passes where nobody was moved yet and where the target cannot read a
    customer. Raises the target's error where the target cannot answer.
    """
    if not target.capabilities.supports(Feature.CUSTOMERS_GET):
        return
    sample = _sample(journal)
    while absent := await _count_absent(sample, target):
        # Workers that roll back delete the last customers, perhaps before they were read.
        before, sample = sample, _sample(journal)
        if _numbers(before) == _numbers(sample):
            break
    if absent:
        raise ConfigurationError(
            f"{target.capabilities.title} has none of the {absent} customers who were "
            "moved there last, so nothing was sent or recorded. Check that the credentials "
            "are those of the migration. If the customers were deleted there, run "
            "`anybank migrate rollback --gone` to record it."
        )


def _sample(journal: Journal) -> list[Record]:
    return list(
        islice(journal.records(WITH_TARGET_ID, newest_first=True), _SAMPLE_SIZE)
    )


def _numbers(records: Sequence[Record]) -> list[int]:
    return [record.number for record in records]


async def _count_absent(sample: Sequence[Record], target: AsyncBank) -> int:
    """Return how many customers are absent, 0 as soon as one is there."""
    absent, errors = 0, list[AnybankError]()
    for record in sample:
        try:
            await target.customers.get(record.target_id or "")
        except NotFound:
            absent += 1
        except FATAL_ERRORS:
            raise
        except AnybankError as error:
            errors.append(error)
            if len(errors) == _MAX_ERRORS:
                break
        else:
            return 0
    if errors:
        raise errors[-1]
    return absent
