"""A real process, killed over real HTTP, and another that takes its journal up."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from attrs import define

from anybank import migrate
from anybank.migrate import Side
from anybank.sandbox.server import serve
from anybank.wire import Request, Response
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator

from .moving import NAMES, people, sonder_person

SCRIPT = """\
import sys
from anybank import migrate
migrate.apply(journal=sys.argv[1])
"""


@define
class Killer:
    """A bank that kills its client when it gets one of its creates."""

    bank: Any
    at: int
    acts_first: bool
    victim: subprocess.Popen[bytes] | None = None
    creates: int = 0

    @property
    def base_path(self) -> str:
        return str(self.bank.base_path)

    def __call__(self, request: Request) -> Response:
        self.creates += request.method == "POST"
        if self.victim is None or self.creates != self.at:
            return self.bank(request)  # type: ignore[no-any-return] # a simulator
        answer = self.bank(request) if self.acts_first else Response(status=503)
        self.victim.kill()
        self.victim.wait()
        self.victim = None
        return answer


def environment(urls: dict[str, str]) -> dict[str, str]:
    """Return what the command needs to find both banks."""
    given = {**os.environ}
    for name, kind in (("bond", BondSimulator), ("sonder", SonderSimulator)):
        given[f"ANYBANK_{name}_BASE_URL".upper()] = urls[name]
        given[f"ANYBANK_{name}_RATE_LIMIT".upper()] = "none"
        for option, value in kind.credentials.items():
            given[f"ANYBANK_{name}_{option}".upper()] = value
    return given


def sides(urls: dict[str, str]) -> tuple[Side, Side]:
    """Return both sides as this process reaches them."""
    made = [
        Side(name, {"base_url": urls[name], "rate_limit": None, **kind.credentials})
        for name, kind in (("sonder", SonderSimulator), ("bond", BondSimulator))
    ]
    return made[0], made[1]


@pytest.mark.parametrize("acts_first", [True, False])
@pytest.mark.parametrize("at", [1, 5])
def test_a_killed_process_is_taken_up(
    tmp_path: Path, at: int, *, acts_first: bool
) -> None:
    """Whether Bond acted or not, everyone is there once after the next apply."""
    sonder, journal = SonderSimulator(), tmp_path / "move.db"
    ids = [sonder.seed_customer(**sonder_person(at)) for at in range(len(NAMES))]
    (tmp_path / "ids").write_text("\n".join(ids))
    killer = Killer(BondSimulator(seed=1), at, acts_first=acts_first)
    with serve({"sonder": sonder, "bond": killer}) as running:
        source, target = sides(dict(running.urls))
        migrate.plan(
            source, target, journal=journal, ids=tmp_path / "ids", accept_loss="all"
        )
        killer.victim = victim = subprocess.Popen(  # noqa: S603  # our own interpreter
            [sys.executable, "-c", SCRIPT, str(journal)],
            env=environment(dict(running.urls)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert victim.wait() == -9
        summary = migrate.apply(journal=journal, source=source, target=target)
    assert summary.open == 0
    assert sorted(people(killer.bank).values()) == sorted(NAMES)
