"""The report of a migration's progress, as an HTML page and as values.

A report contains ids, fields, rules and codes. It contains no personal data, because the
journal has none. All text is escaped, and the page loads and runs nothing: people attach
reports to tickets and mails.
"""

from __future__ import annotations

from pathlib import Path

from ..._engine.error_boundary import guarded
from ..._engine.files import atomic_write
from ..commands.arguments import AnyPath
from ..journal.journal import Journal
from .html_page import render_page
from .report_data import Phase, Report
from .tasks import Task

__all__ = ["Phase", "Report", "Task", "report"]


@guarded
def report(*, journal: AnyPath, html: AnyPath) -> None:
    """Write a journal's report as an HTML page, at any time, even during another command.

    The file is replaced as a whole. `Report.read` returns the same report as values. Raises
    ConfigurationError for a journal that may not be the latest.
    """
    with Journal.open(journal) as opened:
        opened.copy_detector.require_latest()
        with atomic_write(Path(html)) as file:
            file.writelines(render_page(opened))
