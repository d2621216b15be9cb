"""Standard streams as they come: narrow code pages, closed ones, readers who leave."""

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


class Gone(io.RawIOBase):
    """A stream that cannot be written to."""

    def __init__(self, code: int) -> None:
        self.code = code

    def writable(self) -> bool:
        return True

    def write(self, _: object) -> int:
        raise OSError(self.code, os.strerror(self.code))


def gone(code: int) -> io.TextIOWrapper:
    """Return a text stream of that kind."""
    return io.TextIOWrapper(io.BufferedWriter(Gone(code)), write_through=True)


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of a shell in which `anybank` is this one."""
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
def test_a_letter_that_the_code_page_lacks_ends_nothing(
    encoding: str, run: Run, bond: BondSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written with a backslash, and everybody after it is listed."""
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
    """A message may name what the terminal cannot show."""
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
def test_a_stream_that_is_not_there(name: str) -> None:
    """No traceback, no noise at the end, and nothing that was not done is claimed."""
    line, error, shown = STREAMS[name]
    ran = shell(line)
    assert error in ran.stderr
    assert shown in ran.stdout
    assert "Traceback" not in ran.stderr
    assert "Exception" not in ran.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
def test_a_full_disk_under_stdout_is_an_error() -> None:
    """What was not written was not shown, so the exit code is not 0."""
    ran = shell("anybank diff bond sonder > /dev/full")
    assert (ran.returncode, ran.stderr) == (1, "error: No space left on device\n")


def test_closed_streams_give_their_numbers_to_no_file() -> None:
    """A file opened later would get what is printed."""
    code = "from anybank.cli.standard_streams import prepare; prepare(); import os; "
    check = "os._exit(os.open('/dev/null', os.O_RDONLY) < 3)"
    ran = shell(f'"{sys.executable}" -c "{code}{check}" <&- >&- 2>&-')
    assert ran.returncode == 0


@pytest.mark.parametrize("code", [errno.EPIPE, errno.ENOSPC])
def test_what_was_done_is_told_where_it_cannot_be_shown(
    code: int, bond: BondSimulator, person: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A customer who was created is named on stderr: nobody repeats the create."""
    told = io.StringIO()
    monkeypatch.setattr("sys.stdout", gone(code))
    monkeypatch.setattr("sys.stderr", told)
    ended = main(["customers", "create", "--bank", "bond", str(person)])
    with Bank("bond") as bank:
        (customer,) = bank.customers.list()
    assert ended == (141 if code == errno.EPIPE else 1)
    assert f"customer {customer.id} was created, but" in told.getvalue()


def test_nobody_reading_progress_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """`2>&1 | head -1` on a long run does not leave it half done."""
    monkeypatch.setattr("sys.stderr", gone(errno.EPIPE))
    with progress("moving") as report:
        for done in range(11):
            report(done, 10, "moved")


def test_a_short_list_has_no_count_above_it(run: Run, bond: BondSimulator) -> None:
    """A count of what was listed so far is for long lists."""
    for _ in range(3):
        bond.seed_customer()
    ran = run("customers", "list", "--bank", "bond", "--limit", "2")
    assert ran.err == ""
    assert len(ran.out.strip().splitlines()) == 4


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """Return a pipe that nobody writes to."""
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


@pytest.mark.parametrize(
    "command", [["check", "bond"], ["customers", "create", "--bank", "bond"]]
)
def test_a_document_in_a_pipe_is_refused(
    command: list[str], run: Run, bond: BondSimulator, pipe: Path
) -> None:
    """Nothing waits for a writer; stdin is what takes a document from a program."""
    for path in (str(pipe), "/dev/zero"):
        ran = run(*command, path)
        assert ran.code == 64
        assert "pass - and write the document to stdin" in ran.err


def test_a_document_may_begin_with_a_mark(run: Run, tmp_path: Path) -> None:
    """Windows writes a byte-order mark before JSON."""
    document = '\ufeff{"first_name": "Ada"}'
    (tmp_path / "ada.json").write_text(document, "utf-8")
    for ran in (
        run("check", "bond", str(tmp_path / "ada.json")),
        run("check", "bond", "-", stdin=document),
    ):
        assert "Bond would" in ran.out


def test_a_name_that_comes_twice_is_refused(run: Run) -> None:
    """One of the two would be dropped in silence."""
    ran = run("check", "bond", "-", stdin='{"last_name": "A", "last_name": "B"}')
    assert ran.code == 1
    assert "last_name: appears twice" in ran.err
