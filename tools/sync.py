"""Write the synchronous modules from the asynchronous ones: `make sync`.

`python -m tools.sync --check` writes nothing and exits 1 if a stored copy is stale, which
is what `make lint` and a test run. unasync replaces tokens only, so the asynchronous module
must spell everything that differs as one name or one string.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import unasync

SOURCE = Path(__file__).parents[1] / "src" / "anybank"
MODULES = {
    "_engine/aio_resources.py": "_engine/resources.py",
    "_engine/aio_account_resources.py": "_engine/account_resources.py",
    "_engine/aio_transaction_resources.py": "_engine/transaction_resources.py",
    "_engine/aio_assembly.py": "_engine/assembly.py",
    "aio.py": "client.py",
}
# In addition to the renames that unasync makes by itself, such as `__aenter__` and
# `await`.
_NAMES: Mapping[str, str] = {
    "AsyncBank": "Bank",
    "AsyncConnection": "SyncConnection",
    "run_raw_async": "run_raw",
    "AsyncBaseTransport": "BaseTransport",
    "AsyncListing": "Listing",
    "aclose": "close",
    "aio_assembly": "assembly",
    "aio_account_resources": "account_resources",
    "aio_transaction_resources": "transaction_resources",
    "aio_resources": "resources",
    "connect_async": "connect",
    "handle_async_request": "handle_request",
    "run_async": "run",
    "shielded_async": "shielded",
}
_HEADER = "# Generated from {source} by `make sync`: edit that file instead.\n\n"


def synchronous(source: str) -> str:
    """Return the text of the synchronous module that is generated from a module."""
    with TemporaryDirectory() as directory:
        # unasync replaces the first part of a rule by the second in the path of its
        # output, so the two need directories of their own.
        original = Path(directory, "async", Path(source).name)
        original.parent.mkdir()
        original.write_text((SOURCE / source).read_text("utf-8"), "utf-8")
        rule = unasync.Rule("/async/", "/sync/", _NAMES)
        unasync.unasync_files([str(original)], [rule])
        text = Path(directory, "sync", original.name).read_text("utf-8")
    header = _HEADER.format(source=Path(source).name)
    return _formatted(header + text, SOURCE / MODULES[source])


def _formatted(text: str, path: Path) -> str:
    """Return a text as `make format` would write it."""
    ruff = [sys.executable, "-m", "ruff"]
    # ruff sorts the imports again, whose order depends on the renamed modules.
    for command in (["check", "--fix-only", "--quiet"], ["format"]):
        text = subprocess.run(  # noqa: S603  # our own formatter
            [*ruff, *command, "--stdin-filename", str(path), "-"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    return text


def stale() -> Iterator[str]:
    """Yield the generated modules that differ from what would be written."""
    for source, target in MODULES.items():
        if (SOURCE / target).read_text("utf-8") != synchronous(source):
            yield target


def main() -> int:
    """Write the generated modules, or check them."""
    if "--check" in sys.argv[1:]:
        for name in (names := list(stale())):
            sys.stderr.write(f"{name} is stale. Run `make sync`.\n")
        return bool(names)
    for source, target in MODULES.items():
        (SOURCE / target).write_text(synchronous(source), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
