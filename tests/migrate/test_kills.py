"""A real process is killed over real HTTP at any step, and the next one continues.

`anybank migrate` runs as a process of its own against banks in the test's process. It is
killed with SIGKILL at steps that are spread evenly over all commits, requests and
responses, and from outside at any moment. SIGTERM, which drains, comes at such steps too.
`make proof` kills it 560 times, CI 36 times, and `make test` 9 times. The proofs also kill
runs to a bank that decides later, CI those whose people are decided.
"""

from __future__ import annotations

import copy
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from attrs import define, field, frozen
from tests.proofs import PROFILE, PROOF

from anybank import KycStatus, migrate
from anybank.adapter.wire import Request, Response
from anybank.migrate import Side
from anybank.sandbox.server import serve
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator
from anybank_unit.simulator import UnitSimulator

from .moving import (
    NAMES,
    Moving,
    belongs_here,
    bond_to_sonder,
    people,
    settle,
    sonder_to_bond,
)
from .routes import route

KILLS = {"thorough": 50, "short": 4}.get(PROFILE, 1)
"""How often each scenario is killed at a step: and a fifth as often in the other ways."""

KINDS = {"bond": BondSimulator, "sonder": SonderSimulator, "unit": UnitSimulator}
KILLED = -9
TERMINATED = 143
_CONCURRENCY = ("--concurrency", "3")


def _name_of(bank: Any) -> str:
    return next(name for name, kind in KINDS.items() if isinstance(bank, kind))


@define(eq=False)
class Stage:
    """A bank at one address, whose simulator changes from scene to scene."""

    base_path: str
    bank: Any = None

    def __call__(self, request: Request) -> Response:
        return self.bank(request)  # type: ignore[no-any-return] # a simulator


@frozen
class Ended:
    """How a command ended, and how many steps it took."""

    code: int
    steps: int


@define
class Launcher:
    """Runs `anybank` in processes of its own, against two stages."""

    process: subprocess.Popen[str]
    log: Path

    @classmethod
    def start(cls, log: Path, environment: dict[str, str]) -> Self:
        script = Path(__file__).with_name("victims.py")
        process = subprocess.Popen(  # noqa: S603  # our own interpreter
            [sys.executable, str(script)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return cls(process, log)

    def run(
        self,
        *arguments: str,
        step: int = 0,
        after: float = 0,
        signum: int = signal.SIGKILL,
    ) -> Ended:
        """Run a command; send a signal at a step, or kill it after some seconds."""
        order = {
            "arguments": arguments,
            "step": step,
            "signum": signum,
            "after": after,
            "log": str(self.log),
        }
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return Ended(**json.loads(self.process.stdout.readline()))

    def close(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()
        assert self.process.wait() == 0


@define
class Theatre:
    """Both stages, their addresses, and the launcher of processes."""

    stages: dict[str, Stage]
    urls: dict[str, str]
    launcher: Launcher

    def show(self, moving: Moving) -> None:
        """Put the banks of a migration on their stages."""
        for bank in (moving.source, moving.target):
            self.stages[_name_of(bank)].bank = bank

    def quiet(self) -> None:
        """Wait until the banks have handled the requests of a dead client."""
        for url in self.urls.values():
            httpx.get(url, trust_env=False)

    def side(self, bank: Any) -> Side:
        """Return the side of a bank for this process."""
        name = _name_of(bank)
        options = {"base_url": self.urls[name], "rate_limit": None, "timeout": 0.6}
        return Side(name, {**options, **type(bank).credentials})


@frozen
class Scenario:
    """A command to kill, and the setup of its migration."""

    name: str
    begin: Callable[[Path], Moving]
    command: str = "apply"
    is_applied: bool = False
    """Whether an undisturbed apply, and Unit's decisions, come before the command."""


def undecided(path: Path) -> Moving:
    """Return a migration to a Unit that decides about everybody later."""
    moving = route("sonder", "unit", path, 8)
    moving.target.choose_kyc(KycStatus.UNDER_REVIEW)
    return moving


def decide_all(unit: UnitSimulator) -> int:
    """Approve everybody about whom Unit has not decided; return how many that were."""
    rows = unit.people.applications.rows
    waiting = [
        number
        for number, row in rows.items()
        if row["attributes"]["status"] == "PendingReview"
    ]
    for number in waiting:
        unit.decide(f"application-{number}", KycStatus.PASSED)
    return len(waiting)


SCENARIOS = [
    Scenario("accepts", lambda at: bond_to_sonder(at, 8, duplicate_ssn="accept")),
    Scenario("rejects", lambda at: bond_to_sonder(at, 8, duplicate_ssn="reject")),
    Scenario("looked at", lambda at: sonder_to_bond(at, 8)),
    Scenario("back from sonder", lambda at: bond_to_sonder(at, 8), "rollback"),
    Scenario("back from bond", lambda at: sonder_to_bond(at, 8), "rollback"),
    Scenario("decided", undecided, is_applied=True),
    Scenario("undecided", undecided),
    Scenario("back from unit", undecided, "rollback"),
][: {"thorough": None, "short": 6}.get(PROFILE, 5)]

OTHER_KILLS = pytest.mark.parametrize(
    "scene",
    SCENARIOS if PROOF else SCENARIOS[1:4:2],
    ids=lambda scenario: scenario.name,
    indirect=True,
)
"""Two scenarios are killed in every way; the proofs kill each of them so."""


@define
class Scene:
    """A scenario whose command is next, and which can be repeated."""

    scenario: Scenario
    theatre: Theatre
    directory: Path
    prepared: Moving
    steps: int = 0
    _count: int = field(init=False, default=0)

    def command(self, moving: Moving, name: str = "") -> tuple[str, ...]:
        name = name or self.scenario.command
        more = {"apply": _CONCURRENCY, "rollback": ("--yes",)}.get(name, ())
        return ("migrate", name, "--journal", str(moving.journal), *more)

    def again(self) -> Moving:
        """Return the migration as it was, with banks and a journal of its own."""
        self._count += 1
        path = self.directory / str(self._count)
        path.mkdir()
        for name in ("move.db", "move.db.key"):
            shutil.copy(self.prepared.directory / name, path)
        belongs_here(path / "move.db")
        source, target = copy.deepcopy((self.prepared.source, self.prepared.target))
        moving = Moving(path, source, target)
        self.theatre.show(moving)
        return moving

    def run(self, moving: Moving, name: str = "") -> int:
        """Run a command undisturbed."""
        return self.theatre.launcher.run(*self.command(moving, name)).code

    def kill(self, moving: Moving, **when: Any) -> bool:
        """Run the command and kill it; return whether the kill came in time."""
        ended = self.theatre.launcher.run(*self.command(moving), **when)
        self.theatre.quiet()
        assert ended.code in (KILLED, 0, 2)
        return ended.code == KILLED

    def step(self, part: float) -> int:
        """Return the step at a fraction of the command."""
        return 1 + round(part * (self.steps - 1))


def environment(urls: dict[str, str]) -> dict[str, str]:
    """Return the environment variables with both banks."""
    variables = {**os.environ}
    for name, kind in KINDS.items():
        variables[f"ANYBANK_{name}_BASE_URL".upper()] = urls[name]
        variables[f"ANYBANK_{name}_RATE_LIMIT".upper()] = "none"
        for option, value in kind.credentials.items():
            variables[f"ANYBANK_{name}_{option}".upper()] = value
    return variables


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    """Return both banks, served by this process, and a launcher."""
    stages = {name: Stage(kind.base_path) for name, kind in KINDS.items()}
    for name, kind in KINDS.items():
        stages[name].bank = kind()
    with serve(stages) as running:
        urls = dict(running.urls)
        log = tmp_path_factory.mktemp("theatre") / "log"
        launcher = Launcher.start(log, environment(urls))
        yield Theatre(stages, urls, launcher)
        launcher.close()


@pytest.fixture(scope="module", params=SCENARIOS, ids=lambda scenario: scenario.name)
def scene(
    request: pytest.FixtureRequest,
    theatre: Theatre,
    tmp_path_factory: pytest.TempPathFactory,
) -> Scene:
    """Return each scenario before its command, with the number of steps."""
    scenario: Scenario = request.param
    directory = tmp_path_factory.mktemp("scene")
    path = directory / "prepared"
    path.mkdir()
    moving = scenario.begin(path)
    theatre.show(moving)
    source, target = theatre.side(moving.source), theatre.side(moving.target)
    migrate.plan(
        source,
        target,
        journal=moving.journal,
        supplement=moving.supplement,
        ids=moving.ids,
        accept_loss="all",
    )
    scene = Scene(scenario, theatre, directory, moving)
    if scenario.command == "rollback":
        assert scene.run(moving, "apply") in (0, 2)  # Unit has not decided
    if scenario.is_applied:
        assert scene.run(moving, "apply") == 2
        assert decide_all(moving.target) == 8
    undisturbed = scene.again()
    scene.steps = theatre.launcher.run(*scene.command(undisturbed)).steps
    assert scene.steps > 30
    return scene


def ends_as_undisturbed(scene: Scene, moving: Moving) -> None:
    """Run the command, and assert the result of an undisturbed run."""
    code = scene.run(moving)
    assert migrate.check(journal=moving.journal).exit_code == 0
    if scene.scenario.command == "rollback":
        assert code == 0
        assert people(moving.target) == {}
        assert moving.crosswalk() == {}
        return
    if settle(moving) or (
        isinstance(moving.target, UnitSimulator) and decide_all(moving.target)
    ):
        code = scene.run(moving)
    assert code == 0
    if isinstance(moving.target, UnitSimulator):
        assert len(moving.target.application_numbers) == 8
    targets = people(moving.target)
    assert sorted(targets.values()) == sorted(NAMES)
    walked = {ours: targets[theirs] for ours, theirs in moving.crosswalk().items()}
    assert walked == people(moving.source)


def test_a_process_can_be_killed_at_any_step(scene: Scene) -> None:
    """After a kill at any step the next process finishes."""
    killed = 0
    for at in range(KILLS):
        moving = scene.again()
        killed += scene.kill(moving, step=scene.step((at + 0.5) / KILLS * 0.9))
        ends_as_undisturbed(scene, moving)
    assert killed >= 0.9 * KILLS


@OTHER_KILLS
def test_a_process_can_be_killed_twice(scene: Scene) -> None:
    """The process that continues after a kill may be killed too."""
    dice = random.Random(7)  # noqa: S311  # which steps
    for _ in range(max(1, KILLS // 5)):
        moving = scene.again()
        assert scene.kill(moving, step=scene.step(dice.random() * 0.8))
        scene.kill(moving, step=scene.step(dice.random() * 0.5))
        ends_as_undisturbed(scene, moving)


@OTHER_KILLS
def test_a_process_can_be_killed_at_any_moment(scene: Scene) -> None:
    """A kill from outside, between or within steps, loses nobody."""
    dice = random.Random(11)  # noqa: S311  # which moments
    for _ in range(max(1, KILLS // 5)):
        moving = scene.again()
        scene.kill(moving, after=dice.uniform(0.02, 0.2))
        ends_as_undisturbed(scene, moving)


@OTHER_KILLS
def test_sigterm_leaves_nothing_in_doubt(scene: Scene) -> None:
    """SIGTERM at any step leaves nothing in flight, and the next run continues."""
    for at in range(max(1, KILLS // 5)):
        moving = scene.again()
        step = scene.step((at + 0.5) / max(1, KILLS // 5) * 0.9)
        command = scene.command(moving)
        ended = scene.theatre.launcher.run(*command, step=step, signum=signal.SIGTERM)
        assert ended.code in (TERMINATED, 0, 2)  # Unit has not decided
        counts = migrate.status(journal=moving.journal).counts
        doubtful = ("in_flight", "unknown", "quarantined", "deleting")
        assert [counts[item] for item in doubtful] == [0] * 4
        ends_as_undisturbed(scene, moving)
