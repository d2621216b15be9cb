"""The transcriptions equal the vendors' pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.seeds import pages

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"


@pytest.mark.skipif(not SEEDS.is_dir(), reason="no copy of the vendors' pages is here")
@pytest.mark.parametrize(
    "excerpt", sorted(pages.EXCERPTS.iterdir()), ids=lambda path: path.stem
)
def test_each_passage_stands_in_the_page(excerpt: Path) -> None:
    """A transcription is not repaired, and keeps the order of its passages."""
    [stored] = SEEDS.glob(f"{excerpt.stem[:3]}_*.txt")
    passages = excerpt.read_text("utf-8").rstrip("\n").split(pages.LEFT_OUT)[1:]
    rest = stored.read_text("utf-8")
    for passage in passages:
        rest = pages.after(rest, passage)


@pytest.mark.parametrize(
    "excerpt", sorted(pages.EXCERPTS.iterdir()), ids=lambda path: path.stem
)
def test_each_transcription_names_its_page(excerpt: Path) -> None:
    """The first line names the vendor and the title of the page."""
    first = excerpt.read_text("utf-8").partition("\n")[0]
    assert first.startswith(("Bond docs, ", "Sonder Labs docs, "))
