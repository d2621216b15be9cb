"""The resources of a bank, for code that waits for its answers."""

from __future__ import annotations

import functools
from collections.abc import Collection
from typing import Generic, Protocol, TypeVar

from ..declaration.preflight import Prepared
from ..model.accounts import Account, NewAccount, Transaction
from ..model.addresses import Address
from ..model.credentials import CredentialCheck, TemporaryCredentials
from ..model.credit import (
    AdverseAction,
    CreditApplication,
    CreditApplicationChanges,
    NewCreditApplication,
)
from ..model.customers import Customer, CustomerChanges, NewCustomer
from ..model.events import (
    NewWebhookSubscription,
    WebhookSubscription,
    WebhookSubscriptionChanges,
)
from ..model.kyc import KycCheck, StartKyc
from ..sensitive import shield_methods
from .calls import Call, Loss
from .calls.accounts import AccountCalls, TransactionCalls
from .calls.credentials import CredentialCalls
from .calls.credit_applications import CreditApplicationCalls
from .calls.customers import AddressCalls, CustomerCalls
from .calls.kyc import KycCalls
from .calls.webhook_subscriptions import WebhookSubscriptionCalls
from .paging import Listing

C = TypeVar("C")
T = TypeVar("T")


class Run(Protocol):
    """Runs a call to its end."""

    def __call__(self, call: Call[T], /) -> T:
        """Run it."""
        ...


class Resource(Generic[C]):
    """A part of a bank: its calls, and how they are run."""

    def __init__(self, run: Run, calls: C) -> None:
        self._run = run
        self._calls = calls

    def __init_subclass__(cls) -> None:
        """Leave none of a person's data in the frames of a call that failed."""
        super().__init_subclass__()
        shield_methods(cls)


class Customers(Resource[CustomerCalls]):
    """The customers of a bank."""

    def create(
        self,
        new: NewCustomer | Prepared[NewCustomer],
        *,
        accept_loss: Loss = (),
        idempotency_key: str | None = None,
        read_back: bool = True,
    ) -> Customer:
        """Make a customer; one that is Prepared was checked before and is sent as it is.

        Raises InvalidInput before anything is sent where the declaration refuses a field;
        `accept_loss` names the fields that may be dropped, or is `"all"`. Where the
        outcome is unknown, `resolve` looks whether it happened; a vendor that replays
        (see its declaration) may be asked again with the error's `idempotency_key`.
        Some vendors answer with an id alone: `read_back=False` saves the second request,
        and the customer is COMPOSED of what was sent.
        """
        return self._run(
            self._calls.create(new, accept_loss, idempotency_key, read_back=read_back)
        )

    def get(self, customer_id: str) -> Customer:
        """Read a customer; raises NotFound."""
        return self._run(self._calls.get(customer_id))

    def list(
        self, *, token: str | None = None, page_size: int | None = None
    ) -> Listing[Customer]:
        """List all customers, from a page token on where one is given."""
        ask = functools.partial(self._calls.list, page_size=page_size)
        return Listing(self._run, ask, token)

    def update(
        self,
        customer_id: str,
        changes: CustomerChanges,
        *,
        kyc_passed: bool | None = None,
        accept_loss: Loss = (),
    ) -> Customer:
        """Change a customer and return it as it is now.

        Raises FieldNotUpdatable for a field that may not change: with `kyc_passed=True`
        before anything is sent, with None as the vendor answers.
        """
        return self._run(
            self._calls.update(
                customer_id, changes, kyc_passed=kyc_passed, accept_loss=accept_loss
            )
        )

    def delete(self, customer_id: str) -> None:
        """Delete a customer; a repeat after a lost answer finds it gone and is content."""
        return self._run(self._calls.delete(customer_id))

    def resolve(
        self,
        error: BaseException | None,
        new: NewCustomer,
        *,
        idempotency_key: str | None = None,
    ) -> Customer | None:
        """Look whether a create happened; None is certain that it did not.

        `error` is whatever ended the create: an error of ours, a timeout, a cancellation,
        or None where nothing is left of it. Nothing is repeated: the customer is looked
        for by `external_id`, or by the idempotency key (that of the error, or the one
        passed) where capabilities say `listed_by_key`.

        Raises Unsupported where the vendor offers nothing to look with, InvalidInput
        where there is no reference to look by, and Conflict where several customers have
        it.
        """
        return self._run(self._calls.resolve(error, new, idempotency_key))


class CustomerAddresses(Resource[AddressCalls]):
    """The single addresses of a customer, where the vendor has them as a resource."""

    def create(
        self,
        customer_id: str,
        new: Address,
        *,
        kyc_passed: bool | None = None,
        accept_loss: Loss = (),
    ) -> Address:
        """Add an address; `kyc_passed=True` refuses a primary one."""
        return self._run(
            self._calls.create(
                customer_id, new, kyc_passed=kyc_passed, accept_loss=accept_loss
            )
        )

    def resolve(
        self,
        error: BaseException | None,
        customer_id: str,
        new: Address,
        *,
        known: Collection[str] = (),
    ) -> Address | None:
        """Look whether a create happened, by its content; None is certain that it did not.

        `error` is whatever ended the create, or None. One that has the same content counts
        even if an earlier create made it, unless its id is in `known`. Raises Conflict
        where several have it, and Unsupported where the vendor cannot list them.
        """
        return self._run(self._calls.resolve(error, customer_id, new, known))

    def list(self, customer_id: str) -> Listing[Address]:
        """List the addresses of a customer."""
        ask = functools.partial(self._calls.list, customer_id)
        return Listing(self._run, ask, None)

    def update(
        self,
        customer_id: str,
        address: Address,
        *,
        kyc_passed: bool | None = None,
        accept_loss: Loss = (),
    ) -> Address:
        """Replace the address that has this id; after KYC only a secondary one."""
        return self._run(
            self._calls.update(
                customer_id, address, kyc_passed=kyc_passed, accept_loss=accept_loss
            )
        )

    def delete(self, customer_id: str, address_id: str) -> None:
        """Remove an address from a customer."""
        return self._run(self._calls.delete(customer_id, address_id))


class Kyc(Resource[KycCalls]):
    """The verification of customers."""

    def start(self, customer_id: str, start: StartKyc) -> KycCheck:
        """Start verifying a customer."""
        return self._run(self._calls.start(customer_id, start))

    def get(self, customer_id: str, *, program_id: str | None = None) -> KycCheck:
        """Read how far the verification of a customer has come."""
        return self._run(self._calls.get(customer_id, program_id))

    def wait(
        self, customer_id: str, *, program_id: str | None = None, timeout: float = 300.0
    ) -> KycCheck:
        """Wait until something is decided or wanted of the customer.

        The pauses grow from 1 to 30 seconds and add up to `timeout` at most; what was read
        last is returned then, undecided.
        """
        return self._run(self._calls.wait(customer_id, program_id, timeout))


class CreditApplications(Resource[CreditApplicationCalls]):
    """Credit applications."""

    def create(
        self, new: NewCreditApplication, *, idempotency_key: str | None = None
    ) -> CreditApplication:
        """Make a credit application."""
        return self._run(self._calls.create(new, idempotency_key))

    def get(self, application_id: str) -> CreditApplication:
        """Read a credit application."""
        return self._run(self._calls.get(application_id))

    def resolve(
        self,
        error: BaseException | None,
        new: NewCreditApplication,
        *,
        known: Collection[str] = (),
    ) -> CreditApplication | None:
        """Look whether a create happened, by its content; None is certain that it did not.

        `error` is whatever ended the create, or None. One that has the same content counts
        even if an earlier create made it, unless its id is in `known`. Raises Conflict
        where several have it, and Unsupported where the vendor cannot list them.
        """
        return self._run(self._calls.resolve(error, new, known))

    def list(
        self,
        *,
        customer_id: str | None = None,
        before: str | None = None,
        token: str | None = None,
        page_size: int | None = None,
    ) -> Listing[CreditApplication]:
        """List credit applications, of one customer where one is given.

        `before` gives the page that lies before an application; it excludes `token`.
        """
        ask = functools.partial(
            self._calls.list, customer_id, before, page_size=page_size
        )
        return Listing(self._run, ask, token)

    def update(
        self, application_id: str, changes: CreditApplicationChanges
    ) -> CreditApplication:
        """Change a credit application that is not yet submitted."""
        return self._run(self._calls.update(application_id, changes))

    def submit(self, application_id: str) -> CreditApplication:
        """Submit a credit application for a decision."""
        return self._run(self._calls.submit(application_id))

    def adverse_action(self, application_id: str) -> AdverseAction:
        """Read why a credit application was denied."""
        return self._run(self._calls.adverse_action(application_id))


class WebhookSubscriptions(Resource[WebhookSubscriptionCalls]):
    """Where the bank delivers its events."""

    def create(
        self, new: NewWebhookSubscription, *, idempotency_key: str | None = None
    ) -> WebhookSubscription:
        """Subscribe a URL to events."""
        return self._run(self._calls.create(new, idempotency_key))

    def resolve(
        self,
        error: BaseException | None,
        new: NewWebhookSubscription,
        *,
        known: Collection[str] = (),
    ) -> WebhookSubscription | None:
        """Look whether a create happened, by its content; None is certain that it did not.

        `error` is whatever ended the create, or None. One that has the same content counts
        even if an earlier create made it, unless its id is in `known`. Raises Conflict
        where several have it, and Unsupported where the vendor cannot list them.
        """
        return self._run(self._calls.resolve(error, new, known))

    def list(self, *, token: str | None = None) -> Listing[WebhookSubscription]:
        """List the subscriptions."""
        return Listing(self._run, self._calls.list, token)

    def update(
        self, subscription_id: str, changes: WebhookSubscriptionChanges
    ) -> WebhookSubscription:
        """Change a subscription; `events` replaces the list."""
        return self._run(self._calls.update(subscription_id, changes))

    def delete(self, subscription_id: str) -> None:
        """End a subscription."""
        return self._run(self._calls.delete(subscription_id))


class Accounts(Resource[AccountCalls]):
    """The accounts at a bank."""

    def create(self, new: NewAccount, *, idempotency_key: str | None = None) -> Account:
        """Open an account."""
        return self._run(self._calls.create(new, idempotency_key))

    def get(self, account_id: str) -> Account:
        """Read an account."""
        return self._run(self._calls.get(account_id))

    def resolve(
        self,
        error: BaseException | None,
        new: NewAccount,
        *,
        known: Collection[str] = (),
    ) -> Account | None:
        """Look whether a create happened, by its content; None is certain that it did not.

        `error` is whatever ended the create, or None. One that has the same content counts
        even if an earlier create made it, unless its id is in `known`. Raises Conflict
        where several have it, and Unsupported where the vendor cannot list them.
        """
        return self._run(self._calls.resolve(error, new, known))

    def list(
        self,
        *,
        customer_id: str | None = None,
        token: str | None = None,
        page_size: int | None = None,
    ) -> Listing[Account]:
        """List accounts, of one customer where one is given."""
        ask = functools.partial(self._calls.list, customer_id, page_size=page_size)
        return Listing(self._run, ask, token)

    def delete(self, account_id: str) -> None:
        """Delete an account."""
        return self._run(self._calls.delete(account_id))


class Transactions(Resource[TransactionCalls]):
    """The transactions on accounts."""

    def get(self, transaction_id: str) -> Transaction:
        """Read a transaction."""
        return self._run(self._calls.get(transaction_id))

    def list(
        self,
        *,
        account_id: str | None = None,
        token: str | None = None,
        page_size: int | None = None,
    ) -> Listing[Transaction]:
        """List transactions, of one account where one is given."""
        ask = functools.partial(self._calls.list, account_id, page_size=page_size)
        return Listing(self._run, ask, token)


class Credentials(Resource[CredentialCalls]):
    """The credentials in use."""

    def check(self) -> CredentialCheck:
        """Ask the vendor whether the credentials are good."""
        return self._run(self._calls.check())

    def create_temporary(self, customer_id: str) -> TemporaryCredentials:
        """Make short-lived credentials for one customer, for a front end."""
        return self._run(self._calls.create_temporary(customer_id))
