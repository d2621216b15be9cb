"""The message, the next step and the exit code of a command that fails.

With --json, stdout also gets an object: `{"error": {"code": ..., ...}}`.
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
    Issue,
    NotFound,
    NotSent,
    Outcome,
    RateLimited,
    UnexpectedResponse,
    Unsupported,
)
from ..exit_codes import MEANINGS, ExitCode, exit_code_of
from .advice import advice

EXTRAS = {
    "click": "cli",
    "cryptography": "export",
    "rich": "cli",
    "sqlalchemy": "migrate",
    "uvicorn": "sandbox",
}
"""The extra that installs a package."""


_HELP_WIDTH = 76


def exit_codes_help() -> str:
    """Return the table of exit codes for the end of a help page."""
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
    """Return whether --json is among the options, which end at `--`."""
    options = list(arguments)
    if "--" in options:
        options = options[: options.index("--")]
    return "--json" in options


def report_error(error: BaseException, *, as_json: bool = False) -> int:
    """Print what failed and what to try to stderr, and return the exit code.

    With *as_json*, also write both to stdout as an object.
    """
    # click's own way out after --help and --version.
    if isinstance(error, SystemExit):
        raise error
    # `| head` closes the pipe on purpose. Nothing failed, so nothing is printed.
    if isinstance(error, BrokenPipeError):
        return ExitCode.READER_GONE
    if isinstance(error, KeyboardInterrupt):
        return _interrupted(error, as_json=as_json)
    message, hint = _describe(error)
    code = exit_code_of(error) if isinstance(error, AnybankError) else ExitCode.FAILED
    print_line("error", message)
    if hint:
        print_line("try", hint)
    if as_json:
        emit_error(_error_code(error), message, hint, code, **_details(error))
    return code


def _interrupted(error: KeyboardInterrupt, *, as_json: bool) -> int:
    signum = getattr(error, "signum", ExitCode.INTERRUPTED - 128)
    code = ExitCode(signum + 128)
    if as_json:
        hint = "run the same command again to continue"
        emit_error(code.name.lower(), MEANINGS[code], hint, code)
    return code


def emit_error(
    error_code: str, message: str, hint: str | None, exit_code: int, **details: Any
) -> None:
    """Write an error to stdout as JSON. A closed stdout is ignored."""
    error = {
        "code": error_code,
        "message": _one_line(message),
        "next_step": hint,
        "exit_code": int(exit_code),
        **{name: details.get(name) for name in _DETAILS},
    }
    with suppress(OSError):
        print(json.dumps({"error": error}, indent=2), flush=True)  # noqa: T201  # works without click


_DETAILS = ("provider", "operation", "outcome", "retryable", "status")


def _details(error: BaseException) -> Mapping[str, Any]:
    """Return what a program needs to decide, without any text from the vendor."""
    if not isinstance(error, AnybankError):
        return {}
    details = {name: getattr(error, name, None) for name in _DETAILS}
    return {**details, "outcome": error.outcome.value}


def _error_code(error: BaseException) -> str:
    """Return the name of the error's public class in snake case."""
    for kind in type(error).__mro__:
        if (
            isinstance(error, AnybankError)
            and getattr(errors, kind.__name__, 0) is kind
        ):
            return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()
    if isinstance(error, ModuleNotFoundError) and _extra(error):
        return "not_installed"
    # An OSError of the operating system has a strerror; one raised by a program has its
    # own text, which may hold anything.
    return "system" if isinstance(error, OSError) and error.strerror else "bug"


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Return a question that suggests the known word nearest to *word*, or ""."""
    near = get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def print_line(label: str, text: str) -> None:
    """Print a label and a text to stderr, on one line."""
    with suppress(OSError):  # a closed stderr must not end what is under way
        print(f"{label}: {_one_line(text)}", file=sys.stderr)  # noqa: T201  # works without click


def _one_line(text: str) -> str:
    one_line = " ".join(text.split())
    return "".join(
        character if character.isprintable() else "?" for character in one_line
    )


def _describe(error: BaseException) -> tuple[str, str | None]:
    if isinstance(error, InvalidInput):
        return _describe_issues(error), next_step(error)
    if isinstance(error, AnybankError):
        return str(error), next_step(error)
    if isinstance(error, ModuleNotFoundError) and (extra := _extra(error)):
        return f"{error.name} is not installed", f'pip install "anybank[{extra}]"'
    # The text of any other exception is not shown, since it may quote a customer's
    # data.
    if isinstance(error, OSError) and error.strerror:
        file = f": {error.filename}" if error.filename else ""
        return f"{error.strerror}{file}", None
    return _bug(error), None


def _describe_issues(error: InvalidInput) -> str:
    call = " ".join(filter(None, (error.provider, error.operation)))
    issues = "; ".join(map(describe_issue, error.issues))
    return ": ".join(filter(None, (call, issues)))


def describe_issue(issue: Issue) -> str:
    """Return an issue and what to do about it, naming options and not arguments."""
    step = advice(issue)
    todo = f". {step[:1].upper()}{step[1:]}" if step else ""
    return f"{issue.field}: {issue.message}{todo}"


def _extra(error: ModuleNotFoundError) -> str | None:
    return EXTRAS.get((error.name or "").partition(".")[0])


def _bug(error: BaseException) -> str:
    """Describe an unexpected exception by its location: its text may be personal."""
    frames = list(traceback.walk_tb(error.__traceback__))
    # The innermost frame of ours says more than one inside a library.
    ours = [frame for frame in frames if _module(frame[0].f_globals).startswith(_OURS)]
    location = "an unknown location"
    if frames:
        frame, number = (ours or frames)[-1]
        location = f"{_module(frame.f_globals)}:{frame.f_code.co_name}:{number}"
    return f"{type(error).__name__} at {location}; this is a bug in anybank"


_OURS = "anybank"


def _module(names: Mapping[str, object]) -> str:
    return str(names.get("__name__", "?"))


def next_step(error: AnybankError) -> str | None:
    """Return what a user can do about an error, or None if its message says so."""
    # Before all other advice: whatever the error is, repeating the call could create a
    # second customer.
    if error.outcome is Outcome.UNKNOWN and not error.retryable:
        return "check at the bank whether it happened before you repeat it"
    for kind, step in _STEPS.items():
        if isinstance(error, kind):
            return step(error)
    return None


def _consent(error: AnybankError) -> str | None:
    """Return the --accept-loss options, if consent is all that is missing."""
    issues = error.issues if isinstance(error, InvalidInput) else []
    # Consent is not enough where a field is blocked, so naming the option would
    # mislead.
    if any(issue.effect is not Effect.DROPPED for issue in issues):
        return None
    names = dict.fromkeys(_without_indexes(issue.field) for issue in issues)
    return " ".join(f"--accept-loss {name}" for name in names) or None


def _without_indexes(field: str) -> str:
    from ..declaration.consent import without_indexes  # noqa: PLC0415  # the model is slow to import

    return without_indexes(field)


def _capabilities(error: AnybankError) -> str:
    return f"anybank capabilities {error.provider or ''}".strip()


def _wait(error: AnybankError) -> str:
    seconds = error.retry_after if isinstance(error, RateLimited) else None
    if not seconds:
        return "try again in a minute"
    return f"try again in {seconds:g} {'second' if seconds == 1 else 'seconds'}"


_Step = Callable[[AnybankError], str | None]

_STEPS: Mapping[type[AnybankError], _Step] = {
    InvalidInput: _consent,
    Unsupported: _capabilities,
    RateLimited: _wait,
    AuthenticationFailed: lambda _: (
        "check that the credentials belong to this environment (sandbox or production)"
    ),
    NotFound: lambda _: "check the id, the bank and the environment",
    NotSent: lambda _: "check the network and the base URL, then try again",
    UnexpectedResponse: lambda _: (
        "check the base URL: the response does not look like this bank's"
    ),
}
