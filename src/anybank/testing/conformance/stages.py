"""What must be in place before an operation: a customer, an application, an account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import attrs
from attrs import define, field

from ...client import Bank
from ...declaration.vocabulary import Feature
from ...model.accounts import NewAccount
from ...model.addresses import Address
from ...model.credit import CreditApplicationChanges, NewCreditApplication
from ...model.customers import CustomerChanges, NewCustomer
from ...model.events import NewWebhookSubscription, WebhookSubscriptionChanges
from ...model.kyc import StartKyc
from ...model.unset import UNSET
from .recorder import Fault, NotApplicable, Recorder
from .subject import Subject


@define(eq=False)
class Stage:
    """A fresh simulator, and what is put in place on it as it is asked for."""

    subject: Subject
    recorder: Recorder
    made: dict[str, str] = field(factory=dict)

    @classmethod
    def of(cls, subject: Subject) -> Stage:
        """Return an empty stage."""
        return cls(subject, subject.recorder())

    @classmethod
    def under(cls, subject: Subject, fault: Fault) -> Stage:
        """Return a stage whose dice let the fault happen as it says."""
        return cls(subject, Recorder(subject.simulator(), seed=fault.seed))

    @cached_property
    def bank(self) -> Bank:
        """A bank with which things are put in place, and never twice."""
        return self.subject.bank(self.recorder, retries=0)

    def id(self, kind: str) -> str:
        """Return the id of a thing of a kind: it is made at first."""
        if kind not in self.made:
            self.made[kind] = self.another(kind)
        return self.made[kind]

    def another(self, kind: str, index: int = 0) -> str:
        """Make another thing of a kind and return its id.

        Raises NotApplicable where no operation makes it and the author's `seed` does not.
        """
        feature, make = _MAKERS.get(kind, (None, None))
        if make and feature and self.subject.supports(feature):
            return make(self, index)
        seeded = self.subject.seed(kind, self.recorder.simulator, self.bank)
        if seeded is None:
            raise NotApplicable(
                f"nothing puts a {kind.replace('_', ' ')} in place: write "
                f"`seed`, so that it returns the id of one for {kind!r}"
            )
        return seeded

    def person(self, index: int = 0) -> NewCustomer:
        """Return a person, of whom no second has the reference."""
        people = self.subject.people
        person = people[index % len(people)]
        if index < len(people) or person.external_id is None:
            return person
        return attrs.evolve(person, external_id=f"anybank-{index}")

    @property
    def changes(self) -> CustomerChanges:
        """Changes that are accepted of the first person's fields, as few as there are."""
        rules = self.subject.declared.rules(NewCustomer)
        fields = attrs.fields_dict(CustomerChanges)
        one = self.subject.person
        for name, rule in rules.items():
            if rule.update == "never" or rule.create == "refused" or name not in fields:
                continue
            for other in self.subject.people:
                value = getattr(other, name)
                if value and value != getattr(one, name):
                    return CustomerChanges(**{name: value})
        raise NotApplicable("no field of a customer is declared changeable")

    @property
    def start(self) -> StartKyc:
        """What a verification starts with."""
        return self.subject.values(StartKyc)[0]

    def address(self, index: int = 0) -> Address:
        """Return an address that is not the primary one."""
        found = self.subject.values(Address)
        return attrs.evolve(found[index % len(found)], primary=False)

    def application(self, index: int = 0) -> NewCreditApplication:
        """Return an application of the customer's."""
        found = self.subject.values(NewCreditApplication)
        chosen = found[index % len(found)]
        return attrs.evolve(chosen, customer_id=self.id("customer"))

    @property
    def application_changes(self) -> CreditApplicationChanges:
        """Changes of an application."""
        other = self.subject.values(NewCreditApplication)[1]
        names = attrs.fields_dict(CreditApplicationChanges)
        given = {name: getattr(other, name) for name in names}
        kept = {
            name: UNSET if value is None else value for name, value in given.items()
        }
        return CreditApplicationChanges(**kept)

    def account(self, index: int = 0) -> NewAccount:
        """Return an account of the customer's."""
        found = self.subject.values(NewAccount)
        chosen = found[index % len(found)]
        return attrs.evolve(chosen, customer_ids=[self.id("customer")])

    def subscription(self, index: int = 0) -> NewWebhookSubscription:
        """Return a subscription."""
        found = self.subject.values(NewWebhookSubscription)
        return found[index % len(found)]

    @property
    def subscription_changes(self) -> WebhookSubscriptionChanges:
        """Changes of a subscription."""
        return WebhookSubscriptionChanges(url="https://app.example.com/changed")


class Paper(Stage):
    """A stage on which nothing is made: every id is the same invented one."""

    @classmethod
    def of(cls, subject: Subject, text: str = "anybank-1") -> Paper:
        """Return a stage whose ids are a text."""
        paper = cls(subject, subject.recorder())
        paper.made[""] = text
        return paper

    def id(self, kind: str) -> str:
        """Return the invented id."""
        del kind
        return self.made[""]


def _customer(stage: Stage, index: int) -> str:
    return stage.bank.customers.create(stage.person(index)).id


def _verified(stage: Stage, _index: int) -> str:
    """Make a customer; a vendor that has no start verifies by itself."""
    customer = stage.another("customer")
    if stage.subject.supports(Feature.KYC_START):
        stage.bank.kyc.start(customer, stage.start)
    return customer


def _application(stage: Stage, index: int) -> str:
    return stage.bank.credit_applications.create(stage.application(index)).id


def _address(stage: Stage, index: int) -> str:
    made = stage.bank.customer_addresses.create(
        stage.id("customer"), stage.address(index)
    )
    if made.id is None:
        raise NotApplicable("customer_addresses.create returns an address without id")
    return made.id


def _account(stage: Stage, index: int) -> str:
    return stage.bank.accounts.create(stage.account(index)).id


def _subscription(stage: Stage, index: int) -> str:
    return stage.bank.webhook_subscriptions.create(stage.subscription(index)).id


_MAKERS: Mapping[str, tuple[Feature, Callable[[Stage, int], str]]] = {
    "customer": (Feature.CUSTOMERS_CREATE, _customer),
    "verified_customer": (Feature.CUSTOMERS_CREATE, _verified),
    "application": (Feature.CREDIT_APPLICATIONS_CREATE, _application),
    "address": (Feature.CUSTOMER_ADDRESSES_CREATE, _address),
    "account": (Feature.ACCOUNTS_CREATE, _account),
    "subscription": (Feature.WEBHOOK_SUBSCRIPTIONS_CREATE, _subscription),
}
