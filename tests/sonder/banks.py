"""A Bank for Sonder over a script."""

from __future__ import annotations

import json
from typing import Any

import httpx
from tests.fakes import Answer, FakeTime, Script, home, james

from anybank import AddressKind, Bank, NewCustomer

TOKEN = "sonder-token"
ID = "SU18VxiTglfSSSEIbbV3MJRmBZm1VVds"


def sonder(*answers: Answer, **options: Any) -> tuple[Bank, Script]:
    """Return a Bank over a script, and the script."""
    script = Script(*answers)
    settings = {"token": TOKEN, "retries": 0, **options}
    timing = FakeTime().timing()
    return Bank("sonder", transport=script, timing=timing, **settings), script


def wrapped(data: Any, **more: Any) -> httpx.Response:
    """Return data in Sonder's envelope."""
    envelope = {"data": data, "success": True, "error": None, "requestId": "r"}
    return httpx.Response(200, json={**envelope, "log_ref_id": "l", **more})


def sent(script: Script, index: int = 0) -> Any:
    """Return the JSON body of a request of the script."""
    return json.loads(script.requests[index].content)


def stored(**more: Any) -> dict[str, Any]:
    """Return a customer as Sonder returns one."""
    return {
        "customerId": ID,
        "accountIds": [],
        "addresses": [],
        "dateOfBirth": "1997-12-25",
        "emails": ["james@example.com"],
        "firstName": "James",
        "lastName": "Bond",
        "middleName": "Herbert",
        "phoneNumbers": [{"type": "MOBILE", "number": "555-111-2222"}],
        "preferredName": "James",
        **more,
    }


def sarah(**other: Any) -> NewCustomer:
    """Return a person whom Sonder accepts unchanged."""
    fields: dict[str, Any] = {
        "middle_name": "Jane",
        "preferred_name": "Sally",
        "document_locator_number": 123456789,
        "addresses": [home(kind=AddressKind.HOME)],
    }
    return james(**{**fields, **other})
