"""OpenTelemetryObserver: spans and metrics of calls, without personal data."""

from __future__ import annotations

from typing import Any

import pytest
from tests.fakes import FakeTime, Script, Toy, json_response

from anybank import Bank, NotFound

pytest.importorskip("opentelemetry.sdk", reason="`anybank[otel]` is not installed")

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from anybank.otel import OpenTelemetryObserver


def observed(*answers: Any) -> tuple[Bank, InMemorySpanExporter, InMemoryMetricReader]:
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    observer = OpenTelemetryObserver(tracers, MeterProvider([reader]))
    toy = Bank(
        Toy,
        token="secret",
        transport=Script(*answers),
        timing=FakeTime().timing(),
        observers=[observer],
    )
    return toy, exporter, reader


def test_a_call_is_a_span_with_a_child_for_each_exchange() -> None:
    """The span of a retry has the number of earlier attempts."""
    toy, exporter, reader = observed(json_response(503), json_response(200, id="c1"))
    toy.customers.get("c1")
    first, second, call = exporter.get_finished_spans()
    assert call.name == "toy customers.get"
    assert first.parent is not None
    assert call.context is not None
    assert first.parent.span_id == call.context.span_id
    one, two = dict(first.attributes or {}), dict(second.attributes or {})
    assert one["http.request.method"] == "GET"
    assert one["server.address"] == "toy.example.com"
    assert one["http.response.status_code"] == 503
    assert two["http.response.status_code"] == 200
    assert "http.request.resend_count" not in one
    assert two["http.request.resend_count"] == 1
    text = str(reader.get_metrics_data())
    assert "http.client.request.duration" in text
    assert "anybank.call.retries" in text


def test_a_failed_call_is_an_error_span_without_the_vendors_text() -> None:
    """The span of a failed call has the error's class, and none of its text."""
    toy, exporter, _ = observed(json_response(404, message="Ada Canary"))
    with pytest.raises(NotFound):
        toy.customers.get("c1")
    *_, call = exporter.get_finished_spans()
    assert not call.status.is_ok
    assert call.status.description == "NotFound"
    assert "Canary" not in call.to_json()
