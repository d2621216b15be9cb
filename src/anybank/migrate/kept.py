"""Records that a command left as they were, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from attrs import define, field, frozen

from .summary import Reason


@frozen
class Why:
    """Why a record was left, and what to do about it: the same for many."""

    rule: str
    message: str
    remedy: str
    field: str = ""


@define
class Kept:
    """Ids of the source by why they were left."""

    _ids: Mapping[Why, list[str]] = field(init=False, factory=lambda: defaultdict(list))

    def add(self, source_id: str, why: Why) -> None:
        """Note that a record was left."""
        self._ids[why].append(source_id)

    def __len__(self) -> int:
        return sum(map(len, self._ids.values()))

    @property
    def reasons(self) -> Iterator[Reason]:
        """Why records were left, with the ids of all of them."""
        for why, ids in self._ids.items():
            yield Reason(
                effect="kept",
                field=why.field,
                rule=why.rule,
                message=why.message,
                count=len(ids),
                examples=tuple(ids),
                remedy=why.remedy,
            )
