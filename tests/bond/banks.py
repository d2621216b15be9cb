"""A Bank for Bond over a script."""

from __future__ import annotations

import json
from typing import Any

import httpx
from tests.fakes import Answer, FakeTime, Script

from anybank import Bank

IDENTITY = "b0nd-key-id"
AUTHORIZATION = "NotASecret/" + "x" * 53


def bond(*answers: Answer, **options: Any) -> tuple[Bank, Script]:
    """Return a Bank over a script, and the script."""
    script = Script(*answers)
    settings = {"identity": IDENTITY, "authorization": AUTHORIZATION, "retries": 0}
    timing = FakeTime().timing()
    bank = Bank("bond", transport=script, timing=timing, **{**settings, **options})
    return bank, script


def body(script: Script, index: int = 0) -> Any:
    """Return the JSON body of a request of the script."""
    return json.loads(script.requests[index].content)


def error(
    status: int, code: str, message: Any = "", kind: str = "Request Error"
) -> Any:
    """Return an error in Bond's main envelope."""
    document = {"Message": message, "Status": status, "Code": code, "Type": kind}
    return httpx.Response(status, json=document)
