"""What the source distributions contain, and what a package index shows of them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.sdist import SdistBuilder

ROOT = Path(__file__).parents[1]
DISTRIBUTIONS = [ROOT, *sorted((ROOT / "adapters").iterdir())]
EACH = pytest.mark.parametrize(
    "folder", DISTRIBUTIONS, ids=["core", "bond", "increase", "sonder", "unit"]
)


def files(folder: Path) -> set[str]:
    """Return the first two parts of the path of each file in a source distribution."""
    included = SdistBuilder(str(folder)).recurse_included_files()
    paths = (Path(item.distribution_path) for item in included)
    return {"/".join(path.parts[:2]) for path in paths}


def test_the_core_has_no_source_of_an_adapter() -> None:
    """The source distribution of the core has its own source, README and licence only."""
    own = {"src/anybank", "src/_anybank_pytest.py", "README.md", "LICENSE"}
    assert files(ROOT) - {".gitignore"} == own


@EACH
def test_an_index_shows_who_and_what(folder: Path) -> None:
    """Each distribution has authors, keywords, classifiers, a licence, addresses, and types."""
    read = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    project: dict[str, Any] = read["project"]
    assert all(
        project[name]
        for name in ("authors", "keywords", "classifiers", "license", "urls", "readme")
    )
    assert "Typing :: Typed" in project["classifiers"]
    (marker,) = folder.glob("src/anybank*/py.typed")
    assert marker.is_file()
