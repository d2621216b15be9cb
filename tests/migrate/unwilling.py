"""Targets that record, refuse or spoil requests."""

from __future__ import annotations

import copy
from typing import Any

from anybank.adapter.wire import Request, Response
from anybank_sonder.simulator import SonderSimulator


class Deleting:
    """A bank that records deletes, and spoils some of its responses."""

    def __init__(self, bank: Any, *spoiled: str) -> None:
        self.bank = bank
        self.spoiled = list(spoiled)
        self.deleted: list[str] = []

    def __call__(self, request: Request) -> Response:
        if request.method != "DELETE":
            return self.bank(request)  # type: ignore[no-any-return] # a simulator
        how = self.spoiled.pop(0) if self.spoiled else ""
        if how in {"403", "401", "422"}:
            return Response(status=int(how), content=b'{"message": "no"}')
        if how == "nothing":  # as a gateway that answers for the bank
            return self._like_a_success(request)
        answer: Response = self.bank(request)
        self.deleted.append(request.path.rsplit("/", 1)[-1])
        return Response(status=500) if how == "lost" else answer

    def _like_a_success(self, request: Request) -> Response:
        """Respond as if the customer were deleted, who is still there."""
        before = copy.deepcopy(self.bank)
        answer: Response = self.bank(request)
        self.bank = before
        return answer


class Moody:
    """A bank that refuses creates with a code until it changes its mind."""

    def __init__(self) -> None:
        self.bank = SonderSimulator()
        self.refuses = True

    def __call__(self, request: Request) -> Response:
        if self.refuses and request.method == "POST":
            return Response(status=422, content=b'{"message": "not today"}')
        return self.bank(request)
