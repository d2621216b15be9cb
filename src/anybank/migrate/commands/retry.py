"""Failed records, ready once more: what the target refused may be taken by now.

Only what certainly was not made is sent again. What is unknown or in quarantine is not
failed, and stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from ..._engine.error_boundary import guarded
from ...errors import ConfigurationError
from ..journal.journal import Journal
from ..journal.record_pages import BATCH
from ..journal.records import Record
from ..journal.run_log import run_logged
from ..journal.states import State
from ..journal.transitions import Transition
from .arguments import AnyPath
from .summaries.summary import Summary, summarise


@guarded
@run_logged
def retry(*, journal: AnyPath, code: str | None = None) -> Summary:
    """Make failed records ready again, those with a vendor's code alone if one is given.

    Nothing is sent: the next apply reads each at the source, certifies it anew and sends
    it. Where the vendor gave no code, the class of the error counts as one. Raises
    ConfigurationError for a code that no failed record has.
    """
    with Journal.open_locked(journal) as opened:
        if code is not None:
            _require_code(opened, code)
        count = 0
        for group in _groups(_failed(opened, code)):
            opened.write([Transition(each.number, State.READY) for each in group])
            count += len(group)
        return summarise(opened, "retry", retried=count)


def _failed(journal: Journal, code: str | None) -> Iterator[Record]:
    for record in journal.records({State.FAILED}):
        if code in (None, _code(record)):
            yield record


def _code(record: Record) -> str:
    failure = record.failure
    return str(failure.get("code") or failure.get("class") or "")


def _require_code(journal: Journal, code: str) -> None:
    found = Counter(_code(each) for each in journal.records({State.FAILED}))
    if code in found:
        return
    there = ", ".join(f"{name} ({count})" for name, count in found.most_common())
    raise ConfigurationError(
        f"no failed record has the code {code}: there is {there or 'none that failed'}"
    )


def _groups(records: Iterator[Record]) -> Iterator[list[Record]]:
    while group := list(islice(records, BATCH)):
        yield group
