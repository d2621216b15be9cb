"""The demo's output folder, which each run clears of the files of earlier runs."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from ...errors import ConfigurationError

_MARK = ".anybank-demo"


@frozen
class Folder:
    """The folder that the demo writes to; `begin` refuses a folder with other files."""

    path: Path

    @property
    def journal(self) -> Path:
        """The journal of the migration."""
        return self.path / "move.db"

    @property
    def crosswalk(self) -> Path:
        """The ids of each customer at both banks."""
        return self.path / "crosswalk.csv"

    @property
    def report(self) -> Path:
        """The HTML report."""
        return self.path / "report.html"

    @property
    def files(self) -> tuple[Path, ...]:
        """All files in the folder."""
        return tuple(path for path in sorted(self.path.iterdir()) if path.is_file())

    def begin(self) -> None:
        """Create the folder, and remove the files of earlier runs and no others."""
        self.path.mkdir(parents=True, exist_ok=True)
        mark = self.path / _MARK
        # The mark shows that the demo created the folder. Without it nobody's files are
        # touched.
        if not mark.exists() and any(self.path.iterdir()):
            raise ConfigurationError(
                f"{self.path} is not empty and was not created by the demo. Choose another "
                "--output"
            )
        mark.touch()
        ours = (self.journal.name, self.crosswalk.name, self.report.name)
        for path in self.files:
            # By prefix: the journal has companions, such as move.db-wal and
            # move.db.key.
            if path.name.startswith(ours):
                path.unlink()
