"""`anybank migrate verify`: every moved customer is read back and compared."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import Run

from anybank_sonder.simulator import SonderSimulator

from .steps import assert_nothing_personal, step


@pytest.mark.usefixtures("moved")
def test_equal_customers_are_verified(run: Run) -> None:
    """The command exits 0 and counts them."""
    result = step(run, "verify")
    assert result.code == 0
    assert "verified   2" in result.out


def test_a_customer_who_differs_waits_for_a_person(
    run: Run, moved: SonderSimulator
) -> None:
    """The command exits 2 and names the field, without a value."""
    customer_id = next(iter(moved.customer_ids))
    moved.stored(customer_id).fields["firstName"] = "Grace"
    result = step(run, "verify", "--json")
    summary = json.loads(result.out)
    assert result.code == 2
    assert summary["counts"]["mismatched"] == 1
    assert any("first_name" in item["field"] for item in summary["reasons"])
    assert "Grace" not in result.out
    assert_nothing_personal(result)
