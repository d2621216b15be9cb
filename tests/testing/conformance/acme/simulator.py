"""Acme's simulator."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from operator import ge, lt
from typing import Any, ClassVar

from attrs import field, frozen

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import Route, Simulator, answer_json, json_of

from .hooks import AcmeWebhooks

_PEOPLE = {"given", "family", "born", "ssn"}
_SHELVES = {
    "people": _PEOPLE,
    "accounts": {"owners", "sort", "currency"},
    "numbers": {"account"},
    "applications": {"program", "person"},
    "hooks": {"url", "events"},
    "transfers": set(),
    "events": set(),
}
"""The collections, each with the fields that a new record needs."""
_LARGEST = 10
_FILTERS = ("owners", "person", "account", "state", "about", "reference")
"""The filters that compare a member; a list of owners has to contain the one."""
_MOMENTS: Mapping[str, Callable[[Any, Any], bool]] = {"from": ge, "to": lt}


@frozen
class Delivery:
    """An attempt to deliver an event."""

    url: str
    headers: Mapping[str, str]
    body: bytes


def _routes(name: str) -> tuple[Route, ...]:
    return (
        Route("POST", f"/{name}", f"shelves.{name}.create"),
        Route("GET", f"/{name}", f"shelves.{name}.list"),
        Route("GET", f"/{name}/{{id}}", f"shelves.{name}.read"),
        Route("PATCH", f"/{name}/{{id}}", f"shelves.{name}.change"),
        Route("DELETE", f"/{name}/{{id}}", f"shelves.{name}.remove"),
    )


class _Shelves:
    """The collections as attributes."""

    def __init__(self, bank: AcmeSimulator) -> None:
        for name, needed in _SHELVES.items():
            setattr(self, name, Shelf(bank, frozenset(needed)))

    people: Shelf
    accounts: Shelf
    numbers: Shelf
    applications: Shelf
    hooks: Shelf
    transfers: Shelf
    events: Shelf


class AcmeSimulator(Simulator):
    """Simulates Acme: people and their KYC, accounts, applications and webhooks."""

    base_path = "/v1"
    credentials: ClassVar[Mapping[str, Any]] = {"api_key": "acme-sandbox-key"}
    routes = (
        *(route for name in _SHELVES for route in _routes(name)),
        Route("GET", "/accounts/{id}/balance", "read_balance"),
        Route("POST", "/people/{id}/check", "start_check"),
        Route("GET", "/people/{id}/check", "read_check"),
        Route("POST", "/applications/{id}/submit", "submit_application"),
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.shelves = _Shelves(self)
        self.checks: dict[str, str] = {}
        self.keys: dict[str, Any] = {}
        self._due: list[Delivery] = []

    def admit(self, request: Request) -> Response | None:
        """Require the API key."""
        if request.headers.get("x-key") == self.credentials["api_key"]:
            return None
        return refused(401, "no_key", "unknown key")

    def no_route(self, request: Request, *, known: bool) -> Response:
        """Respond to an unknown path."""
        return refused(405 if known else 404, "no_route", "no such path")

    def start_check(self, request: Request, id: str) -> Response:
        """Start KYC; each key is accepted once."""
        key = str(request.headers.get("idempotency-key"))
        if id not in self.shelves.people.things:
            return refused(404, "not_there", "no such person")
        if key in self.keys:
            return refused(409, "used_key", "the key was used")
        self.keys[key] = id
        self.checks[id] = "WAITING"
        self.tell(event="check.waiting", person=id)
        return answer_json(201, {"state": "WAITING", "person": id})

    def read_check(self, request: Request, id: str) -> Response:
        """Return the state of a KYC."""
        if id not in self.checks:
            return refused(404, "not_there", "no check")
        return answer_json(200, {"state": self.checks[id], "person": id})

    def read_balance(self, request: Request, id: str) -> Response:
        """Return what an account holds."""
        if id not in self.shelves.accounts.things:
            return refused(404, "not_there", "no such account")
        cents = sum(
            record["cents"]
            for record in self.shelves.transfers.things.values()
            if record["account"] == id and record["state"] == "DONE"
        )
        return answer_json(200, {"id": id, "cents": cents})

    def transfer(self, account: str, cents: int, state: str, sort: str) -> str:
        """Move money without a request, with an event if it is done; return its id."""
        id, now = self.uuid(), self.clock().isoformat()
        self.shelves.transfers.things[id] = {
            "id": id,
            "account": account,
            "cents": cents,
            "state": state,
            "sort": sort,
            "at": now,
            "other": f"{sort} Inc.",
            "memo": f"{sort} of March",
        }
        if state == "DONE":
            self.record("transfer.done", id, account)
        return id

    def record(self, event: str, about: str, account: str) -> str:
        """Store an event without a request, deliver it, and return its id."""
        id, now = self.uuid(), self.clock().isoformat()
        parts = {"event": event, "at": now, "about": about, "account": account}
        self.shelves.events.things[id] = {"id": id, **parts}
        self.tell(id=id, **parts)
        return id

    def submit_application(self, request: Request, id: str) -> Response:
        """Submit an application, which must have the employment."""
        application = self.shelves.applications.things.get(id)
        if application is None:
            return refused(404, "not_there", "no such application")
        if "work" not in application:
            return refused(400, "bad_input", "", work="is required")
        application["state"] = "SENT"
        return answer_json(200, application)

    def tell(self, **event: str) -> None:
        """Queue an event for every subscription."""
        body = json.dumps(event).encode()
        now = int(self.clock().timestamp())
        for hook in self.shelves.hooks.things.values():
            headers = AcmeWebhooks().sign(body, hook["secret"], now)
            self._due.append(Delivery(hook["url"], headers, body))

    def due(self) -> list[Delivery]:
        """Return the deliveries to make."""
        return self._due

    def settle(self, delivery: Delivery, status: int | None) -> None:
        """Remove a delivery, whatever the subscriber responded."""
        self._due.remove(delivery)


@frozen(eq=False)
class Shelf:
    """A collection of records by id."""

    bank: AcmeSimulator
    needed: frozenset[str]
    things: dict[str, dict[str, Any]] = field(factory=dict)

    def create(self, request: Request) -> Response:
        """Create a record; a repeated key returns the same record."""
        body, key = json_of(request), request.headers.get("idempotency-key")
        if key in self.bank.keys:
            return answer_json(201, self.bank.keys[str(key)])
        if missing := sorted(self.needed - body.keys()):
            return refused(
                400, "bad_input", "", **dict.fromkeys(missing, "is required")
            )
        if fault := too_long(body):
            return refused(400, "bad_input", "", **{fault: "is too long"})
        references = [thing.get("reference") for thing in self.things.values()]
        if body.get("reference") in [
            reference for reference in references if reference
        ]:
            return refused(409, "taken", "the reference is taken")
        record = {"id": self.bank.uuid(), **self.stored(body)}
        self.things[record["id"]] = record
        if key:
            self.bank.keys[str(key)] = record
        return answer_json(201, record)

    def stored(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the record that is stored and returned for a body."""
        created = {"made": self.bank.clock().isoformat()}
        if "ssn" in body:
            return {**body, **created, "ssn": f"XXX-XX-{body['ssn'][-4:]}"}
        if "events" in body:
            return {**body, "on": True, "secret": f"whsec_{self.bank.uuid()}"}
        digits = str(self.bank.random.randrange(10**9, 10**10))
        return {**body, **created, "state": "NEW", "digits": digits}

    def list(self, request: Request) -> Response:
        """Return the page after a cursor."""
        query = dict(request.query)
        records = [item for item in self.things.values() if _is_chosen(item, query)]
        ids = [record["id"] for record in records]
        if int(query.get("limit", 10)) > _LARGEST:
            return refused(400, "bad_input", "", limit="is too large")
        start = ids.index(query["after"]) + 1 if query.get("after") in ids else 0
        end = start + int(query.get("limit", 10))
        token = ids[end - 1] if end < len(records) else None
        return answer_json(200, {"items": records[start:end], "next": token})

    def read(self, request: Request, id: str) -> Response:
        """Return a record."""
        record = self.things.get(id)
        return answer_json(200, record) if record else refused(404, "not_there", "no")

    def change(self, request: Request, id: str) -> Response:
        """Update a record."""
        if id not in self.things:
            return refused(404, "not_there", "nothing to change")
        self.things[id] |= json_of(request)
        return answer_json(200, self.things[id])

    def remove(self, request: Request, id: str) -> Response:
        """Delete a record."""
        if self.things.pop(id, None) is None:
            return refused(404, "not_there", "nothing to remove")
        return answer_json(200, {"removed": id})


def _is_chosen(record: dict[str, Any], query: Mapping[str, str]) -> bool:
    """Return whether a record passes the filters of a list."""
    return all(
        _has(record.get(name), query[name]) for name in _FILTERS if name in query
    ) and all(
        test(datetime.fromisoformat(record["at"]), datetime.fromisoformat(query[name]))
        for name, test in _MOMENTS.items()
        if name in query
    )


def _has(stored: Any, value: str) -> bool:
    return value in stored if isinstance(stored, list) else value == stored


def refused(status: int, code: str, message: str, **fields: str) -> Response:
    """Return an error response with a code and a message."""
    messages = {name: [text] for name, text in fields.items()}
    error = {"code": code, "message": message or "no", "fields": messages}
    return answer_json(status, {"error": error})


def too_long(body: dict[str, Any]) -> str | None:
    """Return the name of a field that is too long, None without one."""
    names = ("given", "family")
    return next((n for n in names if len(str(body.get(n, ""))) > 30), None)
