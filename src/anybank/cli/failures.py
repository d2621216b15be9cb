"""What a command says when it fails: one line, the next step, and the exit code.

With --json the same is an object on stdout, too: `{"error": {"code": ..., ...}}`.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Any

from .. import errors
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
from ..exit_codes import MEANINGS, ExitCode, exit_code_of

EXTRAS = {
    "click": "cli",
    "cryptography": "export",
    "rich": "cli",
    "sqlalchemy": "migrate",
    "uvicorn": "sandbox",
}
"""Which extra brings a package."""


_HELP_WIDTH = 76


def exit_codes_help() -> str:
    """Return the table of exit codes, as the end of a help page."""
    lines = ["\b", "Exit codes:"]
    for code, meaning in MEANINGS.items():
        lead = f"  {code:<5}"
        lines += textwrap.wrap(
            meaning,
            _HELP_WIDTH,
            initial_indent=lead,
            subsequent_indent=" " * len(lead),
        )
    return "\n".join(lines) + "\n"


def wants_json(arguments: Sequence[str]) -> bool:
    """Tell whether a command line asks for JSON; what follows `--` is no option."""
    options = list(arguments)
    if "--" in options:
        options = options[: options.index("--")]
    return "--json" in options


def tell(error: BaseException, *, as_json: bool = False) -> int:
    """Say on stderr what failed and what to try, and return the exit code.

    With *as_json* stdout gets an object with the same.
    """
    if isinstance(error, SystemExit):
        raise error
    if isinstance(error, BrokenPipeError):
        return ExitCode.READER_GONE
    if isinstance(error, KeyboardInterrupt):
        return _interrupted(error, as_json=as_json)
    message, hint = _described(error)
    code = exit_code_of(error) if isinstance(error, AnybankError) else ExitCode.FAILED
    complain("error", message)
    if hint:
        complain("try", hint)
    if as_json:
        emit_error(_kind(error), message, hint, code, **_details(error))
    return code


def _interrupted(error: KeyboardInterrupt, *, as_json: bool) -> int:
    signum = getattr(error, "signum", ExitCode.INTERRUPTED - 128)
    code = ExitCode(signum + 128)
    if as_json:
        again = "run the same command again: it goes on where it was"
        emit_error(code.name.lower(), MEANINGS[code], again, code)
    return code


def emit_error(
    kind: str, message: str, hint: str | None, code: int, **details: Any
) -> None:
    """Write an error to stdout as JSON; whether anybody reads it changes nothing."""
    error = {
        "code": kind,
        "message": _one_line(message),
        "next_step": hint,
        "exit_code": int(code),
        **{name: details.get(name) for name in _DETAILS},
    }
    with suppress(OSError):
        print(json.dumps({"error": error}, indent=2), flush=True)  # noqa: T201  # works without click


_DETAILS = ("provider", "operation", "outcome", "retryable", "status")


def _details(error: BaseException) -> Mapping[str, Any]:
    """Return what a program decides by: nothing that a vendor wrote."""
    if not isinstance(error, AnybankError):
        return {}
    found = {name: getattr(error, name, None) for name in _DETAILS}
    return {**found, "outcome": error.outcome.value}


def _kind(error: BaseException) -> str:
    """Return the code of an error: the name of its public class in small letters."""
    for kind in type(error).__mro__:
        if (
            isinstance(error, AnybankError)
            and getattr(errors, kind.__name__, 0) is kind
        ):
            return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()
    if isinstance(error, ModuleNotFoundError) and _extra(error):
        return "not_installed"
    return "system" if isinstance(error, OSError) and error.strerror else "bug"


def nearest(word: str, known: list[str]) -> str:
    """Return a question that suggests the word nearest to an unknown one, or nothing."""
    near = get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def complain(word: str, text: str) -> None:
    """Write a word and a text to stderr, on one line."""
    with suppress(OSError):  # nobody reads stderr: no reason to end what is under way
        print(f"{word}: {_one_line(text)}", file=sys.stderr)  # noqa: T201  # works without click


def _one_line(text: str) -> str:
    one_line = " ".join(text.split())
    return "".join(mark if mark.isprintable() else "?" for mark in one_line)


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
    from ..declaration.consent import without_indexes  # noqa: PLC0415  # the model is heavy

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
