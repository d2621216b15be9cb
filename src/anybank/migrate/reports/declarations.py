"""The titles of the two banks and the sources of their rules, from their declarations.

A report can be written without the adapters. Then a bank is shown by its provider name,
and the sources of its rules are empty.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from ... import plugins
from ...declaration.overrides import override
from ...declaration.vocabulary import Capabilities
from ...errors import ConfigurationError
from ...model.customers import NewCustomer
from ...model.values import item_types


def declared_by(provider: str) -> Capabilities | None:
    """Return the declaration of a bank's adapter, or None if it cannot be loaded."""
    try:
        return plugins.find(provider).adapter.capabilities
    except (
        ConfigurationError
    ):  # the journal may be read on a machine without the adapter
        return None


def declared_target(metadata: Mapping[str, str]) -> Capabilities | None:
    """Return the declaration of a journal's target, with the overrides of its plan."""
    side = json.loads(metadata["target"])
    declared = declared_by(side["provider"])
    overrides = side.get("options", {}).get("overrides")
    if declared is None or not overrides:
        return declared
    try:
        return override(declared, overrides)
    except ConfigurationError:  # this version of the adapter has other rules
        return declared


def title_of(provider: str) -> str:
    """Return a bank's title, or its provider name if its adapter cannot be loaded."""
    declared = declared_by(provider)
    return declared.title if declared else provider


def source_of(declared: Capabilities | None, field: str) -> str:
    """Return the vendor's page that states the rule of a field, or ""."""
    if declared is None:
        return ""
    name, _, item = field.partition(".")
    kind = item_types(NewCustomer).get(name) if item else None
    rule = declared.rule(kind, item) if kind else declared.rule(NewCustomer, name)
    return rule.source
