"""A process that forks others, each of which runs `anybank` and dies at a step.

Run as a script, it reads a line of JSON for each and writes a line at its end. The slow
part, importing, is done before.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import Any

import sqlalchemy as sa
from attrs import define

from anybank._engine.transports.endpoint import Endpoint
from anybank._engine.transports.selection import connect_async
from anybank.cli import main
from anybank.plugins import find, providers

_SOMEWHERE = Endpoint.at("http://localhost", 1.0)


@define
class Deadly:
    """Counts every commit, request and response, and sends a signal at one."""

    step: int
    signum: int = signal.SIGKILL
    taken: int = 0

    def take(self) -> None:
        """Take a step; at the deadly one, die before it or get the signal."""
        self.taken += 1
        if self.taken == self.step:
            os.kill(os.getpid(), self.signum)

    def watch(self) -> None:
        """Take a step at each commit, request and response."""
        # SQLAlchemy calls this before the commit, so a deadly step loses the transaction.
        sa.event.listen(sa.Engine, "commit", lambda _: self.take())
        wire: Any = type(connect_async(_SOMEWHERE, None))  # of this process alone
        wire.send = self._around(wire.send)

    def _around(
        self, send: Callable[..., Awaitable[Any]]
    ) -> Callable[..., Awaitable[Any]]:
        async def stepping(*args: Any) -> Any:
            self.take()
            answer = await send(*args)
            self.take()
            return answer

        return stepping


def _live(order: Mapping[str, Any], report: int) -> None:
    """Run the command as a process of its own, and report its steps."""
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    deadly = Deadly(order["step"], order["signum"])
    deadly.watch()
    code = main(order["arguments"])
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(report, str(deadly.taken).encode())
    # Not sys.exit: the child must not run the parent's loop over further commands.
    os._exit(code)


def _launch(order: Mapping[str, Any]) -> dict[str, int]:
    """Fork the process of a command, kill it after a delay if asked, and wait."""
    reading, report = os.pipe()
    child = os.fork()
    if not child:
        _live(order, report)
    # Otherwise the read below would wait for this end of the pipe if the child was killed.
    os.close(report)
    if order["after"]:
        time.sleep(order["after"])
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    taken = os.read(reading, 32)
    os.close(reading)
    return {"code": os.waitstatus_to_exitcode(status), "steps": int(taken or b"0")}


def _serve() -> None:
    for module in ("anybank.migrate", "anybank.cli.commands"):
        import_module(module)
    for info in providers():
        find(info.name)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_launch(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
