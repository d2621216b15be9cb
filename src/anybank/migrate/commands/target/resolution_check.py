"""Compares the target customers that a person names with the records they belong to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from itertools import islice

from attrs import frozen

from ....aio import AsyncBank
from ....errors import NotFound, UnexpectedResponse
from ...journal.keys import Key
from ...journal.records import Record
from ...side import Side
from ..workers.outages import is_about_customer
from .comparison import can_compare, identity_differences

_CONCURRENCY = 16


@frozen
class TargetCandidate:
    """The id at the target that a person names for the customer of a record."""

    record: Record
    target_id: str


@frozen
class CandidateProblem:
    """Why a candidate is refused; `fields` differ or cannot be compared."""

    problem: str
    fields: tuple[str, ...] = ()
    can_be_forced: bool = True


@frozen
class CandidateChecker:
    """Compares candidates with the customers that the target returns."""

    side: Side
    key: Key

    async def compare_all(
        self, candidates: Iterable[TargetCandidate]
    ) -> Mapping[int, CandidateProblem]:
        """Return the problems by the number of the record.

        Raises the target's error where a response is not about a customer.
        """
        problems: dict[int, CandidateProblem] = {}
        async with self.side.open() as target:
            remaining = iter(candidates)
            while group := list(islice(remaining, _CONCURRENCY)):
                reads = (self._compare(target, candidate) for candidate in group)
                # As results and not raised by `gather`: the other reads of the group would
                # go on while the client closes.
                results = await asyncio.gather(*reads, return_exceptions=True)
                for candidate, result in zip(group, results, strict=True):
                    if isinstance(result, BaseException):
                        raise result
                    if result is not None:
                        problems[candidate.record.number] = result
        return problems

    async def _compare(
        self, target: AsyncBank, candidate: TargetCandidate
    ) -> CandidateProblem | None:
        title = target.capabilities.title
        try:
            customer = await target.customers.get(candidate.target_id)
        except NotFound:
            problem = f"is not the id of a customer at {title}: check the id there"
            return CandidateProblem(problem, can_be_forced=False)
        except UnexpectedResponse as error:
            if not is_about_customer(error):
                raise
            problem = f"has a value at {title} that cannot be read ({error.path})"
            return CandidateProblem(f"{problem}: {_FORCE}", ("unreadable",))
        if not can_compare(candidate.record):
            return CandidateProblem(
                f"cannot be compared: {_UNKNOWN}. {_FORCE}", ("not compared",)
            )
        fields = identity_differences(
            self.key, target.capabilities, candidate.record, customer
        )
        if not fields:
            return None
        names = ", ".join(fields)
        problem = f"is another person at {title}, by {names}: find the right id"
        return CandidateProblem(f"{problem}. {_FORCE}", tuple(fields))


_FORCE = "If you compared the two and it is the same person, add --force (force=True)"
_UNKNOWN = "the record was never certified, so the journal does not know the person"
