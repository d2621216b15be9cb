"""What holds for all tests: pages are tests too, the user's settings are not read, and pace.

A machine may be set up for anybank: with credentials, a proxy, attestations. No test reads
any of it: before the first one is collected the environment is made a plain one.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()], patterns=["*.md"]
).pytest()

QUICK_LEAVES_OUT = {
    "tests/migrate": "migrations, PostgreSQL, processes that are killed",
    "tests/cli": "the command",
    "tests/canary": "personal data planted in every call",
    "tests/testing": "the conformance kit, and the adapters that it must catch",
    "tests/_engine/transports": "real connections, proxies and certificates",
    "tests/sandbox": "servers of simulators",
    "tests/demo": "the demo",
    "tests/browser": "the report in a browser",
    "tests/router": "routers, with their databases",
    "tests/guides": "examples of the documentation that are programs",
    "tests/increase/test_conformance.py": "Increase in the conformance kit",
    "tests/increase/test_migrations.py": "migrations to Increase",
    "tests/increase/test_official_client.py": "the vendor's own client",
    "tests/unit/test_conformance.py": "Unit in the conformance kit",
    "tests/unit/test_migrations.py": "migrations from and to Unit",
    "tests/test_roundtrip.py": "customers written and read back, property by property",
    "tests/_engine/transports/test_live_host_guard.py": "pytest in pytest",
    "tests/test_hermetic.py": "the same",
    "docs": "the documentation",
    "adapters": "the pages of the adapters",
}
"""What `make quick` does not run, and what it is: by path, for the fixtures differ."""

LONGEST_FIRST = (
    "test_many_workers.py",
    "test_work.py",
    "test_kills.py",
    "test_enqueue.py",
    "test_adopt.py",
    "test_settlement.py",
    "test_broken.py",
    "test_sonder.py",
    "test_journal.py",
    "test_reconnections.py",
    "test_kit.py",
    "test_roundtrip.py",
    "test_hostile.py",
    "test_celery_tasks.py",
    "test_tracker.py",
    "test_bond.py",
    "test_signed_metadata.py",
    "test_conformance.py",
    "test_scaffold.py",
    "test_live.py",
    "test_celery_migration.py",
    "test_canary.py",
    "test_check.py",
    "test_money.py",
    "test_plan.py",
    "test_postgres.py",
    "test_loops.py",
    "test_acme.py",
    "test_odd_answers.py",
    "test_plan_progress.py",
    "test_apply.py",
    "test_rollback.py",
    "test_async_money.py",
    "test_live_host_guard.py",
    "test_loopback.py",
    "test_forks.py",
    "test_standard_streams.py",
    "test_onboarding.py",
    "test_resolve.py",
    "test_generated.py",
    "test_demo.py",
    "test_server.py",
    "test_worker_log.py",
    "test_outages.py",
    "test_migrations.py",
    "test_mutations.py",
    "test_interruption.py",
    "test_customers.py",
    "test_fault_runs.py",
    "test_crashes.py",
)
"""The slowest files, the slowest first: one that starts last would run on alone."""

_ROOT = Path(__file__).parent
_MEMORY = Path("/dev/shm")  # noqa: S108  # pytest makes a private directory in it
_NEEDED_SPACE = 2 * 2**30
"""Bytes: ten times what the directories of a whole run hold, for three runs."""

_PREFIXES = ("ANYBANK_", "XDG_", "PG", "SENTRY_", "SSL_CERT_")
_NAMES = frozenset(
    {
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
        *("NETRC", "SSLKEYLOGFILE", "PYTEST_ADDOPTS", "PYTEST_PLUGINS"),
        *("FORCE_COLOR", "NO_COLOR", "COLUMNS", "LINES", "PAGER", "MYPYPATH"),
    }
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of `make quick`."""
    parser.addoption(
        "--quick", action="store_true", help="leave out what takes long, and name it"
    )


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what --quick leaves out."""
    if not config.getoption("--quick"):
        return
    terminalreporter.write_line("left out, for `make test` (or `pytest PATH`) to run:")
    for path, what in QUICK_LEAVES_OUT.items():
        terminalreporter.write_line(f"  {path}: {what}")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out with --quick what is listed."""
    if not config.getoption("--quick"):
        return None
    left_out = any(
        collection_path.is_relative_to(_ROOT / each) for each in QUICK_LEAVES_OUT
    )
    return left_out or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    places = {name: at for at, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


def pytest_collection_finish() -> None:
    """Keep the collector of garbage from walking over some hundred thousand tests' parts."""
    gc.freeze()
    gc.enable()


def _memory_file_system() -> str | None:
    """Return the root of a memory file system with enough space, None without one.

    A journal waits for its disk at every commit, which is most of the time of its tests.
    """
    try:
        free = shutil.disk_usage(_MEMORY).free
    except OSError:
        return None
    is_usable = free > _NEEDED_SPACE and os.access(_MEMORY, os.W_OK)
    return str(_MEMORY) if is_usable else None


def pytest_configure(config: pytest.Config) -> None:
    """Leave nothing of the user's environment, and give the tests a home of their own."""
    # Of what is collected nothing is garbage, and the tests leave little: to look for some as
    # often as Python does takes a tenth of their time.
    gc.disable()
    gc.set_threshold(20_000, 10, 10)
    if hasattr(config, "workerinput"):
        return  # pytest-xdist's processes inherit what the first one has made
    for name in [*os.environ]:
        if name.upper().startswith(_PREFIXES) or name.upper() in _NAMES:
            del os.environ[name]
    home = tempfile.mkdtemp(prefix="anybank-tests-home-")
    os.environ["HOME"] = home
    if shm := _memory_file_system():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", shm)
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
