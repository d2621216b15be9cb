"""Lets paused workers continue."""

from __future__ import annotations

from ..._engine.error_boundary import guarded
from ..journal.journal import Journal
from ..journal.pauses import resume_workers
from .arguments import AnyPath
from .summaries.summary import Summary, summarise


@guarded
def resume(*, journal: AnyPath) -> Summary:
    """Let the workers of a journal claim batches again; return the status."""
    with Journal.open(journal) as opened:
        resume_workers(opened)
        return summarise(opened, "resume")
