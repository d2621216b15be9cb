"""Bond's refusals, each in the shape of its service (§8.1)."""

from __future__ import annotations

from typing import Any

from anybank.adapter.wire import Response
from anybank.sandbox.simulator import answer_json


class Refused(Exception):  # what it is, not whose fault
    """A request that Bond answers with an error."""

    def __init__(self, response: Response) -> None:
        super().__init__(f"HTTP {response.status}")
        self.response = response


def refused(status: int, code: str, message: Any) -> Refused:
    """Return shape A: the four title-case keys ("Creating a customer"; §13 rows 7 and 9)."""
    body = {
        "Message": message,
        "Status": status,
        "Code": code,
        "Type": "Request Error",
    }
    return Refused(answer_json(status, body))


def conflict(code: str, message: str) -> Refused:
    """Return shape B: a lower-case envelope with its own `type` ("Performing KYC")."""
    body = {"type": "RESOURCE_CONFLICT", "code": code, "message": message}
    return Refused(answer_json(409, body))


def unknown_application() -> Refused:
    """Return shape C: the credit service's 404, whose code is a number (§8.1)."""
    body = {
        "status": "ERROR_CODE_CREDIT_APPLICATION_GENERIC",
        "code": 3001,
        "message": "Not found.",
        "details": {},
    }
    return Refused(answer_json(404, body))


def no_such_url(*, known: bool) -> Refused:
    """Return shape F, which is documented for a bad URL (§8.1)."""
    if known:
        return Refused(answer_json(405, {"message": "The method is not allowed."}))
    return Refused(answer_json(404, {"message": "The URL was not found."}))


def unknown_customer() -> Refused:
    """Return the refusal of an unknown customer id (§8.3)."""
    return refused(404, "customer_dne", "Customer does not exist.")


def another_brands() -> Refused:
    """Return the refusal of a resource of another brand (§2)."""
    return refused(403, "auth_err", "Not authorized for this resource.")


def unauthorized() -> Refused:
    """Return the refusal of an unknown key; its body is not documented (§2)."""
    return refused(401, "auth_err", "Unauthorized.")
