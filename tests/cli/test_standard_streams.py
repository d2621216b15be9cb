"""Standard streams: narrow code pages, closed streams, closed pipes."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from anybank import Bank
from anybank.cli import main
from anybank.cli.progress import progress
from anybank_bond.simulator import BondSimulator

from .conftest import Run

NAME = "Nguyễn"


class BrokenStream(io.RawIOBase):
    """A stream whose writes fail."""

    def __init__(self, code: int) -> None:
        self.code = code

    def writable(self) -> bool:
        return True

    def write(self, _: object) -> int:
        raise OSError(self.code, os.strerror(self.code))


def broken_stream(code: int) -> io.TextIOWrapper:
    """Return a text stream whose writes fail."""
    return io.TextIOWrapper(io.BufferedWriter(BrokenStream(code)), write_through=True)


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell with this `anybank`."""
    python = f'"{sys.executable}" -m anybank'
    return subprocess.run(  # noqa: S603  # the lines are ours
        ["/bin/sh", "-c", line.replace("anybank ", f"{python} ")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "ascii", "utf-8"])
def test_an_unknown_letter_is_escaped(
    encoding: str, run: Run, bond: BondSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written with a backslash, and the listing continues."""
    for name in ("Ada", NAME, "Bea"):
        bond.seed_customer(last_name=name)
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding=encoding))
    assert main(["customers", "list", "--bank", "bond", "--reveal"]) == 0
    # where a stream is ASCII, click writes UTF-8
    written = "utf-8" if encoding == "ascii" else encoding
    text = raw.getvalue().decode(written)
    assert all(name in text for name in ("Ada", "Nguy", "Bea"))
    assert (NAME in text) == (written == "utf-8")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_an_error_is_written_in_any_code_page(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message may contain letters that the terminal cannot show."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, write_through=True)
    monkeypatch.setattr("sys.stderr", stream)
    assert main(["diff", NAME, "sonder"]) == 1
    assert b"Nguy" in raw.getvalue()


STREAMS = {
    "reader gone": ("{ anybank diff bond sonder; echo $? >&2; } | true", "141\n", ""),
    "reader of one line": (
        "{ anybank diff bond sonder; echo $? >&2; } | head -1",
        "",
        "according to their declarations",
    ),
    "closed stdout": ("anybank diff bond sonder >&-", "standard output is closed", ""),
    "closed stdin": ("anybank diff bond sonder <&-", "", "their declarations"),
    "closed stderr": ("anybank diff bond sonder 2>&-", "", "their declarations"),
    "all closed": ("anybank diff bond sonder <&- >&- 2>&-", "", ""),
    "closed stdin that is read": ("anybank check bond - <&-", "is not JSON", ""),
    "endless stdin": ("anybank check bond - </dev/zero", "larger than 16 MiB", ""),
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_closed_stream(name: str) -> None:
    """There is no traceback, and no success is reported."""
    line, error, shown = STREAMS[name]
    ran = shell(line)
    assert error in ran.stderr
    assert shown in ran.stdout
    assert "Traceback" not in ran.stderr
    assert "Exception" not in ran.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
def test_a_full_disk_is_an_error() -> None:
    """If the output cannot be written, the exit code is not 0."""
    ran = shell("anybank diff bond sonder > /dev/full")
    assert (ran.returncode, ran.stderr) == (1, "error: No space left on device\n")


def test_no_file_gets_the_number_of_a_closed_stream() -> None:
    """Otherwise a file that is opened later would receive the output."""
    code = "from anybank.cli.standard_streams import prepare; prepare(); import os; "
    check = "os._exit(os.open('/dev/null', os.O_RDONLY) < 3)"
    ran = shell(f'"{sys.executable}" -c "{code}{check}" <&- >&- 2>&-')
    assert ran.returncode == 0


@pytest.mark.parametrize("code", [errno.EPIPE, errno.ENOSPC])
def test_a_lost_output_is_noted_on_stderr(
    code: int, bond: BondSimulator, person: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stderr names the new customer, so that nobody repeats the create."""
    stderr = io.StringIO()
    monkeypatch.setattr("sys.stdout", broken_stream(code))
    monkeypatch.setattr("sys.stderr", stderr)
    ended = main(["customers", "create", "--bank", "bond", str(person)])
    with Bank("bond") as bank:
        (customer,) = bank.customers.list()
    assert ended == (141 if code == errno.EPIPE else 1)
    assert f"customer {customer.id} was created, but" in stderr.getvalue()


def test_closed_progress_does_not_end_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """`2>&1 | head -1` does not interrupt a long run."""
    monkeypatch.setattr("sys.stderr", broken_stream(errno.EPIPE))
    with progress("moving") as report:
        for done in range(11):
            report(done, 10, "moved")


def test_a_short_list_shows_no_progress(run: Run, bond: BondSimulator) -> None:
    """Progress is for long lists."""
    for _ in range(3):
        bond.seed_customer()
    ran = run("customers", "list", "--bank", "bond", "--limit", "2")
    assert ran.err == ""
    assert len(ran.out.strip().splitlines()) == 4


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """Return a pipe without a writer."""
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


@pytest.mark.parametrize(
    "command", [["check", "bond"], ["customers", "create", "--bank", "bond"]]
)
def test_a_named_pipe_is_rejected(
    command: list[str], run: Run, bond: BondSimulator, pipe: Path
) -> None:
    """The command does not wait for a writer; programs use stdin."""
    for path in (str(pipe), "/dev/zero"):
        ran = run(*command, path)
        assert ran.code == 64
        assert "pass - and write the document to stdin" in ran.err


def test_a_byte_order_mark_is_ignored(run: Run, tmp_path: Path) -> None:
    """Windows writes one before JSON."""
    document = '\ufeff{"first_name": "Ada"}'
    (tmp_path / "ada.json").write_text(document, "utf-8")
    for ran in (
        run("check", "bond", str(tmp_path / "ada.json")),
        run("check", "bond", "-", stdin=document),
    ):
        assert "Bond would" in ran.out


def test_a_repeated_name_is_rejected(run: Run) -> None:
    """JSON would keep only one of the two values."""
    ran = run("check", "bond", "-", stdin='{"last_name": "A", "last_name": "B"}')
    assert ran.code == 1
    assert "last_name: appears twice" in ran.err
