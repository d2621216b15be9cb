"""What the command says when it fails."""

from __future__ import annotations

import pytest

from anybank.cli.error_messages import next_step, report_error
from anybank.errors import (
    AnybankError,
    AuthenticationFailed,
    ConfigurationError,
    Effect,
    InvalidInput,
    Issue,
    NotFound,
    NotSent,
    Outcome,
    OutcomeUnknown,
    RateLimited,
    UnexpectedResponse,
    Unsupported,
)


def issue(effect: Effect, field: str = "addresses[0].line2") -> Issue:
    return Issue(field, effect, "a rule", "a page", "is not taken")


def of(error: AnybankError, provider: str) -> AnybankError:
    error.provider = provider
    return error


@pytest.mark.parametrize(
    ("error", "step"),
    [
        (InvalidInput([issue(Effect.DROPPED)]), "--accept-loss addresses.line2"),
        (InvalidInput([issue(Effect.BLOCKED)]), None),
        (of(Unsupported("no"), "sonder"), "anybank capabilities sonder"),
        (RateLimited(retry_after=90.0), "try again in 90 seconds"),
        (RateLimited(), "try again in a minute"),
        (ConfigurationError("no provider"), None),
    ],
)
def test_an_error_has_a_next_step(error: AnybankError, step: str | None) -> None:
    """What a person can do about an error is told where the error does not say it."""
    assert next_step(error) == step


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (AuthenticationFailed(), "credentials"),
        (NotFound(), "id"),
        (NotSent(), "nothing was sent"),
        (UnexpectedResponse(), "base URL"),
        (OutcomeUnknown("lost", outcome=Outcome.UNKNOWN), "before you repeat"),
    ],
)
def test_a_next_step_is_about_its_error(error: AnybankError, word: str) -> None:
    """Each kind of error has advice of its own."""
    assert word in str(next_step(error))


def test_an_error_is_one_line_and_a_next_step(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The error and what to try are a line each on stderr, without control characters."""
    code = report_error(InvalidInput([issue(Effect.DROPPED, "a\x1b\nb")]))
    told = capsys.readouterr()
    assert (code, told.out) == (1, "")
    assert told.err == "error: a? b: is not taken\ntry: --accept-loss a? b\n"


def fail(secret: str) -> None:
    raise ValueError(secret)


def test_a_bug_is_named_without_what_it_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An unforeseen exception tells its type and place, never its text."""
    with pytest.raises(ValueError, match="912") as caught:
        fail("912-45-6789")
    assert report_error(caught.value) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: ValueError at ")
    assert ":fail:" in told
    assert told.endswith("; this is a bug in anybank\n")
    assert "912" not in told


def test_a_failure_of_the_system_names_the_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A full disk or a missing file is no bug: it is told with the file's name."""
    assert report_error(OSError(28, "No space left on device", "move.db")) == 1
    assert capsys.readouterr().err == "error: No space left on device: move.db\n"


def test_an_interrupt_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C says nothing and exits as shells expect."""
    assert report_error(KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == ""


def test_a_module_that_no_extra_brings_is_a_bug(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A missing module of nobody's extra is not explained away."""
    assert report_error(ModuleNotFoundError(name="nobodys")) == 1
    assert "this is a bug" in capsys.readouterr().err


def test_an_exit_passes_through() -> None:
    """Whoever exits on purpose does."""
    with pytest.raises(SystemExit):
        report_error(SystemExit(3))
