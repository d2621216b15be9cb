"""The command `anybank`: a thin layer over the library, for people and for scripts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress

from ..exit_codes import ExitCode
from .failures import tell, wants_json
from .streams import prepare, settle


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; says what is missing without its extra.

    `arguments` are those of the process where none are given.
    """
    _dump_no_core()
    if not prepare():
        return ExitCode.FAILED
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        from .commands import run  # noqa: PLC0415  # needs the extra `cli`

        code = run(given)
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001  # no traceback: it may show a person
        return tell(error, as_json=wants_json(given))
    else:
        return code
    finally:
        settle()


def _dump_no_core() -> None:
    """Let a crash leave nothing behind: what is in memory is full of people."""
    with suppress(ImportError):  # where there are no limits, there are no dumps
        import resource  # noqa: PLC0415  # of Unix alone

        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))
