"""Each promise of SECURITY.md names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

from anybank.testing.conformance import CHECKS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
PROMISES = [line for line in PAGE.splitlines() if re.match(r"\| (?!promise)\w", line)]


def test_every_promise_names_its_proof() -> None:
    """A promise without a test is none."""
    assert len(PROMISES) > 15
    assert [line for line in PROMISES if "`tests/" not in line] == []


def test_every_test_that_is_named_is_there() -> None:
    """A test that was moved is named anew."""
    named = re.findall(r"`(tests/[\w/.]+)`", PAGE)
    assert [each for each in named if not (ROOT / each).exists()] == []


def test_every_check_of_the_kit_that_is_named_is_there() -> None:
    """The kit's names are in the text as they are in the code."""
    named = re.findall(r"the kit's `(\w+)`", PAGE)
    assert named
    assert [each for each in named if each not in CHECKS] == []


def test_the_page_is_linked_where_a_user_looks() -> None:
    """From the front page and from the site."""
    assert "(SECURITY.md)" in (ROOT / "README.md").read_text("utf-8")
    assert "\nsecurity\n" in (ROOT / "docs" / "index.md").read_text("utf-8")
