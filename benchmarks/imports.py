"""What it costs to import the library and to start the command."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

from benchmarks.measuring import in_turns, wall_of
from benchmarks.tables import Row, report

ROUNDS = 9


def started(*arguments: str) -> None:
    """Run Python with these arguments to its end."""
    subprocess.run(  # noqa: S603 # ourselves
        [sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL
    )


def main(argv: list[str]) -> None:
    """Measure and report."""
    commands = {
        "import httpx": ("-c", "import httpx"),
        "import anybank": ("-c", "import anybank"),
        "from anybank import Bank": ("-c", "from anybank import Bank"),
        "anybank --help": ("-m", "anybank", "--help"),
    }
    found = in_turns(
        {
            name: partial(wall_of, partial(started, *command))
            for name, command in commands.items()
        },
        ROUNDS,
    )
    took = {name: f"{seconds * 1e3:.0f} ms" for name, seconds in found.items()}
    ratio = found["import anybank"] / found["import httpx"]
    bank = "from anybank import Bank"  # what a program needs; `import anybank` is lazy
    rows = [
        Row("import httpx, Python's start included", took["import httpx"]),
        Row("import anybank / import httpx", took["import anybank"], ratio, 1.3),
        Row(
            f"{bank} / import httpx",
            took[bank],
            found[bank] / found["import httpx"],
            1.3,
        ),
        Row(
            "anybank --help, in seconds",
            took["anybank --help"],
            found["anybank --help"],
            0.25,
        ),
    ]
    report("Imports and starts", rows, argv)


if __name__ == "__main__":
    main(sys.argv[1:])
