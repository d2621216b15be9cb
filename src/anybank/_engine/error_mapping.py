"""Map a response or a transport failure to the error that a caller sees.

No function here raises. If part of an error response cannot be read, the error leaves that
part out, and its class follows from the HTTP status.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import islice
from math import isfinite
from typing import Any, TypeVar

from attrs import evolve

from ..adapter.problems import FieldErrors, Problem, by_status, unreadable
from ..adapter.wire import Failure, Request, Response
from ..declaration.idempotency import Idempotency
from ..errors import (
    AnybankError,
    ConfigurationError,
    FieldNotUpdatable,
    InvalidInput,
    NotFound,
    NotSent,
    Outcome,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    UnexpectedResponse,
)
from ..model.features import Feature
from .redact import Scrubber, personal_texts
from .request_ids import header_request_id as request_id_of

T = TypeVar("T")

# Bounds of what is scrubbed: a vendor's response must not decide how long that takes.
_LONGEST_CODE = 100
_MOST_FIELDS = 50
_MOST_TEXTS = 5
_LIBRARY = "anybank"
"""The `source` of issues that our own values raise when they are created."""


def transport_error(failed: Failure, idempotency: Idempotency) -> AnybankError:
    """Return the error of a request without a response."""
    if failed.misconfigured:
        return ConfigurationError(failed.reason)
    if not failed.sent:
        text = f"nothing was sent: {failed.reason}"
        return NotSent(text, outcome=Outcome.NOT_SENT, retryable=True)
    if failed.status is not None:  # there was a response, but it was too large to read
        return UnexpectedResponse(
            failed.reason,
            status=failed.status,
            outcome=Outcome.UNKNOWN,
            retryable=idempotency.repeatable,
        )
    text = f"the request was sent, but no response arrived: {failed.reason}"
    return OutcomeUnknown(
        text, outcome=Outcome.UNKNOWN, retryable=idempotency.repeatable
    )


def unreadable_problem(response: Response) -> Problem:
    """Return the problem of a response whose shape the adapter does not know."""
    return _try_or(lambda: unreadable(response), _problem_for_status(response))


def error_of(
    problem: Problem,
    response: Response,
    sent_values: Iterable[object],
    idempotency: Idempotency,
    now: float,
) -> ProviderError:
    """Return the error of a response, scrubbed of the values that the call sent.

    `now` is in Unix seconds. If the vendor's texts cannot be read or scrubbed, the error
    has no texts.
    """
    status = response.status
    try:
        texts = frozenset[str]().union(*map(_texts, sent_values))
        if problem.request_id is None:
            problem = evolve(problem, request_id=request_id_of(response))
        error = provider_error(problem, status, texts, idempotency)
    except Exception:  # noqa: BLE001  # the texts may hold personal data
        bare = Problem(kind=problem.kind)
        error = provider_error(bare, status, frozenset(), idempotency)
    error.retry_after = _try_or(lambda: _seconds(problem.pause(response, now)), None)
    return error


def _texts(sent_values: object) -> frozenset[str]:
    if isinstance(sent_values, Request):
        sent_values = list(sent_values.sensitive())
    return personal_texts(sent_values)


def _try_or(compute: Callable[[], T], default: T) -> T:
    with suppress(Exception):
        return compute()
    return default


def _problem_for_status(response: Response) -> Problem:
    return Problem(kind=by_status(response.status))


def _seconds(pause: Any) -> float | None:
    """Return a pause in seconds, or None if it is negative or not finite."""
    seconds = None if pause is None else float(pause)
    return seconds if seconds is None or (isfinite(seconds) and seconds >= 0) else None


def provider_error(
    problem: Problem, status: int, texts: frozenset[str], idempotency: Idempotency
) -> ProviderError:
    """Create the error of a problem, scrubbed of the values that the call sent."""
    kind = _class_for_status(problem.kind, status)
    unknown = issubclass(kind, (ProviderUnavailable, UnexpectedResponse))
    is_read = idempotency.kind == "safe"
    transient = issubclass(kind, ProviderUnavailable) and idempotency.repeatable
    scrub = Scrubber(texts)
    return kind(
        scrub(problem.message),
        status=status,
        code=_scrub_short(scrub, problem.code),
        type=_scrub_short(scrub, problem.type),
        request_id=_scrub_short(scrub, problem.request_id),
        log_reference=_scrub_short(scrub, problem.log_reference),
        field_errors=_scrub_fields(scrub, problem.field_errors),
        outcome=Outcome.UNKNOWN if unknown else Outcome.REFUSED,
        # A 429 is retryable for every operation, because the vendor counted the request
        # and did nothing else with it.
        retryable=transient or (is_read and unknown) or issubclass(kind, RateLimited),
    )


def _scrub_short(scrub: Scrubber, text: str | None) -> str | None:
    return None if text is None else scrub(text, _LONGEST_CODE)


def _scrub_fields(scrub: Scrubber, field_errors: FieldErrors) -> FieldErrors:
    """Scrub the field errors; only the first ones, because scrubbing takes time."""
    return {
        scrub(name, _LONGEST_CODE): tuple(map(scrub, texts[:_MOST_TEXTS]))
        for name, texts in islice(field_errors.items(), _MOST_FIELDS)
    }


def _class_for_status(kind: type[ProviderError], status: int) -> type[ProviderError]:
    """Return the class that the vendor's code stands for, if the HTTP status allows it.

    A code for a refusal does not count in a 3xx or 5xx response, because the operation
    may have happened.
    """
    if issubclass(kind, (ProviderUnavailable, UnexpectedResponse)):
        return kind
    return by_status(status) if 300 <= status < 400 or status >= 500 else kind


def may_have_happened(error: AnybankError, idempotency: Idempotency) -> bool:
    """Return whether a failed write may have taken effect."""
    return error.outcome is Outcome.UNKNOWN and idempotency.kind != "safe"


def account_for_lost_attempt(
    error: AnybankError,
    request: Request,
    idempotency: Idempotency,
    *,
    feature: Feature | None,
) -> AnybankError:
    """Return the error of a retry whose earlier attempt has an unknown outcome.

    `feature` is the operation of the request. A deletion that now gets 404 was done by the
    earlier attempt, unless this request only reads.
    """
    if isinstance(error, NotSent):
        text = f"an earlier attempt was sent and got no response; {error.args[0]}"
        return OutcomeUnknown(
            text, outcome=Outcome.UNKNOWN, retryable=idempotency.repeatable
        )
    deletes = feature is not None and feature.deletes and request.method != "GET"
    gone = deletes and isinstance(error, NotFound)
    # Any other answer to a retry is about the retry alone: a refusal (409, for example)
    # may be the effect of the lost attempt.
    error.outcome = Outcome.DONE if gone else Outcome.UNKNOWN
    return error


def as_response_error(error: AnybankError) -> AnybankError:
    """Convert an InvalidInput that was raised while a response was read.

    Our own values then rejected what the vendor returned, not what the caller passed, so
    it becomes UnexpectedResponse. An adapter that rejects the caller's input cites the
    vendor's page, or raises FieldNotUpdatable: such errors stay unchanged.
    """
    if not isinstance(error, InvalidInput) or isinstance(error, FieldNotUpdatable):
        return error
    if any(issue.source != _LIBRARY for issue in error.issues):
        return error
    rules = "; ".join(f"{issue.field} must be {issue.rule}" for issue in error.issues)
    path = f"$..{error.issues[0].field}" if error.issues else None
    return UnexpectedResponse(f"the response cannot be read: {rules}", path=path)


def adapter_fault(error: BaseException, *, sent: bool) -> AnybankError:
    """Return the error for a bug in an adapter or in the library: its location only."""
    *_, last = _locations(error)
    location = f"{type(error).__name__} in {last}"
    if not sent:
        return AnybankError(f"the adapter failed to build the request: {location}")
    return UnexpectedResponse(f"the adapter failed to read the response: {location}")


def interruption_note(provider: str, operation: str) -> str:
    """Return the note for an exception that interrupted a call."""
    return (
        f"{provider} {operation} was interrupted after its request may have been sent: the "
        "outcome is unknown. Call `resolve` with this exception before you repeat it."
    )


def _locations(error: BaseException) -> list[str]:
    locations = ["?"]
    entry = error.__traceback__
    while entry is not None:
        frame = entry.tb_frame
        module = frame.f_globals.get("__name__", "?")
        locations.append(f"{module}:{frame.f_code.co_name}:{entry.tb_lineno}")
        entry = entry.tb_next
    return locations
