"""The report: where a migration stands, as one page to look at, and as values.

It names ids, fields, rules and codes; a person's data are not in the journal, so they
cannot be here. Everything is escaped, and the page may load nothing and run nothing.
"""

from __future__ import annotations

from pathlib import Path

from ..._engine.error_boundary import guarded
from ..._engine.files import atomic_write
from ..commands.arguments import AnyPath
from ..journal.journal import Journal
from .html_page import page
from .report_data import Loss, Phase, Report
from .tasks import Task

__all__ = ["Loss", "Phase", "Report", "Task", "report"]


@guarded
def report(*, journal: AnyPath, html: AnyPath) -> None:
    """Write the report of a journal; works at any time, also while another runs.

    The page appears whole. `Report.read` returns the same as values.
    """
    with Journal.open(journal) as opened, atomic_write(Path(html)) as file:
        file.writelines(page(opened))
