"""The simulator itself: its routes, its door, its faults and what is put in place."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from string import ascii_lowercase, digits
from typing import Any, ClassVar

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import NotJson, Route, Simulator
from anybank.sensitive import Sensitive

from .entities import Entities, Entity
from .problems import KINDS, Refused
from .switches import IncreaseSwitches

_PERSON: dict[str, Any] = {
    "name": "Wilhelmina Ada Sample",
    "date_of_birth": "1988-04-17",
    "identification": {"method": "social_security_number", "number": "900550101"},
    "address": {
        "line1": "9 Invented Ct",
        "city": "Albany",
        "state": "NY",
        "zip": "12207",
        "country": "US",
    },
}
_SHARE: dict[str, Any] = {
    "name": "Ada Sample",
    "date_of_birth": "1988-04-17",
    "address": {**_PERSON["address"], "line2": None},
    "identification": {"method": "social_security_number", "number_last4": "0101"},
}


class IncreaseSimulator(Simulator):
    """Increase in memory, as its document has it, by the switches of IncreaseSwitches."""

    credentials: ClassVar[Mapping[str, Any]] = {
        "api_key": "not-a-secret-increase-dummy-key"
    }
    routes = (
        Route("POST", "/entities", "entities.create"),
        Route("GET", "/entities", "entities.list"),
        Route("GET", "/entities/{entity_id}", "entities.get"),
        Route("PATCH", "/entities/{entity_id}", "entities.update"),
        Route("POST", "/entities/{entity_id}/archive", "entities.archive"),
        Route(
            "POST",
            "/simulations/entities/{entity_id}/update_validation",
            "entities.simulate",
        ),
    )

    def __init__(
        self,
        *,
        seed: int = 0,
        clock: Callable[[], datetime] | None = None,
        **switches: Any,
    ) -> None:
        super().__init__(seed=seed, clock=clock)
        self.switches = IncreaseSwitches(**switches)
        self.entities = Entities(self._entity_id, self.clock, self.switches)
        self._next: deque[tuple[str, bool, dict[str, Any]]] = deque()

    def __call__(self, request: Request) -> Response:
        """Answer one request, or fail as was asked for."""
        if not self._next:
            return self._answer(request)
        kind, committed, more = self._next.popleft()
        if committed:
            self._answer(request)
        return Refused(kind, **more).answer()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def _answer(self, request: Request) -> Response:
        try:
            return super().__call__(request)
        except Refused as refused:
            return refused.answer()
        except NotJson:
            return Refused("malformed_request_error").answer()

    def admit(self, request: Request) -> Response | None:
        """Refuse a request without the key (§3)."""
        sent = request.headers.get("authorization")
        shown = str(sent.reveal()) if isinstance(sent, Sensitive) else sent
        if shown is None:
            raise Refused("invalid_api_key_error", reason="no_header")
        if shown != f"Bearer {self.credentials['api_key']}":
            raise Refused("invalid_api_key_error", reason="no_credential")
        return None

    def no_route(self, request: Request, *, known: bool) -> Response:  # noqa: ARG002  # the base's signature
        """Refuse a path or a method that is not there."""
        raise Refused("api_method_not_found_error")

    def fail_next(self, kind: str, *, committed: bool = False, **more: Any) -> None:
        """Fail one request more with a problem of the document.

        `committed` lets Increase do first what was asked for. `more` is what the problem
        tells beside its type: `retry_after=2`.
        """
        if kind not in KINDS:
            raise ValueError(f"no such problem: {kind} (there are {', '.join(KINDS)})")
        self._next.append((kind, committed, more))

    def seed_entity(self, **person: Any) -> str:
        """Put a natural person in place without a request, and return its id."""
        told = {**_PERSON, **person}
        body = {"structure": "natural_person", "natural_person": told}
        return self.entities.add(body).id

    def seed_joint(self, name: str = "Ada Sample and Bea Sample") -> str:
        """Put a joint entity in place, which is no natural person; return its id."""
        other = {**_SHARE, "name": "Bea Sample"}
        joint = {"name": name, "individuals": [_SHARE, other]}
        return self.entities.add_other("joint", joint).id

    def seed_account(self, entity_id: str) -> None:
        """Open an account of an entity, which keeps it from being archived."""
        self.entities.find(entity_id).open_accounts += 1

    def stored(self, entity_id: str) -> Entity:
        """Return what is kept of an entity."""
        return self.entities.find(entity_id)

    @property
    def entity_ids(self) -> tuple[str, ...]:
        """The ids of all entities, archived ones too, the oldest first."""
        return tuple(self.entities.by_id)

    def _entity_id(self) -> str:
        tail = self.random.choices(ascii_lowercase + digits, k=20)
        return f"entity_{''.join(tail)}"
