"""The page about exit codes and JSON says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from anybank.cli.error_messages import emit_error
from anybank.exit_codes import MEANINGS

PAGE = Path(__file__).parents[2].joinpath("docs/reference/commands.md").read_text()


def test_the_table_of_exit_codes_is_that_of_the_code() -> None:
    """One enum is the source of the help and of the page."""
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [(str(int(code)), meaning) for code, meaning in MEANINGS.items()]


def test_an_error_is_written_as_the_page_shows_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The members of the example are those that are written, in their order."""
    emit_error("not_found", "no", None, 1)
    written = json.loads(capsys.readouterr().out)["error"]
    (example,) = re.findall(r"```json\n(\{\n  \"error\".*?)```", PAGE, re.DOTALL)
    assert list(json.loads(example)["error"]) == list(written)
