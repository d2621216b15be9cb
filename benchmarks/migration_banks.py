"""Minimal fakes of Bond and Sonder: the same person under every id, and no state.

Both are one ASGI application in another process. Bond lists the requested number of
customers, and Sonder responds to each create with a new id, after a latency if there is one.
"""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any, TypedDict

from benchmarks.server import CUSTOMER, Message, run

from anybank import migrate

SSN = "123-45-7584"
"""The full number that CUSTOMER masks."""

CREATED: dict[str, Any] = {
    "accountIds": [],
    "dateOfBirth": CUSTOMER["dob"],
    "preferredName": CUSTOMER["first_name"],
    "firstName": CUSTOMER["first_name"],
    "middleName": CUSTOMER["middle_name"],
    "lastName": CUSTOMER["last_name"],
    "emails": [CUSTOMER["email"]],
    "phoneNumbers": [{"type": "MOBILE", "number": CUSTOMER["phone"]}],
    "addresses": [
        {
            "type": "HOME",
            "street": "345 California Ave.",
            "city": "San Francisco",
            "state": "CA",
            "zip": "94103",
        }
    ],
}
"""The moved customer as Sonder returns it, without the id."""


def source_id(number: int) -> str:
    """Return a customer's id at Bond, as long as a real one."""
    return f"6f3c9e52-1a5a-4d0b-9d2f-{number:012}"


class Sides(TypedDict):
    """Both sides of a migration, as keyword arguments of its commands."""

    source: migrate.Side
    target: migrate.Side


def sides(url: str) -> Sides:
    """Return both sides without a rate limit."""
    options = {"base_url": url, "rate_limit": None}
    keys = {"identity": "invented", "authorization": "invented"}
    return {
        "source": migrate.Side("bond", {**options, **keys}),
        "target": migrate.Side("sonder", {**options, "token": "invented"}),
    }


def supplement(path: Path, customers: int) -> Path:
    """Write the fields that Bond masks or lacks and Sonder requires."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("source_id", "ssn", "document_locator_number"))
        rows.writerows((source_id(at), SSN, 900_000 + at) for at in range(customers))
    return path


class Banks:
    """Both banks, with a number of customers at Bond and a latency in seconds."""

    def __init__(self, customers: int, latency: float = 0.0) -> None:
        self._customers, self._latency = customers, latency
        self._ids = count(1)

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Respond once the request has arrived completely."""
        # The body is read and thrown away: a response before its end would close the
        # connection.
        while (await receive()).get("more_body"):
            pass
        if self._latency:
            await asyncio.sleep(self._latency)
        query = scope["query_string"].decode()
        body = json.dumps(self._respond(scope["path"], query)).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _respond(self, path: str, query: str) -> object:
        _, name, *rest = path.split("/")
        if name == "customer":
            fields = CREATED if rest else {}
            data = {"customerId": rest[0] if rest else f"{next(self._ids):032}"}
            return {"data": data | fields, "success": True, "error": None}
        if rest:
            return CUSTOMER | {"customer_id": rest[0]}
        return self._page(**dict(part.split("=") for part in query.split("&")))

    def _page(self, page: str, per_page: str) -> object:
        first = (int(page) - 1) * int(per_page)
        numbers = range(first, min(first + int(per_page), self._customers))
        return [CUSTOMER | {"customer_id": source_id(number)} for number in numbers]


if __name__ == "__main__":
    fileno, customers, *latency = sys.argv[1:]
    run(Banks(int(customers), *map(float, latency)), int(fileno))
