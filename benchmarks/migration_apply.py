"""Moving customers: `migrate apply` beside scripts by hand that keep no journal.

All read each customer at Bond, map it and make it at Sonder, and have as many under way.
`apply` also keeps a durable journal; its plan is not timed.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
import attrs
import httpx
from benchmarks.measuring import cpu
from benchmarks.migration_banks import SSN, sides, source_id, supplement
from benchmarks.server import serving
from benchmarks.tables import Row, report

from anybank import migrate

CUSTOMERS = 600
IN_FLIGHT = 32
ROUNDS = 3
HEADERS = {"Identity": "invented", "Authorization": "invented"}

Answer = dict[str, Any]


@attrs.frozen
class Taken:
    """What moving one customer took: seconds by the clock, and of this process's CPU."""

    wall: float
    cpu: float

    @property
    def row(self) -> str:
        """Customers a second, and CPU of each."""
        return f"{1 / self.wall:.0f}/s, CPU {self.cpu * 1e3:.2f} ms"


def mapped(told: Answer, row: Answer) -> Answer:
    """Return what Sonder is to be sent, as a script would write it."""
    return {
        "socialSecurityNumber": row["ssn"],
        "dateOfBirth": told["dob"],
        "documentLocatorNumber": row["document_locator_number"],
        "preferredName": told["first_name"],
        "firstName": told["first_name"],
        "middleName": told["middle_name"],
        "lastName": told["last_name"],
        "emails": [told["email"]],
        "phoneNumbers": [{"type": "MOBILE", "number": told["phone"]}],
        "addresses": [
            {
                "type": "HOME",
                "street": each["street"],
                "city": each["city"],
                "state": each["state"],
                "zip": each["zip_code"],
            }
            for each in told["addresses"]
        ],
    }


async def each_of_all(move: Callable[[int], Awaitable[object]]) -> None:
    """Move everyone, so many at a time."""
    numbers = iter(range(CUSTOMERS))

    async def worker() -> None:
        for number in numbers:
            await move(number)

    await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))


async def by_httpx(url: str) -> None:
    """Move everyone with one httpx.AsyncClient."""
    async with httpx.AsyncClient(base_url=url, headers=HEADERS) as client:

        async def move(number: int) -> None:
            told = (await client.get(f"/customers/{source_id(number)}")).json()
            row = {"ssn": SSN, "document_locator_number": number}
            made = await client.post("/customer", json=mapped(told, row))
            made.raise_for_status().json()["data"]["customerId"]

        await each_of_all(move)


async def by_aiohttp(url: str) -> None:
    """Move everyone with one session of aiohttp."""
    async with aiohttp.ClientSession(
        url, headers=HEADERS, raise_for_status=True
    ) as session:

        async def move(number: int) -> None:
            async with session.get(f"/customers/{source_id(number)}") as answer:
                told = await answer.json()
            row = {"ssn": SSN, "document_locator_number": number}
            async with session.post("/customer", json=mapped(told, row)) as made:
                (await made.json())["data"]["customerId"]

        await each_of_all(move)


def scripted(script: Callable[[str], Any], url: str) -> Taken:
    """Measure a script."""
    return taken(lambda: asyncio.run(script(url)))


def applied(url: str) -> Taken:
    """Measure `apply`, after a plan that is not measured."""
    with tempfile.TemporaryDirectory() as kept:
        journal, both = Path(kept) / "move.db", sides(url)
        row = supplement(Path(kept) / "vault.csv", CUSTOMERS)
        migrate.plan(**both, journal=journal, supplement=row, accept_loss="all")
        apply = partial(migrate.apply, journal=journal, concurrency=IN_FLIGHT, **both)
        found = taken(apply)
        created = migrate.status(journal=journal).counts["created"]
    if created != CUSTOMERS:
        raise SystemExit(f"{created} of {CUSTOMERS} were made")
    return found


def taken(work: Callable[[], object]) -> Taken:
    """Return what a piece of work took for each customer."""
    gc.collect()
    wall, used = time.perf_counter(), cpu()
    work()
    wall, used = time.perf_counter() - wall, cpu() - used
    return Taken(wall / CUSTOMERS, used / CUSTOMERS)


def middle(rounds: list[Taken]) -> Taken:
    """Return the medians."""
    return Taken(
        median(each.wall for each in rounds), median(each.cpu for each in rounds)
    )


def main(argv: list[str]) -> None:
    """Measure in turns, and report."""
    contenders: dict[str, Callable[[str], Taken]] = {
        "httpx.AsyncClient, by hand": partial(scripted, by_httpx),
        "aiohttp, by hand": partial(scripted, by_aiohttp),
        "migrate apply": applied,
    }
    found: dict[str, list[Taken]] = {name: [] for name in contenders}
    with serving("benchmarks.migration_banks", str(CUSTOMERS)) as url:
        for _ in range(ROUNDS):
            for name, measure in contenders.items():
                found[name].append(measure(url))
    best = {name: middle(rounds) for name, rounds in found.items()}
    mine = best.pop("migrate apply")
    rows = [
        Row(f"moving by {name}, {IN_FLIGHT} in flight", each.row)
        for name, each in best.items()
    ]
    for (name, each), least in zip(best.items(), (2.0, 0.5), strict=True):
        ratio = each.wall / mine.wall
        rows.append(Row(f"migrate apply / {name}", mine.row, ratio, least, least=True))
    report("Customers moved a second", rows, argv)


if __name__ == "__main__":
    main(sys.argv[1:])
