"""The folder that the demo leaves: its own alone, begun anew by each run."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from ...errors import ConfigurationError

_MARK = ".anybank-demo"


@frozen
class Folder:
    """Where the demo writes; `begin` refuses a folder in which there is something else."""

    path: Path

    @property
    def journal(self) -> Path:
        """The journal of the move."""
        return self.path / "move.db"

    @property
    def crosswalk(self) -> Path:
        """Which customer became which."""
        return self.path / "crosswalk.csv"

    @property
    def report(self) -> Path:
        """The page to read and to file."""
        return self.path / "report.html"

    @property
    def files(self) -> tuple[Path, ...]:
        """All that is in the folder."""
        return tuple(path for path in sorted(self.path.iterdir()) if path.is_file())

    def begin(self) -> None:
        """Make the folder, and remove what a former run left; nobody else's files."""
        self.path.mkdir(parents=True, exist_ok=True)
        mark = self.path / _MARK
        if not mark.exists() and any(self.path.iterdir()):
            raise ConfigurationError(
                f"{self.path} is not empty and not the demo's: give another --output"
            )
        mark.touch()
        ours = (self.journal.name, self.crosswalk.name, self.report.name)
        for path in self.files:
            if path.name.startswith(ours):
                path.unlink()
