"""Check the arguments of a call against the rule of its feature."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import Effect, InvalidInput, Issue
from .vocabulary import FeatureRule


def require_arguments(rule: FeatureRule, question: Any) -> None:
    """Raise InvalidInput with an issue for each argument of a call that breaks the rule.

    *question* is what the adapter is asked, and has the arguments.
    """
    if issues := list(_issues(rule, question)):
        raise InvalidInput(issues)


def _issues(rule: FeatureRule, question: Any) -> Iterator[Issue]:
    for name, reason in rule.requires.items():
        if getattr(question, name) is None:
            yield _issue(rule, name, "required", f"must be set: {reason}")
    for name, reason in rule.refuses.items():
        if getattr(question, name) is not None:
            yield _issue(rule, name, "refused", f"must be omitted: {reason}")
    for name, members in rule.only.items():
        if getattr(question, name) not in members:
            words = " or ".join(member.name for member in members)
            note = f": {rule.note}" if rule.note else ""
            yield _issue(rule, name, f"one of {words}", f"must be {words}{note}")


def _issue(rule: FeatureRule, name: str, limit: str, message: str) -> Issue:
    return Issue(name, Effect.BLOCKED, limit, rule.source or "anybank", message)
