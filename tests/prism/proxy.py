"""Stoplight Prism between a client and a simulator, which compares both with a document."""

from __future__ import annotations

import fcntl
import json
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from attrs import define, field

ROOT = Path(__file__).parents[2]
SPECS = ROOT.parent / "shared" / "specs"
_HOME = ROOT / "build" / "prism"
_VERSION = "@stoplight/prism-cli@5"
_IDS = re.compile(r"/[^/]*\d[^/]*")


def require_prism() -> Path:
    """Return the program; install it below `build`, or skip with the reason."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Prism needs node and npm, which are not here")
    program = _HOME / "node_modules" / ".bin" / "prism"
    _HOME.mkdir(parents=True, exist_ok=True)
    with (_HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests of several processes want it
        if not program.exists():
            options = ["--prefix", str(_HOME), "--no-audit", "--no-fund", "--silent"]
            ran = subprocess.run(  # noqa: S603  # our own words
                [npm, "install", *options, _VERSION], check=False, capture_output=True
            )
            if ran.returncode:
                pytest.skip("Prism could not be installed with npm")
    return program


def document(vendor: str) -> Path:
    """Return the vendor's document, or skip with the reason."""
    path = SPECS / f"{vendor}-openapi.json"
    if not path.exists():
        pytest.skip("the vendor's document is not here: ../shared is absent")
    return path


@contextmanager
def prism(spec: Path, upstream: str) -> Iterator[str]:
    """Run Prism in front of a server until the block ends, and return its URL."""
    program = require_prism()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(  # noqa: S603  # our own words
        [program, "proxy", spec, upstream, "-h", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            _wait(process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait(process: subprocess.Popen[str]) -> None:
    """Read what Prism prints until it listens."""
    printed = []
    for line in process.stdout or ():
        printed.append(line)
        if "Prism is listening" in line:
            return
    raise AssertionError("Prism ended: " + "".join(printed)[-2000:])


@define
class Violations(httpx.HTTPTransport):
    """A transport that collects what Prism finds in each request and response.

    `exceptions` has the reason for each place that rightly differs from the document.
    """

    exceptions: Mapping[str, str]
    problems: dict[str, None] = field(factory=dict)
    excepted: set[str] = field(factory=set)
    calls: int = 0

    def __attrs_post_init__(self) -> None:
        httpx.HTTPTransport.__init__(self, trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and note the violations, which a header of the response has."""
        response = super().handle_request(request)
        self.calls += 1
        place = f"{request.method} {_IDS.sub('/{id}', request.url.path)}"
        for item in json.loads(response.headers.get("sl-violations", "[]")):
            self._note(f"{place} {'.'.join(item['location'])}: {item['message']}")
        return response

    def _note(self, violation: str) -> None:
        reasons = [it for it in self.exceptions if it in violation]
        self.excepted.update(reasons)
        if not reasons:
            self.problems[violation] = None

    def require_none(self) -> None:
        """Fail with the problems, and with exceptions that nothing needs any more."""
        assert self.calls
        assert list(self.problems) == []
        assert set(self.exceptions) - self.excepted == set()
