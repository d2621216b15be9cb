"""The pages about one move: their generated parts are up to date, and their commands run."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from tests.migrate.moving import NAMES, sonder_person, ssn
from tests.proofs import PROOF
from tools.pair_pages import Pair, calls_of, page, paths

from anybank import Bank, CustomerStatus, KycStatus
from anybank.adapter.options import variable
from anybank.adapter.wire import Request, Response
from anybank.cli import main
from anybank.declaration.diff import diff
from anybank.errors import Effect
from anybank.plugins import find
from anybank.sandbox.server import serve

EXAMPLES = Path(__file__).parents[2] / "docs/examples"
PAGES = {path.stem: path for path in paths()}
pages = pytest.mark.parametrize("name", PAGES)
_STEP = re.compile(
    r"^```(?P<language>\w*)\n(?P<code>.*?)^```$|^<!-- (?P<event>\w+ decides) -->$",
    re.DOTALL | re.MULTILINE,
)
UNDECIDED = "000-00-0004"
"""The SSN with which Unit's sandbox leaves an application undecided."""


@pages
def test_a_page_matches_the_declarations(name: str) -> None:
    """`make pages` rewrites the parts of a page that are out of date."""
    text = PAGES[name].read_text("utf-8")
    assert page(text, Pair.of_page(PAGES[name])) == text, "run `make pages`"


@pages
def test_the_plan_of_a_page_names_each_loss(name: str) -> None:
    """The command accepts every loss that the declarations announce, and no other."""
    pair = Pair.of_page(PAGES[name])
    lost = {issue.field for issue in diff(*pair.both).of(Effect.DROPPED)}
    assert set(re.findall(r"--accept-loss ([\w.]+)", PAGES[name].read_text())) == lost


@define(eq=False)
class Counted:
    """A simulator, with the number of the requests that it has received."""

    simulator: Any
    requests: int = 0

    def __call__(self, request: Request) -> Response:
        self.requests += 1
        response: Response = self.simulator(request)
        return response

    def __getattr__(self, name: str) -> Any:
        return getattr(self.simulator, name)


@define
class Reader:
    """A reader of a page, who runs its commands and its code from top to bottom.

    `calls` has the calls of the latest run of each command to the source and the target.
    """

    source: str
    target: str
    banks: Mapping[str, Counted]
    names: dict[str, Any] = field(factory=dict)
    calls: dict[str, tuple[int, int]] = field(factory=dict)

    def read(self, text: str) -> None:
        for step in _STEP.finditer(text):
            if step["event"]:
                self._decide()
            elif step["language"] == "python":
                exec(step["code"], self.names)  # noqa: S102  # a page of ours
            elif step["code"].startswith("anybank "):
                self._run(step["code"])

    def _run(self, code: str) -> None:
        for line in code.replace("\\\n", "").splitlines():
            expected = re.search(r"# exits with (\d+)", line)
            words = shlex.split(line, comments=True)[1:]
            words += ["--yes"] * ("rollback" in words)
            for bank in self.banks.values():
                bank.requests = 0
            assert main(words) == int(expected[1] if expected else 0), line
            sent = self.banks[self.source].requests, self.banks[self.target].requests
            # Of a command that the page repeats, the run that sends most counts.
            self.calls[words[1]] = max(sent, self.calls.get(words[1], sent))

    def _decide(self) -> None:
        with Bank(self.target) as bank:
            for customer in bank.customers.list():
                if customer.status is CustomerStatus.PENDING:
                    self._accept(bank, customer.id)

    def _accept(self, bank: Bank, customer_id: str) -> None:
        if self.target == "unit":
            self.banks[self.target].decide(customer_id, KycStatus.PASSED)
        else:
            path = f"/simulations/entities/{customer_id}/update_validation"
            bank.request("POST", path, json={"issues": []})


def bond_people(bond: Any, undecided: str) -> list[str]:
    """Store people at Bond, one of whom it has refused; return all but that one."""
    ids = [
        bond.seed_customer(first_name=name, middle_name="May", ssn=number)
        for name, number in zip(NAMES, _numbers(undecided), strict=False)
    ]
    bond.seed_customer(first_name="Zoe", kyc="failed")
    return ids


def sonder_people(sonder: Any, undecided: str) -> list[str]:
    """Store people at Sonder and return their ids."""
    return [
        sonder.seed_customer(**{**sonder_person(at), "socialSecurityNumber": number})
        for at, number in enumerate(_numbers(undecided))
    ]


def _numbers(undecided: str) -> list[str]:
    return [ssn(0), undecided or ssn(1), ssn(2)]


PEOPLE: dict[str, Callable[[Any, str], list[str]]] = {
    "bond": bond_people,
    "sonder": sonder_people,
}
"""Who stores the people of a source."""


@pytest.fixture
def reader(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Reader]:
    """Serve both banks of a page with three people at the source, and their files."""
    source, target = name.split("-to-")
    banks = {each: _simulator(each) for each in (source, target)}
    undecided = UNDECIDED if target == "unit" else ""
    ids = PEOPLE[source](banks[source], undecided)
    rows = zip(ids, _numbers(undecided), strict=True)
    table = "".join(f"{customer_id},{number}\n" for customer_id, number in rows)
    (tmp_path / "vault.csv").write_text(f"source_id,ssn\n{table}")
    users = "".join(f"user-{at},{item}\n" for at, item in enumerate(ids))
    (tmp_path / "users.csv").write_text(f"user_id,customer_id\n{users}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(EXAMPLES)
    with serve(banks) as running:
        for each, simulator in banks.items():
            url = running.base_url(each)
            options = {"base_url": url, "rate_limit": "none", **simulator.credentials}
            for option, value in options.items():
                monkeypatch.setenv(variable(each, option), value)
        reading = Reader(source, target, banks)
        yield reading
        if router := reading.names.get("banks"):
            router.close()
    sys.modules.pop("two_banks", None)


def _simulator(name: str) -> Counted:
    factory = find(name).simulator
    assert factory is not None
    return Counted(factory()())


# A page takes two seconds, and the pages differ little: a proof runs all.
@pytest.mark.parametrize("name", PAGES if PROOF else ["bond-to-unit"])
def test_a_page_runs_from_top_to_bottom(name: str, reader: Reader) -> None:
    """Every command ends as the page says, everybody is cut over, and goes back."""
    pytest.importorskip("sqlalchemy")
    text = PAGES[name].read_text("utf-8")
    forth, rest = text.split("### 8.")
    home, back = rest.split("After the cut-over")
    reader.read(forth)
    banks = reader.names["banks"]
    keys = [line.split(",")[0] for line in Path("crosswalk.csv").read_text().split()]
    assert len(keys) == 4
    assert reader.names["staying"] == {}
    assert {banks.key_of(reader.source, key) for key in keys[1:]} == {None}
    _check_calls(reader, Pair.of_page(PAGES[name]))
    reader.read(back)
    assert None not in {banks.key_of(reader.source, key) for key in keys[1:]}
    reader.read(home)
    assert not [*banks.banks[reader.target].customers.list()]


def _check_calls(reader: Reader, pair: Pair) -> None:
    """Compare the calls of each command with those from which the page has its times."""
    for command, (source, target) in calls_of(pair, 3).items():
        sent = reader.calls[command]
        assert sent[0] == source, command
        # Listings of the target come on top, and one read of the undecided person.
        assert sent[1] >= target, command
    assert reader.calls["apply"][1] <= 4
