"""Credit applications: create, update, submit, decide (bond.md §5; "Managing credit applications")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import field, frozen

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import answer_json
from anybank.sensitive import Ssn

from . import schemas
from .accounts import Accounts
from .applications import (
    FINANCES,
    AdverseAction,
    Application,
    event,
    show,
    show_adverse_action,
)
from .checks import Checks, Emit
from .customers import find_customer
from .errors import refused, unknown_application
from .kyc import refuse_program
from .records import Check, Table
from .validation import REQUIRED
from .world import World, body_of

_MOST = 50
# "Managing credit applications": an application can change until it is submitted.
_OPEN = frozenset({"created", "resubmit_required"})
_DECISIONS = {
    "passed": "approved",
    "failed": "denied",  # row 37
    "expired": "resubmit_required",
    "error": "resubmit_required",
}
_EVENTS = {
    "approved": "approved",
    "denied": "adverse_action",
    "resubmit_required": "resubmit_required",
}
DECISIONS = frozenset(_EVENTS)
"""The decisions about an application."""


@frozen(repr=False, eq=False)
class Credit:
    """The credit applications of every brand."""

    world: World
    checks: Checks
    accounts: Accounts
    emit: Emit
    _waiting: dict[tuple[str, str], dict[str, Application]] = field(factory=dict)
    """The submitted applications, by the customer and program of their KYC."""
    table: Table[Application] = field(factory=Table)

    def create(self, request: Request) -> Response:
        """Answer POST /credit/applications."""
        body = body_of(request)
        if problems := schemas.NEW_APPLICATION.problems(body):
            raise refused(400, "input_error", problems)
        applicant = body["applicant"]
        refuse_program(self.world, body["program_id"])
        now = self.world.clock()
        customer = find_customer(self.world, request, applicant["customer_id"])
        application = Application(
            id=self.world.uuid(),
            brand_id=customer.brand_id,
            created=now,
            updated=now,
            customer=customer,
            program_id=body["program_id"],
            finances={name: applicant[name] for name in FINANCES if name in applicant},
            ssn_token=f"tok_sandbox_{self.world.letters(22)}",
        )
        self._emit_event(self.table.add(application), "created", now)
        return self._answer(201, application)

    def get(self, request: Request, application_id: str) -> Response:
        """Answer GET /credit/applications/{id}."""
        return self._answer(200, self._find(request, application_id))

    def list(self, request: Request) -> Response:
        """Answer a page between cursors, in order of creation (bond.md §5)."""
        query = dict(request.query)
        strict = self.world.switches.strict_limit
        schema = schemas.STRICT_CREDIT_PAGE if strict else schemas.CREDIT_PAGE
        if problems := schema.problems(query):
            raise refused(400, "invalid_parameter", problems)
        limit = min(int(query.get("limit", _MOST)), _MOST)  # row 26
        matches = _between(self._listed(request, query.get("customer_id")), query)
        # The page before a cursor is the last one of the matches before it.
        page = matches[-limit:] if "ending_before" in query else matches[:limit]
        shown = [show(one, self.world.switches) for one in page]
        return answer_json(200, {"has_more": len(matches) > len(page), "data": shown})

    def update(self, request: Request, application_id: str) -> Response:
        """Answer PATCH /credit/applications/{id} with the new values (row 28)."""
        application = self._find(request, application_id)
        body = body_of(request)
        if problems := schemas.APPLICATION.problems(body, whole=False):
            raise refused(400, "input_error", problems)
        _refuse_submitted(application)
        applicant = body.get("applicant", {})
        new = {name: applicant[name] for name in FINANCES if name in applicant}
        application.finances |= new
        application.updated = self.world.clock()
        return self._answer(200, application)

    def submit(self, request: Request, application_id: str) -> Response:
        """Answer POST .../submit, which starts KYC unless it has passed (row 35)."""
        application = self._find(request, application_id)
        _refuse_submitted(application)
        ssn = _filled(application)
        customer = application.customer
        check = customer.checks.get(application.program_id)
        passed = check is not None and check.status == "passed"
        if not (passed or (check and check.under_way)):
            self.checks.start(customer, application.program_id, ssn)
        now = self.world.clock()
        application.status, application.updated = "kyc_started", now
        self._emit_event(application, "submitted", now)
        # Row 35: without a new check there is no event to wait for.
        if passed:
            self._decide(application, self.world.choices.credit or "approved", now)
        else:
            # Several applications may wait for one check; the inner dict keeps their
            # order.
            key = customer.id, application.program_id
            self._waiting.setdefault(key, {})[application.id] = application
        return self._answer(201, application)

    def adverse_actions(self, request: Request, application_id: str) -> Response:
        """Answer GET .../adverse-actions, with 404 unless the application is denied."""
        if shown := show_adverse_action(self._find(request, application_id)):
            return answer_json(200, shown)
        raise unknown_application()

    def decided(self, check: Check, moment: datetime) -> None:
        """Decide the applications that wait for a KYC check."""
        decision = _DECISIONS.get(check.status)
        if decision is None:
            return
        waiting = self._waiting.pop((check.customer.id, check.program_id), {})
        for application in waiting.values():
            chosen = self.world.choices.credit or decision
            self._decide(application, chosen, moment)

    def _decide(
        self, application: Application, decision: str, moment: datetime
    ) -> None:
        application.status, application.updated = decision, moment
        if decision == "approved":
            account = self.accounts.open(
                application.brand_id,
                application.customer.id,
                application.program_id,
                "security_deposit",
            )
            application.security_deposit_account_id = account.id
        if decision == "denied":
            application.adverse_action = AdverseAction(
                id=self.world.uuid(), created=moment
            )
        self._emit_event(application, _EVENTS[decision], moment)

    def _emit_event(
        self, application: Application, name: str, moment: datetime
    ) -> None:
        payload = event(application, name, moment, self.world.switches)
        self.emit(application.brand_id, payload, moment)

    def _find(self, request: Request, application_id: str) -> Application:
        if application := self.world.find(self.table, application_id, request):
            return application
        raise unknown_application()

    def _listed(
        self, request: Request, customer_id: str | None
    ) -> Sequence[Application]:
        listed = self.table.of(self.world.brand(request))
        records = [one for one in listed if customer_id in (None, one.customer.id)]
        return sorted(records, key=lambda one: (one.created, one.id))

    def _answer(self, status: int, application: Application) -> Response:
        return answer_json(status, show(application, self.world.switches))


def _between(
    listed: Sequence[Application], query: Mapping[str, str]
) -> Sequence[Application]:
    """Cut a list at a cursor, which is not included."""
    if "starting_after" in query:
        return listed[_place(listed, query, "starting_after") + 1 :]
    if "ending_before" in query:
        return listed[: _place(listed, query, "ending_before")]
    return listed


def _place(listed: Sequence[Application], query: Mapping[str, str], cursor: str) -> int:
    for place, application in enumerate(listed):
        if application.id == query[cursor]:
            return place
    fault = {cursor: ["No such application in this list."]}
    raise refused(400, "invalid_parameter", fault)


def _refuse_submitted(application: Application) -> None:
    """Refuse a change after the submit, unless KYC requests fields again (§5.4)."""
    check = application.customer.checks.get(application.program_id)
    must_submit_again = (
        application.status == "kyc_started" and check and check.outcome.fields
    )
    if application.status not in _OPEN and not must_submit_again:
        raise refused(400, "invalid_request", "The application has been submitted.")


def _filled(application: Application) -> Ssn:
    """Refuse to submit an incomplete application; return the SSN for KYC (§5.2, §4.2)."""
    missing: dict[str, Any] = {
        name: [REQUIRED] for name in FINANCES if name not in application.finances
    }
    if missing:
        raise refused(400, "input_error", {"applicant": missing})
    if application.customer.ssn is None:
        raise refused(400, "kyc_post_schema", {"ssn": [REQUIRED]})
    return application.customer.ssn
