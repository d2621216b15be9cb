"""The folder that the demo leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from anybank import ConfigurationError
from anybank.sandbox.demo.folder import Folder


def test_a_folder_is_made(tmp_path: Path) -> None:
    """A folder that is not there is made, its parents too."""
    folder = Folder(tmp_path / "a" / "b")
    folder.begin()
    assert folder.path.is_dir()


def test_a_run_begins_anew(tmp_path: Path) -> None:
    """What a former run left is removed, what somebody added since is kept."""
    folder = Folder(tmp_path)
    folder.begin()
    for name in ("move.db", "move.db-wal", "move.db.key", "crosswalk.csv", "mine.txt"):
        (tmp_path / name).touch()
    folder.begin()
    assert [path.name for path in folder.files] == [".anybank-demo", "mine.txt"]


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """A journal in a folder that is not the demo's is nobody's to remove."""
    (tmp_path / "move.db").touch()
    with pytest.raises(ConfigurationError, match="is not empty"):
        Folder(tmp_path).begin()
    assert (tmp_path / "move.db").exists()
