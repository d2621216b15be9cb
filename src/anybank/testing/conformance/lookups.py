"""Checks that a create whose response was lost is found again, and found once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import evolve, frozen

from ...model.features import Feature
from .recorder import NotApplicable, outcome_of, require
from .registry import check
from .scenarios import Scenario
from .subject import Subject

CREATE, LIST = Feature.CUSTOMERS_CREATE, Feature.CUSTOMERS_LIST


@frozen
class _Resource:
    """A resource with a create and a listing, and the arguments of its create."""

    create: Feature
    listing: Feature
    arguments: Callable[[Scenario, int], tuple[Any, ...]]

    @property
    def name(self) -> str:
        return self.create.value.partition(".")[0]

    def of(self, bank: Any) -> Any:
        return getattr(bank, self.name)


_CUSTOMERS = _Resource(CREATE, LIST, lambda scenario, index: (scenario.person(index),))
_RESOURCES = (
    _Resource(
        Feature.ACCOUNTS_CREATE,
        Feature.ACCOUNTS_LIST,
        lambda scenario, index: (scenario.account(index),),
    ),
    _Resource(
        Feature.ACCOUNT_NUMBERS_CREATE,
        Feature.ACCOUNT_NUMBERS_LIST,
        lambda scenario, index: (scenario.account_number(index),),
    ),
    _Resource(
        Feature.CREDIT_APPLICATIONS_CREATE,
        Feature.CREDIT_APPLICATIONS_LIST,
        lambda scenario, index: (scenario.application(index),),
    ),
    _Resource(
        Feature.WEBHOOK_SUBSCRIPTIONS_CREATE,
        Feature.WEBHOOK_SUBSCRIPTIONS_LIST,
        lambda scenario, index: (scenario.subscription(index),),
    ),
    _Resource(
        Feature.CUSTOMER_ADDRESSES_CREATE,
        Feature.CUSTOMER_ADDRESSES_LIST,
        lambda scenario, index: (scenario.id("customer"), scenario.address(index)),
    ),
)


@check()
def resolve_finds_lost_creates_by_content(subject: Subject) -> None:
    """A create whose response was lost is found in the listing by its content."""
    examined = 0
    for resource in _RESOURCES:
        if subject.supports(resource.create, resource.listing):
            examined += 1
            _require_resolved_by_content(subject, resource)
    if not examined:
        raise NotApplicable("no resource other than customers has create and list")


def _require_resolved_by_content(subject: Subject, resource: _Resource) -> None:
    scenario = Scenario.of(subject)
    arguments = resource.arguments(scenario, 0)
    calls = resource.of(scenario.bank)
    reads = _create_another(scenario, resource)
    before = _listed_ids(scenario, resource, arguments)
    scenario.recorder.schedule(*[None] * reads, "lost")
    error = outcome_of(lambda: calls.create(*arguments))
    match = outcome_of(lambda: calls.resolve(error, *arguments, known=before))
    created = _listed_ids(scenario, resource, arguments) - before
    require(
        len(created) == 1 and {getattr(match, "id", None)} == created,
        f"The response of {resource.name}.create was lost, and {resource.name}.resolve "
        f"gave {type(match).__name__}. Let {resource.listing.value} return every record, "
        "and read each field that is declared returned as it was sent.",
    )


def _create_another(scenario: Scenario, resource: _Resource) -> int:
    """Create a record that no search must return; return how many reads preceded it."""
    arguments = resource.arguments(scenario, 1)
    scenario.recorder.forget()
    resource.of(scenario.bank).create(*arguments)
    return scenario.recorder.reads_before_write


def _listed_ids(
    scenario: Scenario, resource: _Resource, arguments: tuple[Any, ...]
) -> set[str | None]:
    """Return the listed ids, of the customer where the resource belongs to one."""
    required = {} if arguments[:-1] else scenario.required_arguments(resource.listing)
    listed = resource.of(scenario.bank).list(*arguments[:-1], **required)
    return {item.id for item in listed}


@check()
def resolve_finds_lost_creates_by_key(subject: Subject) -> None:
    """A create that is declared listed_by_key is found by its key, and only by that key."""
    examined = 0
    for resource in (_CUSTOMERS, *_RESOURCES):
        idempotency = subject.declared.feature(resource.create).idempotency
        if idempotency.listed_by_key and subject.supports(
            resource.create, resource.listing
        ):
            examined += 1
            _require_resolved_by_key(subject, resource)
    if not examined:
        raise NotApplicable("no create is declared listed_by_key")


def _require_resolved_by_key(subject: Subject, resource: _Resource) -> None:
    scenario = Scenario.of(subject)
    calls = resource.of(scenario.bank)
    arguments = resource.arguments(scenario, 0)
    reads = _create_another(scenario, resource)
    before = _listed_ids(scenario, resource, arguments)
    scenario.recorder.schedule(*[None] * reads, "lost")
    error = outcome_of(lambda: calls.create(*arguments))
    match = outcome_of(lambda: calls.resolve(error, *arguments))
    unused = "anybank-no-such-key"
    # A filter that the vendor ignores lists everything, and the first record would pass
    # for a match.
    no_match = outcome_of(
        lambda: calls.resolve(None, *arguments, idempotency_key=unused)
    )
    created = _listed_ids(scenario, resource, arguments) - before
    require(
        {getattr(match, "id", None)} == created and no_match is None,
        f"{resource.name}.create is declared listed_by_key, but a search for its key gave "
        f"{type(match).__name__}, and one for an unused key {type(no_match).__name__}. "
        "Send the idempotency_key of a list query as the vendor's filter.",
    )


@check(CREATE)
def lost_creates_are_replayed_by_key(subject: Subject) -> None:
    """Repeating a lost create with the key of its error returns the created customer."""
    idempotency = subject.declared.feature(CREATE).idempotency
    if idempotency.kind != "replays":
        raise NotApplicable("customers.create is not declared `replays`")
    recorder = subject.recorder("lost")
    with subject.bank(recorder, retries=0) as bank:
        error = outcome_of(lambda: bank.customers.create(subject.person))
        key = getattr(error, "idempotency_key", None)
        outcome = outcome_of(
            lambda: bank.customers.create(subject.person, idempotency_key=key)
        )
    require(
        getattr(outcome, "id", None) and recorder.effects == 1,
        f"customers.create is declared 'replays', but repeating it with the same key "
        f"gave {type(outcome).__name__} and {recorder.effects} effects. Send "
        "query.idempotency_key as the vendor expects it, or declare `none`.",
    )


@check(CREATE)
def resolve_finds_lost_creates_by_reference(subject: Subject) -> None:
    """A create that is declared with a reference is found by it after a lost response."""
    idempotency = subject.declared.feature(CREATE).idempotency
    name = idempotency.lookup_field
    if name is None:
        raise NotApplicable("customers.create is declared without a reference")
    require(
        subject.supports(LIST),
        f"customers.create is declared to be looked up by {name}, but customers.list is "
        "not declared, so nothing can be looked up. Declare the listing, or a create "
        "without a reference.",
    )
    reference: dict[str, Any] = {name: "anybank-reference-2"}
    person = evolve(subject.person, **reference)
    recorder = subject.recorder("lost")
    with subject.bank(recorder, retries=0) as bank:
        error = outcome_of(lambda: bank.customers.create(person))
        match = outcome_of(lambda: bank.customers.resolve(error, person))
    require(
        getattr(match, name, None) == reference[name] and recorder.effects == 1,
        f"customers.create is declared to be looked up by {name}, but a create whose "
        f"response was lost was not found by {name}. Read {name} in customers.list, and list "
        "every customer.",
    )
    if idempotency.listed_by_reference:
        _require_filtered(subject, name)


def _require_filtered(subject: Subject, name: str) -> None:
    """Require that a search by reference does not read all other customers."""
    scenario = Scenario.of(subject)
    people = []
    for index in range(3):
        reference: dict[str, Any] = {name: f"anybank-filter-{index}"}
        people.append(evolve(scenario.person(index), **reference))
        scenario.bank.customers.create(people[-1])
    scenario.recorder.forget()
    match = scenario.bank.customers.resolve(None, people[1])
    listed = [exchange.response.text for exchange in scenario.recorder.exchanges]
    others = ("anybank-filter-0", "anybank-filter-2")
    require(
        match is not None and not any(it in text for it in others for text in listed),
        f"customers.create is declared listed_by_reference, but the search for one {name} "
        "listed other customers. Send the external_id of a list query as the vendor's "
        "filter, with every page.",
    )
