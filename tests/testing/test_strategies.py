"""The people that the strategies invent are those whom a declaration accepts."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from anybank.declaration import Capabilities, FieldRule
from anybank.model.customers import NewCustomer
from anybank.testing.strategies import accepts, customers

NEEDED = FieldRule(create="required")
FEW = Capabilities(
    provider="few",
    title="Few",
    hosts={"sandbox": "https://few.example"},
    fields={NewCustomer: {"first_name": NEEDED, "last_name": NEEDED}},
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(customers(FEW))
def test_undeclared_fields_are_not_drawn(new: NewCustomer) -> None:
    """A short declaration has its people quickly: no drawn customer has to be discarded."""
    assert accepts(FEW, new)
    assert new.ssn is None
    assert not new.addresses
