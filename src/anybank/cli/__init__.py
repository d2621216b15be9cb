"""The command `anybank`: a thin layer over the library, for people and for scripts."""

from __future__ import annotations

from collections.abc import Sequence

from .failures import tell


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; says what is missing without its extra.

    `arguments` are those of the process where none are given.
    """
    try:
        from .commands import run  # noqa: PLC0415  # needs the extra `cli`

        return run(arguments)
    except BaseException as error:  # noqa: BLE001  # no traceback: it may show a person
        return tell(error)
