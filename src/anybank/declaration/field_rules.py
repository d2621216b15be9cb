"""Declare the rules of the fields of a value as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve

from .vocabulary import FieldRule


def field_rules(
    source: str, table: Mapping[str, FieldRule], refused: Iterable[str] = ()
) -> dict[str, FieldRule]:
    """Return a table of rules: *source* is the page of each rule that names none itself.

    `refused` lists the fields that the vendor does not have.

    >>> rules = field_rules("Acme docs", {"emails": optional()}, refused=["suffix"])
    >>> rules["suffix"].create, rules["emails"].source
    ('refused', 'Acme docs')
    """
    rules = {**table, **dict.fromkeys(refused, refuse())}
    return {name: _with_source(rule, source) for name, rule in rules.items()}


def _with_source(rule: FieldRule, source: str) -> FieldRule:
    return rule if rule.source else evolve(rule, source=source)


def required(**more: Any) -> FieldRule:
    """Declare a field that the vendor requires in a create."""
    return FieldRule(create="required", **more)


def optional(**more: Any) -> FieldRule:
    """Declare a field that a create may have."""
    return FieldRule(**more)


def read_only(**more: Any) -> FieldRule:
    """Declare a field that the vendor returns and accepts in no request."""
    return FieldRule(create="refused", update="never", **more)


def refuse(note: str = "", **more: Any) -> FieldRule:
    """Declare a field that the vendor neither accepts nor returns."""
    return FieldRule(create="refused", read="never", update="never", note=note, **more)
