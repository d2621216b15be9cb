"""What a command says when it fails: one line, the next step, and the exit code."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from difflib import get_close_matches

from ..errors import (
    AnybankError,
    AuthenticationFailed,
    Effect,
    InvalidInput,
    NotFound,
    NotSent,
    Outcome,
    RateLimited,
    UnexpectedResponse,
    Unsupported,
)

FAILED = 1
NEEDS_A_PERSON = 2
INTERRUPTED = 130
READER_GONE = 141
"""What a shell reports of a program that writes to a closed pipe."""

EXTRAS = {
    "click": "cli",
    "cryptography": "export",
    "rich": "cli",
    "sqlalchemy": "migrate",
    "uvicorn": "sandbox",
}
"""Which extra brings a package."""


def tell(error: BaseException) -> int:
    """Say on stderr what failed and what to try, and return the exit code."""
    if isinstance(error, SystemExit):
        raise error
    if isinstance(error, KeyboardInterrupt):
        return getattr(error, "signum", INTERRUPTED - 128) + 128
    if isinstance(error, BrokenPipeError):
        return READER_GONE
    said, hint = _described(error)
    complain("error", said)
    if hint:
        complain("try", hint)
    return FAILED


def nearest(word: str, known: list[str]) -> str:
    """Return a question that suggests the word nearest to an unknown one, or nothing."""
    near = get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def complain(word: str, text: str) -> None:
    """Write a word and a text to stderr, on one line."""
    one_line = " ".join(text.split())
    shown = "".join(mark if mark.isprintable() else "?" for mark in one_line)
    with suppress(OSError):  # nobody reads stderr: no reason to end what is under way
        print(f"{word}: {shown}", file=sys.stderr)  # noqa: T201  # works without click


def _described(error: BaseException) -> tuple[str, str | None]:
    if isinstance(error, AnybankError):
        return str(error), next_step(error)
    if isinstance(error, ModuleNotFoundError) and (extra := _extra(error)):
        return f"{error.name} is not installed", f'pip install "anybank[{extra}]"'
    if isinstance(error, OSError) and error.strerror:
        place = f": {error.filename}" if error.filename else ""
        return f"{error.strerror}{place}", None
    return _bug(error), None


def _extra(error: ModuleNotFoundError) -> str | None:
    return EXTRAS.get((error.name or "").partition(".")[0])


def _bug(error: BaseException) -> str:
    """Name an unforeseen failure and its place; its own text may show a person."""
    frames = list(traceback.walk_tb(error.__traceback__))
    ours = [frame for frame in frames if _module(frame[0].f_globals).startswith(_OURS)]
    place = "an unknown place"
    if frames:
        frame, number = (ours or frames)[-1]
        place = f"{_module(frame.f_globals)}:{frame.f_code.co_name}:{number}"
    return f"{type(error).__name__} at {place}; this is a bug in anybank"


_OURS = "anybank"


def _module(names: Mapping[str, object]) -> str:
    return str(names.get("__name__", "?"))


def next_step(error: AnybankError) -> str | None:
    """Return what a person can do about an error, or None where it says so itself."""
    if error.outcome is Outcome.UNKNOWN and not error.retryable:
        return "look for it at the bank before repeating: it may have happened"
    for kind, step in _STEPS.items():
        if isinstance(error, kind):
            return step(error)
    return None


def _consent(error: AnybankError) -> str | None:
    """Offer consent where nothing but consent is missing."""
    issues = error.issues if isinstance(error, InvalidInput) else []
    if any(issue.effect is not Effect.DROPPED for issue in issues):
        return None
    names = dict.fromkeys(_without_indexes(issue.field) for issue in issues)
    return " ".join(f"--accept-loss {name}" for name in names) or None


def _without_indexes(field: str) -> str:
    from ..losses import without_indexes  # noqa: PLC0415  # the model is heavy

    return without_indexes(field)


def _capabilities(error: AnybankError) -> str:
    return f"anybank capabilities {error.provider or ''}".strip()


def _wait(error: AnybankError) -> str:
    seconds = error.retry_after if isinstance(error, RateLimited) else None
    if not seconds:
        return "again in a minute"
    return f"again in {seconds:g} {'second' if seconds == 1 else 'seconds'}"


_Step = Callable[[AnybankError], str | None]

_STEPS: Mapping[type[AnybankError], _Step] = {
    InvalidInput: _consent,
    Unsupported: _capabilities,
    RateLimited: _wait,
    AuthenticationFailed: lambda _: (
        "check that the credentials are those of this environment (sandbox or production)"
    ),
    NotFound: lambda _: "check the id, and that it is of this bank and environment",
    NotSent: lambda _: "again: nothing was sent; check the network and the base URL",
    UnexpectedResponse: lambda _: "check the base URL: this is not the bank's answer",
}
