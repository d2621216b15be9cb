"""Bond's API, one flow per operation."""

from __future__ import annotations

from attrs import evolve

from anybank.adapter import Adapter
from anybank.adapter.converter import require_text, same_id
from anybank.adapter.problems import Problem, server_time, written_type
from anybank.adapter.wire import (
    Flow,
    Request,
    Response,
    delete,
    get,
    patch,
    post,
    segment,
)
from anybank.declaration import Feature
from anybank.errors import NotFound, Outcome, ProviderError, Rejected
from anybank.model import operations as ask
from anybank.model.accounts import Account, Balance
from anybank.model.addresses import Address
from anybank.model.credentials import CredentialCheck, TemporaryCredentials
from anybank.model.credit import AdverseAction, CreditApplication
from anybank.model.customers import Customer
from anybank.model.events import WebhookSubscription
from anybank.model.kyc import KycCheck
from anybank.model.pages import Page
from anybank.model.transactions import Transaction

from . import (
    accounts,
    addresses,
    credentials,
    credit,
    customers,
    errors,
    kyc,
    pages,
    transactions,
    webhooks,
)
from .declaration import CAPABILITIES, BondOptions, strict_after_kyc
from .errors import Code


class Bond(Adapter):
    """Bond, API version 0.1."""

    capabilities = CAPABILITIES
    Options = BondOptions
    webhooks = webhooks.BondWebhooks()

    def __init__(self, options: BondOptions) -> None:
        super().__init__(options)
        if options.strict_kyc:
            self.capabilities = strict_after_kyc(CAPABILITIES)

    def authenticate(self, request: Request, credentials: BondOptions) -> Request:
        """Add the two headers of a key."""
        # "Authentication" sends the secret bare; one later guide writes "Bearer".
        # https://docs.bond.tech/docs/authentication
        return request.with_headers(
            identity=credentials.identity, authorization=credentials.authorization
        )

    def problem(
        self, response: Response, request: Request | None = None
    ) -> Problem | None:
        """Read an error response."""
        return errors.problem(response, self.capabilities, written_type(request))

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        """Create a customer."""
        # https://docs.bond.tech/docs/create-a-customer
        # "Creating a customer" ends the path with a slash, "Managing customers" does
        # not. The slash stays, since a redirect of a POST is never followed.
        response = yield post("/customers/", customers.new_customer(query.new))
        return customers.CUSTOMERS.created(response.json())

    def get_customer(self, query: ask.GetCustomer) -> Flow[Customer]:
        """Read a customer."""
        # https://docs.bond.tech/docs/managing-customers
        response = yield get(customers.path(query.id))
        return customers.CUSTOMERS.read(response.json())

    def list_customers(self, query: ask.ListCustomers) -> Flow[Page[Customer]]:
        """Read a page of customers."""
        # Pages are numbered from 1 and carry no total: the token of a page is its
        # number.
        number = pages.page_number(query.token)
        size = query.page_size or pages.LARGEST
        response = yield get("/customers", query={"page": number, "per_page": size})
        return pages.with_neighbors(
            customers.CUSTOMERS.each(response.json()), number, size
        )

    def update_customer(self, query: ask.UpdateCustomer) -> Flow[Customer]:
        """Change a customer; after KYC send the primary address along unchanged."""
        # https://docs.bond.tech/docs/managing-customers
        # "Managing customers" allows e-mail, phone and secondary addresses after KYC,
        # "Performing KYC" allows nothing. The change is sent and Bond decides.
        changes = query.changes
        if query.kyc_passed and changes.addresses:
            # The list that a PATCH carries replaces the stored one, so that a change of
            # a secondary address without the primary one would ask Bond to remove the
            # primary.
            current = yield from self._current(query.id)
            both = customers.with_primary(current, changes.addresses)
            changes = evolve(changes, addresses=both)
        try:
            response = yield patch(customers.path(query.id), customers.changes(changes))
        except ProviderError as error:
            # Only this code means that KYC fixed the fields. Any other refusal keeps
            # the class that its own code has.
            if error.code != Code.KYC_CUSTOMER:
                raise
            raise customers.not_updatable(
                error, query.changes, self.capabilities
            ) from None
        return customers.CUSTOMERS.read(response.json())

    def delete_customer(self, query: ask.DeleteCustomer) -> Flow[None]:
        """Delete a customer."""
        # "Managing customers" shows a line of text, the OpenAPI file a 204.
        response = yield delete(customers.path(query.id))
        require_text(response, "Customer resource deleted")

    def create_customer_address(
        self, query: ask.CreateCustomerAddress
    ) -> Flow[Address]:
        """Add an address to a customer."""
        # https://docs.bond.tech/docs/managing-customer-addresses
        # "Managing customer addresses" does not show the status or the body of the
        # response.
        path = addresses.path(query.customer_id)
        response = yield post(path, addresses.new_address(query.new))
        return addresses.created(response.json())

    def list_customer_addresses(
        self, query: ask.ListCustomerAddresses
    ) -> Flow[Page[Address]]:
        """Read all addresses of a customer."""
        response = yield get(addresses.path(query.customer_id))
        return addresses.addresses(response.json())

    def update_customer_address(
        self, query: ask.UpdateCustomerAddress
    ) -> Flow[Address]:
        """Replace one address of a customer."""
        path = addresses.path(query.customer_id, query.id)
        try:
            response = yield patch(path, addresses.new_address(query.address))
        except ProviderError as error:
            if error.code != Code.KYC_CUSTOMER:
                raise
            fields = error.field_errors or ["addresses"]
            raise customers.fixed_by_kyc(fields) from None
        return addresses.address(response.json())

    def delete_customer_address(self, query: ask.DeleteCustomerAddress) -> Flow[None]:
        """Delete an address; Bond returns the deleted one."""
        response = yield delete(addresses.path(query.customer_id, query.id))
        same_id(query.id, addresses.address(response.json()))

    def start_kyc(self, query: ask.StartKycCheck) -> Flow[KycCheck]:
        """Start a verification, or read the one that exists already.

        "Performing KYC": a repeated key is rejected, which proves that the first request
        arrived; after a pass every start is rejected. Both are successes here.
        """
        program_id = query.start.program_id
        # The client draws the key when the caller passes none and repeats it with each
        # attempt, so a retry of a start is recognised.
        headers = {"Idempotency-Key": query.start.idempotency_key or ""}
        try:
            response = yield post(
                kyc.path(query.customer_id), kyc.start(query.start), headers=headers
            )
        except ProviderError as error:
            check = yield from kyc.existing(error, query, self._read_kyc)
            if check is None:
                raise
            return check
        return kyc.kyc_check(response.json(), query.customer_id, program_id)

    def get_kyc(self, query: ask.GetKycCheck) -> Flow[KycCheck]:
        """Read a verification, and how many may follow one that is over."""
        check = yield from self._read_kyc(query)
        if kyc.lacks_attempts(check):
            return (yield from _with_attempts(check))
        return check

    def _read_kyc(self, query: ask.GetKycCheck) -> Flow[KycCheck]:
        """Read a verification; one that Bond does not have is NOT_STARTED."""
        # https://docs.bond.tech/docs/kyc-state-machine
        # "KYC state machine": the state is per customer and program.
        program_id = query.program_id or ""
        program = {"program_id": program_id}
        try:
            response = yield get(
                kyc.path(query.customer_id), query=program, feature=Feature.KYC_GET
            )
        except NotFound as error:
            # The call answers 404 also for an unknown customer (customer_dne). Only
            # kyc_dne means that the customer exists and has no verification.
            if error.code != Code.KYC_DOES_NOT_EXIST:
                raise
            return kyc.not_started(query.customer_id, program_id)
        return kyc.kyc_check(response.json(), query.customer_id, program_id)

    def create_credit_application(
        self, query: ask.CreateCreditApplication
    ) -> Flow[CreditApplication]:
        """Create a credit application."""
        # https://docs.bond.tech/docs/creating-a-credit-application
        response = yield post("/credit/applications", credit.new_application(query.new))
        return credit.APPLICATIONS.created(response.json())

    def get_credit_application(
        self, query: ask.GetCreditApplication
    ) -> Flow[CreditApplication]:
        """Read a credit application."""
        feature = Feature.CREDIT_APPLICATIONS_GET
        response = yield get(credit.path(query.id), feature=feature)
        return credit.APPLICATIONS.read(response.json())

    def list_credit_applications(
        self, query: ask.ListCreditApplications
    ) -> Flow[Page[CreditApplication]]:
        """Read a page of credit applications."""
        cursor = credit.Cursor.of(query.token, query.before)
        filters = credit.filters(query.customer_id, cursor, query.page_size)
        response = yield get("/credit/applications", query=filters)
        return credit.applications(response.json(), cursor)

    def update_credit_application(
        self, query: ask.UpdateCreditApplication
    ) -> Flow[CreditApplication]:
        """Change a credit application and read it again."""
        # https://docs.bond.tech/docs/managing-credit-applications
        # The response of "Managing credit applications" shows the old values.
        response = yield patch(credit.path(query.id), credit.changes(query.changes))
        same_id(query.id, credit.APPLICATIONS.read(response.json()))
        question = ask.GetCreditApplication(id=query.id)
        return (yield from self.get_credit_application(question))

    def submit_credit_application(
        self, query: ask.SubmitCreditApplication
    ) -> Flow[CreditApplication]:
        """Submit a credit application."""
        # A submit starts KYC unless the customer has passed it for the program.
        # https://docs.bond.tech/docs/submitting-a-credit-application
        response = yield post(f"{credit.path(query.id)}/submit")
        return credit.APPLICATIONS.read(response.json())

    def get_adverse_action(self, query: ask.GetAdverseAction) -> Flow[AdverseAction]:
        """Read why an application was denied; raise NotFound if it was not denied."""
        # The response is one object, and 404 unless the application is denied.
        # https://docs.bond.tech/docs/retrieving-adverse-actions-for-a-credit-application
        path = f"{credit.path(query.application_id)}/adverse-actions"
        response = yield get(path)
        return credit.ADVERSE_ACTIONS.read(response.json())

    def create_webhook_subscription(
        self, query: ask.CreateWebhookSubscription
    ) -> Flow[WebhookSubscription]:
        """Subscribe a URL to events."""
        # https://docs.atelio.com/embedded/docs/webhook-subscriptions
        # One page answers 200 with a wrapped subscription, another a flat one.
        body = webhooks.new_subscription(query.new)
        response = yield post(webhooks.path(), body)
        return webhooks.created(response.json())

    def list_webhook_subscriptions(
        self, query: ask.ListWebhookSubscriptions
    ) -> Flow[Page[WebhookSubscription]]:
        """Read all subscriptions."""
        response = yield get(webhooks.path())
        return webhooks.subscriptions(response.json())

    def update_webhook_subscription(
        self, query: ask.UpdateWebhookSubscription
    ) -> Flow[WebhookSubscription]:
        """Change a subscription."""
        body = webhooks.changes(query.changes)
        response = yield patch(webhooks.path(query.id), body)
        return webhooks.subscription(response.json())

    def delete_webhook_subscription(
        self, query: ask.DeleteWebhookSubscription
    ) -> Flow[None]:
        """Delete a subscription; Bond returns the deleted one."""
        response = yield delete(webhooks.path(query.id))
        same_id(query.id, webhooks.subscription(response.json()))

    def create_account(self, query: ask.CreateAccount) -> Flow[Account]:
        """Open an account."""
        # https://docs.atelio.com/embedded/docs/deposit-accounts
        # Atelio docs, "Deposit accounts".
        response = yield post("/accounts", accounts.new_account(query.new))
        return accounts.ACCOUNTS.created(response.json())

    def get_account(self, query: ask.GetAccount) -> Flow[Account]:
        """Read an account."""
        response = yield get(accounts.path(query.id))
        return accounts.ACCOUNTS.read(response.json())

    def list_accounts(self, query: ask.ListAccounts) -> Flow[Page[Account]]:
        """Read the accounts of a customer, or all accounts."""
        # No page describes how the list is paged.
        response = yield get("/accounts", query={"customer_id": query.customer_id})
        return accounts.accounts(response.json())

    def get_balance(self, query: ask.GetBalance) -> Flow[Balance]:
        """Read the balance, which Bond returns with the account."""
        response = yield get(accounts.path(query.account_id))
        return accounts.balance(response.json())

    def close_account(self, query: ask.CloseAccount) -> Flow[Account]:
        """Close an account and read it again."""
        # https://docs.bond.tech/docs/managing-accounts
        # "Managing accounts" says that an account can be closed, and its stored copies
        # end before the call. The error code unknown_delete_account names the verb.
        try:
            yield delete(accounts.path(query.id))
        except NotFound as error:
            # The outcome is unknown only if an earlier attempt was sent: it closed this
            # one.
            if error.outcome is not Outcome.UNKNOWN:
                raise
            return accounts.closed(query.id)
        try:
            back = yield get(accounts.path(query.id), feature=Feature.ACCOUNTS_GET)
        except NotFound:
            return accounts.closed(query.id)
        return accounts.require_closed(
            same_id(query.id, accounts.ACCOUNTS.read(back.json()))
        )

    def get_transaction(self, query: ask.GetTransaction) -> Flow[Transaction]:
        """Read a transaction."""
        # The changelog of 2022-09-29 shows the response, a transaction without a wrapper.
        response = yield get(transactions.path(query.id))
        return transactions.TRANSACTIONS.read(response.json())

    def list_transactions(self, query: ask.ListTransactions) -> Flow[Page[Transaction]]:
        """Read a page of the transactions in one state, the oldest first."""
        number = pages.page_number(query.token)
        size = pages.page_size(query.page_size)
        filters = transactions.filters(query, number, size)
        response = yield get("/transactions", query=filters)
        return transactions.listed(response.json(), query, number, size)

    def check_credentials(self, query: ask.CheckCredentials) -> Flow[CredentialCheck]:
        """Check the key by listing an empty page of customers."""
        try:
            response = yield get("/customers", query=credentials.CHECK)
        except (NotFound, Rejected) as error:
            # A refusal of the page number proves that the key was accepted, as long as
            # the refusal is Bond's own.
            if error.code is None:
                raise errors.foreign(error) from None
            return CredentialCheck(note=credentials.ACCEPTED)
        customers.CUSTOMERS.each(response.json())
        return CredentialCheck(
            note=credentials.ACCEPTED, server_time=server_time(response)
        )

    def create_temporary_credentials(
        self, query: ask.CreateTemporaryCredentials
    ) -> Flow[TemporaryCredentials]:
        """Create a key for one customer, valid for five calls or five minutes."""
        # https://docs.atelio.com/embedded/docs/external-accounts-sdk
        # Atelio docs, "External accounts SDK". Bond's own sample accepts 200 and 201.
        body = {"customer_id": query.customer_id}
        response = yield post("/auth/key/temporary", body)
        return credentials.temporary(response.json())

    def _current(self, customer_id: str) -> Flow[Customer]:
        feature = Feature.CUSTOMERS_GET
        response = yield get(customers.path(customer_id), feature=feature)
        return same_id(customer_id, customers.CUSTOMERS.read(response.json()))


def _with_attempts(check: KycCheck) -> Flow[KycCheck]:
    """Read from the customer how many verifications may follow one that is over."""
    # "Managing customers" shows `kyc_requests_available` in a customer, and no page shows
    # it in a verification.
    path = f"/customers/{segment(check.customer_id)}"
    try:
        response = yield get(path, feature=Feature.CUSTOMERS_GET)
    # The status of the verification is the answer. A failed read of the customer leaves
    # the number unknown.
    except ProviderError:
        return check
    return kyc.with_attempts(check, response.json())
