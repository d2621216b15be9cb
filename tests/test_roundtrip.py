"""For each vendor: accepted values arrive, and refused values are never sent."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.fakes import Script
from tests.proofs import PROOF

from anybank import (
    UNSET,
    Address,
    AddressKind,
    Bank,
    Customer,
    CustomerChanges,
    CustomerStatus,
    InvalidInput,
    NewCustomer,
    Phone,
    PhoneKind,
)
from anybank.declaration import Capabilities
from anybank.declaration.preflight import prepare
from anybank.plugins import find
from anybank.sandbox.transport import SimulatorTransport
from anybank.testing.strategies import accepts, customers, people

VENDORS = ["bond", "increase", "sonder", "unit"]
FEWER = settings() if PROOF else settings(max_examples=8)
"""A customer takes long to generate: `make test` tries a few, the proofs many."""
EACH = pytest.mark.parametrize("vendor", VENDORS)
CREDENTIALS: dict[str, dict[str, Any]] = {
    "bond": {"identity": "i", "authorization": "a"},
    "increase": {"api_key": "k"},
    "sonder": {"token": "t"},
    "unit": {"token": "t"},
}
KINDS: dict[type, type] = {AddressKind: Address, PhoneKind: Phone}

PEOPLE = {vendor: customers(find(vendor).adapter.capabilities) for vendor in VENDORS}
ANYBODY = people()


def simulated(vendor: str) -> Bank:
    """Return a bank over a fresh simulator."""
    simulator = find(vendor).simulator
    assert simulator is not None
    created = simulator()()
    return Bank(
        vendor,
        transport=SimulatorTransport(created),
        rate_limit=None,
        **created.credentials,
    )


def arrives(declared: Capabilities, given: Any, result: Any) -> list[str]:
    """Return the fields that read differently from the value that was sent."""
    return list(_others(declared, given, result, ""))


def _others(
    declared: Capabilities, given: Any, result: Any, path: str
) -> Iterator[str]:
    for name, rule in declared.rules(type(given)).items():
        one, other = getattr(given, name, None), getattr(result, name, None)
        if rule.create == "refused" or rule.read != "returned" or one is None:
            continue
        if not isinstance(one, tuple):
            yield from [] if _same(declared, one, other) else [path + name]
            continue
        pairs = zip_longest(one, tuple(other or ()))
        for index, (item, returned) in enumerate(pairs):
            here = f"{path}{name}[{index}]."
            yield from [here] if isinstance(item, str) and item != returned else []
            yield from _others(declared, item, returned, here)


def _same(declared: Capabilities, given: Any, result: Any) -> bool:
    if type(given) not in KINDS:
        return bool(given == result)
    rule = declared.rule(KINDS[type(given)], "kind")
    return result is rule.member(rule.word(given) or "")


@EACH
@FEWER
@given(data=st.data())
def test_accepted_customers_arrive(vendor: str, data: st.DataObject) -> None:
    """A customer whom `check` accepts is created, and reads as it was sent."""
    with simulated(vendor) as bank:
        new = data.draw(PEOPLE[vendor])
        created = bank.customers.create(new)
        stored = bank.customers.get(created.id)
        prepared = prepare(bank.capabilities, new).value
        assert arrives(bank.capabilities, prepared, stored) == []
        assert stored == bank.customers.get(created.id)
        if stored.ssn is not None and new.ssn is not None:
            assert stored.ssn.agrees_with(new.ssn)


@EACH
@FEWER
@given(data=st.data())
def test_refused_customers_are_never_sent(vendor: str, data: st.DataObject) -> None:
    """A customer whom `check` refuses causes no request."""
    script = Script()
    with Bank(vendor, transport=script, **CREDENTIALS[vendor]) as bank:
        new = data.draw(
            ANYBODY.filter(lambda person: not accepts(bank.capabilities, person))
        )
        with pytest.raises(InvalidInput):
            bank.customers.create(new)
    assert script.requests == []


@EACH
@FEWER
@given(data=st.data())
def test_only_accepted_losses_happen(vendor: str, data: st.DataObject) -> None:
    """With consent to all losses, a customer arrives without the dropped fields only."""
    with simulated(vendor) as bank:
        new = data.draw(PEOPLE[vendor])
        other = data.draw(ANYBODY)
        mixed = attrs.evolve(
            new, preferred_name=other.preferred_name, external_id=other.external_id
        )
        created = bank.customers.create(mixed, accept_loss="all")
        prepared = prepare(bank.capabilities, mixed).value
        stored = bank.customers.get(created.id)
        assert arrives(bank.capabilities, prepared, stored) == []


@EACH
@FEWER
@given(data=st.data())
def test_preparing_twice_changes_nothing_more(vendor: str, data: st.DataObject) -> None:
    """A prepared customer has nothing left to prepare."""
    declared = find(vendor).adapter.capabilities
    once = prepare(declared, data.draw(ANYBODY)).value
    assert prepare(declared, once).value == once


@EACH
@FEWER
@given(data=st.data())
def test_a_prepared_customer_is_still_accepted(
    vendor: str, data: st.DataObject
) -> None:
    """Preparing a customer causes no new issue."""
    declared = find(vendor).adapter.capabilities
    new = data.draw(PEOPLE[vendor])
    assert accepts(declared, prepare(declared, new).value)


@EACH
@FEWER
@given(data=st.data())
def test_accepted_changes_arrive(vendor: str, data: st.DataObject) -> None:
    """A permitted change takes effect, and no other field changes."""
    with simulated(vendor) as bank:
        before = bank.customers.create(data.draw(PEOPLE[vendor]))
        # Unit's sandbox denies some SSNs and reviews others: nobody can change those people.
        assume(vendor != "unit" or before.status is CustomerStatus.ACTIVE)
        other = data.draw(PEOPLE[vendor])
        names = ("emails", "phones", "addresses", "preferred_name")
        chosen = data.draw(st.sets(st.sampled_from(names), min_size=1))
        fields = {name: getattr(other, name) for name in chosen}
        changes = CustomerChanges(**fields)
        if not accepts(bank.capabilities, changes):
            return
        bank.customers.update(before.id, changes)
        after = bank.customers.get(before.id)
        prepared = prepare(bank.capabilities, changes).value
        assert _changed(bank.capabilities, prepared, after) == []
        untouched = set(names) - set(chosen)
        read = bank.capabilities.rules(NewCustomer)
        for name in untouched:
            if read[name].read == "returned":
                assert getattr(after, name) == getattr(before, name)


def _changed(
    declared: Capabilities, changes: CustomerChanges, result: Customer
) -> list[str]:
    """Return the changed fields that read differently from the value that was sent."""
    changed = {
        field.name: getattr(changes, field.name)
        for field in attrs.fields(CustomerChanges)
        if getattr(changes, field.name) not in (UNSET, {})
    }
    paths = arrives(declared, NewCustomer(**changed), result)
    return [path for path in paths if path.partition("[")[0] in changed]
