"""The trigger SSNs of the sandbox and their outcomes (bond.md §4.7; "Performing KYC")."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from anybank.sensitive import Ssn


@frozen(kw_only=True)
class Outcome:
    """A status that a check reaches, with its details."""

    status: str
    documents: tuple[str, ...] = ()
    reasons: Mapping[str, str] | None = None
    fields: tuple[str, ...] = ()
    """The fields to enter again before a new start."""


PASSED = Outcome(status="passed")
FAILED = Outcome(status="failed")
EXPIRED = Outcome(status="expired")
UNDER_REVIEW = Outcome(status="under_review")

_ID, _HOME, _SSN = "government_id", "proof_of_address", "social_security_card"


def _documents(*kinds: str) -> Outcome:
    return Outcome(status="document_required", documents=kinds)


def _failed(*checks: str) -> Outcome:
    kinds = ("ofac", "bureau", "mobile", "ip", "email")
    reasons = {kind: "failed" if kind in checks else "passed" for kind in kinds}
    return Outcome(status="failed", reasons=reasons)


_BY_DIGITS = {
    "000000000": UNDER_REVIEW,  # also the sample of "Performing KYC"
    "111111111": _documents(_SSN, _ID),
    "222222222": _documents(_ID, _HOME),
    "333333333": _documents(_ID),
    "444444444": _documents(_SSN, _ID, _HOME),
    # from earlier editions of the page
    "333332222": _documents(_ID, _HOME),
    "777777777": _documents(_ID, _HOME, _SSN),
    "888888888": EXPIRED,
    "999990000": _failed("bureau"),
    "999991111": _failed("ofac"),
    "999992222": _failed("bureau", "ofac"),
}

BY_STATUS = {
    "passed": PASSED,
    "failed": FAILED,
    "expired": EXPIRED,
    "under_review": UNDER_REVIEW,
    "error": Outcome(status="error"),
    "document_required": _documents(_ID),
}
"""The outcomes by status."""


def outcome_for(ssn: Ssn) -> Outcome:
    """Return the outcome of an SSN; an SSN without a trigger passes."""
    return _BY_DIGITS.get(ssn.reveal(), PASSED)
