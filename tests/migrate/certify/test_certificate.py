"""The certificate of a record, before anything is sent."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest
from tests.migrate.moving import side

from anybank import Bank, DocumentLocatorNumber, Effect, Phone, Ssn
from anybank.adapter.wire import Flow
from anybank.migrate.certify.certificate import Certificate, Certifier
from anybank.migrate.journal.keys import Key
from anybank.model import operations as ask
from anybank.model.customers import Customer
from anybank_bond.adapter import Bond
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator

MIGRATION = "11111111-1111-4111-8111-111111111111"
ROW = {
    "ssn": Ssn("912-45-6789"),
    "document_locator_number": DocumentLocatorNumber(900_001),
}


@pytest.fixture
def key(tmp_path: Path) -> Key:
    return Key.create(tmp_path / "move.db.key")


def certifier(key: Key, target: Any, **more: Any) -> Certifier:
    """Return a certifier from one vendor to the other."""
    back = isinstance(target, BondSimulator)
    source: Any = SonderSimulator() if back else BondSimulator()
    return Certifier(
        source=side(source).adapter.capabilities,
        target=side(target, **more.pop("options", {})).adapter,
        migration_id=MIGRATION,
        key=key,
        **{"today": date(2026, 1, 1), **more},
    )


def ada(**fields: Any) -> Customer:
    """Return a customer as Bond returns her."""
    bond = BondSimulator()
    seeded = {"middle_name": "May", "ssn": "912-45-6789", **fields}
    result = bond.seed_customer(**seeded)
    at = side(bond)
    with Bank("bond", **at.options) as bank:
        return bank.customers.get(result)


def to_sonder(
    key: Key,
    customer: Customer,
    row: Any = None,
    loss: str = "external_id",
    **more: Any,
) -> Certificate:
    created = certifier(key, SonderSimulator(), accept_loss={loss}, **more)
    return created.certify(customer, ROW if row is None else row)


def test_a_complete_person_is_ready(key: Key) -> None:
    """The certificate has a fingerprint of the request and the expected fields."""
    result = to_sonder(key, ada())
    assert result.is_ready
    assert result.effects["first_name"] is Effect.KEPT
    assert result.effects["external_id"] is Effect.DROPPED
    assert result.effects["preferred_name"] is Effect.DEFAULTED
    assert result.effects["addresses[0].kind"] is Effect.CHANGED


def test_a_missing_field_says_where_to_get_it(key: Key) -> None:
    """A number that the source masks is requested in the supplement."""
    result = to_sonder(key, ada(), {"document_locator_number": ROW["ssn"]})
    (stops,) = [issue for issue in result.issues if issue.remedy]
    assert stops.effect is Effect.MISSING
    assert stops.remedy.text == "add the full number to the supplement as ssn"


def test_another_number_blocks_the_record(key: Key) -> None:
    """A row whose last four digits differ belongs to somebody else."""
    result = to_sonder(key, ada(), {**ROW, "ssn": Ssn("912-45-1111")})
    (stops,) = [issue for issue in result.issues if issue.remedy]
    assert stops.field == "ssn"
    assert (
        stops.message
        == "does not end with the last four digits that the source returns"
    )


def test_a_loss_needs_consent_by_name(key: Key) -> None:
    """A second address line, which Sonder lacks, blocks until it is accepted."""
    customer = ada()
    address = attrs.evolve(customer.addresses[0], line2="Suite 600")
    customer = attrs.evolve(customer, addresses=(address,), external_id=None)
    refused = to_sonder(key, customer)
    assert [issue.remedy.text for issue in refused.issues if issue.remedy] == [
        "pass --accept-loss addresses.line2 to create the customer without it"
    ]
    assert to_sonder(key, customer, loss="addresses.line2").is_ready


def test_an_unreadable_phone_blocks_and_is_no_crash(key: Key) -> None:
    """A person has to correct a value that nobody can read."""
    customer = attrs.evolve(ada(), phones=(Phone.read("ext. 12 only"),))
    result = to_sonder(key, customer)
    assert not result.is_ready
    assert result.effects["phones[0].number"] is Effect.BLOCKED
    assert "ext. 12" not in repr(result.issues)


def test_replaced_values_are_reported(key: Key) -> None:
    """A name in the supplement replaces the source's, and is reported as changed."""
    result = to_sonder(key, ada(), {**ROW, "last_name": "Sampler"})
    assert result.effects["last_name"] is Effect.CHANGED
    assert result.sent.value.last_name == "Sampler"


def test_a_reference_never_changes(key: Key) -> None:
    """The reference depends only on the source's bank and id."""
    customer = attrs.evolve(ada(), external_id=None)
    created = certifier(key, BondSimulator(), accept_loss={"all"})
    references = {created.certify(customer, ROW).reference for _ in range(2)}
    assert len(references) == 1
    assert None not in references


def test_the_external_id_is_the_reference(key: Key) -> None:
    """A customer with an external id has the same reference at the target."""
    customer = attrs.evolve(ada(), external_id="ours-1")
    created = certifier(key, BondSimulator(), accept_loss={"all"})
    assert created.certify(customer, ROW).reference == "ours-1"


def test_an_optional_field_may_be_missing(key: Key) -> None:
    """An optional field that Sonder never returns is reported and blocks nobody."""
    customer = attrs.evolve(ada(), ssn=None)
    result = certifier(key, BondSimulator()).certify(customer)
    assert result.is_ready
    assert result.effects["ssn"] is Effect.MISSING


def test_fingerprints_reveal_nothing_without_the_key(key: Key, tmp_path: Path) -> None:
    """The same person has other fingerprints under another key."""
    other = Key.create(tmp_path / "other.db.key")
    mine, theirs = (to_sonder(item, ada()) for item in (key, other))
    assert set(mine.promise.values()).isdisjoint(theirs.promise.values())
    assert mine.request_print != theirs.request_print


def test_a_certificate_shows_nobody(key: Key) -> None:
    """The representation has names of fields and effects, and no values."""
    shown = repr(to_sonder(key, ada()))
    assert "912-45" not in shown
    assert "Sample" not in shown


def test_a_change_at_the_source_is_seen(key: Key) -> None:
    """Equal customers have equal fingerprints, and a changed field changes them."""
    customer = ada()
    changed = attrs.evolve(customer, emails=("new@example.com",))
    prints = [to_sonder(key, item).source_print for item in (customer, customer)]
    assert prints[0] == prints[1] != to_sonder(key, changed).source_print


class Broken(Bond):
    """A Bond whose adapter fails for every customer."""

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        raise KeyError(query.new.first_name)


def test_an_adapter_that_cannot_write_blocks_and_is_no_crash(key: Key) -> None:
    """An adapter that cannot write a request blocks the record before sending."""
    created = certifier(key, BondSimulator(), accept_loss={"all"})
    broken = attrs.evolve(created, target=Broken(created.target.options))
    (stops,) = [issue for issue in broken.certify(ada(), ROW).issues if issue.remedy]
    assert stops.message == "the adapter cannot write the request (KeyError)"
    assert "Ada" not in repr(stops)
