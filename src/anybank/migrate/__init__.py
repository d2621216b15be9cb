"""Moving all customers from one bank to another, with proof that none was lost.

::

    from anybank import migrate

    migrate.plan("bond", "sonder", journal="move.db", supplement="vault.csv")
    migrate.apply(journal="move.db")
    migrate.verify(journal="move.db")
    migrate.crosswalk(journal="move.db", csv="crosswalk.csv")
    migrate.report(journal="move.db", html="report.html")
"""

from __future__ import annotations

from ..errors import ConfigurationError

try:
    from .batches import Batch, batches, run_batch
    from .commands import apply, plan, status, verify
    from .crosswalks import crosswalk
    from .drains import Terminated, draining
    from .duplicates import Duplicate, DuplicateCheck
    from .efforts import Effort
    from .observations import QualityFinding
    from .outages import Outage
    from .overwrites import overwrite
    from .rebases import rebase
    from .reports import Loss, Phase, Report, Task, report
    from .restoring import Backup, adopt, backup
    from .retries import retry
    from .rollbacks import rollback
    from .runs import Run, operating
    from .show import Event, FieldStory, Story, show
    from .side import Side
    from .soundness import Damage, Soundness, check
    from .summary import Reason, Summary
    from .verdicts import resolve
except ModuleNotFoundError as error:
    if error.name not in ("sqlalchemy", "jinja2"):
        raise
    raise ConfigurationError(
        f"migrations need {error.name}: pip install 'anybank[migrate]'"
    ) from None

__all__ = [
    "Backup",
    "Batch",
    "Damage",
    "Duplicate",
    "DuplicateCheck",
    "Effort",
    "Event",
    "FieldStory",
    "Loss",
    "Outage",
    "Phase",
    "QualityFinding",
    "Reason",
    "Report",
    "Run",
    "Side",
    "Soundness",
    "Story",
    "Summary",
    "Task",
    "Terminated",
    "adopt",
    "apply",
    "backup",
    "batches",
    "check",
    "crosswalk",
    "draining",
    "operating",
    "overwrite",
    "plan",
    "rebase",
    "report",
    "resolve",
    "retry",
    "rollback",
    "run_batch",
    "show",
    "status",
    "verify",
]
