"""SECURITY.md: each promise names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

from anybank.testing.conformance import CHECKS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
PROMISES = [line for line in PAGE.splitlines() if re.match(r"\| (?!promise)\w", line)]


def test_every_promise_names_its_proof() -> None:
    """Every row of the table names a test."""
    assert len(PROMISES) > 15
    assert [line for line in PROMISES if "`tests/" not in line] == []


def test_every_named_test_exists() -> None:
    """A test that was moved is renamed on the page."""
    named = re.findall(r"`(tests/[\w/.]+)`", PAGE)
    assert [item for item in named if not (ROOT / item).exists()] == []


def test_every_named_check_exists() -> None:
    """The page uses the names of the kit's checks."""
    named = re.findall(r"the kit's `(\w+)`", PAGE)
    assert named
    assert [item for item in named if item not in CHECKS] == []


def test_the_page_is_linked_where_a_user_looks() -> None:
    """The front page and the site link to SECURITY.md."""
    assert "(SECURITY.md)" in (ROOT / "README.md").read_text("utf-8")
    assert "\nsecurity\n" in (ROOT / "docs" / "index.md").read_text("utf-8")
