"""Both banks of a migration as a process of their own, whose ledger is the witness.

Run as a script it reads one line of JSON (which banks, how many people), serves the banks
on loopback and writes their URLs. Then it writes one line for each line that it reads: what
has happened so far. Workers, the journal and its database may die meanwhile; the ledger
counts what really arrived.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from attrs import define, field
from tests.migrate.moving import people, sonder_person, ssn, supplement_for

from anybank import KycStatus
from anybank.adapter.wire import Request, Response
from anybank.sandbox.faults import AnswerDelayed
from anybank.sandbox.server import serve
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator
from anybank_unit.simulator import UnitSimulator

_LETTERS = "abcdefghijklmnopqrst"


def name(at: int) -> str:
    """Return the first name of an invented person, of which no two have the same."""
    tens, ones = divmod(at, len(_LETTERS))
    return f"Ada{_LETTERS[tens]}{_LETTERS[ones]}"


@define(eq=False)
class Ledger:
    """A bank that notes when requests arrive, and how many creates succeeded.

    It executes every second create long before it responds, so that a worker that dies
    meanwhile does not know what happened.
    """

    bank: Any
    latency: float
    arrivals: list[float] = field(factory=list)
    creates: int = 0

    @property
    def base_path(self) -> str:
        return str(self.bank.base_path)

    def __call__(self, request: Request) -> Response:
        self.arrivals.append(time.monotonic())
        response: Response = self.bank(request)
        if request.method == "POST":
            self.creates += response.status < 300  # successes
            if self.creates % 2:
                raise AnswerDelayed(response, self.latency)
        return response


def _bond(count: int) -> tuple[BondSimulator, list[str]]:
    bond = BondSimulator()
    return bond, [
        bond.seed_customer(first_name=name(at), middle_name="May", ssn=ssn(at))
        for at in range(count)
    ]


def _sonder(count: int) -> tuple[SonderSimulator, list[str]]:
    sonder = SonderSimulator()
    persons = [
        {
            **sonder_person(at % 8),
            "firstName": name(at),
            "preferredName": name(at),
            "socialSecurityNumber": ssn(at),
            "documentLocatorNumber": 900_000 + at,
        }
        for at in range(count)
    ]
    return sonder, [sonder.seed_customer(**person) for person in persons]


def _serve(order: dict[str, Any]) -> None:
    count, directory = order["count"], Path(order["directory"])
    source: Any
    target: Any
    if order["target"] == "sonder":
        source, ids = _bond(count)
        target = SonderSimulator(duplicate_ssn="accept")
        supplement_for(ids, directory / "vault.csv")
    else:
        source, ids = _sonder(count)
        target = (
            _undecided_unit() if order["target"] == "unit" else BondSimulator(seed=1)
        )
        if isinstance(target, UnitSimulator):
            rows = "".join(f"{item},{ssn(at)}\n" for at, item in enumerate(ids))
            (directory / "vault.csv").write_text(f"source_id,ssn\n{rows}")
        (directory / "ids.txt").write_text("".join(f"{item}\n" for item in ids))
    latency = order["latency"]
    ledgers = {"source": Ledger(source, 0.0), "target": Ledger(target, latency)}
    with serve(ledgers, latency=latency) as running:
        _write(dict(running.urls))
        for line in sys.stdin:
            if line.strip() == "decide":
                _decide_half(target)
            _write(_report(ledgers, whole=line.strip() == "report"))


def _undecided_unit() -> UnitSimulator:
    """Return a Unit that decides about nobody until it is asked to."""
    unit = UnitSimulator()
    unit.choose_kyc(KycStatus.UNDER_REVIEW)
    return unit


def _decide_half(unit: UnitSimulator) -> None:
    """Approve every second person who waits, and everybody of the last ones."""
    rows = unit.people.applications.rows
    waiting = [
        number
        for number, row in rows.items()
        if row["attributes"]["status"] == "PendingReview"
    ]
    for number in waiting if len(waiting) < 20 else waiting[::2]:
        unit.decide(f"application-{number}", KycStatus.PASSED)


def _report(ledgers: dict[str, Ledger], *, whole: bool) -> dict[str, Any]:
    report: dict[str, Any] = {"creates": ledgers["target"].creates}
    if whole:
        report["arrivals"] = ledgers["target"].arrivals
        if isinstance(bank := ledgers["target"].bank, UnitSimulator):
            # A create that is repeated under its key succeeds, and stores nothing.
            report["creates"] = len(bank.application_numbers)
        for side, ledger in ledgers.items():
            report[side] = people(ledger.bank)
    return report


def _write(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _serve(json.loads(sys.stdin.readline()))
