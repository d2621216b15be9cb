"""Reading the customers whom a person names at the target, before the person is believed."""

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
    """What a person says: the customer of a record has this id at the target."""

    record: Record
    target_id: str


@frozen
class CandidateProblem:
    """Why a claim is not believed; `fields` is what differs, or cannot be compared."""

    problem: str
    fields: tuple[str, ...] = ()
    can_be_forced: bool = True


@frozen
class CandidateChecker:
    """Compares claims with what the target returns."""

    side: Side
    key: Key

    async def compare_all(
        self, claims: Iterable[TargetCandidate]
    ) -> Mapping[int, CandidateProblem]:
        """Return the doubts, by the number of the record.

        Raises what the target answered where it answers nothing about a customer.
        """
        doubts: dict[int, CandidateProblem] = {}
        async with self.side.open() as target:
            left = iter(claims)
            while group := list(islice(left, _CONCURRENCY)):
                asked = (self._compare(target, claim) for claim in group)
                found = await asyncio.gather(*asked, return_exceptions=True)
                for claim, doubt in zip(group, found, strict=True):
                    if isinstance(doubt, BaseException):
                        raise doubt
                    if doubt is not None:
                        doubts[claim.record.number] = doubt
        return doubts

    async def _compare(
        self, target: AsyncBank, claim: TargetCandidate
    ) -> CandidateProblem | None:
        title = target.capabilities.title
        try:
            customer = await target.customers.get(claim.target_id)
        except NotFound:
            problem = f"is not the id of a customer at {title}: look it up there again"
            return CandidateProblem(problem, can_be_forced=False)
        except UnexpectedResponse as error:
            if not is_about_customer(error):
                raise
            problem = f"has a value at {title} that cannot be read ({error.path})"
            return CandidateProblem(f"{problem}: {_FORCE}", ("unreadable",))
        if not can_compare(claim.record):
            return CandidateProblem(
                f"cannot be compared: {_UNKNOWN}. {_FORCE}", ("not compared",)
            )
        fields = identity_differences(
            self.key, target.capabilities, claim.record, customer
        )
        if not fields:
            return None
        names = ", ".join(fields)
        problem = f"is another person at {title}, by {names}: find the right id"
        return CandidateProblem(f"{problem}. {_FORCE}", tuple(fields))


_FORCE = "If you have compared the two and it is this person, add --force (force=True)"
_UNKNOWN = "the record was never certified, so the journal does not know the person"
