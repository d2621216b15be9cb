"""Records that a command left unchanged, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from attrs import define, field, frozen

from .reasons import Reason


@frozen
class SkipReason:
    """Why a record was left unchanged and what to do about it; many records share it."""

    rule: str
    message: str
    remedy: str
    field: str = ""


@define
class Skipped:
    """The ids of unchanged records by reason; at most `max_examples` ids per reason."""

    effect: str = "unchanged"
    max_examples: int | None = None
    _counts: Counter[SkipReason] = field(init=False, factory=Counter)
    _ids: Mapping[SkipReason, list[str]] = field(
        init=False, factory=lambda: defaultdict(list)
    )

    def add(self, source_id: str, reason: SkipReason) -> None:
        """Add a record that was left unchanged."""
        self._counts[reason] += 1
        if self.max_examples is None or len(self._ids[reason]) < self.max_examples:
            self._ids[reason].append(source_id)

    def __len__(self) -> int:
        return self._counts.total()

    @property
    def reasons(self) -> Iterator[Reason]:
        """The reasons for a summary, with counts and ids."""
        for reason, ids in self._ids.items():
            yield Reason(
                effect=self.effect,
                field=reason.field,
                rule=reason.rule,
                message=reason.message,
                count=self._counts[reason],
                examples=tuple(ids),
                remedy=reason.remedy,
            )
