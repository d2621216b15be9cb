"""The messages of a command that fails."""

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
    """The next step says what to do, unless the message already does."""
    assert next_step(error) == step


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (AuthenticationFailed(), "credentials"),
        (NotFound(), "id"),
        (NotSent(), "check the network"),
        (UnexpectedResponse(), "base URL"),
        (OutcomeUnknown("lost", outcome=Outcome.UNKNOWN), "before you repeat"),
    ],
)
def test_a_next_step_is_about_its_error(error: AnybankError, word: str) -> None:
    """Each kind of error has its own advice."""
    assert word in str(next_step(error))


def test_an_error_is_one_line_and_a_next_step(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Error and next step are one line each on stderr, without control characters."""
    code = report_error(InvalidInput([issue(Effect.DROPPED, "a\x1b\nb")]))
    captured = capsys.readouterr()
    assert (code, captured.out) == (1, "")
    assert captured.err == "error: a? b: is not taken\ntry: --accept-loss a? b\n"


def fail(secret: str) -> None:
    raise ValueError(secret)


def test_a_bug_shows_its_location_only(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An unexpected exception shows its type and location, never its text."""
    with pytest.raises(ValueError, match="912") as caught:
        fail("912-45-6789")
    assert report_error(caught.value) == 1
    captured = capsys.readouterr().err
    assert captured.startswith("error: ValueError at ")
    assert ":fail:" in captured
    assert captured.endswith("; this is a bug in anybank\n")
    assert "912" not in captured


def test_a_system_error_names_the_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A full disk or a missing file is not a bug."""
    assert report_error(OSError(28, "No space left on device", "move.db")) == 1
    assert capsys.readouterr().err == "error: No space left on device: move.db\n"


def test_an_interrupt_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C prints nothing and exits as shells expect."""
    assert report_error(KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == ""


def test_an_unknown_missing_module_is_a_bug(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A missing module that belongs to no extra is reported as a bug."""
    assert report_error(ModuleNotFoundError(name="nobodys")) == 1
    assert "this is a bug" in capsys.readouterr().err


def test_an_exit_passes_through() -> None:
    """SystemExit is raised again."""
    with pytest.raises(SystemExit):
        report_error(SystemExit(3))
