"""The page about exit codes and JSON agrees with the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from anybank.cli import main
from anybank.cli.error_messages import emit_error
from anybank.exit_codes import MEANINGS

PAGE = Path(__file__).parents[2].joinpath("docs/reference/commands.md").read_text()


def test_the_table_lists_every_exit_code() -> None:
    """The help and the page have the same codes with the same meanings."""
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [(str(int(code)), meaning) for code, meaning in MEANINGS.items()]


def test_the_example_of_an_error_is_complete(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The example has the names that a command writes, in the same order."""
    emit_error("not_found", "no", None, 1)
    error = json.loads(capsys.readouterr().out)["error"]
    (example,) = re.findall(r"```json\n(\{\n  \"error\".*?)```", PAGE, re.DOTALL)
    assert list(json.loads(example)["error"]) == list(error)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_of_each_shell_is_printed(
    shell: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable in the table makes the command print its completion script."""
    assert f"_ANYBANK_COMPLETE={shell}_source anybank" in PAGE
    monkeypatch.setenv("_ANYBANK_COMPLETE", f"{shell}_source")
    assert main([]) == 0
    assert "_anybank_completion" in capsys.readouterr().out
