"""Every cassette replays through Bank and AsyncBank."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from tests.cassettes.scenarios import PEOPLE, SCENARIOS, Scenario
from tests.cassettes.shared import ALL, CASSETTES, KEYS, customer_id
from tests.seeds import samples
from tests.seeds.errors import REFUSALS
from tests.seeds.samples import Sample, perform
from tests.seeds.states import TRANSCRIBED

from anybank import Conflict, Customer, NewCustomer, Rejected
from anybank.testing.cassettes import CassetteKind, replayed

BOTH = pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
EACH = pytest.mark.parametrize(
    "scenario", SCENARIOS, ids=lambda item: f"{item.provider}-{item.name}"
)
SAMPLES = pytest.mark.parametrize(
    "sample", samples.ALL, ids=lambda item: f"{item.provider}-{item.name}"
)


def play(scenario: Scenario, *, sync: bool) -> Any:
    """Replay a recorded scenario; return its result or its error."""
    identifier = customer_id(scenario)
    with replayed(CASSETTES, scenario.provider, scenario.name), expected(scenario):
        return perform(
            scenario.provider,
            lambda bank: scenario.operation(bank, identifier),
            sync=sync,
            retries=0,
            **KEYS[scenario.provider],
        )


def expected(scenario: Scenario) -> AbstractContextManager[Any]:
    """Expect the error of a scenario that ends with one."""
    return pytest.raises(scenario.raises) if scenario.raises else nullcontext()


@EACH
@BOTH
def test_a_recording_ends_as_it_did(scenario: Scenario, *, sync: bool) -> None:
    """Every request is in the cassette, and every response in it is used."""
    outcome = play(scenario, sync=sync)
    people = outcome if isinstance(outcome, list) else [outcome]
    customers = [item for item in people if isinstance(item, Customer)]
    assert all(item.first_name == "Xxxx" for item in customers)


@pytest.mark.parametrize("provider", ["bond", "sonder"])
@BOTH
def test_a_recorded_customer_reads_as_created(provider: str, *, sync: bool) -> None:
    """Every field reads back as sent, except those that the vendor does not return."""
    (scenario,) = (
        item
        for item in SCENARIOS
        if (item.provider, item.name) == (provider, "customers-create")
    )
    outcome, created = play(scenario, sync=sync), PEOPLE[provider]
    assert outcome.id
    assert _person(outcome) == _person(created)


def _person(one: Customer | NewCustomer) -> tuple[object, ...]:
    names = (one.first_name, one.middle_name, one.last_name, one.date_of_birth)
    homes = [(item.line1, item.city, item.postal_code) for item in one.addresses]
    numbers = [item.number for item in one.phones]
    return (*names, tuple(one.emails), numbers, homes)


def test_a_recorded_listing_pages_to_its_end() -> None:
    """Three customers come in pages of two."""
    (scenario,) = (item for item in SCENARIOS if item.name == "customers-list")
    assert len({item.id for item in play(scenario, sync=True)}) == 3


@SAMPLES
@BOTH
def test_a_transcribed_sample_is_read(sample: Sample, *, sync: bool) -> None:
    """The vendor's sample reads field by field, from its transcription."""
    with replayed(CASSETTES, sample.provider, sample.name, CassetteKind.TRANSCRIBED):
        outcome = perform(
            sample.provider,
            sample.operation,
            sync=sync,
            retries=0,
            **KEYS[sample.provider],
        )
    assert outcome == sample.means


@pytest.mark.parametrize("name", REFUSALS)
@BOTH
def test_a_transcribed_refusal_is_raised(name: str, *, sync: bool) -> None:
    """The vendor's error responses read as our errors, from their transcription."""
    refusal = REFUSALS[name]
    kind = Conflict if refusal.status == 409 else Rejected
    with (
        replayed(CASSETTES, "bond", name, CassetteKind.TRANSCRIBED),
        pytest.raises(kind) as raised,
    ):
        perform("bond", refusal.operation, sync=sync, retries=0, **KEYS["bond"])
    assert raised.value.code
    assert raised.value.message or raised.value.field_errors


@pytest.mark.parametrize("name", TRANSCRIBED)
@BOTH
def test_a_transcribed_state_is_read(name: str, *, sync: bool) -> None:
    """The KYC and credit applications on the vendor's pages read as our values."""
    sample = TRANSCRIBED[name]
    with replayed(CASSETTES, "bond", name, CassetteKind.TRANSCRIBED):
        outcome = perform(
            "bond", sample.operation, sync=sync, retries=0, **KEYS["bond"]
        )
    assert sample.shows(outcome) == sample.means


def test_every_cassette_is_replayed() -> None:
    """Every cassette has a test, and every test has a cassette.

    The conformance kit replays those of the vendors without samples
    (tests/testing/conformance/test_recorded.py).
    """
    recorded = {(item.provider, "recorded", item.name) for item in SCENARIOS}
    transcribed = {
        *((item.provider, "transcribed", item.name) for item in samples.ALL),
        *(("bond", "transcribed", name) for name in (*REFUSALS, *TRANSCRIBED)),
    }
    tested = {item.provider for item in samples.ALL}
    stored = {
        (path.parts[-3], path.parts[-2], path.stem)
        for path in ALL
        if path.parts[-3] in tested
    }
    assert stored == recorded | transcribed
