"""Progress on stderr."""

from __future__ import annotations

import pytest

from anybank.cli.progress import progress


def test_progress_without_a_terminal_is_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Outside a terminal there is one line for each tenth, on stderr."""
    with progress("reading") as report:
        for done in range(101):
            report(done, 100, "customers")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[::10] == [
        "customers: 0 of 100",
        "customers: 100 of 100",
    ]


def test_progress_of_an_unknown_total_counts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """If the total is unknown, there is one line for each thousand."""
    with progress("reading") as report:
        for done in range(2001):
            report(done, None, "customers")
    assert capsys.readouterr().err.splitlines() == [
        "customers: 0",
        "customers: 1000",
        "customers: 2000",
    ]


def test_progress_on_a_terminal_is_a_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal a bar shows how many are done."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with progress("reading") as report:
        report(3, 7, "customers")
    assert "3/7" in capsys.readouterr().err
