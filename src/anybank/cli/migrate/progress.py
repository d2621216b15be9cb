"""Progress of a migration command, and what Ctrl-C prints."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..output import warn
from ..progress import ReportProgress, progress


@contextmanager
def interruptible_progress(label: str) -> Iterator[ReportProgress]:
    """Show progress; on Ctrl-C or SIGTERM finish the requests in flight, then end."""
    from ...migrate import draining  # noqa: PLC0415  # SQLAlchemy is slow to import

    try:
        with draining(), progress(label) as report:
            yield report
    except KeyboardInterrupt:
        warn(
            "interrupted: all requests in flight are recorded; run the same command "
            "again to continue"
        )
        raise
