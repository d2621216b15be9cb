"""The first request of a flow that changes something at the vendor."""

from __future__ import annotations

from typing import Any

from .idempotency import as_sent
from .operations import Operation
from .recorder import body_of
from .scenarios import Scenario


def first_write(scenario: Scenario, operation: Operation, query: Any) -> str:
    """Return the body and headers of the first write; the simulator answers the reads."""
    adapter = scenario.subject.instance()
    flow = getattr(adapter, operation.method)(query)
    request = next(flow)
    while request.method == "GET":  # a read that the write needs
        sent = as_sent(scenario, adapter, request)
        request = flow.send(scenario.recorder.simulator(sent))
    return f"{body_of(request)} {sorted(request.headers.items())}"
