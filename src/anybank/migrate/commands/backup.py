"""Backs a journal up to a file.

A copy is dangerous: customers who are sent after the copy was made would be sent again
from it. So the copy says of itself that it is one, in its signed metadata.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from attrs import frozen

from ..._engine.error_boundary import guarded
from ...errors import ConfigurationError
from ..journal.copy_detection import COPIED_AT
from ..journal.journal import Journal
from ..journal.signed_metadata import write_metadata
from ..journal.tables import META
from .arguments import AnyPath


@frozen(kw_only=True)
class Backup:
    """A new copy of a journal, which contains `records` records."""

    journal: str
    file: str
    records: int
    copied_at: str


@guarded
def backup(*, journal: AnyPath, to: AnyPath) -> Backup:
    """Copy a journal to a new file, consistently, also while another command writes.

    Commands refuse the copy until `adopt` has adopted it. The key is not copied: keep your
    own copy of it elsewhere. Raises ConfigurationError where the file exists, and for a
    journal in PostgreSQL, which pg_dump copies.
    """
    path, at = Path(to), datetime.now(UTC).isoformat(timespec="seconds")
    with Journal.open(journal) as opened:
        if path.exists() or path.is_symlink():
            raise ConfigurationError(f"{path} exists already: name a new file")
        key, insert = opened.key, opened.store.insert(META)
        upsert = insert.on_conflict_do_update(
            index_elements=[META.c.name], set_={"value": insert.excluded.value}
        )

        # The function runs before the copy gets its name, so no unmarked copy exists.
        def mark_as_copy(connection: sa.Connection) -> None:
            write_metadata(connection, upsert, {COPIED_AT: at}, key)

        opened.store.backup(path, mark_as_copy)
        return Backup(
            journal=opened.path,
            file=str(path),
            records=sum(opened.counts().values()),
            copied_at=at,
        )
