"""What came of a request, as the error that it means."""

from __future__ import annotations

from itertools import islice

from .capabilities import Feature, Idempotency
from .errors import (
    AnybankError,
    ConfigurationError,
    NotFound,
    NotSent,
    Outcome,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    UnexpectedResponse,
)
from .problems import FieldErrors, Problem
from .redact import Scrubber
from .wire import Failure, Request

_LONGEST_CODE = 100
_MOST_FIELDS = 50
_MOST_TEXTS = 5


def transport_error(failed: Failure, repeats: Idempotency) -> AnybankError:
    """Return the error of a request to which no answer came."""
    if failed.misconfigured:
        return ConfigurationError(failed.reason)
    if not failed.sent:
        said = f"nothing was sent: {failed.reason}"
        return NotSent(said, outcome=Outcome.NOT_SENT, retryable=True)
    said = f"sent, but no answer came: {failed.reason}"
    return OutcomeUnknown(said, outcome=Outcome.UNKNOWN, retryable=repeats.repeatable)


def provider_error(
    problem: Problem, status: int, texts: frozenset[str], repeats: Idempotency
) -> ProviderError:
    """Make the error that a problem stands for, scrubbed of what the call carried."""
    unknown = _may_have_happened(problem.kind, status)
    passing = issubclass(problem.kind, ProviderUnavailable) and repeats.repeatable
    scrub = Scrubber(texts)
    return problem.kind(
        scrub(problem.message),
        status=status,
        code=_short(scrub, problem.code),
        type=_short(scrub, problem.type),
        request_id=_short(scrub, problem.request_id),
        log_reference=_short(scrub, problem.log_reference),
        field_errors=_scrubbed(scrub, problem.field_errors),
        outcome=Outcome.UNKNOWN if unknown else Outcome.REFUSED,
        retryable=passing or issubclass(problem.kind, RateLimited),
    )


def _short(scrub: Scrubber, text: str | None) -> str | None:
    return None if text is None else scrub(text, _LONGEST_CODE)


def _scrubbed(scrub: Scrubber, field_errors: FieldErrors) -> FieldErrors:
    """Return the first of many field errors: a whole body would be masked for long."""
    return {
        scrub(name, _LONGEST_CODE): tuple(map(scrub, texts[:_MOST_TEXTS]))
        for name, texts in islice(field_errors.items(), _MOST_FIELDS)
    }


def _may_have_happened(kind: type[ProviderError], status: int) -> bool:
    if status >= 500 or issubclass(kind, ProviderUnavailable):
        return True
    return issubclass(kind, UnexpectedResponse) and not 400 <= status < 500


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
        said = f"an earlier attempt was sent and not answered; {error.args[0]}"
        return OutcomeUnknown(
            said, outcome=Outcome.UNKNOWN, retryable=repeats.repeatable
        )
    deletes = does is not None and does.deletes and request.method != "GET"
    gone = deletes and isinstance(error, NotFound)
    error.outcome = Outcome.DONE if gone else Outcome.UNKNOWN
    return error


def fault(error: Exception, *, sent: bool) -> AnybankError:
    """Return an adapter's slip as an error that has its place and none of its text."""
    *_, last = _frames(error)
    place = f"{type(error).__name__} in {last}"
    if not sent:
        return AnybankError(f"the adapter could not write the request: {place}")
    return UnexpectedResponse(f"the adapter could not read the answer: {place}")


def _frames(error: Exception) -> list[str]:
    places = ["?"]
    step = error.__traceback__
    while step is not None:
        frame = step.tb_frame
        module = frame.f_globals.get("__name__", "?")
        places.append(f"{module}:{frame.f_code.co_name}:{step.tb_lineno}")
        step = step.tb_next
    return places
