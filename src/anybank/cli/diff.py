"""`anybank diff`: what a move from one bank to another changes."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ..declaration.diff import Diff, FeatureChange
from ..declaration.diff import diff as compared
from ..declaration.vocabulary import Capabilities
from ..errors import Effect
from .check import advice
from .declarations import declaration, policies_set
from .output import emit_json, heading, line, paragraph, table

_TITLES = {
    Effect.DROPPED: "Lost, with your consent",
    Effect.MISSING: "Missing: yours to supply",
    Effect.NARROWED: "Blocked where it does not fit",
    Effect.CHANGED: "Changed",
    Effect.DEFAULTED: "Filled in",
    Effect.UNREADABLE: "Not to be read back",
    Effect.FIXED: "Less changeable afterwards",
}


@click.command()
@click.argument("source")
@click.argument("target")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def diff(source: str, target: str, *, as_json: bool) -> None:
    """Show what moving customers from SOURCE to TARGET would change.

    It reads the two declarations alone: no credentials, no network, no customer.
    What happens to each customer is what `anybank migrate plan` says.
    """
    before, after = declaration(source), declaration(target)
    found = compared(before, after)
    if as_json:
        emit_json(found)
        return
    show_diff(found, before, after)
    _policies(source, target)


def show_diff(found: Diff, before: Capabilities, after: Capabilities) -> None:
    """Show a diff: the fields by what becomes of them, the features, and what follows."""
    heading(f"{before.title} -> {after.title}, from the declarations alone")
    line()
    show_issues(found)
    _features(f"Features that {after.title} lacks", found.features_lost)
    _features(f"Features that {before.title} lacks", found.features_gained)
    heading("What follows")
    for said in (found.consequence, *found.notes):
        paragraph(said, indent="- ")


def show_issues(found: Diff) -> None:
    """Show what becomes of the fields."""
    if not found.issues:
        paragraph("No field is lost, changed or missing.")
        line()
    for effect, title in _TITLES.items():
        rows = [(each.field, each.message, advice(each)) for each in found.of(effect)]
        if rows:
            table(title, ("field", "what happens", "what helps"), rows)


def _features(title: str, changes: Sequence[FeatureChange]) -> None:
    by_reason: dict[tuple[str, str], list[str]] = {}
    for each in changes:
        resource, _, operation = each.feature.partition(".")
        by_reason.setdefault((resource, each.reason), []).append(operation)
    rows = [
        (resource, ", ".join(operations), reason)
        for (resource, reason), operations in by_reason.items()
    ]
    if rows:
        table(title, ("feature", "operations", "why"), rows)


def _policies(*names: str) -> None:
    variables = [each for name in names for each in policies_set(name)]
    if variables:
        paragraph(f"applied from the environment: {', '.join(variables)}", indent="- ")
