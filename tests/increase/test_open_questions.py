"""Rows 1 to 9 of the table in docs/vendors/increase.md, one test for each."""

from __future__ import annotations

import httpx
import pytest
from tests.fakes import Script

from anybank import Bank, InvalidInput, NotFound, Rejected
from anybank_increase.simulator import IncreaseSimulator

from .banks import ada, home, increase


def test_row_1_the_parts_of_a_name_are_a_guess_that_an_option_allows() -> None:
    """Without the option only the whole name is read."""
    simulator = IncreaseSimulator()
    entity_id = simulator.seed_entity(name="Ada May Ann Sample")
    with increase(simulator) as whole, increase(simulator, names="split") as split:
        read, guessed = whole.customers.get(entity_id), split.customers.get(entity_id)
    assert (read.full_name, read.first_name) == ("Ada May Ann Sample", None)
    parts = (guessed.first_name, guessed.middle_name, guessed.last_name)
    assert parts == ("Ada", "May Ann", "Sample")


def test_row_2_state_and_zip_are_optional_until_increase_refuses() -> None:
    """The check lets an address pass that the strict simulator refuses."""
    new = ada(addresses=[home(state=None, postal_code=None)])
    with increase(IncreaseSimulator()) as bank:
        assert bank.customers.create(new).addresses[0].state is None
    with increase(IncreaseSimulator(state_and_zip_required_in=("US",))) as bank:
        assert not [issue for issue in bank.check(new) if "state" in issue.field]
        with pytest.raises(Rejected):
            bank.customers.create(new)


def test_row_3_an_unknown_shape_of_errors_is_left_alone() -> None:
    """`field` and `path` are read, and anything else is no field error."""
    known = {"field": "natural_person.name", "message": "is odd"}
    other = {"where": "natural_person.name", "because": "is odd"}
    problem = {"type": "invalid_parameters_error", "title": "No", "status": 400}
    errors = []
    for complaint in (known, other):
        answer = httpx.Response(400, json={**problem, "errors": [complaint]})
        bank = Bank("increase", api_key="k", transport=Script(answer))
        with bank, pytest.raises(Rejected) as caught:
            bank.customers.create(ada())
        errors.append(caught.value.field_errors)
    assert errors == [{"full_name": ("is odd",)}, {}]


@pytest.mark.parametrize("again", ["refuse", "accept"])
def test_row_4_an_archived_entity_counts_as_deleted(again: str) -> None:
    """It is not found, not listed, and archiving it again is a success."""
    simulator = IncreaseSimulator(archive_again=again)
    entity_id = simulator.seed_entity()
    with increase(simulator) as bank:
        bank.customers.delete(entity_id)
        with pytest.raises(NotFound):
            bank.customers.get(entity_id)
        assert list(bank.customers.list()) == []
        bank.customers.delete(entity_id)


def test_row_5_an_entity_that_is_no_person_is_listed_by_its_name() -> None:
    """Nothing of a person is claimed of it."""
    simulator = IncreaseSimulator()
    joint = simulator.seed_joint()
    with increase(simulator) as bank:
        (item,) = bank.customers.list()
    assert (item.id, item.full_name) == (joint, "Ada Sample and Bea Sample")
    assert (item.first_name, item.ssn, item.date_of_birth) == (None, None, None)


def test_row_6_several_statuses_are_separated_by_commas() -> None:
    """One parameter has all of them, as Increase's own client writes it."""
    script = Script(httpx.Response(200, json={"data": [], "next_cursor": None}))
    with Bank("increase", api_key="k", transport=script) as bank:
        assert list(bank.customers.list()) == []
    statuses = script.requests[0].url.params.get_list("status.in")
    assert statuses == ["active,disabled"]


@pytest.mark.parametrize("missing", ["first_name", "last_name"])
def test_row_7_both_a_first_and_a_last_name_are_required(missing: str) -> None:
    """A person with one name is refused before anything is sent."""
    script = Script()
    bank = Bank("increase", api_key="k", transport=script)
    with bank, pytest.raises(InvalidInput) as caught:
        bank.customers.create(ada(**{missing: None}))
    assert [issue.field for issue in caught.value.issues] == [missing]
    assert script.requests == []


def test_row_8_the_limit_of_calls_is_our_own_default() -> None:
    """The declaration says that the vendor publishes none."""
    with increase(IncreaseSimulator()) as bank:
        limits = bank.capabilities.limits
    assert limits.calls_per_minute == 600
    assert "no limit is published" in limits.calls_source


def test_row_9_a_refused_create_leaves_its_key_free() -> None:
    """The corrected create is sent under the same key, and creates one entity."""
    simulator = IncreaseSimulator(state_and_zip_required_in=("US",))
    with increase(simulator) as bank:
        with pytest.raises(Rejected):
            bank.customers.create(
                ada(addresses=[home(state=None)]), idempotency_key="k1"
            )
        created = bank.customers.create(ada(), idempotency_key="k1")
    assert simulator.entity_ids == (created.id,)
