"""The events that observers receive, and the record of one call that they come from.

No event contains a path, a header, a body or a message: none can hold personal data.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Generic, TypeAlias, TypeVar

from attrs import define, field, frozen

from ..adapter.base import Adapter
from ..adapter.wire import Failure, Request, Response
from ..errors import AnybankError, Outcome
from .body_fields import shown_fields
from .log_context import current_worker
from .redact import Scrubber, personal_texts
from .request_ids import header_request_id, is_request_id

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

log = logging.getLogger("anybank")
_NUMBERS = itertools.count(1)
"""The numbers of calls; `next` gives each thread another one without a lock."""
_SHORTEST_WAIT = 0.001
"""Seconds below which a wait is not logged."""


@frozen(kw_only=True)
class CallStarted:
    """A call begins. `call_id` is the same in all events of one call in this process."""

    call_id: int
    provider: str
    operation: str
    """The name of the feature, such as `customers.get`, or `request`."""


@frozen(kw_only=True)
class RequestSent:
    """A request is handed to the transport. `attempt` counts from 1 for each request."""

    call_id: int
    provider: str
    operation: str
    method: str
    server_address: str
    attempt: int


@frozen(kw_only=True)
class ResponseReceived:
    """A request got its response, or failed: `status` is then None.

    `error` is the name of the exception class that the result stands for, or None.
    `seconds` is the duration of this exchange.
    """

    call_id: int
    provider: str
    operation: str
    attempt: int
    status: int | None
    request_id: str | None
    error: str | None
    seconds: float


@frozen(kw_only=True)
class RetryScheduled:
    """A failed request will be sent again after `delay` seconds."""

    call_id: int
    provider: str
    operation: str
    attempt: int
    """The number of the attempt that failed."""
    error: str
    delay: float


@frozen(kw_only=True)
class CallFinished:
    """A call ended. `outcome` is done for a success, else that of the error.

    `error` is the name of the exception's class, or None. `attempts` is 1 plus the number
    of retries, `seconds` the duration with all waits.
    """

    call_id: int
    provider: str
    operation: str
    outcome: Outcome
    error: str | None
    status: int | None
    request_id: str | None
    attempts: int
    seconds: float


ObserverEvent: TypeAlias = (
    CallStarted | RequestSent | ResponseReceived | RetryScheduled | CallFinished
)
Observer: TypeAlias = Callable[[ObserverEvent], object]


@frozen(kw_only=True)
class RawResponse(Generic[T_co]):
    """The value of a call, with the last response of the vendor that it was read from.

    `headers` have names in lower case. `attempts` is 1 plus the number of retries.
    `elapsed` is the duration of the call in seconds, with all waits. A call that sends
    nothing has the status None.
    """

    value: T_co
    status: int | None
    headers: Mapping[str, str] = field(repr=False, hash=False)
    request_id: str | None
    attempts: int
    elapsed: float


@define(eq=False)
class CallRecord:
    """The events of one call so far, for its observers, its log and its RawResponse."""

    adapter: Adapter
    operation: str
    host: str
    observers: tuple[Observer, ...]
    monotonic: Callable[[], float]
    about: object = field(repr=False)
    log_fields: frozenset[str] = frozenset()
    started: float = 0.0
    retries: int = 0
    call_id: int = 0
    request: Request | None = field(default=None, repr=False)
    """The last request of the call, with its credentials."""
    result: Response | Failure | None = field(default=None, repr=False)
    """What the last request has led to."""

    def __attrs_post_init__(self) -> None:
        """Remember the time; number the call for its observers."""
        self.started = self.monotonic()
        if self.observers:
            self.call_id = next(_NUMBERS)
            self._emit(CallStarted)

    @property
    def response(self) -> Response | None:
        """The last response of the vendor, or None where there was none."""
        return self.result if isinstance(self.result, Response) else None

    def send(self, request: Request, attempt: int) -> None:
        """Report a request that is about to be sent."""
        self._emit(
            RequestSent,
            method=request.method.upper(),
            server_address=self.host,
            attempt=attempt,
        )

    def receive(self, error: AnybankError | None, attempt: int, started: float) -> None:
        """Report and log the end of the last exchange; nothing in here can fail the call."""
        # An exception from here would hide a response: a customer that was created
        # would look as if the outcome were unknown.
        with suppress(Exception):
            seconds = self.monotonic() - started
            result = self.result
            status = result.status if result else None
            request_id = self.request_id()
            if log.isEnabledFor(logging.DEBUG):
                shown = result if isinstance(result, Failure) else status
                fields = self._body_fields()
                bodies = "".join(f", {name}: {fields[name]}" for name in fields)
                self._log(
                    logging.DEBUG,
                    f"{self.request!r}: {shown} in {seconds:.3f} s{bodies}",
                    attempt=attempt,
                    status=status,
                    request_id=request_id,
                    outcome=error.outcome.value if error else Outcome.DONE.value,
                    seconds=seconds,
                    **fields,
                )
            self._emit(
                ResponseReceived,
                attempt=attempt,
                status=status,
                request_id=request_id,
                error=type(error).__name__ if error else None,
                seconds=seconds,
            )

    def retry(self, error: AnybankError, attempt: int, delay: float) -> None:
        """Report and log that the request will be sent again."""
        self.retries += 1
        kind = type(error).__name__
        with suppress(Exception):
            if log.isEnabledFor(logging.INFO):
                self._log(
                    logging.INFO,
                    f"retry in {delay:.3f} s after {kind}",
                    attempt=attempt,
                    status=getattr(error, "status", None),
                    request_id=getattr(error, "request_id", None),
                    outcome=error.outcome.value,
                    seconds=delay,
                )
            self._emit(RetryScheduled, attempt=attempt, error=kind, delay=delay)

    def wait(self, seconds: float, reason: str) -> None:
        """Log a wait that is not the pause before a retry."""
        with suppress(Exception):
            # To take a free slot of a rate limit lasts microseconds, and is no wait.
            if seconds >= _SHORTEST_WAIT and log.isEnabledFor(logging.INFO):
                self._log(
                    logging.INFO, f"{reason} for {seconds:.3f} s", seconds=seconds
                )

    def finish(self, error: BaseException | None) -> None:
        """Report the end of the call."""
        outcome = Outcome.DONE if error is None else Outcome.UNKNOWN
        response = self.response
        self._emit(
            CallFinished,
            outcome=getattr(error, "outcome", outcome),
            error=type(error).__name__ if error is not None else None,
            status=response.status if response else None,
            request_id=self.request_id(),
            attempts=1 + self.retries,
            seconds=self.monotonic() - self.started,
        )

    def raw(self, value: T) -> RawResponse[T]:
        """Return the value of the call with its last response."""
        response = self.response
        return RawResponse(
            value=value,
            status=response.status if response else None,
            headers=dict(response.headers) if response else {},
            request_id=self.request_id(),
            attempts=1 + self.retries,
            elapsed=self.monotonic() - self.started,
        )

    def request_id(self) -> str | None:
        """Return the vendor's request id, unless it contains a value that the call sent."""
        if self.response is None:
            return None
        request_id = request_id_of(self.adapter, self.response)
        if request_id is None:
            return None
        # A vendor may echo what the request carried, in a header of its own making.
        texts = self._personal_texts()
        return request_id if Scrubber(texts)(request_id) == request_id else None

    def _personal_texts(self) -> frozenset[str]:
        """Return what the call has sent of a person."""
        texts = personal_texts(self.about)
        if self.request is not None:
            texts |= personal_texts(list(self.request.sensitive()))
        return texts

    def _body_fields(self) -> Mapping[str, Mapping[str, object]]:
        """Return the fields of both bodies that `log_fields` allows."""
        if not self.log_fields:
            return {}
        texts, fields = self._personal_texts(), dict[str, Mapping[str, object]]()
        if self.request is not None:
            body = self.request.body
            fields["request_fields"] = shown_fields(body, self.log_fields, texts)
        with suppress(AnybankError):  # a response without a body, or one of plain text
            if self.response is not None:
                body = self.response.json()
                fields["response_fields"] = shown_fields(body, self.log_fields, texts)
        return fields

    def _emit(self, kind: Callable[..., ObserverEvent], **fields: Any) -> None:
        if not self.observers:
            return
        event = kind(
            call_id=self.call_id,
            provider=self.adapter.capabilities.provider,
            operation=self.operation,
            **fields,
        )
        for observer in self.observers:
            try:
                observer(event)
            except Exception as error:  # noqa: BLE001  # an observer changes no call
                with suppress(Exception):
                    log.warning("an observer raised %s", type(error).__name__)

    def _log(self, level: int, text: str, **fields: object) -> None:
        """Log with the fields as attributes of the record."""
        known: dict[str, object] = {"provider": self.adapter.capabilities.provider}
        known |= {"operation": self.operation, "worker": current_worker()}
        extra = {**known, **_NO_FIELDS, **fields}
        log.log(level, "%s %s %s", extra["provider"], self.operation, text, extra=extra)


_NO_FIELDS: Mapping[str, None] = dict.fromkeys(
    (
        *("attempt", "status", "request_id", "outcome", "seconds"),
        *("request_fields", "response_fields"),
    )
)


def request_id_of(adapter: Adapter, response: Response) -> str | None:
    """Return the request id of a response, from the adapter or from a usual header."""
    with suppress(Exception):
        own = adapter.request_id(response)
        if own is not None:
            return own if is_request_id(own) else None
    return header_request_id(response)
