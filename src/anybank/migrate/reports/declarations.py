"""What the declarations of the two banks add to a journal: titles, and who says so.

A report can be written where an adapter is not installed: then a bank goes by its name,
and the sources of its rules are not told.
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
"""The fields that have fields, and what theirs are ruled by."""


def declared_by(provider: str) -> Capabilities | None:
    """Return what a bank's adapter declares, None where none can be loaded."""
    try:
        return plugins.find(provider).adapter.capabilities
    except ConfigurationError:
        return None


def title_of(provider: str) -> str:
    """Return what a bank is called."""
    declared = declared_by(provider)
    return declared.title if declared else provider


def source_of(declared: Capabilities | None, field: str) -> str:
    """Return the vendor's page that has the rule of a field, "" where none is known."""
    if declared is None:
        return ""
    name, _, item = field.partition(".")
    kind = _ITEMS.get(name) if item else None
    rule = declared.rule(kind, item) if kind else declared.rule(NewCustomer, name)
    return rule.source
