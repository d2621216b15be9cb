"""Records that a command left unchanged, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from attrs import define, field

from ....errors import Effect, Issue, IssueCount, Remedy


def skip(rule: str, message: str, remedy: str, field: str = "") -> Issue:
    """Return the issue of a record that a command leaves unchanged."""
    return Issue(field, Effect.KEPT, rule, "", message, Remedy(remedy))


@define
class Skipped:
    """The ids of unchanged records by issue; at most `max_examples` ids per issue."""

    effect: str = "unchanged"
    max_examples: int | None = None
    _counts: Counter[Issue] = field(init=False, factory=Counter)
    _ids: Mapping[Issue, list[str]] = field(
        init=False, factory=lambda: defaultdict(list)
    )

    def add(self, source_id: str, issue: Issue) -> None:
        """Add a record that was left unchanged."""
        self._counts[issue] += 1
        if self.max_examples is None or len(self._ids[issue]) < self.max_examples:
            self._ids[issue].append(source_id)

    def __len__(self) -> int:
        return self._counts.total()

    @property
    def reasons(self) -> Iterator[IssueCount]:
        """The reasons for a summary, with counts and ids."""
        for issue, ids in self._ids.items():
            yield IssueCount(
                effect=self.effect,
                field=issue.field,
                rule=issue.rule,
                message=issue.message,
                count=self._counts[issue],
                examples=tuple(ids),
                remedy=issue.remedy.text,
            )
