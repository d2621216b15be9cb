"""Report calls to OpenTelemetry: spans and metrics. Needs the extra `otel`."""

from __future__ import annotations

from attrs import define, field
from opentelemetry import metrics, trace
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, TracerProvider

from ._engine.observation import (
    CallFinished,
    CallStarted,
    ObserverEvent,
    RequestSent,
    ResponseReceived,
    RetryScheduled,
)

_NAME = "anybank"


@define(eq=False)
class _OpenCall:
    """The spans of a call that has not finished."""

    span: Span
    exchange: Span | None = None
    attributes: dict[str, str | int] = field(factory=dict)


class OpenTelemetryObserver:
    """An observer that creates a span for each call and a child span for each exchange.

    A provider that is None is the global one. The spans and metrics contain no path,
    header or body. Attributes follow the HTTP semantic conventions
    (https://opentelemetry.io/docs/specs/semconv/http/).
    """

    def __init__(
        self,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        self._tracer = trace.get_tracer(_NAME, tracer_provider=tracer_provider)
        meter = metrics.get_meter(_NAME, meter_provider=meter_provider)
        self._requests = meter.create_histogram("http.client.request.duration", "s")
        self._calls = meter.create_histogram("anybank.call.duration", "s")
        self._retries = meter.create_counter("anybank.call.retries")
        # By call id, because calls of several threads and tasks are open at the same
        # time.
        self._open: dict[int, _OpenCall] = {}

    def __call__(self, event: ObserverEvent) -> None:
        """Receive an event of a bank."""
        if isinstance(event, CallStarted):
            self._start(event)
            return
        call = self._open.get(event.call_id)
        if call is None:
            return
        if isinstance(event, RequestSent):
            self._send(call, event)
        elif isinstance(event, ResponseReceived):
            self._receive(call, event)
        elif isinstance(event, RetryScheduled):
            labels = {"anybank.provider": event.provider, "error.type": event.error}
            self._retries.add(1, labels)
        else:
            self._finish(call, event)

    def _start(self, event: CallStarted) -> None:
        span = self._tracer.start_span(
            f"{event.provider} {event.operation}",
            attributes={
                "anybank.provider": event.provider,
                "anybank.operation": event.operation,
            },
        )
        self._open[event.call_id] = _OpenCall(span)

    def _send(self, call: _OpenCall, event: RequestSent) -> None:
        call.attributes = {
            "http.request.method": event.method,
            "server.address": event.server_address,
        }
        # The parent is passed explicitly: no span of ours is ever the current one,
        # because the events of concurrent calls interleave in one thread.
        call.exchange = self._tracer.start_span(
            event.method,
            context=trace.set_span_in_context(call.span),
            kind=SpanKind.CLIENT,
            attributes=call.attributes,
        )
        if event.attempt > 1:
            call.exchange.set_attribute("http.request.resend_count", event.attempt - 1)

    def _receive(self, call: _OpenCall, event: ResponseReceived) -> None:
        if event.status is not None:
            call.attributes["http.response.status_code"] = event.status
        if event.error is not None:
            call.attributes["error.type"] = event.error
        self._requests.record(event.seconds, call.attributes)
        if call.exchange is not None:
            call.exchange.set_attributes(call.attributes)
            _end(call.exchange, event.error)
            call.exchange = None

    def _finish(self, call: _OpenCall, event: CallFinished) -> None:
        del self._open[event.call_id]
        labels = {
            "anybank.provider": event.provider,
            "anybank.operation": event.operation,
            "anybank.outcome": event.outcome.value,
        }
        if event.error is not None:
            labels["error.type"] = event.error
        self._calls.record(event.seconds, labels)
        if call.exchange is not None:  # the call was interrupted
            _end(call.exchange, event.error)
        call.span.set_attributes(labels)
        _end(call.span, event.error)


def _end(span: Span, error: str | None) -> None:
    if error is not None:
        span.set_status(Status(StatusCode.ERROR, error))
    span.end()
