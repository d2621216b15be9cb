"""The demo's output folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from anybank import ConfigurationError
from anybank.sandbox.demo.folder import Folder


def test_a_missing_folder_is_created(tmp_path: Path) -> None:
    """A folder that does not exist is created, with its parents."""
    folder = Folder(tmp_path / "a" / "b")
    folder.begin()
    assert folder.path.is_dir()


def test_a_run_removes_the_files_of_earlier_runs(tmp_path: Path) -> None:
    """Files of an earlier run are removed, and files that somebody added stay."""
    folder = Folder(tmp_path)
    folder.begin()
    for name in ("move.db", "move.db-wal", "move.db.key", "crosswalk.csv", "mine.txt"):
        (tmp_path / name).touch()
    folder.begin()
    assert [path.name for path in folder.files] == [".anybank-demo", "mine.txt"]


def test_another_folder_is_left_alone(tmp_path: Path) -> None:
    """A journal in a folder that the demo did not create is not removed."""
    (tmp_path / "move.db").touch()
    with pytest.raises(ConfigurationError, match="is not empty"):
        Folder(tmp_path).begin()
    assert (tmp_path / "move.db").exists()
