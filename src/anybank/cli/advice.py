"""What a user can do about an issue, in terms of the command line."""

from __future__ import annotations

from ..errors import Effect, Issue


def advice(issue: Issue) -> str:
    """Return what to do about an issue, or "" if nothing needs to be done."""
    name = issue.remedy.accept_loss
    option = f"pass --accept-loss {name} to continue without it" if name else ""
    is_absent = issue.effect is Effect.BLOCKED and issue.rule == "create=required"
    text = issue.remedy.text or ("add it to the file" if is_absent else "")
    return ", or ".join(filter(None, (text, option)))
