"""Records that a command left as they were, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from attrs import define, field, frozen

from .summary import Reason


@frozen
class SkipReason:
    """Why a record was left, and what to do about it: the same for many."""

    rule: str
    message: str
    remedy: str
    field: str = ""


@define
class Skipped:
    """Ids of the source by why they were left; of `most` at most, where that is set."""

    effect: str = "kept"
    most: int | None = None
    _counts: Counter[SkipReason] = field(init=False, factory=Counter)
    _ids: Mapping[SkipReason, list[str]] = field(
        init=False, factory=lambda: defaultdict(list)
    )

    def add(self, source_id: str, why: SkipReason) -> None:
        """Note that a record was left."""
        self._counts[why] += 1
        if self.most is None or len(self._ids[why]) < self.most:
            self._ids[why].append(source_id)

    def __len__(self) -> int:
        return self._counts.total()

    @property
    def reasons(self) -> Iterator[Reason]:
        """Why records were left, with their ids."""
        for why, ids in self._ids.items():
            yield Reason(
                effect=self.effect,
                field=why.field,
                rule=why.rule,
                message=why.message,
                count=self._counts[why],
                examples=tuple(ids),
                remedy=why.remedy,
            )
