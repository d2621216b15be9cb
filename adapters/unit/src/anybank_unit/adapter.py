"""Unit's API, one flow per operation."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from anybank.adapter import Adapter, json_api
from anybank.adapter.converter import Names, read, same_id
from anybank.adapter.json_api import document, resource, resource_list
from anybank.adapter.problems import Problem, written_type
from anybank.adapter.wire import Flow, Request, Response, each, get, path, put
from anybank.declaration import Feature
from anybank.errors import Conflict, NotFound
from anybank.model import operations as ask
from anybank.model.accounts import Account, AccountStatus, Balance, NewAccount
from anybank.model.credentials import CredentialCheck
from anybank.model.customers import Customer, CustomerStatus
from anybank.model.events import (
    Event,
    NewWebhookSubscription,
    WebhookSubscription,
)
from anybank.model.kyc import KycCheck, KycDocument
from anybank.model.pages import Page
from anybank.model.transactions import Transaction

from . import accounts, customers, events, kyc
from .accounts import ACCOUNTS, BALANCES, TRANSACTIONS
from .customers import APPLICATIONS, CUSTOMERS
from .declaration import CAPABILITIES, UnitOptions
from .events import EVENTS, SUBSCRIPTIONS
from .kyc import DOCUMENTS, VERIFICATIONS

_READ = Feature.CUSTOMERS_GET
_PEOPLE = APPLICATIONS.reader.names
_NAMES: Mapping[type, Names] = {
    NewAccount: ACCOUNTS.reader.names,
    NewWebhookSubscription: SUBSCRIPTIONS.reader.names,
}
"""The names of the members that a request writes, where it is not about a person."""
_CLOSE = document("depositAccountClose", {"reason": "ByCustomer"})
_CANCEL = document("applicationCancel", {"reason": "ByOrg"})
# "Archive a Customer". The document requires both members next to `data` as well.
_INACTIVE = document("archiveCustomer", {"reason": "Inactive"})
_ARCHIVE = {**_INACTIVE, **_INACTIVE["data"]}
_ARCHIVED = CustomerStatus.ARCHIVED


class Unit(Adapter):
    """Unit."""

    capabilities = CAPABILITIES
    Options = UnitOptions
    webhooks = events.UnitWebhooks()

    def authenticate(self, request: Request, credentials: UnitOptions) -> Request:
        """Add the token, and the media type of JSON:API."""
        bearer = credentials.token.prefixed("Bearer ")
        return json_api.with_media_type(request).with_headers(authorization=bearer)

    def problem(
        self, response: Response, request: Request | None = None
    ) -> Problem | None:
        """Read an error response. The schema UnitError has the support's id in `meta`."""
        support = ("meta", "supportId")
        names = _NAMES.get(written_type(request), _PEOPLE)
        return json_api.problem(response, self, names, request_id=support)

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        """Create an application; an approved one has become a customer."""
        body = customers.new_application(query.new, query.idempotency_key)
        return APPLICATIONS.create(body)

    def get_customer(self, query: ask.GetCustomer) -> Flow[Customer]:
        """Read a customer, or an application that has not become one."""
        person = yield from _person(query.id)
        if person.status is _ARCHIVED:
            raise NotFound(f"the person is {person.native_status}", status=200)
        return person

    def list_customers(self, query: ask.ListCustomers) -> Flow[Page[Customer]]:
        """Read a page of the customers, and after them of the open applications."""
        of, _, offset = (query.token or CUSTOMERS.path).partition(":")
        people = CUSTOMERS if of == CUSTOMERS.path else APPLICATIONS
        part = evolve(query, token=offset or None)
        statuses = customers.LISTED[of]
        listed = yield from people.list(part, sort="createdAt", status=statuses)
        if listed.next_token is not None:
            return evolve(listed, next_token=f"{of}:{listed.next_token}")
        # A person who is approved meanwhile is listed by the next pass, and never twice.
        more = APPLICATIONS.path if people is CUSTOMERS else None
        return evolve(listed, next_token=more, beyond=None)

    def update_customer(self, query: ask.UpdateCustomer) -> Flow[Customer]:
        """Change a customer. Raises Conflict while the application is undecided."""
        customer_id = yield from _customer_id(query.id)
        return (
            yield from CUSTOMERS.update(customer_id, customers.changes(query.changes))
        )

    def delete_customer(self, query: ask.DeleteCustomer) -> Flow[None]:
        """Archive a customer, or cancel an application that is not decided."""
        customer_id = yield from _customer_or_none(query.id)
        if customer_id is None:
            number = customers.number_of(query.id) or ""
            ended = APPLICATIONS.finish(number, "cancel", _CANCEL, _ARCHIVED, _READ)
        else:
            ended = CUSTOMERS.finish(customer_id, "archive", _ARCHIVE, _ARCHIVED, _READ)
        yield from ended

    def start_kyc(self, query: ask.StartKycCheck) -> Flow[KycCheck]:
        """Read the application, whose create has started the verification."""
        return _verification(query.customer_id)

    def get_kyc(self, query: ask.GetKycCheck) -> Flow[KycCheck]:
        """Read the application, with the documents that it waits for."""
        return _verification(query.customer_id)

    def upload_kyc_document(self, query: ask.UploadKycDocument) -> Flow[KycDocument]:
        """Upload the front of a document that an application requires."""
        number = (yield from _number_of(query.customer_id or "")) or ""
        documents = yield from _documents(number)
        document_id = kyc.require_document(documents, query.new.kind)
        place = path("/applications", number, "documents", document_id, "multipart")
        response = yield put(place, kyc.new_file(query.new))
        return same_id(document_id, DOCUMENTS.read(resource(response)))

    def create_account(self, query: ask.CreateAccount) -> Flow[Account]:
        """Open a deposit account for one or more customers."""
        owners = yield from each(_customer_id, query.new.customer_ids)
        body = accounts.new_account(query.new, owners, query.idempotency_key)
        return accounts.require_owner((yield from ACCOUNTS.create(body)), owners)

    def get_account(self, query: ask.GetAccount) -> Flow[Account]:
        """Read an account."""
        return ACCOUNTS.get(query.id)

    def list_accounts(self, query: ask.ListAccounts) -> Flow[Page[Account]]:
        """Read a page of accounts, closed ones too; who is no customer yet has none."""
        owner = query.customer_id and (yield from _customer_or_none(query.customer_id))
        if query.customer_id and not owner:
            return Page([])
        listed = yield from ACCOUNTS.list(query, customerId=owner)
        for account in listed.items if owner else ():
            accounts.require_owner(account, [owner or ""])
        return listed

    def get_balance(self, query: ask.GetBalance) -> Flow[Balance]:
        """Read what an account holds; it is a part of the account."""
        return BALANCES.get(query.account_id)

    def close_account(self, query: ask.CloseAccount) -> Flow[Account]:
        """Close an account. No page says what a repeat returns: the account decides."""
        feature = Feature.ACCOUNTS_GET
        return ACCOUNTS.finish(query.id, "close", _CLOSE, AccountStatus.CLOSED, feature)

    def get_transaction(self, query: ask.GetTransaction) -> Flow[Transaction]:
        """Read a transaction of an account."""
        below = path("/accounts", query.account_id or "", "transactions")
        return evolve(TRANSACTIONS, path=below).get(query.id)

    def list_transactions(self, query: ask.ListTransactions) -> Flow[Page[Transaction]]:
        """Read a page of posted transactions."""
        return TRANSACTIONS.list(
            query,
            sort="createdAt",
            accountId=query.account_id,
            since=query.since,
            until=query.until,
        )

    def get_event(self, query: ask.GetEvent) -> Flow[Event]:
        """Read an event."""
        return EVENTS.get(query.id)

    def list_events(self, query: ask.ListEvents) -> Flow[Page[Event]]:
        """Read a page of events."""
        return EVENTS.list(query, since=query.since, until=query.until)

    def create_webhook_subscription(
        self, query: ask.CreateWebhookSubscription
    ) -> Flow[WebhookSubscription]:
        """Subscribe a URL to all events."""
        created = yield from SUBSCRIPTIONS.create(events.new_subscription(query.new))
        return evolve(created, secret=query.new.secret)

    def list_webhook_subscriptions(
        self, query: ask.ListWebhookSubscriptions
    ) -> Flow[Page[WebhookSubscription]]:
        """Read a page of the webhooks."""
        return SUBSCRIPTIONS.list(query)

    def update_webhook_subscription(
        self, query: ask.UpdateWebhookSubscription
    ) -> Flow[WebhookSubscription]:
        """Enable or disable a webhook."""
        verb = "enable" if query.changes.enabled is True else "disable"
        return SUBSCRIPTIONS.act(query.id, verb)

    def check_credentials(self, query: ask.CheckCredentials) -> Flow[CredentialCheck]:
        """Check the token by listing one customer."""
        return CUSTOMERS.check(
            "Unit accepted the token: it was used to list one customer"
        )


def _person(person_id: str) -> Flow[Customer]:
    """Read a customer, or the application of a person who is none yet."""
    number = customers.number_of(person_id)
    if number is not None:
        applicant = yield from APPLICATIONS.get(number)
        if applicant.id == person_id:
            return applicant
        person_id = applicant.id
    return (yield from CUSTOMERS.get(person_id))


def _customer_id(person_id: str) -> Flow[str]:
    """Return the id of the customer that an application became.

    Raises Conflict while it is undecided, and if it is denied.
    """
    customer_id = yield from _customer_or_none(person_id)
    if customer_id is None:
        message = "the application is not approved: the person is no customer"
        raise Conflict(message, status=200)
    return customer_id


def _customer_or_none(person_id: str) -> Flow[str | None]:
    number = customers.number_of(person_id)
    if number is None:
        return person_id
    applicant = yield from APPLICATIONS.get(number, feature=_READ)
    return None if applicant.id == person_id else applicant.id


def _number_of(person_id: str) -> Flow[str | None]:
    """Return the number of a person's application, of a customer's too."""
    number = customers.number_of(person_id)
    if number is None:
        raw = yield from CUSTOMERS.get_raw(person_id, feature=_READ)
        number = read(raw, customers.WireResource).related("application")
    return number


def _documents(number: str) -> Flow[tuple[KycDocument, ...]]:
    place = path("/applications", number, "documents")
    response = yield get(place, feature=Feature.KYC_GET)
    return tuple(map(DOCUMENTS.read, resource_list(response)))


def _verification(person_id: str) -> Flow[KycCheck]:
    """Return the state of a person's application as that of a verification."""
    number = yield from _number_of(person_id)
    if number is None:
        return KycCheck(customer_id=person_id)
    check = yield from VERIFICATIONS.get(number, feature=Feature.KYC_GET)
    is_waiting = check.native_status == kyc.WAITING
    documents = (yield from _documents(number)) if is_waiting else ()
    return evolve(check, customer_id=person_id, documents=documents)
