"""The lists of slow tests name tests that exist."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[1]


def _conftest() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lists", ROOT / "conftest.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tests_that_quick_omits_exist() -> None:
    """A folder that moves is renamed in the list."""
    listed = _conftest().QUICK_LEAVES_OUT
    assert [path for path in listed if not (ROOT / path).exists()] == []


def test_the_longest_files_exist() -> None:
    """A file that is renamed is renamed in the list."""
    names = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert [name for name in _conftest().LONGEST_FIRST if name not in names] == []


def test_the_tests_that_coverage_omits_exist() -> None:
    """A name that is out of date would let the slow test run again."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    listed = re.search(r"REPEATED := ((?:.*\\\n)*.*)", makefile)
    assert listed
    paths = listed[1].replace("\\", " ").split()
    assert len(paths) > 1
    assert [path for path in paths if not (ROOT / path).exists()] == []
