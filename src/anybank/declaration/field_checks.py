"""The checks of one field by its rule: each reports an Issue and returns what is written."""

from __future__ import annotations

from enum import Enum
from typing import Any

import attrs

from ..errors import NO_REMEDY, Effect, Issue, Remedy
from ..sensitive import Ssn
from .consent import without_indexes
from .text_rules import RESPELLED, fit_text, text_problem
from .vocabulary import FieldRule, Implied

SUBMIT = "submit=required"
"""The rule of a field that is required later, when an application is submitted."""

FULL_NUMBER = "full number"
"""The rule of an SSN that may not be a mask or a token."""


@attrs.define
class FieldPath:
    """A field by its path, its rule, and the list to which its issues go."""

    name: str
    rule: FieldRule
    vendor: str
    issues: list[Issue]

    def item(self, index: int) -> FieldPath:
        """Return the path of an item of a list."""
        return FieldPath(f"{self.name}[{index}]", self.rule, self.vendor, self.issues)

    def report(
        self, effect: Effect, rule: str, message: str, remedy: Remedy = NO_REMEDY
    ) -> None:
        """Add an issue with the source of the rule."""
        source = self.rule.source
        self.issues.append(Issue(self.name, effect, rule, source, message, remedy))

    def block(self, rule: str, message: str, advice: str = "") -> None:
        """Report that the value cannot be written."""
        self.report(Effect.BLOCKED, rule, message, Remedy(advice or self.rule.note))

    def drop(self, rule: str, message: str, advice: str = "") -> None:
        """Report that the field is lost, which needs consent."""
        remedy = Remedy(advice, accept_loss=without_indexes(self.name))
        self.report(Effect.DROPPED, rule, message, remedy)

    def misfit(self, rule: str, message: str) -> None:
        """Block a value that breaks its rule, or drop it where the vendor can do without."""
        report = self.block if self.rule.misfit == "blocked" else self.drop
        report(rule, message)


def is_absent(content: object) -> bool:
    """Tell whether a field has nothing to write: no value, no items, kind UNKNOWN."""
    if content is None or content == ():
        return True
    return isinstance(content, Enum) and content.name == "UNKNOWN"


def default_of(rule: FieldRule, value: Any) -> Any:
    """Return what is written for a field that a person lacks, or None."""
    if rule.default_from:
        return getattr(value, rule.default_from, None) or None
    return rule.default


def native_word(at: FieldPath, value: Any) -> str | None:
    """Return the vendor's own word that a caller passed for a kind, or None."""
    word: str | None = getattr(value, "native_kind", None)
    return None if at.rule.create == "refused" else word


def read_native(at: FieldPath, value: Any, content: Any) -> Any:
    """Return the member that the vendor's own word stands for; report an unknown word."""
    member = at.rule.member(native_word(at, value) or "")
    if member is None:
        known = ", ".join(word for _, word in at.rule.words)
        at.block("values", f"{at.vendor} has no such word, only {known}")
    return content if member is None else member


def fill_absent(at: FieldPath, value: Any, content: Any) -> Any:
    """Report an absent field, and return what is written in its place."""
    rule = at.rule
    default, implied_constant = default_of(rule, value), rule.implied_constant
    if default is not None:
        what = rule.note or "the declared default is written"
        message = f"is missing: {what} ({at.vendor})"
        at.report(Effect.DEFAULTED, "default", message)
    elif implied_constant is not None and rule.read == "returned":
        message = f"is missing: {at.vendor} returns {_name_of(implied_constant)}"
        at.report(Effect.DEFAULTED, "implied", message)
    elif rule.create == "required" and not at.name.endswith(".primary"):
        at.block("create=required", f"{at.vendor} requires it")
    elif rule.submit == "required":
        at.block(SUBMIT, f"{at.vendor} requires it to submit the application")
    return next(
        (each for each in (default, implied_constant) if each is not None), content
    )


def is_stored(rule: FieldRule) -> bool:
    """Tell whether a vendor stores a field: written, or by what its silence implies."""
    return rule.create != "refused" or rule.implied is not None


def report_refused(at: FieldPath, content: Any) -> None:
    """Report the content of a field that the vendor refuses, unless it implies it."""
    implied = at.rule.implied
    if isinstance(implied, Implied) or content == implied:
        return
    if content in (at.rule.values or ()):
        message = f"{content.name} is stored as {_name_of(implied)} ({at.vendor})"
        at.report(Effect.CHANGED, "values", message)
    elif implied is not None:
        at.misfit(f"implied={implied}", f"{at.vendor} stores only {_name_of(implied)}")
    else:
        at.drop("create=refused", f"{at.vendor} does not support it")


def _name_of(implied: Any) -> str:
    return implied.name if isinstance(implied, Enum) else str(implied)


def fit_ssn(at: FieldPath, ssn: Ssn) -> Ssn | None:
    """Return the number, or report a mask and return None where the digits are needed."""
    if at.rule.masks or not ssn.is_masked:
        return ssn
    report = at.block if at.rule.create == "required" else at.drop
    message = f"{at.vendor} needs the full number, and only a mask is known"
    report(FULL_NUMBER, message, "supply the full number from your own store")
    return None


def check_member(at: FieldPath, member: Enum) -> None:
    """Report a member that the vendor does not have, or reads as another one."""
    values = at.rule.values
    if values is None:
        return
    if member not in values:
        known = ", ".join(each.name for each in values)
        message = f"{member.name} is not supported, only {known} ({at.vendor})"
        at.misfit("values", message)
    elif (stored := at.rule.member(values[member])) is not member:
        message = f"{member.name} is written as {stored.name} ({at.vendor})"
        at.report(Effect.CHANGED, "values", message)


def fit_to_rule(at: FieldPath, text: str, country: str | None = None) -> str | None:
    """Return the spelling that the rule accepts; None where neither fits."""
    spelling = fit_text(at.rule, text, country)
    if spelling is None:
        rule, message = text_problem(at.rule, text, country) or ("", "")
        at.misfit(rule, f"{message} ({at.vendor})")
    elif spelling != text:
        at.report(Effect.CHANGED, "spelling", f"{RESPELLED} ({at.vendor})")
    return spelling
