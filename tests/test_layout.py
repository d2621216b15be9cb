"""The layout of the source: few folders, small modules, pages that name existing files."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools.adapter_lines import count
from tools.sync import MODULES

from anybank.cli.migrate import migrate

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "anybank"
ADAPTERS = ROOT / "adapters"

_MOST_LINES_OF_UNIT = 450
_UNCOUNTED = {"__init__.py", "__init__.pyi", "__main__.py", "py.typed", "__pycache__"}
_TOP_LEVEL = {
    *("src", "adapters", "tests", "cassettes", "docs", "benchmarks", "tools"),
    *("README.md", "LICENSE", "CONTRIBUTING.md", "SECURITY.md"),
    *("Makefile", "pyproject.toml", "conftest.py"),
}
_WRITTEN_BY_TOOLS = {"build", "dist", "demo-output", "node_modules", "htmlcov"}
_PATH = re.compile(r"`((?:src|tests|docs|adapters|tools)/[\w./]+)`")


def entries(directory: Path) -> list[str]:
    """Return the names in a directory, without those that every package has."""
    return sorted(
        path.name for path in directory.iterdir() if path.name not in _UNCOUNTED
    )


def modules() -> Iterator[Path]:
    """Yield each module of the library and of the adapters."""
    yield from SOURCE.rglob("*.py")
    yield from ADAPTERS.glob("*/src/**/*.py")


@pytest.mark.parametrize(
    ("directory", "most"),
    [(SOURCE, 18), (SOURCE / "migrate", 12)],
    ids=["top", "migrate"],
)
def test_a_folder_has_few_entries(directory: Path, most: int) -> None:
    """The top folders have few entries, so that a new module goes into a subfolder."""
    names = entries(directory)
    assert len(names) <= most, f"{directory.name} has {len(names)} entries: {names}"


def test_the_top_of_the_repository_has_what_every_project_has() -> None:
    """The root has only the usual entries, dot files and files that tools write."""
    names = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert names - _TOP_LEVEL - _UNCOUNTED - _WRITTEN_BY_TOOLS == set()


def test_no_module_is_long() -> None:
    """A module that grows beyond 400 lines has more than one subject."""
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines())
        for path in modules()
    }
    assert {path: lines for path, lines in lengths.items() if lines > 400} == {}


def test_no_two_public_classes_share_a_name() -> None:
    """No two public classes of the core have the same name.

    The synchronous modules have the names of the asynchronous ones on purpose, and
    `json_api.Resource` has that of its base.
    """
    namesakes = {SOURCE / name for name in MODULES.values()}
    namesakes.add(SOURCE / "adapter" / "json_api.py")
    homes: defaultdict[str, list[str]] = defaultdict(list)
    for path in SOURCE.rglob("*.py"):
        if path in namesakes or "template" in path.parts:
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(str(path.relative_to(ROOT)))
    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}


@pytest.mark.parametrize("verb", sorted(migrate.commands))
def test_a_verb_has_one_name_everywhere(verb: str) -> None:
    """Each command of `anybank migrate` has a module and tests with its name."""
    assert (SOURCE / "cli" / "migrate" / f"{verb}.py").is_file()
    assert (ROOT / "tests" / "cli" / "migrate" / f"test_{verb}.py").is_file()


@pytest.mark.parametrize(
    "page", ["CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md"]
)
def test_the_files_that_a_page_names_exist(page: str) -> None:
    """The files that contributors' pages name exist."""
    paths = set(_PATH.findall((ROOT / page).read_text("utf-8"))) - {"docs/_site"}
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_an_adapter_is_short() -> None:
    """What adapters have in common is in the interface for authors, and not in Unit."""
    assert sum(count(ROOT / "adapters" / "unit").values()) < _MOST_LINES_OF_UNIT
