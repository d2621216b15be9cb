"""The table of habits: each of its pages, anchors and tests exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/guides/other-sdks.md"
ROWS = [
    line.strip("|").split("|")
    for line in PAGE.read_text("utf-8").splitlines()
    if line.startswith("|") and "`tests/" in line
]
rows = pytest.mark.parametrize("row", ROWS, ids=[row[0].strip() for row in ROWS])

_LINK = re.compile(r"\]\(([^)#]+)(?:#([^)]+))?\)")


def anchors(page: str) -> set[str]:
    """Return the anchors of the headings of a page, as the site has them."""
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }


@rows
def test_a_habit_has_a_page_of_ours(row: list[str]) -> None:
    """The page of each habit exists, and so does the heading that the link names."""
    links = _LINK.findall(row[3])
    assert links
    for name, anchor in links:
        target = (PAGE.parent / name).resolve()
        assert target.is_file()
        assert not anchor or anchor in anchors(target.read_text("utf-8"))


@rows
def test_a_habit_has_a_test(row: list[str]) -> None:
    """The test of each habit exists under its name."""
    path, _, name = row[4].strip(" `").partition("::")
    assert f"def {name}(" in (ROOT / path).read_text("utf-8")
