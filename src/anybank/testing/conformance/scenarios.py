"""Scenarios: a fresh simulator with the records that an operation needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import attrs
from attrs import define, field

from ...client import Bank
from ...model.accounts import (
    AccountNumberChanges,
    AccountNumberStatus,
    NewAccount,
    NewAccountNumber,
)
from ...model.addresses import Address
from ...model.credit import CreditApplicationChanges, NewCreditApplication
from ...model.customers import CustomerChanges, NewCustomer
from ...model.events import NewWebhookSubscription, WebhookSubscriptionChanges
from ...model.features import Feature
from ...model.kyc import NewKycDocument, StartKyc
from ...model.unset import UNSET
from .recorder import Fault, NotApplicable, Recorder
from .subject import Subject

APPLICANT = "applicant"
"""A customer whose verification waits for a document, where uploads need one."""
TRANSACTION_ACCOUNT = "transaction_account"
"""The account of the scenario's transaction, which a vendor may need to read it."""


@define(eq=False)
class Scenario:
    """A fresh simulator, on which records are created when their id is needed."""

    subject: Subject
    recorder: Recorder
    ids: dict[str, str] = field(factory=dict)

    @classmethod
    def of(cls, subject: Subject) -> Scenario:
        """Return an empty scenario."""
        return cls(subject, subject.recorder())

    @classmethod
    def under(cls, subject: Subject, fault: Fault) -> Scenario:
        """Return a scenario whose random seed makes the fault happen as described."""
        return cls(subject, Recorder(subject.simulator(), seed=fault.seed))

    @cached_property
    def bank(self) -> Bank:
        """A Bank without retries, which creates the records."""
        return self.subject.bank(self.recorder, retries=0)

    def id(self, kind: str) -> str:
        """Return the id of the record of a kind; create it on first use."""
        if kind not in self.ids:
            self.ids[kind] = self.create(kind)
        return self.ids[kind]

    def create(self, kind: str, index: int = 0) -> str:
        """Create a record of a kind and return its id.

        Raises NotApplicable where no operation creates it and the author's `seed` returns
        None.
        """
        if kind == TRANSACTION_ACCOUNT:
            return self._account_of(self.id("transaction"))
        feature, create = _CREATORS.get(kind, (None, None))
        if create and feature and self.subject.supports(feature):
            return create(self, index)
        seeded = self._seed(kind)
        if seeded is None and kind == APPLICANT:
            # Without a customer the operation is one request with one effect.
            return ""
        if seeded is None:
            raise NotApplicable(
                f"no operation creates a {kind.replace('_', ' ')}: override `seed` to "
                f"return the id of one for {kind!r}"
            )
        return seeded

    def _seed(self, kind: str) -> str | None:
        """Let the author create a record, below its owner if the vendor lists it so."""
        simulator, bank = self.recorder.simulator, self.bank
        owners = list(self.required_arguments(_LISTINGS.get(kind)).values())
        if owners:
            return self.subject.seed_for(kind, owners[0], simulator, bank)
        return self.subject.seed(kind, simulator, bank)

    def required_arguments(self, listing: Feature | None) -> dict[str, str]:
        """Return the arguments without which a listing is refused, with this scenario's ids."""
        required = self.subject.declared.feature(listing).requires if listing else ()
        # The part of an argument's name before `_id` is the kind of the record:
        # customer_id, account_id.
        return {name: self.id(name.removesuffix("_id")) for name in required}

    def applicant(self) -> str | None:
        """Return the customer for whom a document is uploaded, or None for nobody."""
        return self.id(APPLICANT) or None

    def _account_of(self, transaction_id: str) -> str:
        """Return the account of a transaction, as the listing has it; "" without one."""
        if not self.subject.supports(Feature.TRANSACTIONS_LIST):
            return ""
        required: Any = self.required_arguments(Feature.TRANSACTIONS_LIST)
        for listed in self.bank.transactions.list(**required):
            if listed.id == transaction_id and listed.account_id:
                return listed.account_id
        raise NotApplicable(
            "transactions.list does not have the transaction that `seed` returned, with "
            "its account_id"
        )

    def person(self, index: int = 0) -> NewCustomer:
        """Return a customer whose external id no other index has."""
        people = self.subject.people
        person = people[index % len(people)]
        if self.subject.run:
            return self.subject.distinct(person)
        if index < len(people) or person.external_id is None:
            return person
        # Vendors reject a reference in use, and the list of people is shorter than some
        # checks need.
        return attrs.evolve(person, external_id=f"anybank-{index}")

    @property
    def changes(self) -> CustomerChanges:
        """A change of one field that the declaration allows, for the first customer."""
        rules = self.subject.declared.rules(NewCustomer)
        fields = attrs.fields_dict(CustomerChanges)
        first = self.subject.person
        for name, rule in rules.items():
            # The first field that may change suffices. A check that examines every
            # field builds its own changes.
            if rule.update == "never" or rule.create == "refused" or name not in fields:
                continue
            for other in self.subject.people:
                value = getattr(other, name)
                if value and value != getattr(first, name):
                    return CustomerChanges(**{name: value})
        raise NotApplicable("no field of a customer may be updated")

    @property
    def start(self) -> StartKyc:
        """The argument of a KYC start."""
        return self.subject.values(StartKyc)[0]

    @property
    def document(self) -> NewKycDocument:
        """A file to upload."""
        return self.subject.values(NewKycDocument)[0]

    def address(self, index: int = 0) -> Address:
        """Return an address that is not the primary one."""
        addresses = self.subject.values(Address)
        return attrs.evolve(addresses[index % len(addresses)], primary=False)

    def application(self, index: int = 0) -> NewCreditApplication:
        """Return a credit application of this scenario's customer."""
        applications = self.subject.values(NewCreditApplication)
        chosen = applications[index % len(applications)]
        return attrs.evolve(chosen, customer_id=self.id("customer"))

    @property
    def application_changes(self) -> CreditApplicationChanges:
        """Changes of a credit application."""
        other = self.subject.values(NewCreditApplication)[1]
        names = attrs.fields_dict(CreditApplicationChanges)
        values = {name: getattr(other, name) for name in names}
        changes: dict[str, Any] = {
            name: UNSET if value is None else value for name, value in values.items()
        }
        return CreditApplicationChanges(**changes)

    def account(self, index: int = 0) -> NewAccount:
        """Return an account of this scenario's customer."""
        accounts = self.subject.values(NewAccount)
        chosen = accounts[index % len(accounts)]
        return attrs.evolve(chosen, customer_ids=[self.id("customer")])

    def account_number(self, index: int = 0) -> NewAccountNumber:
        """Return a number of this scenario's account."""
        numbers = self.subject.values(NewAccountNumber)
        chosen = numbers[index % len(numbers)]
        return attrs.evolve(chosen, account_id=self.id("account"))

    @property
    def account_number_changes(self) -> AccountNumberChanges:
        """Changes of an account number."""
        rule = self.subject.declared.rules(AccountNumberChanges).get("name")
        named: Any = {"name": "Renamed"} if rule and rule.is_accepted else {}
        return AccountNumberChanges(status=AccountNumberStatus.DISABLED, **named)

    def subscription(self, index: int = 0) -> NewWebhookSubscription:
        """Return a webhook subscription."""
        subscriptions = self.subject.values(NewWebhookSubscription)
        return subscriptions[index % len(subscriptions)]

    @property
    def subscription_changes(self) -> WebhookSubscriptionChanges:
        """Changes of a webhook subscription."""
        rule = self.subject.declared.rules(WebhookSubscriptionChanges).get("url")
        if rule and rule.create == "refused":
            return WebhookSubscriptionChanges(enabled=False)
        return WebhookSubscriptionChanges(
            url="https://app.example.com/changed", enabled=False
        )


_LISTINGS: Mapping[str, Feature] = {
    "account": Feature.ACCOUNTS_LIST,
    "account_number": Feature.ACCOUNT_NUMBERS_LIST,
    "application": Feature.CREDIT_APPLICATIONS_LIST,
    "transaction": Feature.TRANSACTIONS_LIST,
}
"""The listing of each kind of record that may be listed below its owner only."""


class OfflineScenario(Scenario):
    """A scenario that creates no records: every id is the same invented text."""

    @classmethod
    def of(cls, subject: Subject, identifier: str = "anybank-1") -> OfflineScenario:
        """Return a scenario in which every id is *identifier*."""
        scenario = cls(subject, subject.recorder())
        scenario.ids[""] = identifier
        return scenario

    def id(self, kind: str) -> str:
        """Return the invented id."""
        del kind
        return self.ids[""]


def _customer(scenario: Scenario, index: int) -> str:
    return scenario.bank.customers.create(scenario.person(index)).id


def _verified(scenario: Scenario, _index: int) -> str:
    """Create a customer and start KYC, unless the vendor starts KYC by itself."""
    customer = scenario.create("customer")
    if scenario.subject.supports(Feature.KYC_START):
        scenario.bank.kyc.start(customer, scenario.start)
    return customer


def _application(scenario: Scenario, index: int) -> str:
    return scenario.bank.credit_applications.create(scenario.application(index)).id


def _address(scenario: Scenario, index: int) -> str:
    created = scenario.bank.customer_addresses.create(
        scenario.id("customer"), scenario.address(index)
    )
    if created.id is None:
        raise NotApplicable(
            "customer_addresses.create returns an address without an id"
        )
    return created.id


def _account(scenario: Scenario, index: int) -> str:
    return scenario.bank.accounts.create(scenario.account(index)).id


def _account_number(scenario: Scenario, index: int) -> str:
    return scenario.bank.account_numbers.create(scenario.account_number(index)).id


def _subscription(scenario: Scenario, index: int) -> str:
    return scenario.bank.webhook_subscriptions.create(scenario.subscription(index)).id


# Kinds that are absent here exist at a vendor only by `seed`: external accounts,
# transactions, events and denied applications.
_CREATORS: Mapping[str, tuple[Feature, Callable[[Scenario, int], str]]] = {
    "customer": (Feature.CUSTOMERS_CREATE, _customer),
    "verified_customer": (Feature.CUSTOMERS_CREATE, _verified),
    "application": (Feature.CREDIT_APPLICATIONS_CREATE, _application),
    "address": (Feature.CUSTOMER_ADDRESSES_CREATE, _address),
    "account": (Feature.ACCOUNTS_CREATE, _account),
    "account_number": (Feature.ACCOUNT_NUMBERS_CREATE, _account_number),
    "subscription": (Feature.WEBHOOK_SUBSCRIPTIONS_CREATE, _subscription),
}
