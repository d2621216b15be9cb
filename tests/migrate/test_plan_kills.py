"""A real process that plans is killed, and the next one continues at its last page."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from attrs import define, evolve, field
from tests.migrate.moving import bond_to_sonder, people

from anybank.adapter.wire import Request, Response
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank.sandbox.faults import AnswerDelayed
from anybank.sandbox.server import serve
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator

_PAGE = 2
_KILLED_AT = 30
"""The page that has no response until the process is killed."""


@define(eq=False)
class SmallPages:
    """A source that serves small pages, and falls silent at one of them."""

    bank: BondSimulator
    pages: list[int] = field(factory=list)
    is_silent: threading.Event = field(factory=threading.Event)

    @property
    def base_path(self) -> str:
        return self.bank.base_path

    def __call__(self, request: Request) -> Response:
        query = dict(request.query)
        if "page" not in query:
            return self.bank(request)
        self.pages.append(int(query["page"]))
        small = evolve(request, query={**query, "per_page": str(_PAGE)})
        response = self.bank(small)
        if len(self.pages) == _KILLED_AT:
            self.is_silent.set()
            raise AnswerDelayed(response, 30.0)
        return response


def _environment(urls: dict[str, str]) -> dict[str, str]:
    variables = {**os.environ}
    for name, kind in (("bond", BondSimulator), ("sonder", SonderSimulator)):
        prefix = f"ANYBANK_{name.upper()}"
        variables[f"{prefix}_BASE_URL"] = urls[name]
        variables[f"{prefix}_RATE_LIMIT"] = "none"
        for option, value in kind.credentials.items():
            variables[f"{prefix}_{option.upper()}"] = value
    return variables


def test_a_plan_continues_after_a_kill(tmp_path: Path) -> None:
    """After SIGKILL the same command reads no more than 20 pages again."""
    moving = bond_to_sonder(tmp_path, 80)
    source = SmallPages(moving.source)
    words = ("migrate", "plan", "--from", "bond", "--to", "sonder")
    files = ("--journal", str(moving.journal), "--supplement", str(moving.supplement))
    command = [sys.executable, "-m", "anybank", *words, *files, "--accept-loss", "all"]
    command += ["--accept-quality", "all"]  # many have the same name
    with serve({"bond": source, "sonder": moving.target}) as running:
        environment = _environment(dict(running.urls))
        with (tmp_path / "log").open("wb") as log:
            first = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: S603  # our own interpreter
        assert source.is_silent.wait(60), (tmp_path / "log").read_text()
        first.kill()
        first.wait(10)
        second = subprocess.run(  # noqa: S603  # our own interpreter
            command, env=environment, capture_output=True, text=True, check=False
        )
    assert second.returncode == 0, second.stdout + second.stderr
    assert "the interrupted plan continues" in second.stderr
    assert source.pages[_KILLED_AT] == 21
    with Journal.open(moving.journal) as journal:
        ready = {record.source_id for record in journal.records({State.READY})}
    assert ready == set(people(moving.source))
