"""The path of a create through the modules, as `python -m tools.walk` measures it."""

from __future__ import annotations

from tools import walk

MOST_IN_CREATE = 104
"""A create at Sonder switched 100 times between modules when this was written."""
MOST_IN_APPLY = 1170
"""`migrate apply` of three customers switched 1,134 times when this was written."""


def test_a_create_walks_through_the_adapter_and_not_far() -> None:
    """The walk counts the adapter's modules, not the simulator's, and stays short."""
    create = walk.create()
    assert create.calls["anybank_sonder.adapter"] > 0
    assert not any("simulator" in module for module in create.calls)
    assert create.switches.total() <= MOST_IN_CREATE


def test_an_apply_creates_every_customer_and_walks_not_far() -> None:
    """The walk of an apply would exit if a customer was not created, and stays short."""
    apply = walk.apply()
    assert apply.calls["anybank_sonder.adapter"] > 0
    assert apply.switches.total() <= MOST_IN_APPLY
