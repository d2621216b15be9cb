"""Adapters that take an error for another one, or for a success."""

from __future__ import annotations

from typing import Any

from attrs import evolve
from tests.testing.conformance.acme.adapter import Acme
from tests.testing.conformance.broken.making import (
    Flow,
    Table,
    broken_acme,
    subject_of,
)

from anybank.adapter.problems import Problem
from anybank.adapter.wire import get
from anybank.errors import Conflict, NotFound, ProviderError, Rejected
from anybank.model.credentials import CredentialCheck
from anybank.model.kyc import KycCheck, KycStatus
from anybank.model.operations import CheckCredentials, UpdateCustomer
from anybank.testing import PrintedError
from anybank.testing.conformance import Subject
from anybank_bond import Bond
from anybank_bond.conformance import BondConformance
from anybank_sonder import Sonder
from anybank_sonder.simulator import SonderSimulator

_BODY = {
    "error": {
        "code": "bad_input",
        "message": "no",
        "fields": {"given": ["is short"], "homes": {"0": {"zip": ["is odd"]}}},
    }
}
_EXPECTED = Problem(
    kind=Rejected,
    code="bad_input",
    message="no",
    field_errors={
        "first_name": ("is short",),
        "addresses[0].postal_code": ("is odd",),
    },
)


def _reading(change: Any, body: Any = _BODY, status: int = 400) -> Subject:
    """Return an Acme that changes what it reads of a printed error."""

    def problem(self: Any, response: Any, request: Any = None) -> Any:
        read = Acme.problem(self, response, request)
        return read and change(read)

    printed = PrintedError(status=status, body=body, problem=_EXPECTED)
    adapter: Any = type("Broken", (Acme,), {"problem": problem})
    return subject_of(adapter, samples={"errors": [printed]})


def _with_the_first_field(read: Problem) -> Problem:
    return evolve(read, field_errors=dict(list(read.field_errors.items())[:1]))


def _start_always(self: Any, query: Any) -> Flow:
    try:
        return (yield from Acme.start_kyc(self, query))
    except ProviderError:
        return KycCheck(customer_id=query.customer_id, status=KycStatus.SUBMITTED)


def _verified_by_anybody(_self: Any, _query: CheckCredentials) -> Flow:
    try:
        yield get("/customer/nobody")
    except NotFound:
        return CredentialCheck(note="a 404 is good enough")
    return None


def _checking_by_anybody() -> Subject:
    broken: Any = type("Broken", (Sonder,), {"check_credentials": _verified_by_anybody})
    return Subject(adapter=broken, simulator=SonderSimulator)


def _update_unnamed(self: Any, query: UpdateCustomer) -> Flow:
    try:
        return (yield from Bond.update_customer(self, query))
    except ValueError:  # FieldNotUpdatable
        raise Conflict("the customer has passed KYC", status=403) from None


def _updating_unnamed() -> Subject:
    broken: Any = type("Broken", (Bond,), {"update_customer": _update_unnamed})
    return evolve(BondConformance.subject(), adapter=broken)


BROKEN: Table = {
    "reads a printed rejection as a conflict": (
        "printed_errors_are_read",
        lambda: _reading(lambda read: evolve(read, kind=Conflict)),
    ),
    "reads the first field of a printed rejection only": (
        "printed_errors_are_read",
        lambda: _reading(_with_the_first_field),
    ),
    "reads no code of a printed rejection": (
        "printed_errors_are_read",
        lambda: _reading(lambda read: evolve(read, code=None)),
    ),
    "takes a printed error under status 200 for a success": (
        "printed_errors_are_read",
        lambda: _reading(lambda read: read, status=200),
    ),
    "takes any refusal of a start for a repeat": (
        "refused_starts_are_no_starts",
        lambda: broken_acme(start_kyc=_start_always),
    ),
    "takes any 404 for an accepted key": (
        "foreign_refusals_verify_no_credentials",
        _checking_by_anybody,
    ),
    "names no field of a change that KYC forbids": (
        "changes_after_kyc_name_their_fields",
        _updating_unnamed,
    ),
}
