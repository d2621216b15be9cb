"""The exit codes of the commands, which are the same for all."""

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
    """The exit codes of `anybank`. The meaning of a number never changes."""

    DONE = 0
    FAILED = 1
    NEEDS_A_PERSON = 2
    # EX_USAGE and EX_TEMPFAIL of sysexits.h, which schedulers and mail systems know.
    WRONG_USE = 64
    TRY_AGAIN_LATER = 75
    # As a shell reports a signal: 128 plus SIGINT, SIGPIPE and SIGTERM.
    INTERRUPTED = 130
    READER_GONE = 141
    TERMINATED = 143


MEANINGS: Mapping[ExitCode, str] = {
    ExitCode.DONE: "done, and nothing is left open",
    ExitCode.FAILED: "failed or ended early: stderr says why, and what to do",
    ExitCode.NEEDS_A_PERSON: "done, but a person must act: records wait for a decision, "
    "or a request has an unknown outcome",
    ExitCode.WRONG_USE: "wrong use: an unknown command, option or argument",
    ExitCode.TRY_AGAIN_LATER: "run the same command again later: the bank is down or busy, "
    "it rejects the credentials, another process is writing to the journal, or the "
    "journal's database cannot be reached",
    ExitCode.INTERRUPTED: "interrupted by Ctrl-C, after the requests in flight were "
    "finished and recorded",
    ExitCode.READER_GONE: "the reader of the output has closed the pipe",
    ExitCode.TERMINATED: "ended by SIGTERM, in the same way as by Ctrl-C; a second signal "
    "ends the command immediately",
}
"""The meaning of each exit code, for the help and the documentation."""

_PASSING = (AuthenticationFailed, ProviderUnavailable, RateLimited, TransportError)


def exit_code_of(error: AnybankError) -> ExitCode:
    """Return the exit code of a command that ended with an error.

    After an unknown outcome a person must look: a retry could do the same thing twice.
    """
    if error.outcome is Outcome.UNKNOWN and not error.retryable:
        return ExitCode.NEEDS_A_PERSON
    if isinstance(error, ConfigurationError):
        return ExitCode.TRY_AGAIN_LATER if error.retryable else ExitCode.FAILED
    if isinstance(error, _PASSING):
        return ExitCode.TRY_AGAIN_LATER
    return ExitCode.FAILED
