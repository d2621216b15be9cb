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
    _disable_core_dumps()
    if not prepare():
        return ExitCode.FAILED
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        from .commands import run  # noqa: PLC0415  # needs the extra `cli`

        code = run(words)
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
