"""An error tracker with its default settings that keeps its reports in memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport
from sentry_sdk.utils import event_from_exception, exc_info_from_error

_TESTS = str(Path(__file__).parents[1])


class Memory(Transport):
    """Collects the reports instead of sending them."""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self.events: list[Any] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.events += [item.payload.json for item in envelope.items]


def reported(error: BaseException) -> str:
    """Return the tracker's report of an error: texts, chain and locals, except the tests'."""
    memory = Memory()
    client = sentry_sdk.Client(
        dsn="http://key@127.0.0.1:1/1",
        transport=memory,
        default_integrations=False,
        include_source_context=False,
        include_local_variables=True,
        max_value_length=100_000,
    )
    event, hint = event_from_exception(
        exc_info_from_error(error), client_options=client.options
    )
    client.capture_event(event, hint=hint)
    client.flush()
    (report,) = memory.events
    for entry in report["exception"]["values"]:
        frames = entry.get("stacktrace", {}).get("frames", [])
        entry["stacktrace"] = [frame for frame in frames if not _is_the_tests(frame)]
    return json.dumps(report, default=repr, ensure_ascii=False)


def _is_the_tests(frame: Any) -> bool:
    return str(frame.get("abs_path")).startswith(_TESTS)
