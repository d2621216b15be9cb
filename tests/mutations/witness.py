"""A simulated vendor that records what it did, whatever response arrives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from attrs import define, field, frozen
from tests.mutations.mutants import EMPTY_LIST, Mutant

from anybank import AnybankError, InvalidInput, Outcome
from anybank.adapter.wire import Request, Response
from anybank.declaration import SAFE
from anybank.testing.conformance.operations import Operation
from anybank.testing.conformance.recorder import NotApplicable
from anybank.testing.conformance.scenarios import Scenario
from anybank.testing.conformance.subject import Subject


@define(eq=False)
class Witness:
    """Stands in for the network: records the vendor's writes and the responses."""

    simulator: Any
    mutant: Mutant | None = None
    did: list[Request] = field(factory=list)
    """The writes that the vendor accepted and responded to with a success."""
    arrived: list[Response] = field(factory=list)
    written: list[Request] = field(factory=list)
    """The writes that arrived, at the vendor or at a proxy."""

    @property
    def base_path(self) -> str:
        """The part of the path before the resources."""
        return str(self.simulator.base_path)

    def begin(self, mutant: Mutant) -> None:
        """Clear the record, and mutate responses from now on."""
        self.mutant = mutant
        self.did.clear()
        self.arrived.clear()
        self.written.clear()

    def __call__(self, request: Request) -> Response:
        """Respond to one request."""
        if self.mutant is None:
            answer: Response = self.simulator(request)
            return answer
        if request.method != "GET":
            self.written.append(request)
        arrives = self.mutant(request, self._answer(request))
        self.arrived.append(arrives)
        return arrives

    def _answer(self, request: Request) -> Response:
        if self.mutant is not None and self.mutant.intercepted:
            return Response(status=200)
        answer: Response = self.simulator(request)
        if request.method != "GET" and answer.ok:
            self.did.append(request)
        return answer


@frozen
class Case:
    """An operation that ran under a mutation, and its outcome."""

    operation: Operation
    subject: Subject
    witness: Witness
    result: Any
    """The result, or the exception."""

    def violations(self) -> Iterator[str]:
        """Yield the contradictions between the outcome and the vendor's record."""
        error = self.result
        if not isinstance(error, BaseException):
            yield from self._of_value()
        elif not isinstance(error, AnybankError):
            yield f"{type(error).__name__} escapes"
        elif self._reads:
            yield from self._of_read(error)
        else:
            yield from self._of_write(error)

    @property
    def _reads(self) -> bool:
        rule = self.subject.declared.feature(self.operation.feature)
        return rule.idempotency == SAFE

    def _of_value(self) -> Iterator[str]:
        last = self.witness.arrived[-1] if self.witness.arrived else None
        intercepted = (
            self.witness.mutant is not None and self.witness.mutant.intercepted
        )
        if intercepted and last is not None and not self._reads:
            yield "a stranger's answer passes for a success"
        is_read = self._reads and self.operation.verb != "check"
        if intercepted and is_read and not self._is_empty_page():
            yield f"a stranger's answer is read as {type(self.result).__name__}"

    def _is_empty_page(self) -> bool:
        """Return whether all responses are empty pages of JSON:API, which needs only `data`."""
        speaks_json_api = self.subject.declared.provider == "unit"
        answers = self.witness.arrived
        return speaks_json_api and all(item.content == EMPTY_LIST for item in answers)

    def _of_read(self, error: AnybankError) -> Iterator[str]:
        if isinstance(error, InvalidInput):
            yield "a read blames the caller"
        if error.outcome is Outcome.NOT_SENT:
            yield "a read that was answered is not_sent"
        if error.outcome is not Outcome.REFUSED and not error.retryable:
            yield "a failed read is not retryable"
        if "look before" in str(error):
            yield "a failed read has something to look for"

    def _of_write(self, error: AnybankError) -> Iterator[str]:
        if error.outcome is Outcome.NOT_SENT and self.witness.written:
            yield "a write that was answered is not_sent"
        if not self.witness.did:
            return
        if error.outcome is Outcome.REFUSED and not self._is_refused():
            yield "what the vendor did is refused, and no answer says so"
        if (
            error.outcome is Outcome.UNKNOWN
            and error.retryable
            and self._would_double()
        ):
            yield "what the vendor did would be done again"

    def _would_double(self) -> bool:
        rule = self.subject.declared.feature(self.operation.feature)
        return not rule.idempotency.repeatable

    def _is_refused(self) -> bool:
        in_envelope = self.subject.declared.provider == "sonder"
        return any(
            _refuses(answer, in_envelope=in_envelope) for answer in self.witness.arrived
        )


def _refuses(answer: Response, *, in_envelope: bool) -> bool:
    """Return whether a response is the vendor's refusal. HTML is not one, except for 429."""
    if answer.status == 429:
        return True
    if 400 <= answer.status < 500:
        return answer.status != 408 and not answer.content.lstrip().startswith(b"<")
    return in_envelope and answer.ok and _is_failure(answer.content)


def _is_failure(content: bytes) -> bool:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return False
    if not isinstance(body, dict):
        return False
    refused = body.get("success") is False or body.get("error") is not None
    return refused or ("data" not in body and "type" in body)


def staged(operation: Operation, subject: Subject) -> Scenario | None:
    """Return a scenario for an operation, None if its prerequisites cannot be created."""
    stage = Scenario.of(subject)
    try:
        operation.prepare(stage)
    except NotApplicable:
        return None
    return stage
