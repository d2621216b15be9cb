"""The KYC calls: start, read, send documents, simulate (bond.md §4; "Performing KYC")."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from attrs import frozen

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import answer_json
from anybank.sensitive import Ssn

from . import schemas
from .checks import Checks, details
from .customers import find_customer
from .errors import conflict, refused
from .records import Check, Customer
from .triggers import FAILED, PASSED, Outcome
from .validation import REQUIRED
from .world import World, body_of, header

_KEY_LIFE = timedelta(hours=24)


def refuse_program(world: World, program_id: str) -> None:
    """Refuse an unknown program."""
    if world.switches.programs and program_id not in world.switches.programs:
        raise refused(400, "invalid_program", "Program does not exist.")


@frozen(repr=False, eq=False)
class Kyc:
    """The KYC of customers, per program."""

    world: World
    checks: Checks

    def start(self, request: Request, customer_id: str) -> Response:
        """Answer POST /customers/{id}/verification-kyc; the outcome comes later."""
        customer = find_customer(self.world, request, customer_id)
        # Before the body is validated: "Performing KYC" rejects any repeat of a key,
        # and the repeat of an invalid start is one.
        self._use_key(request, customer.brand_id)
        body = body_of(request)
        ssn = _ssn(body, customer)
        refuse_program(self.world, body["program_id"])
        self.checks.start(customer, body["program_id"], ssn)
        self._emit_submitted(customer)
        return _status(customer, "submitted", 201)  # row 13

    def _emit_submitted(self, customer: Customer) -> None:
        """Post the response to the callback URL too ("Performing KYC", step 3; row 13)."""
        if self.world.switches.submitted_event:
            submitted = {"customer_id": customer.id, "kyc_status": "submitted"}
            self.checks.emit(customer.brand_id, submitted, self.world.clock())

    def get(self, request: Request, customer_id: str) -> Response:
        """Answer GET /customers/{id}/verification-kyc?program_id=..."""
        customer = find_customer(self.world, request, customer_id)
        query = dict(request.query)
        if problems := schemas.KYC_QUERY.problems(query):
            raise refused(400, "get_kyc_schema", problems)
        check = customer.checks.get(query["program_id"])
        if check is None:
            raise refused(404, "kyc_dne", "KYC result does not exist.")
        shown = {"brand_id": customer.brand_id, **details(check)}
        return _status(customer, check.status, 200, shown)

    def send_documents(self, request: Request, customer_id: str) -> Response:
        """Answer the upload of documents, a call of the older API alone."""
        customer = find_customer(self.world, request, customer_id)
        body = body_of(request)
        if problems := schemas.DOCUMENTS.problems(body, strict=True):
            raise refused(400, "input_error", problems)
        check = _waiting(customer)
        # The upload page of the older API: send only the documents that were asked for.
        if unasked := body.keys() - set(check.outcome.documents):
            faults = {name: ["Was not asked for."] for name in unasked}
            raise refused(400, "input_error", faults)
        check.missing = [kind for kind in check.missing if kind not in body]
        if not check.missing:
            self.checks.documents_sent(check)
        answer = {"customer_id": customer.id, "num_documents_submitted": len(body)}
        return answer_json(200, answer)

    def simulate_pass(self, request: Request) -> Response:
        """Answer POST /simulate/kyc-pass."""
        return self._simulate(request, PASSED)

    def simulate_fail(self, request: Request) -> Response:
        """Answer POST /simulate/kyc-fail."""
        return self._simulate(request, FAILED)

    def _simulate(self, request: Request, outcome: Outcome) -> Response:
        body = body_of(request)
        if problems := schemas.SIMULATION.problems(body):
            raise refused(400, "input_error", problems)
        customer = find_customer(self.world, request, body["customer_id"])
        refuse_program(self.world, body["program_id"])
        self.checks.force(customer, body["program_id"], outcome)
        return _status(customer, outcome.status, 200)

    def _use_key(self, request: Request, brand_id: str) -> None:
        """Refuse an Idempotency-Key for 24 h from its first use ("Performing KYC"; row 12)."""
        key, now = header(request, "idempotency-key"), self.world.clock()
        if key is None:
            return
        used = self.world.idempotency_keys.get((brand_id, key))
        if used is not None and now < used + _KEY_LIFE:
            message = "The idempotency key was used within the past 24 hours."
            raise conflict("idempotency_key_exists", message)
        self.world.idempotency_keys[brand_id, key] = now


def _ssn(body: Any, customer: Customer) -> Ssn:
    """Refuse an invalid body; return the SSN of the body, else the stored one (row 10)."""
    problems = schemas.KYC.problems(body)
    sent = isinstance(body, Mapping) and "ssn" in body
    if not sent and customer.ssn is None:
        problems["ssn"] = [REQUIRED]
    if problems:
        raise refused(400, "kyc_post_schema", problems)
    return Ssn(body["ssn"]) if sent or customer.ssn is None else customer.ssn


def _waiting(customer: Customer) -> Check:
    """Return the check that waits for documents, since the call names no program."""
    for check in customer.checks.values():
        if check.status == "document_required":
            return check
    raise refused(404, "kyc_dne", "No KYC waits for documents.")


def _status(
    customer: Customer, status: str, code: int, more: Mapping[str, Any] = {}
) -> Response:
    shown = {"customer_id": customer.id, "kyc_status": status, **more}
    return answer_json(code, shown)
