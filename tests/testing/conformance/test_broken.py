"""Each broken adapter is caught by the check that is meant for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.testing.conformance.broken import callers, declarations, readers, writers
from tests.testing.conformance.broken.making import Table

from anybank.testing.conformance import CHECKS, run_check

BROKEN: Table = {
    **declarations.BROKEN,
    **writers.BROKEN,
    **readers.BROKEN,
    **callers.BROKEN,
}
_PAGE = Path(__file__).parents[3] / "docs" / "conformance.md"


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_adapter_is_caught(broken: str) -> None:
    """The check that is meant for it fails, and says what to do."""
    name, make = BROKEN[broken]
    finding = run_check(make(), name)
    assert not finding.passed
    assert finding.message.startswith(CHECKS[name].says)
    assert "could not be examined" not in finding.message


@pytest.mark.parametrize("name", CHECKS)
def test_every_check_is_proven(name: str) -> None:
    """There is a broken adapter for each check."""
    assert [broken for broken, (by, _) in BROKEN.items() if by == name]


def test_the_page_has_every_check_and_its_proof() -> None:
    """The table in the docs is the one that the code has."""
    assert table() in _PAGE.read_text("utf-8")


def table() -> str:
    """Return the checks, and the broken adapters that prove each, as Markdown."""
    rows = ["| check | says | proven by an adapter that |", "|---|---|---|"]
    for name, check in CHECKS.items():
        proofs = "; ".join(each for each, (by, _) in BROKEN.items() if by == name)
        rows.append(f"| `{name}` | {check.says} | {proofs} |")
    return "\n".join(rows) + "\n"
