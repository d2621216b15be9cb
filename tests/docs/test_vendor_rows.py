"""Every row of a table about a vendor's pages has a test that is named after it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VENDORS = ("bond", "increase", "sonder", "unit")


def rows_of(vendor: str) -> list[int]:
    """Return the numbers of the rows on a vendor's page."""
    page = (ROOT / "docs" / "vendors" / f"{vendor}.md").read_text("utf-8")
    return [int(row) for row in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)]


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_row_has_a_test(vendor: str) -> None:
    """The name is `test_row_` with the number; one test may show several rows."""
    sources = (ROOT / "tests" / vendor).rglob("test_*.py")
    names = re.findall(
        r"def test_rows?_([\d_]+)",
        "\n".join(path.read_text("utf-8") for path in sources),
    )
    tested = {int(number) for name in names for number in name.strip("_").split("_")}
    rows = rows_of(vendor)
    assert rows
    assert [row for row in rows if row not in tested] == []
