"""Runs of the kit in a mode: the subject to check, and what its responses are worth."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from attrs import define, field

from ..._engine.transports.live_host_guard import PLUGIN
from ...adapter.base import Adapter
from ...errors import ConfigurationError
from ..modes import Mode
from .live import live_run
from .live_vendor import missing_credentials
from .recorder import NotApplicable
from .replays import Replays, recorded_subject
from .subject import Subject

Notice = Callable[[str], None]


@define
class ModeRun:
    """A subject in a mode. `left` is filled when a live run ends."""

    subject: Subject
    against: str
    of_vendor: bool
    left: list[str] = field(factory=list)


@contextmanager
def run_in_mode(
    subject: Subject,
    mode: Mode,
    *,
    record: Path | None = None,
    notice: Notice,
) -> Iterator[ModeRun]:
    """Yield the subject with the system of a mode in place of its simulator.

    Raises ConfigurationError if the mode is impossible: no cassettes of the vendor's, no
    credentials, or a host that is not a sandbox.
    """
    if mode is Mode.LIVE:
        with live_run(subject, record=record, notice=notice) as live:
            run = ModeRun(live.subject, live.host, live.is_vendor, live.left)
            yield run
        return
    if mode is Mode.SIMULATED:
        yield ModeRun(subject, "simulator", of_vendor=False)
        return
    yield _recorded(subject)


class RunningMode:
    """A run in a mode that lasts until it is closed, for the tests of a class."""

    def __init__(self, subject: Subject, mode: Mode) -> None:
        self._stack = ExitStack()
        # pytest captures what is printed, and shows it with a failure or with -s.
        entered = run_in_mode(subject, mode, notice=print)
        self.subject = self._stack.enter_context(entered).subject

    def close(self) -> None:
        """End the run, which removes what it created."""
        self._stack.close()


def reason_to_skip(adapter: type[Adapter], mode: Mode) -> str:
    """Return why the tests of a class cannot run in a mode, empty if they can."""
    if mode is not Mode.LIVE:
        return ""
    plugin = sys.modules.get(PLUGIN)
    if plugin is None or not plugin.allows_live_runs():
        return (
            "a live run is opt-in: set ANYBANK_LIVE=1, or pass --anybank-live to pytest"
        )
    missing = missing_credentials(adapter)
    return (
        f"a live run needs credentials: set {' and '.join(missing)}" if missing else ""
    )


def _recorded(subject: Subject) -> ModeRun:
    try:
        replayed = recorded_subject(subject)
        count = len(Replays.of(subject).files)
    except NotApplicable as inapplicable:
        message = f"the mode `recorded` needs cassettes: {inapplicable}"
    else:
        return ModeRun(replayed, f"{count} cassettes of the vendor", of_vendor=True)
    raise ConfigurationError(message)
