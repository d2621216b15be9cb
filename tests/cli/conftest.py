"""What the tests of the command share: a way to run it, and a bank that is not there."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import frozen

from anybank.cli import main
from anybank.cli.failures import wants_json

from .forms import require_form

SSN = "912-45-6789"
PERSON = """
{"first_name": "Ada", "last_name": "Sample", "date_of_birth": "1990-04-01",
 "ssn": "912-45-6789", "emails": ["ada@example.com"], "phones": ["+15550102000"],
 "addresses": [{"line1": "1 Test St.", "city": "Reno", "state": "NV",
                "postal_code": "89501", "country": "US"}], "external_id": "ours-1"}
"""


@frozen
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


class _Typed(io.TextIOWrapper):
    """What somebody types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in this process, with a text on stdin where one is given.

    JSON that it writes has to have the form that the documentation gives it.
    """

    def ran(*arguments: str, stdin: str = "", terminal: bool = False) -> Ran:
        typed = _Typed if terminal else io.TextIOWrapper
        monkeypatch.setattr("sys.stdin", typed(io.BytesIO(stdin.encode())))
        code = main(arguments)
        told = capsys.readouterr()
        if wants_json(arguments):
            require_form(arguments, told.out)
        return Ran(code, told.out, told.err)

    return ran


@pytest.fixture
def person(tmp_path: Path) -> Path:
    """Return a file with a person that Bond takes."""
    path = tmp_path / "customer.json"
    path.write_text(PERSON, "utf-8")
    return path
