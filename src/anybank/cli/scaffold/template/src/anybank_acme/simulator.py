"""Acme in memory: written from its pages, not from the adapter."""

from __future__ import annotations

from typing import Any

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import Route, Simulator, answer_json


class AcmeSimulator(Simulator):
    """Acme's people; a new one is put in place by `seed_person`."""

    base_path = "/v1"
    credentials = {"api_key": "acme-sandbox-key"}  # noqa: RUF012  # it stays as it is
    routes = (Route("GET", "/people/{person_id}", "read"),)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.people: dict[str, dict[str, Any]] = {}

    def admit(self, request: Request) -> Response | None:
        """Refuse a request without the key."""
        if request.headers.get("x-key") == self.credentials["api_key"]:
            return None
        return self.error(401, "no_key", "unknown key")

    def no_route(self, request: Request, *, known: bool) -> Response:  # noqa: ARG002  # the base's
        """Answer a path that is not there, or not with this method."""
        return self.error(405 if known else 404, "no_route", "no such path")

    def error(
        self, status: int, code: str, message: str, **fields: list[str]
    ) -> Response:
        """Refuse as Acme does."""
        said = {"code": code, "message": message, "fields": fields}
        return answer_json(status, {"error": said})

    def seed_person(self, **person: Any) -> str:
        """Put a person in place and return the id."""
        made = {"id": self.uuid(), **person}
        self.people[made["id"]] = made
        return str(made["id"])

    def read(self, request: Request, person_id: str) -> Response:  # noqa: ARG002  # the base's
        """Answer GET /people/{id}."""
        if person_id not in self.people:
            return self.error(404, "no_person", "no such person")
        return answer_json(200, self.people[person_id])
