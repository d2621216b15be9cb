"""Tables, text and JSON."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest

from anybank import AddressKind, Issue, NewCustomer, Ssn
from anybank.cli import output
from anybank.errors import Effect


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_a_table_fits_and_keeps_every_word(capsys: pytest.CaptureFixture[str]) -> None:
    """A long cell wraps: no line is wider than the maximum, and no word is lost."""
    words = [f"word{number}" for number in range(80)]
    output.table("A title", ("name", "text"), [("a", " ".join(words))])
    printed = lines(capsys)
    assert max(map(len, printed)) <= output.MAX_WIDTH
    assert set(words) <= set(" ".join(printed).split())


def test_a_table_of_many_wide_columns_fits(capsys: pytest.CaptureFixture[str]) -> None:
    """Eight wide columns share the width."""
    output.table("", "abcdefgh", [["x" * 60] * 8])
    printed = lines(capsys)
    assert max(map(len, printed)) <= output.MAX_WIDTH
    assert "".join(printed).count("x") == 480


def test_a_column_is_not_narrower_than_its_longest_word(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A long word stays whole while the text of another column can wrap."""
    name = "middle_name_when_absent"
    row = (
        "field_of_a_customer",
        "text " * 20,
        f"set {name} " + "word " * 12,
        "page " * 9,
    )
    output.table("", ("field", "reason", "what to do", "source"), [row])
    assert name in capsys.readouterr().out


def test_words_are_broken_where_no_column_can_wrap(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No line is wider than the output, whatever the words are."""
    output.table("", ("a", "b", "c"), [("x" * 60, "y" * 60, "z" * 60)])
    printed = lines(capsys)
    assert max(map(len, printed)) <= output.MAX_WIDTH
    assert "".join(printed).count("y") == 60


def test_an_empty_column_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    """A column without any value is not shown."""
    output.table("", ("name", "remedy"), [("a", ""), ("b", None)])
    assert "remedy" not in "".join(lines(capsys))


def test_a_pipe_gets_no_color(capsys: pytest.CaptureFixture[str]) -> None:
    """Outside a terminal there are no escape sequences, not even from the data."""
    output.heading("A heading")
    output.table("A title", ("name",), [("\x1b[31mred",)])
    assert "\x1b" not in capsys.readouterr().out


def test_text_is_not_markup(capsys: pytest.CaptureFixture[str]) -> None:
    """Brackets in a vendor's text are shown as they are."""
    output.table("", ("name",), [("[bold]x[/bold] :smile:",)])
    assert "[bold]x[/bold] :smile:" in capsys.readouterr().out


def test_a_paragraph_is_indented(capsys: pytest.CaptureFixture[str]) -> None:
    """Later lines of a paragraph are indented under the first."""
    output.paragraph("word " * 40, indent="- ")
    first, second = lines(capsys)[:2]
    assert (first[:6], second[:6]) == ("- word", "  word")


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (Ssn("912-45-6789"), "***-**-6789"),
        (AddressKind.HOME, "home"),
        (date(1990, 4, 1), "1990-04-01"),
        ({NewCustomer: (1, None)}, {"NewCustomer": [1, None]}),
        (KeyError, "KeyError"),
        (
            Issue("ssn", Effect.BLOCKED, "r", "s", "m"),
            {
                "field": "ssn",
                "effect": "blocked",
                "rule": "r",
                "source": "s",
                "message": "m",
                "remedy": {"text": "", "accept_loss": ""},
            },
        ),
    ],
)
def test_values_have_json(value: Any, printed: Any) -> None:
    """Enums, types, attrs objects and sensitive values have a JSON form."""
    assert json.loads(json.dumps(output.plain(value))) == printed


def test_a_type_without_json_is_an_error() -> None:
    """A value of an unknown type is not written by its repr."""
    with pytest.raises(TypeError, match="object"):
        output.plain(object())


def test_everything_fits_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal with 80 columns, tables and paragraphs wrap at 80."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    output.table("", ("name", "text"), [("a", "word " * 60)])
    output.paragraph("word " * 60)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    widths = [len(line) for line in plain.splitlines()]
    assert 75 <= max(widths) <= 80
