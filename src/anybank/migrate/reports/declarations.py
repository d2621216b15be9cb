"""The titles of the two banks and the sources of their rules, from their declarations.

A report can be written without the adapters. Then a bank is shown by its provider name,
and the sources of its rules are empty.
"""

from __future__ import annotations

from collections.abc import Mapping

from ... import plugins
from ...declaration.vocabulary import Capabilities
from ...errors import ConfigurationError
from ...model.addresses import Address
from ...model.customers import NewCustomer
from ...model.phones import Phone

_ITEMS: Mapping[str, type] = {"addresses": Address, "phones": Phone}
"""The fields that hold values with fields of their own, and the types of those values."""


def declared_by(provider: str) -> Capabilities | None:
    """Return the declaration of a bank's adapter, or None if it cannot be loaded."""
    try:
        return plugins.find(provider).adapter.capabilities
    except ConfigurationError:
        return None


def title_of(provider: str) -> str:
    """Return a bank's title, or its provider name if its adapter cannot be loaded."""
    declared = declared_by(provider)
    return declared.title if declared else provider


def source_of(declared: Capabilities | None, field: str) -> str:
    """Return the vendor's page that states the rule of a field, or ""."""
    if declared is None:
        return ""
    name, _, item = field.partition(".")
    kind = _ITEMS.get(name) if item else None
    rule = declared.rule(kind, item) if kind else declared.rule(NewCustomer, name)
    return rule.source
