"""Moving customers with `migrate apply`, compared with scripts without a journal.

All of them read each customer at Bond, map it and create it at Sonder, with the same number
of requests in flight. `apply` also writes a durable journal. The plan is not measured.
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
from benchmarks.migration_banks import SSN, sides, source_id, supplement
from benchmarks.server import serving
from benchmarks.tables import Row, report
from benchmarks.timing import cpu

from anybank import migrate

CUSTOMERS = 600
IN_FLIGHT = 32
ROUNDS = 3
HEADERS = {"Identity": "invented", "Authorization": "invented"}

Document = dict[str, Any]


@attrs.frozen
class Cost:
    """The wall time and CPU time of moving one customer, in seconds."""

    wall: float
    cpu: float

    @property
    def row(self) -> str:
        """Customers per second, and CPU time for each."""
        return f"{1 / self.wall:.0f}/s, CPU {self.cpu * 1e3:.2f} ms"


def to_sonder(customer: Document, row: Document) -> Document:
    """Return the body of the create at Sonder, as a script would build it."""
    return {
        "socialSecurityNumber": row["ssn"],
        "dateOfBirth": customer["dob"],
        "documentLocatorNumber": row["document_locator_number"],
        "preferredName": customer["first_name"],
        "firstName": customer["first_name"],
        "middleName": customer["middle_name"],
        "lastName": customer["last_name"],
        "emails": [customer["email"]],
        "phoneNumbers": [{"type": "MOBILE", "number": customer["phone"]}],
        "addresses": [
            {
                "type": "HOME",
                "street": address["street"],
                "city": address["city"],
                "state": address["state"],
                "zip": address["zip_code"],
            }
            for address in customer["addresses"]
        ],
    }


async def move_all(move: Callable[[int], Awaitable[object]]) -> None:
    """Move all customers with IN_FLIGHT at a time."""
    # All workers take from one iterator, so exactly IN_FLIGHT customers are under way
    # until the end.
    numbers = iter(range(CUSTOMERS))

    async def worker() -> None:
        for number in numbers:
            await move(number)

    await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))


async def by_httpx(url: str) -> None:
    """Move all customers with one httpx.AsyncClient."""
    async with httpx.AsyncClient(base_url=url, headers=HEADERS) as client:

        async def move(number: int) -> None:
            customer = (await client.get(f"/customers/{source_id(number)}")).json()
            row = {"ssn": SSN, "document_locator_number": number}
            response = await client.post("/customer", json=to_sonder(customer, row))
            # A script must read the id too: without it nothing could be found again.
            response.raise_for_status().json()["data"]["customerId"]

        await move_all(move)


async def by_aiohttp(url: str) -> None:
    """Move all customers with one aiohttp session."""
    async with aiohttp.ClientSession(
        url, headers=HEADERS, raise_for_status=True
    ) as session:

        async def move(number: int) -> None:
            async with session.get(f"/customers/{source_id(number)}") as reply:
                customer = await reply.json()
            row = {"ssn": SSN, "document_locator_number": number}
            async with session.post(
                "/customer", json=to_sonder(customer, row)
            ) as response:
                (await response.json())["data"]["customerId"]

        await move_all(move)


def cost_of_script(script: Callable[[str], Any], url: str) -> Cost:
    """Measure a script."""
    return cost_of(lambda: asyncio.run(script(url)))


def cost_of_apply(url: str) -> Cost:
    """Measure `apply` after a plan, which is not measured."""
    with tempfile.TemporaryDirectory() as directory:
        journal, both = Path(directory) / "move.db", sides(url)
        row = supplement(Path(directory) / "vault.csv", CUSTOMERS)
        migrate.plan(
            **both,
            journal=journal,
            supplement=row,
            accept_loss="all",
            accept_quality="all",
        )
        apply = partial(migrate.apply, journal=journal, concurrency=IN_FLIGHT, **both)
        cost = cost_of(apply)
        created = migrate.status(journal=journal).counts["created"]
    if created != CUSTOMERS:
        raise SystemExit(f"{created} of {CUSTOMERS} were created")
    return cost


def cost_of(work: Callable[[], object]) -> Cost:
    """Return the cost of a run for each customer."""
    # The garbage of the round before belongs to its contender.
    gc.collect()
    wall, used = time.perf_counter(), cpu()
    work()
    wall, used = time.perf_counter() - wall, cpu() - used
    return Cost(wall / CUSTOMERS, used / CUSTOMERS)


def median_of(rounds: list[Cost]) -> Cost:
    """Return the median of wall and CPU time."""
    return Cost(
        median(round_.wall for round_ in rounds),
        median(round_.cpu for round_ in rounds),
    )


def main(argv: list[str]) -> None:
    """Run this benchmark."""
    contenders: dict[str, Callable[[str], Cost]] = {
        "plain httpx.AsyncClient": partial(cost_of_script, by_httpx),
        "plain aiohttp": partial(cost_of_script, by_aiohttp),
        "migrate apply": cost_of_apply,
    }
    rounds_of: dict[str, list[Cost]] = {name: [] for name in contenders}
    with serving("benchmarks.migration_banks", str(CUSTOMERS)) as url:
        for _ in range(ROUNDS):
            for name, measure in contenders.items():
                rounds_of[name].append(measure(url))
    best = {name: median_of(rounds) for name, rounds in rounds_of.items()}
    own = best.pop("migrate apply")
    rows = [
        Row(f"moving with {name}, {IN_FLIGHT} in flight", best_round.row)
        for name, best_round in best.items()
    ]
    # The targets: twice as fast as httpx, and half as fast as aiohttp, which writes no
    # journal.
    for (name, best_round), least in zip(best.items(), (2.0, 0.5), strict=True):
        ratio = best_round.wall / own.wall
        rows.append(Row(f"migrate apply / {name}", own.row, ratio, least, least=True))
    report("Customers moved per second", rows, argv)


if __name__ == "__main__":
    main(sys.argv[1:])
