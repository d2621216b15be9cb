"""The pages about vendors match the declarations, and the reference has every public name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tools.declared_pages import DIRECTORY, pages
from tools.reference_pages import DIRECTORY as REFERENCE_DIRECTORY
from tools.reference_pages import PAGES
from tools.reference_pages import page as reference_page

import anybank

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = "\n".join(item.read_text() for item in (DOCS / "reference").glob("*.md"))


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_page_matches_the_declaration(name: str) -> None:
    """`make pages` rewrites a page that is out of date."""
    assert (DIRECTORY / name).read_text("utf-8") == pages()[name], "run `make pages`"


@pytest.mark.parametrize("name", sorted(anybank.__all__))
def test_the_reference_has_every_public_name(name: str) -> None:
    """The module of each public name is on a page of the reference."""
    home = getattr(getattr(anybank, name), "__module__", None) or f"anybank.{name}"
    if name == "UNSET":
        home = anybank.Unset.__module__
    home = home if name not in ("migrate", "webhooks") else f"anybank.{name}"
    assert re.search(rf"automodule:: {re.escape(home)}\n", REFERENCE)


def test_every_page_is_in_the_contents() -> None:
    """Every page is listed in the contents, because readers would not find it otherwise."""
    contents = (DOCS / "index.md").read_text("utf-8")
    for page in DOCS.rglob("*.md"):
        name = page.relative_to(DOCS).with_suffix("").as_posix()
        is_listed = name in contents or name.startswith("vendors/declared/")
        assert is_listed or name == "index" or "_site" in page.parts


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_is_readable_in_the_repository(name: str) -> None:
    """Each public class and function of the named modules has its heading and text."""
    text = (REFERENCE_DIRECTORY / name).read_text("utf-8")
    written = reference_page(text)
    headings = {line for line in written.splitlines() if line.startswith("###")}
    missing = headings - set(text.splitlines())
    assert not missing, "run `make pages`"
    assert reference_page(written) == written
