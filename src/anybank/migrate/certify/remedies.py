"""What a person can do about an issue with a customer."""

from __future__ import annotations

import re

from ...declaration.consent import without_indexes
from ...errors import Effect, Issue
from .supplement import READERS

_LENGTH = re.compile(r"has \d+ characters, ")
_CONSENT = re.compile(r"; accept_loss=.* goes without it")


def remedy(issue: Issue) -> str:
    """Return what to do so that the record can be sent."""
    name = without_indexes(issue.field)
    if issue.rule == "full number":
        return f"add the full number to the supplement as {name}"
    if issue.effect is Effect.DROPPED:
        return f"pass --accept-loss {name} to create the customer without it"
    if name == "addresses" and issue.effect is Effect.BLOCKED:
        return "add addresses.line1, addresses.city and so on to the supplement"
    if name in READERS and issue.rule == "create=required":
        return f"add {name} to the supplement"
    if name in READERS:
        return f"add {name} to the supplement, or correct it at the source"
    return f"correct {name} at the source, then plan again"


def plain_message(issue: Issue) -> str:
    """Return an issue's message without what differs by record or applies only to Python."""
    return _LENGTH.sub("", _CONSENT.sub("", issue.message))
