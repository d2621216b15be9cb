"""What a worker writes to the log `anybank`: each line has `worker` and `batch`."""

from __future__ import annotations

import logging

from ...._engine.log_context import current_worker

_LOG = logging.getLogger("anybank")


def log_event(
    text: str,
    *,
    batch: str | None = None,
    seconds: float | None = None,
    level: int = logging.INFO,
) -> None:
    """Log an event of the current worker, and of a batch if it is about one."""
    fields = {"worker": current_worker(), "batch": batch, "seconds": seconds}
    subject = "worker" if batch is None else f"batch {batch}"
    _LOG.log(level, "%s: %s", subject, text, extra=fields)
