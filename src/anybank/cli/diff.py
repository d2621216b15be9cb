"""`anybank diff`: what changes in a move from one bank to another."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ..declaration.diff import Diff, FeatureChange
from ..declaration.diff import diff as compare
from ..declaration.vocabulary import Capabilities
from ..errors import Effect
from .advice import advice
from .bank_declaration import declaration, policy_variables
from .options import json_option
from .output import emit_json, heading, line, paragraph, table

TITLES = {
    Effect.DROPPED: "Lost, if you consent",
    Effect.MISSING: "Missing: you must supply it",
    Effect.NARROWED: "Blocked if the value does not fit",
    Effect.CHANGED: "Changed",
    Effect.DEFAULTED: "Filled in with a default",
    Effect.UNREADABLE: "Cannot be read back in full",
    Effect.FIXED: "Harder to update afterwards",
}


@click.command()
@click.argument("source")
@click.argument("target")
@json_option
def diff(source: str, target: str, *, as_json: bool) -> None:
    """Show what moving customers from SOURCE to TARGET would change.

    The command compares the two declarations, without credentials, network or customers.
    `anybank migrate plan` then says what happens to each customer.
    """
    before, after = declaration(source), declaration(target)
    result = compare(before, after)
    if as_json:
        emit_json(result)
        return
    _show(result, before, after)
    _show_policies(source, target)


def _show(result: Diff, before: Capabilities, after: Capabilities) -> None:
    heading(f"{before.title} -> {after.title}, according to their declarations")
    for declared in (before, after):
        if declared.status is not None:
            paragraph(f"{declared.title} is {declared.status}.", indent="  ")
    line()
    show_issues(result)
    if result.reads_lost:
        rows = [(issue.field, issue.message) for issue in result.reads_lost]
        table(f"Fields that {after.title} never returns", ("field", "reason"), rows)
    _show_features(f"Features that {after.title} lacks", result.features_lost)
    _show_features(f"Features that {before.title} lacks", result.features_gained)
    heading("Consequences")
    for sentence in (result.consequence, *result.notes):
        paragraph(sentence, indent="- ")


def show_issues(result: Diff) -> None:
    """Show a table for each thing that can happen to a field."""
    if not result.issues:
        paragraph("No field is lost, changed or missing.")
        line()
    for effect, title in TITLES.items():
        rows = [
            (issue.field, issue.message, advice(issue)) for issue in result.of(effect)
        ]
        if rows:
            table(title, ("field", "what happens", "what to do"), rows)


def rows_of_features(changes: Sequence[FeatureChange]) -> list[tuple[str, str, str]]:
    """Return the resource, operations and reason of features that a vendor lacks."""
    # Operations of a resource that are lacking for one reason share a row.
    by_reason: dict[tuple[str, str], list[str]] = {}
    for change in changes:
        resource, _, operation = change.feature.partition(".")
        by_reason.setdefault((resource, change.reason), []).append(operation)
    return [
        (resource, ", ".join(operations), reason)
        for (resource, reason), operations in by_reason.items()
    ]


def _show_features(title: str, changes: Sequence[FeatureChange]) -> None:
    rows = rows_of_features(changes)
    if rows:
        table(title, ("feature", "operations", "reason"), rows)


def _show_policies(*names: str) -> None:
    variables = [variable for name in names for variable in policy_variables(name)]
    if variables:
        paragraph(
            f"Policies set in the environment: {', '.join(variables)}", indent="- "
        )
