"""Bond and Sonder as small as can be: one person under every id, nothing remembered.

Both are one ASGI application, in another process: Bond has as many customers as it was
told, and Sonder answers each create with a new id.
"""

from __future__ import annotations

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
"""Whole, the number that CUSTOMER masks."""

MADE: dict[str, Any] = {
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
"""The customer as Sonder tells it once it was moved, but for its id."""


def source_id(number: int) -> str:
    """Return the id at Bond of a customer: as many characters as a real one."""
    return f"6f3c9e52-1a5a-4d0b-9d2f-{number:012}"


class Sides(TypedDict):
    """Both sides of a migration, as its commands take them."""

    source: migrate.Side
    target: migrate.Side


def sides(url: str) -> Sides:
    """Return both sides, with no limit of calls."""
    options = {"base_url": url, "rate_limit": None}
    keys = {"identity": "invented", "authorization": "invented"}
    return {
        "source": migrate.Side("bond", {**options, **keys}),
        "target": migrate.Side("sonder", {**options, "token": "invented"}),
    }


def supplement(path: Path, customers: int) -> Path:
    """Write what Bond masks, and what Sonder wants besides."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("source_id", "ssn", "document_locator_number"))
        rows.writerows((source_id(at), SSN, 900_000 + at) for at in range(customers))
    return path


class Banks:
    """Both banks, Bond with so many customers."""

    def __init__(self, customers: int) -> None:
        self._customers = customers
        self._made = count(1)

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Answer once the request has come whole."""
        while (await receive()).get("more_body"):
            pass
        query = scope["query_string"].decode()
        body = json.dumps(self._answer(scope["path"], query)).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, path: str, query: str) -> object:
        _, name, *rest = path.split("/")
        if name == "customer":
            shown = MADE if rest else {}
            data = {"customerId": rest[0] if rest else f"{next(self._made):032}"}
            return {"data": data | shown, "success": True, "error": None}
        if rest:
            return CUSTOMER | {"customer_id": rest[0]}
        return self._page(**dict(part.split("=") for part in query.split("&")))

    def _page(self, page: str, per_page: str) -> object:
        first = (int(page) - 1) * int(per_page)
        numbers = range(first, min(first + int(per_page), self._customers))
        return [CUSTOMER | {"customer_id": source_id(each)} for each in numbers]


if __name__ == "__main__":
    run(Banks(int(sys.argv[2])), int(sys.argv[1]))
