"""The `anybank` command: a thin layer over the library, for people and for scripts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress

from ..exit_codes import ExitCode
from .error_messages import report_error, wants_json
from .standard_streams import mute_broken_streams, prepare


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code. Without the extra `cli`, name it.

    *arguments* default to those of the process.
    """
    # Before anything is read: a core dump has the customers and the credentials.
    _disable_core_dumps()
    # Checked before the command runs. A create whose id cannot be printed would be
    # lost.
    if not prepare():
        return ExitCode.FAILED
    # Read once, because the error report needs to know --json even where click failed
    # to parse the options.
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        from .commands import run  # noqa: PLC0415  # needs the extra `cli`

        code = run(words)
        # Here and not at exit: a full disk or a closed pipe then has an exit code.
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001  # a traceback may show personal data
        return report_error(error, as_json=wants_json(words))
    else:
        return code
    finally:
        mute_broken_streams()


def _disable_core_dumps() -> None:
    """Disable core dumps: the memory of a command is full of personal data."""
    with suppress(ImportError):  # Windows has neither the module nor core dumps
        import resource  # noqa: PLC0415  # Unix only

        _, hard_limit = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard_limit))
