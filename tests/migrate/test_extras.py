"""A missing package of an extra is named, in the library too."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import sys
sys.modules[{missing!r}] = None
from anybank.errors import ConfigurationError
for use in {uses!r}:
    try:
        exec(use)
    except ConfigurationError as error:
        print(error)
"""


@pytest.mark.parametrize(
    ("missing", "uses", "extra"),
    [
        ("sqlalchemy", ["import anybank.migrate"], "migrate"),
        ("jinja2", ["import anybank.migrate"], "migrate"),
        (
            "procrastinate",
            ["from anybank import migrate; migrate.enqueue(None, journal='move.db')"],
            "workers",
        ),
        (
            "cryptography",
            [
                "import anybank.migrate.commands.export",
                "from anybank.migrate import side_of; side_of('x.jsonl').open()",
            ],
            "export",
        ),
    ],
)
def test_a_missing_extra_is_a_configuration_error(
    missing: str, uses: list[str], extra: str
) -> None:
    """Callers get the pip command to run, and no ImportError."""
    script = SCRIPT.format(missing=missing, uses=uses)
    ran = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    message = f"need {missing}: pip install 'anybank[{extra}]'"
    assert ran.stdout.count(message) == len(uses)
