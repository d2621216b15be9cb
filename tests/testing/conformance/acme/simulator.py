"""Acme in memory, as its pages would describe it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import field, frozen

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import Route, Simulator, answer_json, json_of

from .hooks import AcmeWebhooks

_PEOPLE = {"given", "family", "born", "ssn"}
_SHELVES = {
    "people": _PEOPLE,
    "accounts": {"owners", "sort", "currency"},
    "applications": {"program", "person"},
    "hooks": {"url", "events"},
}
"""Each collection, and what a new thing in it must have."""
_LARGEST = 10


@frozen
class Delivery:
    """One attempt to deliver one event."""

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
    """The collections, each an attribute."""

    def __init__(self, bank: AcmeSimulator) -> None:
        for name, needed in _SHELVES.items():
            setattr(self, name, Shelf(bank, frozenset(needed)))

    people: Shelf
    accounts: Shelf
    applications: Shelf
    hooks: Shelf


class AcmeSimulator(Simulator):
    """Acme: people and their checks, accounts, applications, hooks."""

    base_path = "/v1"
    credentials: ClassVar[Mapping[str, Any]] = {"api_key": "acme-sandbox-key"}
    routes = (
        *(route for name in _SHELVES for route in _routes(name)),
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
        """Ask for the key."""
        if request.headers.get("x-key") == self.credentials["api_key"]:
            return None
        return refused(401, "no_key", "unknown key")

    def no_route(self, request: Request, *, known: bool) -> Response:
        """Answer a path that is not there."""
        return refused(405 if known else 404, "no_route", "no such path")

    def start_check(self, request: Request, id: str) -> Response:
        """Start a check; a key is good once."""
        key = str(request.headers.get("idempotency-key"))
        if id not in self.shelves.people.things:
            return refused(404, "not_there", "no such person")
        if key in self.keys:
            return refused(409, "used_key", "the key was used")
        self.keys[key] = id
        self.checks[id] = "WAITING"
        self.tell("check.waiting", id)
        return answer_json(201, {"state": "WAITING", "person": id})

    def read_check(self, request: Request, id: str) -> Response:
        """Answer how far a check has come."""
        if id not in self.checks:
            return refused(404, "not_there", "no check")
        return answer_json(200, {"state": self.checks[id], "person": id})

    def submit_application(self, request: Request, id: str) -> Response:
        """Submit an application, which needs the employment by now."""
        application = self.shelves.applications.things.get(id)
        if application is None:
            return refused(404, "not_there", "no such application")
        if "work" not in application:
            return refused(400, "bad_input", "", work="is required")
        application["state"] = "SENT"
        return answer_json(200, application)

    def tell(self, event: str, person: str) -> None:
        """Let everybody know who subscribed."""
        body = json.dumps({"event": event, "person": person}).encode()
        now = int(self.clock().timestamp())
        for hook in self.shelves.hooks.things.values():
            headers = AcmeWebhooks().sign(body, hook["secret"], now)
            self._due.append(Delivery(hook["url"], headers, body))

    def due(self) -> list[Delivery]:
        """Return the deliveries to make."""
        return self._due

    def settle(self, delivery: Delivery, status: int | None) -> None:
        """Take how a delivery was answered."""
        self._due.remove(delivery)


@frozen(eq=False)
class Shelf:
    """A collection of things by id."""

    bank: AcmeSimulator
    needed: frozenset[str]
    things: dict[str, dict[str, Any]] = field(factory=dict)

    def create(self, request: Request) -> Response:
        """Keep a new thing; a key that is repeated gives the same thing again."""
        body, key = json_of(request), request.headers.get("idempotency-key")
        if key in self.bank.keys:
            return answer_json(201, self.bank.keys[str(key)])
        if missing := sorted(self.needed - body.keys()):
            return refused(
                400, "bad_input", "", **dict.fromkeys(missing, "is required")
            )
        if fault := too_long(body):
            return refused(400, "bad_input", "", **{fault: "is too long"})
        references = [each.get("reference") for each in self.things.values()]
        if body.get("reference") in [each for each in references if each]:
            return refused(409, "taken", "the reference is taken")
        made = {"id": self.bank.uuid(), **self.kept(body)}
        self.things[made["id"]] = made
        if key:
            self.bank.keys[str(key)] = made
        return answer_json(201, made)

    def kept(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return what is kept of a body, and told of it."""
        made = {"made": self.bank.clock().isoformat()}
        if "ssn" in body:
            return {**body, **made, "ssn": f"XXX-XX-{body['ssn'][-4:]}"}
        if "events" in body:
            return {**body, "on": True, "secret": f"whsec_{self.bank.uuid()}"}
        return {**body, **made, "state": "NEW"}

    def list(self, request: Request) -> Response:
        """Answer the page after a cursor."""
        query = dict(request.query)
        found = [*self.things.values()]
        ids = [each["id"] for each in found]
        if int(query.get("limit", 10)) > _LARGEST:
            return refused(400, "bad_input", "", limit="is too large")
        start = ids.index(query["after"]) + 1 if query.get("after") in ids else 0
        end = start + int(query.get("limit", 10))
        token = ids[end - 1] if end < len(found) else None
        return answer_json(200, {"items": found[start:end], "next": token})

    def read(self, request: Request, id: str) -> Response:
        """Answer a thing."""
        found = self.things.get(id)
        return answer_json(200, found) if found else refused(404, "not_there", "no")

    def change(self, request: Request, id: str) -> Response:
        """Change a thing."""
        if id not in self.things:
            return refused(404, "not_there", "nothing to change")
        self.things[id] |= json_of(request)
        return answer_json(200, self.things[id])

    def remove(self, request: Request, id: str) -> Response:
        """Remove a thing."""
        if self.things.pop(id, None) is None:
            return refused(404, "not_there", "nothing to remove")
        return answer_json(200, {"removed": id})


def refused(status: int, code: str, message: str, **fields: str) -> Response:
    """Answer no, with code and words."""
    said = {name: [text] for name, text in fields.items()}
    error = {"code": code, "message": message or "no", "fields": said}
    return answer_json(status, {"error": error})


def too_long(body: dict[str, Any]) -> str | None:
    """Return the name that is too long, as the page has it."""
    names = ("given", "family")
    return next((n for n in names if len(str(body.get(n, ""))) > 30), None)
