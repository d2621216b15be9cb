"""A real PostgreSQL server, which is started for the tests and removed after them.

Its data are in memory where the tests' directories are, and nothing waits for a disk: the
tests show the behaviour of a journal, not that disks keep their data. Passwords are checked
by MD5, because SCRAM makes every connection of the thousands slow. The benchmarks start a
server with other settings.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from attrs import define, field

PASSWORD = "correct-horse-battery"
"""That of the user `anybank`."""

_PLACES = ("/usr/lib/postgresql", "/usr/local/lib/postgresql", "/opt/homebrew/opt")
_FAST = (
    "fsync=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=128MB",
    "shared_buffers=16MB",
    "autovacuum=off",
    "jit=off",
)
_MEMORY = "PYTEST_DEBUG_TEMPROOT"
"""The variable with the root of the tests' directories; conftest.py sets it."""


@define
class Server:
    """A server on a loopback port, in a directory of its own."""

    binaries: Path
    directory: Path
    port: int
    settings: Sequence[str] = _FAST
    count: int = field(init=False, default=0)
    is_running: bool = field(init=False, default=False)

    @property
    def data(self) -> Path:
        return self.directory / "data"

    def run(self, program: str, *words: str) -> None:
        """Run one of the server's programs, as a user that it accepts."""
        done = subprocess.run(  # noqa: S603  # Debian's own, found by path
            [*_as_user(), self.binaries / program, *words],
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")

    def start(self) -> None:
        settings = (f"port={self.port}", "listen_addresses=127.0.0.1")
        options = " ".join(f"-c {one}" for one in (*settings, *self.settings))
        log = self.directory / "log"
        options = f"{options} -c unix_socket_directories={self.directory}"
        self.run(
            "pg_ctl", "-D", str(self.data), "-w", "-l", str(log), "-o", options, "start"
        )
        self.is_running = True

    def start_again(self) -> None:
        """Start the server after a test has stopped it."""
        if not self.is_running:
            self.start()

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server; `immediate` is like a power failure."""
        self.run("pg_ctl", "-D", str(self.data), "-w", "-m", mode, "stop")
        self.is_running = False

    def url(self, journal: str, password: str = PASSWORD) -> str:
        """Return the URL of a journal, in the form that a user writes."""
        at = f"anybank:{password}@127.0.0.1:{self.port}/postgres"
        return f"postgresql://{at}?journal={journal}"

    def new_url(self) -> str:
        """Return the URL of a journal that does not exist yet."""
        self.count += 1
        return self.url(f"journal_{self.count}")

    def sql(self, statement: str) -> list[sa.Row[tuple[object, ...]]]:
        """Run a statement as the owner of the server, and return its rows."""
        url = f"postgresql+psycopg://anybank:{PASSWORD}@127.0.0.1:{self.port}/postgres"
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            result = connection.exec_driver_sql(statement)
            return list(result) if result.returns_rows else []

    def end_sessions(self) -> None:
        """End every other session, as an operator or a network failure does."""
        self.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


@contextmanager
def running(settings: Sequence[str] = _FAST) -> Iterator[Server]:
    """Start a server with an empty database, and remove both in the end."""
    binaries = find_binaries() or installed()
    mine = f"anybank-pg-{os.getpid()}-"  # whose it is, for who finds it left over
    root = os.environ.get(_MEMORY)
    with tempfile.TemporaryDirectory(prefix=mine, dir=root) as directory:
        server = Server(binaries, Path(directory), _free_port(), settings)
        _give_away(server.directory)
        _initialise(server)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _initialise(server: Server) -> None:
    secret = server.directory / "password"
    secret.write_text(PASSWORD)
    _give_away(secret)
    words = ("-U", "anybank", "-A", "md5", f"--pwfile={secret}", "--no-sync")
    server.run("initdb", "-D", str(server.data), *words, "-E", "UTF8", "--locale=C")


def find_binaries() -> Path | None:
    """Return the directory of the newest server's programs, or None."""
    programs = [path for place in _PLACES for path in Path(place).glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    if programs:
        return max(programs).parent
    return Path(on_path).resolve().parent if on_path else None


def installed() -> Path:
    """Install Debian's server where that is allowed, or skip the test."""
    apt = shutil.which("apt-get")
    if apt is None or os.getuid() != 0:
        pytest.skip(
            "no PostgreSQL here, and no right to install it: apt-get install it"
        )
    with (Path(tempfile.gettempdir()) / "anybank-apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one of the processes that test installs it
        if find_binaries() is None:
            words = ("install", "-y", "--no-install-recommends", "postgresql")
            subprocess.run(  # noqa: S603  # Debian's own
                [apt, *words],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                capture_output=True,
                check=False,
            )
    return find_binaries() or pytest.skip(
        "PostgreSQL could not be installed with apt-get"
    )


def _as_user() -> Sequence[str]:
    """Return the arguments that run a program as a user other than root."""
    return ("runuser", "-u", "postgres", "--") if os.getuid() == 0 else ()


def _give_away(path: Path) -> None:
    if os.getuid() == 0:
        shutil.chown(path, "postgres", "postgres")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
