"""Makes failed records ready again, for a target that may accept them now.

Only failed records are sent again: their customers were certainly not created. Unknown and
quarantined records stay as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

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
from .workers.groups import groups_of


@guarded
@run_logged
def retry(*, journal: AnyPath, code: str | None = None) -> Summary:
    """Make failed records ready again: all of them, or those with a vendor's error code.

    Nothing is sent. The next `apply` reads each customer at the source, certifies it again
    and sends it. Where the vendor returned no code, the class of the error is the code.
    Raises ConfigurationError for a code that no failed record has.
    """
    with Journal.open_locked(journal) as opened:
        if code is not None:
            _require_code(opened, code)
        count = 0
        for group in groups_of(BATCH, _failed(opened, code)):
            opened.write([Transition(record.number, State.READY) for record in group])
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
    codes = Counter(_code(record) for record in journal.records({State.FAILED}))
    if code in codes:
        return
    known = ", ".join(f"{name} ({count})" for name, count in codes.most_common())
    problem = f"its codes are {known}" if known else "no record has failed"
    raise ConfigurationError(
        f"the journal {journal.path} has no failed record with the code {code}: {problem}"
    )
