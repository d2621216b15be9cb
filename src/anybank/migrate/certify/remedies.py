"""What a person can do about a finding."""

from __future__ import annotations

import re

from ...declaration.consent import without_indexes
from ...errors import Effect, Issue
from .supplement import READERS

_LENGTH = re.compile(r"has \d+ characters, ")
_CONSENT = re.compile(r"; accept_loss=.* goes without it")


def remedy(issue: Issue) -> str:
    """Return what to do so that a record may go."""
    name = without_indexes(issue.field)
    if issue.rule == "full number":
        return f"give the full number as {name} in the supplement"
    if issue.effect is Effect.DROPPED:
        return f"--accept-loss {name} goes without it"
    if name == "addresses" and issue.effect is Effect.BLOCKED:
        return "give addresses.line1, addresses.city and so on in the supplement"
    if name in READERS and issue.rule == "create=required":
        return f"give {name} in the supplement"
    if name in READERS:
        return f"give {name} in the supplement, or correct it at the source"
    return f"correct {name} at the source, then plan again"


def plain_message(issue: Issue) -> str:
    """Return what an issue says of every record alike, without the way out in Python."""
    return _LENGTH.sub("", _CONSENT.sub("", issue.message))
