"""The references of the adapters and their tests to the pages about vendors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_SECTION = re.compile(r"§(\d+(?:\.\d+)?)")
_ROWS = re.compile(r"\brows? (\d+)(?:(?: and |, )(\d+))?", re.IGNORECASE)


def _modules(vendor: str) -> Iterator[Path]:
    yield from (_ROOT / "adapters" / vendor / "src").rglob("*.py")
    yield from (_ROOT / "tests" / vendor).rglob("*.py")


@pytest.mark.parametrize("vendor", ["bond", "increase", "sonder", "unit"])
def test_every_section_and_row_that_the_code_cites_is_on_the_page(vendor: str) -> None:
    """A reference such as `§4.2` or `row 12` leads to a place on the vendor's page."""
    page = (_ROOT / f"docs/vendors/{vendor}.md").read_text(encoding="utf-8")
    sections = set(_SECTION.findall(page))
    rows = set(re.findall(r"^\| (\d+) \|", page, re.MULTILINE))
    for module in _modules(vendor):
        text = module.read_text(encoding="utf-8")
        cited = {row for pair in _ROWS.findall(text) for row in pair if row}
        assert set(_SECTION.findall(text)) <= sections, module.name
        assert cited <= rows, module.name
