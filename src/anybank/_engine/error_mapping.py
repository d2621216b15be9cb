"""What came of a request, as the error that it means.

Nothing here raises: what cannot be read of an answer is left out of its error, and the
status alone then says what it means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import islice
from math import isfinite
from typing import Any, TypeVar

from ..adapter.base import Adapter
from ..adapter.problems import FieldErrors, Problem, by_status, unreadable
from ..adapter.wire import Failure, Request, Response
from ..declaration.vocabulary import Feature, Idempotency
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
from .redact import Scrubber, personal_texts

T = TypeVar("T")

_LONGEST_CODE = 100
_MOST_FIELDS = 50
_MOST_TEXTS = 5
_LIBRARY = "anybank"
"""The source of the rules that our own values check, in their issues."""


def transport_error(failed: Failure, repeats: Idempotency) -> AnybankError:
    """Return the error of a request to which no answer came."""
    if failed.misconfigured:
        return ConfigurationError(failed.reason)
    if not failed.sent:
        text = f"nothing was sent: {failed.reason}"
        return NotSent(text, outcome=Outcome.NOT_SENT, retryable=True)
    if failed.status is not None:
        return UnexpectedResponse(
            failed.reason,
            status=failed.status,
            outcome=Outcome.UNKNOWN,
            retryable=repeats.repeatable,
        )
    text = f"sent, but no answer came: {failed.reason}"
    return OutcomeUnknown(text, outcome=Outcome.UNKNOWN, retryable=repeats.repeatable)


def problem_of(adapter: Adapter, response: Response) -> Problem | None:
    """Return what an answer complains of, None where it is a success."""
    try:
        problem = adapter.problem(response)
        return unreadable(response) if problem is None and not response.ok else problem
    except Exception:  # noqa: BLE001  # an error answer of a shape nobody foresaw
        return _or(lambda: unreadable(response), _bare(response))


def error_of(
    problem: Problem,
    response: Response,
    carried: Iterable[object],
    repeats: Idempotency,
    now: float,
) -> ProviderError:
    """Return the error of an answer, without what the call carried.

    `carried` are the values that its texts must not repeat, `now` Unix seconds. Where
    the texts cannot be read or scrubbed, the error is the same without them.
    """
    status = response.status
    try:
        texts = frozenset[str]().union(*map(_texts, carried))
        error = provider_error(problem, status, texts, repeats)
    except Exception:  # noqa: BLE001  # their texts may hold anything
        bare = Problem(kind=problem.kind)
        error = provider_error(bare, status, frozenset(), repeats)
    error.retry_after = _or(lambda: _seconds(problem.pause(response, now)), None)
    return error


def _texts(carried: object) -> frozenset[str]:
    if isinstance(carried, Request):
        carried = list(carried.sensitive())
    return personal_texts(carried)


def _or(make: Callable[[], T], default: T) -> T:
    with suppress(Exception):
        return make()
    return default


def _bare(response: Response) -> Problem:
    return Problem(kind=by_status(response.status))


def _seconds(pause: Any) -> float | None:
    """Return a pause as seconds; one that no clock can hold is none."""
    seconds = None if pause is None else float(pause)
    return seconds if seconds is None or (isfinite(seconds) and seconds >= 0) else None


def provider_error(
    problem: Problem, status: int, texts: frozenset[str], repeats: Idempotency
) -> ProviderError:
    """Make the error that a problem stands for, scrubbed of what the call carried."""
    kind = _class_under(problem.kind, status)
    unknown = issubclass(kind, (ProviderUnavailable, UnexpectedResponse))
    is_read = repeats.kind == "safe"
    passing = issubclass(kind, ProviderUnavailable) and repeats.repeatable
    scrub = Scrubber(texts)
    return kind(
        scrub(problem.message),
        status=status,
        code=_short(scrub, problem.code),
        type=_short(scrub, problem.type),
        request_id=_short(scrub, problem.request_id),
        log_reference=_short(scrub, problem.log_reference),
        field_errors=_scrubbed(scrub, problem.field_errors),
        outcome=Outcome.UNKNOWN if unknown else Outcome.REFUSED,
        retryable=passing or (is_read and unknown) or issubclass(kind, RateLimited),
    )


def _short(scrub: Scrubber, text: str | None) -> str | None:
    return None if text is None else scrub(text, _LONGEST_CODE)


def _scrubbed(scrub: Scrubber, field_errors: FieldErrors) -> FieldErrors:
    """Return the first of many field errors: a whole body would be masked for long."""
    return {
        scrub(name, _LONGEST_CODE): tuple(map(scrub, texts[:_MOST_TEXTS]))
        for name, texts in islice(field_errors.items(), _MOST_FIELDS)
    }


def _class_under(kind: type[ProviderError], status: int) -> type[ProviderError]:
    """Return the class of an error, where its status lets it be what its code says.

    A code that stands for a refusal does not refuse under a redirect or a failure of the
    vendor's: what was asked for may have happened.
    """
    if issubclass(kind, (ProviderUnavailable, UnexpectedResponse)):
        return kind
    return by_status(status) if 300 <= status < 400 or status >= 500 else kind


def was_lost(error: AnybankError, repeats: Idempotency) -> bool:
    """Tell whether a request may have taken effect without our hearing of it."""
    return error.outcome is Outcome.UNKNOWN and repeats.kind != "safe"


def in_hindsight(
    error: AnybankError,
    request: Request,
    repeats: Idempotency,
    *,
    does: Feature | None,
) -> AnybankError:
    """Remember that an earlier attempt's answer was lost: it may have happened then.

    `does` is what the request does. A deletion that finds nothing was done then, whether
    the vendor deletes or archives; one that only looks has taken nothing away.
    """
    if isinstance(error, NotSent):
        text = f"an earlier attempt was sent and not answered; {error.args[0]}"
        return OutcomeUnknown(
            text, outcome=Outcome.UNKNOWN, retryable=repeats.repeatable
        )
    deletes = does is not None and does.deletes and request.method != "GET"
    gone = deletes and isinstance(error, NotFound)
    error.outcome = Outcome.DONE if gone else Outcome.UNKNOWN
    return error


def as_answer(error: AnybankError) -> AnybankError:
    """Return an error that was raised while an answer was read as one about the answer.

    A rule that our own values check is then broken by what the vendor returned, not by
    what the caller passed. A refusal that a flow raises about the caller's input cites
    the vendor's page, or is FieldNotUpdatable: it stays.
    """
    if not isinstance(error, InvalidInput) or isinstance(error, FieldNotUpdatable):
        return error
    if any(issue.source != _LIBRARY for issue in error.issues):
        return error
    rules = "; ".join(f"{each.field} must be {each.rule}" for each in error.issues)
    path = f"$..{error.issues[0].field}" if error.issues else None
    return UnexpectedResponse(f"the answer cannot be read: {rules}", path=path)


def fault(error: BaseException, *, sent: bool) -> AnybankError:
    """Return what went wrong in an adapter or in us: its place, and none of its text."""
    *_, last = _frames(error)
    place = f"{type(error).__name__} in {last}"
    if not sent:
        return AnybankError(f"the adapter could not write the request: {place}")
    return UnexpectedResponse(f"the adapter could not read the answer: {place}")


def interruption(provider: str, operation: str) -> str:
    """Return the note on an exception that cut a call off after it may have been sent."""
    return (
        f"{provider} {operation} was cut off after it may have been sent: the outcome is "
        "unknown. Look before repeating it: `resolve` takes this exception, or None."
    )


def _frames(error: BaseException) -> list[str]:
    places = ["?"]
    step = error.__traceback__
    while step is not None:
        frame = step.tb_frame
        module = frame.f_globals.get("__name__", "?")
        places.append(f"{module}:{frame.f_code.co_name}:{step.tb_lineno}")
        step = step.tb_next
    return places
