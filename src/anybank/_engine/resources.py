# Generated from aio_resources.py by `make sync`: edit that file instead.

"""The resources of a bank: one method for each operation."""

from __future__ import annotations

import functools
from collections.abc import Collection
from typing import Generic, Protocol, TypeVar, Unpack

from ..declaration.preflight import Prepared
from ..model.addresses import Address
from ..model.credentials import CredentialCheck, TemporaryCredentials
from ..model.credit import (
    AdverseAction,
    CreditApplication,
    CreditApplicationChanges,
    NewCreditApplication,
)
from ..model.customers import Customer, CustomerChanges, NewCustomer
from ..model.kyc import KycCheck, KycDocument, NewKycDocument, StartKyc
from ..sensitive import shield_methods
from .calls import Call, Loss
from .calls.credentials import CredentialCalls
from .calls.credit_applications import CreditApplicationCalls
from .calls.customers import AddressCalls, CustomerCalls
from .calls.kyc import KycCalls
from .extra_content import ExtraContent
from .paging import Listing

C = TypeVar("C")
T = TypeVar("T")


class Runner(Protocol):
    """Run a call and return its value."""

    def __call__(self, call: Call[T], /, **extra: Unpack[ExtraContent]) -> T:
        """Run a call with content that the adapter does not write."""
        ...


class BankResource(Generic[C]):
    """The base of the resources: their calls, and the function that runs them."""

    def __init__(self, run: Runner, calls: C) -> None:
        self._run = run
        self._calls = calls

    def __init_subclass__(cls) -> None:
        """Clear personal data from the frames of a failed call."""
        # For every method of every resource: a decorator on each could be forgotten.
        super().__init_subclass__()
        shield_methods(cls)


class Customers(BankResource[CustomerCalls]):
    """The customers of a bank."""

    def create(
        self,
        new: NewCustomer | Prepared[NewCustomer],
        *,
        accept_loss: Loss = (),
        idempotency_key: str | None = None,
        read_back: bool = True,
        **extra: Unpack[ExtraContent],
    ) -> Customer:
        """Create a customer; a Prepared value is sent without another check.

        Raises InvalidInput before anything is sent if the vendor rejects a field.
        `accept_loss` names the fields that may be dropped, or is `"all"`. After an unknown
        outcome, `resolve` looks for the customer; if the vendor replays idempotency keys
        (see its capabilities), you may also repeat the create with the error's
        `idempotency_key`. Some vendors return only an id: `read_back=False` saves the
        request that reads the customer, and the result is COMPOSED of the sent values.
        """
        return self._run(
            self._calls.create(new, accept_loss, idempotency_key, read_back=read_back),
            **extra,
        )

    def get(self, customer_id: str) -> Customer:
        """Read a customer; raises NotFound."""
        return self._run(self._calls.get(customer_id))

    def list(
        self, *, token: str | None = None, page_size: int | None = None
    ) -> Listing[Customer]:
        """List the customers, from the start or from a page token."""
        page = functools.partial(self._calls.list, page_size=page_size)
        return Listing(self._run, page, token)

    def update(
        self,
        customer_id: str,
        changes: CustomerChanges,
        *,
        kyc_passed: bool | None = None,
        accept_loss: Loss = (),
        **extra: Unpack[ExtraContent],
    ) -> Customer:
        """Change a customer and return its new state.

        Raises FieldNotUpdatable for a field that may not change: before anything is sent
        with `kyc_passed=True`, from the vendor's response with None.
        """
        return self._run(
            self._calls.update(
                customer_id, changes, kyc_passed=kyc_passed, accept_loss=accept_loss
            ),
            **extra,
        )

    def delete(self, customer_id: str) -> None:
        """Delete a customer. A retry after a lost response treats 404 as success."""
        return self._run(self._calls.delete(customer_id))

    def resolve(
        self,
        error: BaseException | None,
        new: NewCustomer,
        *,
        idempotency_key: str | None = None,
    ) -> Customer | None:
        """Look for the customer of a create; None means that it does not exist.

        `error` is the exception that ended the create (an AnybankError, a timeout, a
        cancellation), or None. The create is never repeated: the customer is looked up by
        `external_id` or, if the capabilities say `listed_by_key`, by the idempotency key
        of the error or of the argument.

        Raises Unsupported if the vendor offers no look-up, InvalidInput without a
        reference to look up by, and Conflict for several matches.
        """
        return self._run(self._calls.resolve(error, new, idempotency_key))


class CustomerAddresses(BankResource[AddressCalls]):
    """The single addresses of a customer, if the vendor offers them as a resource."""

    def create(
        self,
        customer_id: str,
        new: Address,
        *,
        kyc_passed: bool | None = None,
        accept_loss: Loss = (),
        **extra: Unpack[ExtraContent],
    ) -> Address:
        """Add an address; with `kyc_passed=True` a primary one raises FieldNotUpdatable."""
        return self._run(
            self._calls.create(
                customer_id, new, kyc_passed=kyc_passed, accept_loss=accept_loss
            ),
            **extra,
        )

    def resolve(
        self,
        error: BaseException | None,
        customer_id: str,
        new: Address,
        *,
        known: Collection[str] = (),
    ) -> Address | None:
        """Look for the record of a create by its content; None means it does not exist.

        `error` is the exception that ended the create, or None. A record with the same
        content counts even if an earlier create made it, unless its id is in `known`.
        Raises Conflict for several matches, and Unsupported if the vendor has no listing.
        """
        return self._run(self._calls.resolve(error, customer_id, new, known))

    def list(self, customer_id: str) -> Listing[Address]:
        """List the addresses of a customer."""
        page = functools.partial(self._calls.list, customer_id)
        return Listing(self._run, page, None)

    def update(
        self,
        customer_id: str,
        address: Address,
        *,
        kyc_passed: bool | None = None,
        accept_loss: Loss = (),
        **extra: Unpack[ExtraContent],
    ) -> Address:
        """Replace the address with the same id; after KYC only a secondary one."""
        return self._run(
            self._calls.update(
                customer_id, address, kyc_passed=kyc_passed, accept_loss=accept_loss
            ),
            **extra,
        )

    def delete(self, customer_id: str, address_id: str) -> None:
        """Delete an address of a customer."""
        return self._run(self._calls.delete(customer_id, address_id))


class Kyc(BankResource[KycCalls]):
    """The verification of customers."""

    def start(
        self,
        customer_id: str,
        start: StartKyc,
        **extra: Unpack[ExtraContent],
    ) -> KycCheck:
        """Start to verify a customer.

        Where the create of a customer verifies (`capabilities.create_verifies`), this
        starts nothing and returns the state of that verification.
        """
        return self._run(
            self._calls.start(customer_id, start),
            **extra,
        )

    def get(self, customer_id: str, *, program_id: str | None = None) -> KycCheck:
        """Read the status of a customer's verification."""
        return self._run(self._calls.get(customer_id, program_id))

    def upload_document(
        self,
        customer_id: str | None,
        new: NewKycDocument,
        *,
        idempotency_key: str | None = None,
        **extra: Unpack[ExtraContent],
    ) -> KycDocument:
        """Upload a file that shows a document, and add it to a customer.

        With None no customer gets it: the `id` of the result is that of the file, which
        `GovernmentId.document_id` takes for a create.
        """
        return self._run(
            self._calls.upload_document(customer_id, new, idempotency_key),
            **extra,
        )

    def wait(
        self, customer_id: str, *, program_id: str | None = None, timeout: float = 300.0
    ) -> KycCheck:
        """Poll until the verification is decided or needs something from the customer.

        The pauses grow from 1 to 30 seconds and add up to at most `timeout` seconds. After
        that the last, undecided status is returned.
        """
        return self._run(self._calls.wait(customer_id, program_id, timeout))


class CreditApplications(BankResource[CreditApplicationCalls]):
    """Credit applications."""

    def create(
        self,
        new: NewCreditApplication,
        *,
        idempotency_key: str | None = None,
        **extra: Unpack[ExtraContent],
    ) -> CreditApplication:
        """Create a credit application."""
        return self._run(
            self._calls.create(new, idempotency_key),
            **extra,
        )

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
        """Look for the record of a create by its content; None means it does not exist.

        `error` is the exception that ended the create, or None. A record with the same
        content counts even if an earlier create made it, unless its id is in `known`.
        Raises Conflict for several matches, and Unsupported if the vendor has no listing.
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
        """List the credit applications, of all customers or of one.

        `before` returns the page before an application; it excludes `token`.
        """
        page = functools.partial(
            self._calls.list, customer_id, before, page_size=page_size
        )
        return Listing(self._run, page, token)

    def update(
        self,
        application_id: str,
        changes: CreditApplicationChanges,
        **extra: Unpack[ExtraContent],
    ) -> CreditApplication:
        """Change a credit application that is not submitted yet."""
        return self._run(
            self._calls.update(application_id, changes),
            **extra,
        )

    def submit(self, application_id: str) -> CreditApplication:
        """Submit a credit application for a decision."""
        return self._run(self._calls.submit(application_id))

    def adverse_action(self, application_id: str) -> AdverseAction:
        """Read why a credit application was denied."""
        return self._run(self._calls.adverse_action(application_id))


class Credentials(BankResource[CredentialCalls]):
    """The credentials of the bank."""

    def check(self) -> CredentialCheck:
        """Check with the vendor whether the credentials are valid."""
        return self._run(self._calls.check())

    def create_temporary(self, customer_id: str) -> TemporaryCredentials:
        """Create short-lived credentials for one customer, for use in a front end."""
        return self._run(self._calls.create_temporary(customer_id))
