"""Acme in memory, written from its documentation and not from the adapter."""

from __future__ import annotations

from typing import Any

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import Route, Simulator, answer_json


class AcmeSimulator(Simulator):
    """A simulated Acme. `seed_person` creates a person."""

    base_path = "/v1"
    credentials = {"api_key": "acme-sandbox-key"}  # noqa: RUF012  # never changed
    routes = (Route("GET", "/people/{person_id}", "read"),)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.people: dict[str, dict[str, Any]] = {}

    def admit(self, request: Request) -> Response | None:
        """Reject a request without the API key."""
        if request.headers.get("x-key") == self.credentials["api_key"]:
            return None
        return self.error(401, "no_key", "unknown key")

    def no_route(self, request: Request, *, known: bool) -> Response:
        """Respond to an unknown path, or to a method that the path does not support."""
        return self.error(405 if known else 404, "no_route", "no such path")

    def error(
        self, status: int, code: str, message: str, **fields: list[str]
    ) -> Response:
        """Return an error in the format of Acme."""
        error = {"code": code, "message": message, "fields": fields}
        return answer_json(status, {"error": error})

    def seed_person(self, **person: Any) -> str:
        """Create a person and return the id."""
        person_id = str(self.uuid())
        self.people[person_id] = {"id": person_id, **person}
        return person_id

    def read(self, request: Request, person_id: str) -> Response:
        """Respond to GET /people/{id}."""
        if person_id not in self.people:
            return self.error(404, "no_person", "no such person")
        return answer_json(200, self.people[person_id])
