"""Reports how far a migration has come.

A journal that may be an old copy is reported too: other commands refuse it, and `status` is
what a person runs to find out why.
"""

from __future__ import annotations

from ..._engine.error_boundary import guarded
from ..journal.copy_detection import not_the_latest
from ..journal.journal import Journal
from .arguments import AnyPath
from .summaries.summary import Summary, summarise


@guarded
def status(*, journal: AnyPath) -> Summary:
    """Return how far a migration has come; works at any time, also during a run."""
    with Journal.open(journal) as opened:
        doubts = opened.copy_detector.signs()
        refused = not_the_latest(opened.path, doubts) if doubts else None
        return summarise(opened, "status", stopped=refused)
