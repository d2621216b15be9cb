"""What the exit code of a command means: the same for all commands."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from .errors import (
    AnybankError,
    AuthenticationFailed,
    ConfigurationError,
    Outcome,
    ProviderUnavailable,
    RateLimited,
    TransportError,
)


class ExitCode(IntEnum):
    """The exit codes of `anybank`; a number keeps its meaning."""

    DONE = 0
    FAILED = 1
    NEEDS_A_PERSON = 2
    WRONG_USE = 64
    TRY_AGAIN_LATER = 75
    INTERRUPTED = 130
    READER_GONE = 141
    TERMINATED = 143


MEANINGS: Mapping[ExitCode, str] = {
    ExitCode.DONE: "done, and nothing is left open",
    ExitCode.FAILED: "failed or ended early: stderr says why, and what to do",
    ExitCode.NEEDS_A_PERSON: "done, but a person must act: records wait for a decision, "
    "or a request has an unknown outcome",
    ExitCode.WRONG_USE: "wrong use: an unknown command, option or argument",
    ExitCode.TRY_AGAIN_LATER: "run the same command again later: the bank is out of order "
    "or busy, it refuses the credentials, or another process writes to the journal",
    ExitCode.INTERRUPTED: "interrupted by Ctrl-C: what was in flight was finished and "
    "recorded",
    ExitCode.READER_GONE: "whoever read the output has closed it",
    ExitCode.TERMINATED: "ended by SIGTERM, in the same way as by Ctrl-C; a second signal "
    "ends it immediately",
}
"""What each exit code means, as the help and the documentation show it."""

_PASSING = (AuthenticationFailed, ProviderUnavailable, RateLimited, TransportError)


def exit_code_of(error: AnybankError) -> ExitCode:
    """Return the exit code of a command that ended with an error.

    A request that may have taken effect is for a person: repeating it could double it.
    """
    if error.outcome is Outcome.UNKNOWN and not error.retryable:
        return ExitCode.NEEDS_A_PERSON
    if isinstance(error, ConfigurationError):
        return ExitCode.TRY_AGAIN_LATER if error.retryable else ExitCode.FAILED
    if isinstance(error, _PASSING):
        return ExitCode.TRY_AGAIN_LATER
    return ExitCode.FAILED
