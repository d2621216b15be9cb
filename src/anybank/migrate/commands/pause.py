"""Pauses the workers of a journal."""

from __future__ import annotations

from ..._engine.error_boundary import guarded
from ..journal.journal import Journal
from ..journal.pauses import pause_workers
from .arguments import AnyPath
from .summaries.summary import Summary, summarise


@guarded
def pause(*, journal: AnyPath) -> Summary:
    """Let no worker claim another batch until `resume`; return the status.

    The workers finish the batches that they have, and then wait.
    """
    with Journal.open(journal) as opened:
        pause_workers(opened)
        return summarise(opened, "pause")
