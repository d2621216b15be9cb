"""Checks of looking for what a create without an answer has created."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from ...declaration.vocabulary import Feature
from .recorder import NotApplicable, outcome_of, require
from .registry import check
from .stages import Stage
from .subject import Subject

CREATE, LIST = Feature.CUSTOMERS_CREATE, Feature.CUSTOMERS_LIST


@frozen
class _Resource:
    """Something that is created and listed: what of a bank it is, and with what."""

    create: Feature
    listing: Feature
    arguments: Callable[[Stage, int], tuple[Any, ...]]

    @property
    def name(self) -> str:
        return self.create.value.partition(".")[0]

    def of(self, bank: Any) -> Any:
        return getattr(bank, self.name)


_RESOURCES = (
    _Resource(
        Feature.ACCOUNTS_CREATE,
        Feature.ACCOUNTS_LIST,
        lambda stage, index: (stage.account(index),),
    ),
    _Resource(
        Feature.CREDIT_APPLICATIONS_CREATE,
        Feature.CREDIT_APPLICATIONS_LIST,
        lambda stage, index: (stage.application(index),),
    ),
    _Resource(
        Feature.WEBHOOK_SUBSCRIPTIONS_CREATE,
        Feature.WEBHOOK_SUBSCRIPTIONS_LIST,
        lambda stage, index: (stage.subscription(index),),
    ),
    _Resource(
        Feature.CUSTOMER_ADDRESSES_CREATE,
        Feature.CUSTOMER_ADDRESSES_LIST,
        lambda stage, index: (stage.id("customer"), stage.address(index)),
    ),
)


@check()
def a_lost_create_is_found_by_its_content(subject: Subject) -> None:
    """What is created without an answer is found in its listing, by its content."""
    examined = 0
    for resource in _RESOURCES:
        if not (
            subject.supports(resource.create) and subject.supports(resource.listing)
        ):
            continue
        examined += 1
        _found_by_content(subject, resource)
    if not examined:
        raise NotApplicable(
            "nothing but customers is declared to be created and listed"
        )


def _found_by_content(subject: Subject, resource: _Resource) -> None:
    stage = Stage.of(subject)
    arguments = resource.arguments(stage, 0)
    before = _listed(stage, resource, arguments)
    resource_of_bank = resource.of(stage.bank)
    stage.recorder.schedule("lost")
    lost = outcome_of(lambda: resource_of_bank.create(*arguments))
    found = outcome_of(lambda: resource_of_bank.resolve(lost, *arguments, known=before))
    after = _listed(stage, resource, arguments) - before
    require(
        len(after) == 1 and {getattr(found, "id", None)} == after,
        f"{resource.name}.create was answered by nobody, and {resource.name}.resolve gave "
        f"{type(found).__name__}: let {resource.listing.value} return every one, and read "
        "each field that is declared returned as it was sent.",
    )


def _listed(
    stage: Stage, resource: _Resource, arguments: tuple[Any, ...]
) -> set[str | None]:
    """Return the ids of all that are listed, of the customer where each has one."""
    return {each.id for each in resource.of(stage.bank).list(*arguments[:-1])}


@check(CREATE, LIST)
def a_lost_create_is_found_by_its_key(subject: Subject) -> None:
    """A create that is declared listed_by_key is found by its key, and no other is."""
    if not subject.declared.feature(CREATE).idempotency.listed_by_key:
        raise NotApplicable("customers.create is not declared listed_by_key")
    stage = Stage.of(subject)
    customers, person = stage.bank.customers, stage.person()
    before = {customers.create(stage.person(1)).id}
    stage.recorder.schedule("lost")
    lost = outcome_of(lambda: customers.create(person))
    found = outcome_of(lambda: customers.resolve(lost, person))
    unused = "anybank-no-such-key"
    nobody = outcome_of(lambda: customers.resolve(None, person, idempotency_key=unused))
    after = {each.id for each in customers.list()} - before
    require(
        {getattr(found, "id", None)} == after and nobody is None,
        "customers.create is declared listed_by_key, and its key gave "
        f"{type(found).__name__}, a key that nobody used {type(nobody).__name__}: send "
        "query.idempotency_key of a ListCustomers as the vendor's filter.",
    )
