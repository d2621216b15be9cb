"""Move all customers from one bank to another, and prove that none was lost.

::

    from anybank import migrate

    migrate.plan("bond", "sonder", journal="move.db", supplement="vault.csv")
    migrate.apply(journal="move.db")
    migrate.verify(journal="move.db")
    migrate.crosswalk(journal="move.db", csv="crosswalk.csv")
    migrate.report(journal="move.db", html="report.html")
"""

from __future__ import annotations

from ..errors import ConfigurationError, IssueCount

try:
    from .certify.quality_findings import QualityFinding
    from .certify.remaining_calls import RemainingCalls
    from .commands.adopt import adopt
    from .commands.apply import apply
    from .commands.backup import Backup, backup
    from .commands.check import Damage, Integrity, check
    from .commands.crosswalk import crosswalk
    from .commands.enqueue import enqueue, enqueue_async, register_tasks
    from .commands.overwrite import overwrite
    from .commands.pause import pause
    from .commands.plan import plan
    from .commands.rebase import rebase
    from .commands.resolve import resolve
    from .commands.resume import resume
    from .commands.retry import retry
    from .commands.rollback import rollback
    from .commands.show import CustomerHistory, FieldEffect, RecordEvent, show
    from .commands.status import status
    from .commands.summaries.summary import Summary
    from .commands.summaries.work_status import WorkStatus
    from .commands.target.duplicates import Duplicate, DuplicateCheck
    from .commands.verify import verify
    from .commands.work import Batch, batches, run_batch
    from .commands.worker import Worker, work
    from .commands.workers.outages import Outage
    from .journal.run_log import Run, operating
    from .journal.workers import WorkerInfo
    from .migration import side_of
    from .reports import Phase, Report, Task, report
    from .side import Side
    from .signals import Terminated, draining
except ModuleNotFoundError as error:
    if error.name not in ("sqlalchemy", "jinja2"):
        raise
    raise ConfigurationError(
        f"migrations need {error.name}: pip install 'anybank[migrate]'"
    ) from None

__all__ = [
    "Backup",
    "Batch",
    "CustomerHistory",
    "Damage",
    "Duplicate",
    "DuplicateCheck",
    "FieldEffect",
    "Integrity",
    "IssueCount",
    "Outage",
    "Phase",
    "QualityFinding",
    "RecordEvent",
    "RemainingCalls",
    "Report",
    "Run",
    "Side",
    "Summary",
    "Task",
    "Terminated",
    "WorkStatus",
    "Worker",
    "WorkerInfo",
    "adopt",
    "apply",
    "backup",
    "batches",
    "check",
    "crosswalk",
    "draining",
    "enqueue",
    "enqueue_async",
    "operating",
    "overwrite",
    "pause",
    "plan",
    "rebase",
    "register_tasks",
    "report",
    "resolve",
    "resume",
    "retry",
    "rollback",
    "run_batch",
    "show",
    "side_of",
    "status",
    "verify",
    "work",
]
