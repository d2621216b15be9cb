"""How long it takes to import the library and to start the command."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

from benchmarks.tables import Row, report
from benchmarks.timing import measure_in_turns, wall_of

# Starting a process varies more than anything else that is measured here.
ROUNDS = 9


def run_python(*arguments: str) -> None:
    """Run Python with these arguments until it ends."""
    subprocess.run(  # noqa: S603 # ourselves
        [sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL
    )


def main(argv: list[str]) -> None:
    """Run this benchmark."""
    commands = {
        "import httpx": ("-c", "import httpx"),
        "import anybank": ("-c", "import anybank"),
        "from anybank import Bank": ("-c", "from anybank import Bank"),
        "anybank --help": ("-m", "anybank", "--help"),
    }
    seconds = measure_in_turns(
        {
            name: partial(wall_of, partial(run_python, *command))
            for name, command in commands.items()
        },
        ROUNDS,
    )
    shown = {name: f"{value * 1e3:.0f} ms" for name, value in seconds.items()}
    ratio = seconds["import anybank"] / seconds["import httpx"]
    bank = "from anybank import Bank"  # a program needs this; `import anybank` is lazy
    rows = [
        Row("import httpx, including the start of Python", shown["import httpx"]),
        Row("import anybank / import httpx", shown["import anybank"], ratio, 1.3),
        Row(
            f"{bank} / import httpx",
            shown[bank],
            seconds[bank] / seconds["import httpx"],
            1.3,
        ),
        Row(
            "anybank --help, in seconds",
            shown["anybank --help"],
            seconds["anybank --help"],
            0.25,
        ),
    ]
    report("Imports and start-up", rows, argv)


if __name__ == "__main__":
    main(sys.argv[1:])
