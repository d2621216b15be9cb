"""Runs of the kit against a vendor's sandbox (`Mode.LIVE`).

Everything that a run creates is removed when it ends, also after a failure or Ctrl-C.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn
from uuid import uuid4

from attrs import define, evolve, field

from ...client import Bank
from ..modes import Mode
from .created_records import CreatedRecord
from .live_recordings import LiveRecordings
from .live_vendor import LiveVendor
from .subject import Subject


@define
class LiveRun:
    """A subject over a vendor's sandbox. `left` names what could not be removed."""

    subject: Subject
    vendor: LiveVendor
    left: list[str] = field(factory=list)
    _reasons: dict[tuple[str, str], list[str]] = field(factory=dict)

    @property
    def host(self) -> str:
        """The host of the sandbox."""
        return self.vendor.host

    @property
    def is_vendor(self) -> bool:
        """True if the host is not this machine."""
        return self.vendor.is_vendor

    def clean_up(self, notice: Callable[[str], None]) -> None:
        """Remove every record that the run created, and report what is left."""
        removed = 0
        records = self.vendor.records
        adapter = type(self.vendor.adapter)
        options = {**self.vendor.credentials, **self.vendor.bank_options}
        with Bank(adapter, **options) as bank:
            try:
                for record, reason in records.remove_all(bank):
                    removed += not reason
                    if reason:
                        self._keep(record, reason)
            # A second Ctrl-C ends the removal: what is left is still reported.
            except KeyboardInterrupt:
                for record in filter(lambda it: it.may_exist, records.records):
                    self._keep(record, "the removal was interrupted")
        self._report(removed, notice)

    def _keep(self, record: CreatedRecord, reason: str) -> None:
        name = _named(record)
        self.left.append(f"{record.kind} {name}: {reason}")
        self._reasons.setdefault((record.kind, reason), []).append(name)

    def _report(self, removed: int, notice: Callable[[str], None]) -> None:
        total = removed + len(self.left)
        if total:
            notice(f"removed {removed} of {total} records at {self.host}")
        for (kind, reason), names in self._reasons.items():
            notice(f"left at {self.host}: {kind} {', '.join(names)}: {reason}")


def _named(record: CreatedRecord) -> str:
    """Name a record by its vendor's id, or by our reference: neither is personal data."""
    if record.id:
        return record.id
    reference = getattr(getattr(record.query, "new", None), "external_id", None)
    return f"with external_id {reference}" if reference else "without a known id"


@contextmanager
def live_run(
    subject: Subject, *, record: Path | None = None, notice: Callable[[str], None]
) -> Iterator[LiveRun]:
    """Yield a run against the sandbox that the environment configures, and clean up.

    With `record` the first successful exchanges of each operation are written there as
    masked cassettes. Raises ConfigurationError without credentials, and for a host that
    is neither the declared sandbox nor this machine.
    """
    routes = subject.simulator().routes
    vendor = LiveVendor.of(subject.adapter, subject.options, routes)
    run = LiveRun(_live_subject(subject, vendor), vendor)
    recordings = LiveRecordings(run.subject, vendor, record)
    try:
        with _termination_as_interrupt():
            yield run
            recordings.write()
    finally:
        run.clean_up(notice)
        vendor.close()


def _live_subject(subject: Subject, vendor: LiveVendor) -> Subject:
    return evolve(
        subject,
        adapter=vendor.records.adapter_class(subject.adapter),
        simulator=lambda: vendor,
        mode=Mode.LIVE,
        bank_options=vendor.bank_options,
        run=uuid4().hex[:8],
        seed=lambda kind, _simulator, bank: subject.seed_live(kind, bank),
        seed_for=lambda kind, _owner, _simulator, bank: subject.seed_live(kind, bank),
        seed_expected=lambda _simulator, _bank: (),
    )


@contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """Let SIGTERM end a run like Ctrl-C, so that it cleans up; only in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    former = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)
