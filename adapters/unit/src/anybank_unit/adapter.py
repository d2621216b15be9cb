"""Unit's API, one flow per operation."""

from __future__ import annotations

from attrs import evolve

from anybank.adapter import Adapter
from anybank.adapter.converter import read, read_created, same_id
from anybank.adapter.problems import Problem, server_time
from anybank.adapter.wire import Flow, Json, Request, Response, get, patch, post, put
from anybank.declaration import Feature
from anybank.errors import (
    Conflict,
    Effect,
    InvalidInput,
    Issue,
    NotFound,
    Rejected,
    UnexpectedResponse,
)
from anybank.model import operations as ask
from anybank.model.accounts import Account, AccountStatus, Balance
from anybank.model.credentials import CredentialCheck
from anybank.model.customers import Customer
from anybank.model.events import Event, WebhookSubscription
from anybank.model.kyc import KycCheck, KycDocument
from anybank.model.pages import Page
from anybank.model.transactions import Transaction, TransactionStatus

from . import accounts, customers, errors, events, kyc
from .customers import WireResource
from .declaration import CAPABILITIES, UnitOptions
from .resources import document, page, paging, resource
from .rules import DOCUMENTS, EVENTS, TRANSACTIONS

_JSON_API = "application/vnd.api+json"
_READ = Feature.CUSTOMERS_GET
_ACCEPTED = "Unit accepted the token: it was used to list one customer"
_CUSTOMERS, _APPLICATIONS = "customers", "applications"
_CLOSE = document("depositAccountClose", {"reason": "ByCustomer"})
_CANCEL = document("applicationCancel", {"reason": "ByOrg"})
# "Archive a Customer". The document requires both members next to `data` as well.
_ARCHIVE = document("archiveCustomer", {"reason": "Inactive"})


class Unit(Adapter):
    """Unit."""

    capabilities = CAPABILITIES
    Options = UnitOptions
    webhooks = events.UnitWebhooks()

    def authenticate(self, request: Request, credentials: UnitOptions) -> Request:
        """Add the token, and the media type of JSON:API."""
        bearer = credentials.token.prefixed("Bearer ")
        headed = request.with_headers(authorization=bearer, accept=_JSON_API)
        if request.body is None:
            return headed
        return headed.with_headers(content_type=_JSON_API)

    def problem(self, response: Response) -> Problem | None:
        """Read an error response."""
        return errors.problem(response, self.capabilities)

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        """Create an application; an approved one has become a customer."""
        body = customers.new_application(query.new, query.idempotency_key)
        response = yield post("/applications", body)
        return customers.created(resource(response))

    def get_customer(self, query: ask.GetCustomer) -> Flow[Customer]:
        """Read a customer, or an application that has not become one."""
        raw, is_application = yield from _person(query.id)
        build = customers.of_application if is_application else customers.of_customer
        person = read(raw, WireResource)
        if person.status in (customers.ARCHIVED, customers.CANCELED):
            raise NotFound(f"the person is {person.status}", status=200)
        return build(person, raw)

    def list_customers(self, query: ask.ListCustomers) -> Flow[Page[Customer]]:
        """Read a page of the customers, and after them of the open applications."""
        of, _, offset = (query.token or f"{_CUSTOMERS}:").partition(":")
        build = {
            _CUSTOMERS: customers.of_customer,
            _APPLICATIONS: customers.of_application,
        }[of]
        filters = {**paging(offset, query.page_size), **customers.statuses(of)}
        response = yield get(f"/{of}", query={**filters, "sort": "createdAt"})
        listed = page(response, filters, WireResource, build, customers.NAMES)
        if listed.next_token is not None:
            return evolve(listed, next_token=f"{of}:{listed.next_token}")
        # A person who is approved meanwhile is listed by the next pass, and never twice.
        more = f"{_APPLICATIONS}:" if of == _CUSTOMERS else None
        return evolve(listed, next_token=more, beyond=None)

    def update_customer(self, query: ask.UpdateCustomer) -> Flow[Customer]:
        """Change a customer. Raises Conflict while the application is undecided."""
        customer_id = yield from _customer_id(query.id)
        body = customers.changes(query.changes)
        response = yield patch(customers.path(customer_id), body)
        raw = resource(response)
        return same_id(customer_id, customers.of_customer(read(raw, WireResource), raw))

    def delete_customer(self, query: ask.DeleteCustomer) -> Flow[None]:
        """Archive a customer, or cancel an application that is not decided."""
        number = customers.number_of(query.id)
        customer_id = None if number else query.id
        if number is not None:
            customer_id = (yield from _application(number, _READ)).related("customer")
        if customer_id is None:
            number = number or ""
            place = customers.application_path(number)
            yield from _end(place, "cancel", _CANCEL, (number, customers.CANCELED))
        else:
            body = {**_ARCHIVE, **_ARCHIVE["data"]}
            place = customers.path(customer_id)
            ended = (customer_id, customers.ARCHIVED)
            yield from _end(place, "archive", body, ended)

    def start_kyc(self, query: ask.StartKycCheck) -> Flow[KycCheck]:
        """Read the application, whose create has started the verification."""
        return (yield from _verification(query.customer_id))

    def get_kyc(self, query: ask.GetKycCheck) -> Flow[KycCheck]:
        """Read the application, with the documents that it waits for."""
        return (yield from _verification(query.customer_id))

    def upload_kyc_document(self, query: ask.UploadKycDocument) -> Flow[KycDocument]:
        """Upload the front of a document that an application requires."""
        if query.customer_id is None:
            message = "must be a customer: a document belongs to an application"
            raise _blocked("customer_id", "a customer", message, DOCUMENTS)
        number = (yield from _number_of(query.customer_id)) or ""
        place = f"{customers.application_path(number)}/documents"
        response = yield get(place, feature=Feature.KYC_GET)
        document_id = kyc.required(kyc.documents(response), query.new.kind)
        form = kyc.new_file(query.new)
        response = yield put(f"{place}/{document_id}/multipart", form)
        return same_id(document_id, kyc.document(resource(response)))

    def create_account(self, query: ask.CreateAccount) -> Flow[Account]:
        """Open a deposit account for one or more customers."""
        owners: list[str] = []
        for person_id in query.new.customer_ids:
            owners.append((yield from _customer_id(person_id)))  # noqa: PERF401  # no comprehension yields
        body = accounts.new_account(query.new, owners, query.idempotency_key)
        response = yield post("/accounts", body)
        return accounts.require_owner(accounts.created(resource(response)), owners)

    def get_account(self, query: ask.GetAccount) -> Flow[Account]:
        """Read an account."""
        response = yield get(accounts.path(query.id))
        return accounts.account(resource(response))

    def list_accounts(self, query: ask.ListAccounts) -> Flow[Page[Account]]:
        """Read a page of accounts, closed ones too; who is no customer yet has none."""
        window = paging(query.token, query.page_size)
        owner = query.customer_id and (yield from _customer_or_none(query.customer_id))
        if query.customer_id and not owner:
            return Page([])
        filters = {**window, "filter[customerId]": owner}
        response = yield get("/accounts", query=filters)
        listed = page(
            response,
            window,
            accounts.WireAccount,
            accounts.build_account,
            accounts.ACCOUNT_NAMES,
        )
        for account in listed.items if owner else ():
            accounts.require_owner(account, [owner or ""])
        return listed

    def get_balance(self, query: ask.GetBalance) -> Flow[Balance]:
        """Read what an account holds; it is a part of the account."""
        response = yield get(accounts.path(query.account_id))
        return accounts.balance(resource(response))

    def close_account(self, query: ask.CloseAccount) -> Flow[Account]:
        """Close an account; closing a closed one is a success."""
        place = accounts.path(query.id)
        try:
            response = yield post(f"{place}/close", _CLOSE)
        except (Conflict, Rejected):
            # No page says what a repeat returns: the account is read and decides.
            back = yield get(place, feature=Feature.ACCOUNTS_GET)
            account = same_id(query.id, accounts.account(resource(back)))
            if account.status is not AccountStatus.CLOSED:
                raise
            return account
        account = accounts.account(resource(response))
        if account.status is not AccountStatus.CLOSED:
            message = "Unit did not close the account"
            raise UnexpectedResponse(message, path="$.data.attributes.status")
        return account

    def get_transaction(self, query: ask.GetTransaction) -> Flow[Transaction]:
        """Read a transaction of an account."""
        if query.account_id is None:
            message = "must be the id of the account, which is in the path"
            raise _blocked("account_id", "an account", message, TRANSACTIONS)
        response = yield get(accounts.transaction_path(query.account_id, query.id))
        return accounts.transaction(resource(response))

    def list_transactions(self, query: ask.ListTransactions) -> Flow[Page[Transaction]]:
        """Read a page of posted transactions."""
        if query.status is not TransactionStatus.POSTED:
            message = "must be POSTED: use bank.request for authorizations"
            raise _blocked("status", "posted", message, TRANSACTIONS)
        window = paging(query.token, query.page_size)
        filters = {
            **window,
            "filter[accountId]": query.account_id,
            "filter[since]": query.since.isoformat() if query.since else None,
            "filter[until]": query.until.isoformat() if query.until else None,
            "sort": "createdAt",
        }
        response = yield get("/transactions", query=filters)
        return page(
            response,
            window,
            accounts.WireTransaction,
            accounts.build_transaction,
            accounts.TRANSACTION_NAMES,
        )

    def get_event(self, query: ask.GetEvent) -> Flow[Event]:
        """Read an event."""
        response = yield get(events.path(query.id))
        return events.event(resource(response))

    def list_events(self, query: ask.ListEvents) -> Flow[Page[Event]]:
        """Read a page of events."""
        if query.object_id is not None:
            message = "must be omitted: Unit has no filter by object"
            raise _blocked("object_id", "no filter", message, EVENTS)
        window = paging(query.token, query.page_size)
        filters = {
            **window,
            "filter[since]": query.since.isoformat() if query.since else None,
            "filter[until]": query.until.isoformat() if query.until else None,
        }
        response = yield get("/events", query=filters)
        return page(
            response, window, events.WireEvent, events.build_event, events.NAMES
        )

    def create_webhook_subscription(
        self, query: ask.CreateWebhookSubscription
    ) -> Flow[WebhookSubscription]:
        """Subscribe a URL to all events."""
        response = yield post("/webhooks", events.new_subscription(query.new))
        names = events.SUBSCRIPTION_NAMES
        created = read_created(
            resource(response), events.WireWebhook, events.build_subscription, names
        )
        return evolve(created, secret=query.new.secret)

    def list_webhook_subscriptions(
        self, query: ask.ListWebhookSubscriptions
    ) -> Flow[Page[WebhookSubscription]]:
        """Read a page of the webhooks."""
        window = paging(query.token, None)
        response = yield get("/webhooks", query=window)
        return page(
            response,
            window,
            events.WireWebhook,
            events.build_subscription,
            events.SUBSCRIPTION_NAMES,
        )

    def update_webhook_subscription(
        self, query: ask.UpdateWebhookSubscription
    ) -> Flow[WebhookSubscription]:
        """Enable or disable a webhook."""
        verb = "enable" if query.changes.enabled is True else "disable"
        response = yield post(f"{events.subscription_path(query.id)}/{verb}")
        raw = resource(response)
        return events.build_subscription(read(raw, events.WireWebhook), raw)

    def check_credentials(self, query: ask.CheckCredentials) -> Flow[CredentialCheck]:
        """Check the token by listing one customer."""
        window = paging(None, 1)
        response = yield get("/customers", query=window)
        page(response, window, WireResource, customers.of_customer, customers.NAMES)
        return CredentialCheck(note=_ACCEPTED, server_time=server_time(response))


def _application(number: str, feature: Feature | None = None) -> Flow[WireResource]:
    response = yield get(customers.application_path(number), feature=feature)
    return same_id(number, read(resource(response), WireResource))


def _person(person_id: str) -> Flow[tuple[Json, bool]]:
    """Return the resource of a person, and whether it is an application."""
    number = customers.number_of(person_id)
    if number is not None:
        response = yield get(customers.application_path(number))
        raw = resource(response)
        customer_id = same_id(number, read(raw, WireResource)).related("customer")
        if customer_id is None:
            return raw, True
        person_id = customer_id
    response = yield get(customers.path(person_id))
    raw = resource(response)
    same_id(person_id, read(raw, WireResource))
    return raw, False


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
    return (yield from _application(number, _READ)).related("customer")


def _number_of(person_id: str) -> Flow[str | None]:
    """Return the number of a person's application, of a customer's too."""
    number = customers.number_of(person_id)
    if number is None:
        response = yield get(customers.path(person_id), feature=_READ)
        customer = same_id(person_id, read(resource(response), WireResource))
        number = customer.related("application")
    return number


def _verification(person_id: str) -> Flow[KycCheck]:
    number = yield from _number_of(person_id)
    if number is None:
        return KycCheck(customer_id=person_id)
    application = yield from _application(number, Feature.KYC_GET)
    documents: tuple[KycDocument, ...] = ()
    if application.status == kyc.WAITING:
        place = customers.application_path(application.id)
        response = yield get(f"{place}/documents", feature=Feature.KYC_GET)
        documents = kyc.documents(response)
    return kyc.kyc_check(person_id, application, documents)


def _end(place: str, verb: str, body: Json, ended: tuple[str, str]) -> Flow[None]:
    """Archive or cancel; a repeat is a success, because the status decides.

    `ended` is the id of the resource, and the status that it must have afterwards.
    """
    try:
        response = yield post(f"{place}/{verb}", body)
    except (Conflict, Rejected):
        response = yield get(place, feature=_READ)
        if same_id(ended[0], read(resource(response), WireResource)).status != ended[1]:
            raise
        return
    if same_id(ended[0], read(resource(response), WireResource)).status != ended[1]:
        message = f"the person is not {ended[1]}"
        raise UnexpectedResponse(message, path="$.data.attributes.status")


def _blocked(name: str, rule: str, message: str, source: str) -> InvalidInput:
    return InvalidInput([Issue(name, Effect.BLOCKED, rule, source, message)])
