"""Increase's API, one flow per operation."""

from __future__ import annotations

from attrs import evolve

from anybank.adapter import Adapter
from anybank.adapter.converter import same_id
from anybank.adapter.problems import Problem, server_time, written_type
from anybank.adapter.wire import Flow, Json, Request, Response, get, patch, path, post
from anybank.declaration import Feature
from anybank.errors import NotFound, UnexpectedResponse
from anybank.model import operations as ask
from anybank.model.accounts import (
    Account,
    AccountNumber,
    AccountStatus,
    Balance,
    ExternalAccount,
)
from anybank.model.credentials import CredentialCheck
from anybank.model.customers import Customer
from anybank.model.events import Event, WebhookSubscription
from anybank.model.kyc import KycCheck, KycDocument
from anybank.model.pages import Page
from anybank.model.transactions import Transaction, TransactionStatus

from . import (
    accounts,
    customers,
    documents,
    errors,
    events,
    kyc,
    subscriptions,
    transactions,
)
from .accounts import ACCOUNTS, EXTERNALS, NUMBERS
from .declaration import CAPABILITIES, IncreaseOptions, NameStyle, with_policies
from .events import EVENTS
from .subscriptions import SUBSCRIPTIONS
from .transactions import PENDING, POSTED

# The statuses to list. An archived entity counts as deleted. The schema repeats the
# parameter, its description separates the values by commas, as Increase's own client does.
_LISTED = "active,disabled"
_ACCEPTED = "Increase accepted the key: it was used to list one entity"


class Increase(Adapter):
    """Increase."""

    capabilities = CAPABILITIES
    Options = IncreaseOptions
    webhooks = events.IncreaseWebhooks()

    def __init__(self, options: IncreaseOptions) -> None:
        super().__init__(options)
        self.capabilities = with_policies(CAPABILITIES, options)
        self._entities = customers.entities(split=options.names == NameStyle.SPLIT)

    def authenticate(self, request: Request, credentials: IncreaseOptions) -> Request:
        """Add the key as a bearer token."""
        # https://increase.com/documentation/api/entities shows the header in its samples.
        token = credentials.api_key.prefixed("Bearer ")
        return request.with_headers(authorization=token)

    def problem(
        self, response: Response, request: Request | None = None
    ) -> Problem | None:
        """Read an error response."""
        return errors.problem(response, self.capabilities, written_type(request))

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        """Create a customer, as an entity with the structure natural_person."""
        # "Idempotency keys": the same key and body return the entity created first.
        # https://increase.com/documentation/idempotency-keys
        headers = {"Idempotency-Key": query.idempotency_key}
        body = customers.new_customer(query.new)
        return self._entities.create(body, headers=headers)

    def get_customer(self, query: ask.GetCustomer) -> Flow[Customer]:
        """Read a customer; raise NotFound if the entity is archived."""
        return self._entities.reader.read((yield from _entity(query.id)))

    def list_customers(self, query: ask.ListCustomers) -> Flow[Page[Customer]]:
        """Read a page of all entities that are not archived, persons or not."""
        # "List Entities". https://increase.com/documentation/api/entities
        # Other structures than natural_person are listed too, with id and name: a
        # migration must not pass over them in silence.
        filters = {
            "status.in": _LISTED,
            # The filter that finds the entity of a lost create.
            "idempotency_key": query.idempotency_key,
        }
        return self._entities.list(query, **filters)

    def update_customer(self, query: ask.UpdateCustomer) -> Flow[Customer]:
        """Change a customer."""
        # "Update an Entity": members that are absent stay as they are, and the request
        # fails if the entity is not a natural person.
        # https://increase.com/documentation/api/entities
        return self._entities.update(query.id, customers.changes(query.changes))

    def delete_customer(self, query: ask.DeleteCustomer) -> Flow[None]:
        """Archive an entity; archiving an archived one is a success."""
        # https://increase.com/documentation/api/entities
        # "Archive an entity" does not say what a repeat returns: the status decides.
        # The feature names the read: an error in it is one of reading, and its 404
        # does not count as a deletion that an earlier attempt did.
        feature = Feature.CUSTOMERS_GET
        entities = customers.STATES
        yield from entities.finish(
            query.id, "archive", None, customers.ARCHIVED, feature
        )

    def start_kyc(self, query: ask.StartKycCheck) -> Flow[KycCheck]:
        """Read the validation that the create of the entity started."""
        # https://increase.com/documentation/entity-validation
        return kyc.kyc_check((yield from _entity(query.customer_id, Feature.KYC_GET)))

    def get_kyc(self, query: ask.GetKycCheck) -> Flow[KycCheck]:
        """Read the validation of an entity."""
        return kyc.kyc_check((yield from _entity(query.customer_id)))

    def upload_kyc_document(self, query: ask.UploadKycDocument) -> Flow[KycDocument]:
        """Upload a file, and add it to an entity as a supplemental document."""
        # https://increase.com/documentation/api/files
        of_entity = query.customer_id is not None
        purpose = documents.OF_ENTITY if of_entity else documents.OF_IDENTIFICATION
        form = documents.new_file(query.new, purpose)
        headers = {"Idempotency-Key": query.idempotency_key}
        response = yield post("/files", form, headers=headers)
        uploaded = documents.uploaded(response.json(), query.new)
        if query.customer_id is not None and uploaded.id is not None:
            yield from _attach(query.customer_id, uploaded.id, query.idempotency_key)
        return uploaded

    def create_account(self, query: ask.CreateAccount) -> Flow[Account]:
        """Open an account for an entity."""
        # https://increase.com/documentation/api/accounts
        headers = {"Idempotency-Key": query.idempotency_key}
        return ACCOUNTS.create(accounts.new_account(query.new), headers=headers)

    def get_account(self, query: ask.GetAccount) -> Flow[Account]:
        """Read an account."""
        return ACCOUNTS.get(query.id)

    def list_accounts(self, query: ask.ListAccounts) -> Flow[Page[Account]]:
        """Read a page of accounts, closed ones too."""
        key = query.idempotency_key
        return ACCOUNTS.list(query, entity_id=query.customer_id, idempotency_key=key)

    def get_balance(self, query: ask.GetBalance) -> Flow[Balance]:
        """Read what an account holds."""
        # "Retrieve an Account Balance": both amounts are in cents.
        # https://increase.com/documentation/api/accounts
        response = yield get(path("/accounts", query.account_id, "balance"))
        return accounts.balance(response.json())

    def close_account(self, query: ask.CloseAccount) -> Flow[Account]:
        """Close an account; closing a closed one is a success."""
        # https://increase.com/documentation/api/accounts
        # "Close an account" does not say what a repeat returns: the status decides.
        feature = Feature.ACCOUNTS_GET
        return ACCOUNTS.finish(query.id, "close", None, AccountStatus.CLOSED, feature)

    def create_account_number(
        self, query: ask.CreateAccountNumber
    ) -> Flow[AccountNumber]:
        """Create an account number."""
        # https://increase.com/documentation/api/account-numbers
        headers = {"Idempotency-Key": query.idempotency_key}
        return NUMBERS.create(accounts.new_number(query.new), headers=headers)

    def get_account_number(self, query: ask.GetAccountNumber) -> Flow[AccountNumber]:
        """Read an account number."""
        return NUMBERS.get(query.id)

    def list_account_numbers(
        self, query: ask.ListAccountNumbers
    ) -> Flow[Page[AccountNumber]]:
        """Read a page of account numbers."""
        key = query.idempotency_key
        return NUMBERS.list(query, account_id=query.account_id, idempotency_key=key)

    def update_account_number(
        self, query: ask.UpdateAccountNumber
    ) -> Flow[AccountNumber]:
        """Change an account number."""
        # "Update an Account Number": members that are absent stay as they are.
        # https://increase.com/documentation/api/account-numbers
        return NUMBERS.update(query.id, accounts.number_changes(query.changes))

    def get_external_account(
        self, query: ask.GetExternalAccount
    ) -> Flow[ExternalAccount]:
        """Read an account at another bank."""
        # https://increase.com/documentation/api/external-accounts
        return EXTERNALS.get(query.id)

    def list_external_accounts(
        self, query: ask.ListExternalAccounts
    ) -> Flow[Page[ExternalAccount]]:
        """Read a page of accounts at other banks."""
        return EXTERNALS.list(query)

    def get_event(self, query: ask.GetEvent) -> Flow[Event]:
        """Read an event."""
        # https://increase.com/documentation/api/events
        return EVENTS.get(query.id)

    def list_events(self, query: ask.ListEvents) -> Flow[Page[Event]]:
        """Read a page of events, the newest first."""
        filters = {
            "created_at.on_or_after": query.since.isoformat() if query.since else None,
            "created_at.before": query.until.isoformat() if query.until else None,
            "associated_object_id": query.object_id,
        }
        return EVENTS.list(query, **filters)

    def create_webhook_subscription(
        self, query: ask.CreateWebhookSubscription
    ) -> Flow[WebhookSubscription]:
        """Subscribe a URL to events; the secret is returned as it was sent."""
        # https://increase.com/documentation/api/event-subscriptions
        body = subscriptions.new_subscription(query.new)
        headers = {"Idempotency-Key": query.idempotency_key}
        created = yield from SUBSCRIPTIONS.create(body, headers=headers)
        # The response has no secret. The caller needs the one that was sent to verify
        # deliveries, so the value carries it.
        return evolve(created, secret=query.new.secret)

    def list_webhook_subscriptions(
        self, query: ask.ListWebhookSubscriptions
    ) -> Flow[Page[WebhookSubscription]]:
        """Read a page of the subscriptions that are not deleted."""
        # No limit: the default of Increase is also its maximum, 100.
        return SUBSCRIPTIONS.list(query)

    def update_webhook_subscription(
        self, query: ask.UpdateWebhookSubscription
    ) -> Flow[WebhookSubscription]:
        """Enable or disable a subscription."""
        # "Update an Event Subscription" has one member, `status`.
        # https://increase.com/documentation/api/event-subscriptions
        return SUBSCRIPTIONS.update(query.id, subscriptions.changes(query.changes))

    def delete_webhook_subscription(
        self, query: ask.DeleteWebhookSubscription
    ) -> Flow[None]:
        """Delete a subscription, by its status."""
        # There is no DELETE. "Update an Event Subscription" has the status `deleted`,
        # which disables the subscription for good.
        place = path(SUBSCRIPTIONS.path, query.id)
        response = yield patch(place, subscriptions.DELETION)
        if not same_id(query.id, subscriptions.state(response.json())).is_deleted:
            message = "Increase did not delete the subscription"
            raise UnexpectedResponse(message, path="$.status")

    def get_transaction(self, query: ask.GetTransaction) -> Flow[Transaction]:
        """Read a transaction, posted or pending."""
        # Two resources with one neutral value: the prefix of the id says which.
        # https://increase.com/documentation/api/transactions
        # https://increase.com/documentation/api/pending-transactions
        return transactions.resource_of(query.id).get(query.id)

    def list_transactions(self, query: ask.ListTransactions) -> Flow[Page[Transaction]]:
        """Read a page of posted or pending transactions."""
        filters = {
            "account_id": query.account_id,
            "created_at.on_or_after": query.since.isoformat() if query.since else None,
            "created_at.before": query.until.isoformat() if query.until else None,
        }
        if query.status is TransactionStatus.PENDING:
            return PENDING.list(query, **filters, **{"status.in": "pending"})
        return POSTED.list(query, **filters)

    def check_credentials(self, query: ask.CheckCredentials) -> Flow[CredentialCheck]:
        """Check the key by listing one entity."""
        # No call checks a key. One entity is the least that a key which may read
        # entities can list; its data is read for its shape and not returned.
        response = yield get("/entities", query={"limit": 1})
        self._entities.page(response.json())
        return CredentialCheck(note=_ACCEPTED, server_time=server_time(response))


def _attach(entity_id: str, file_id: str, key: str) -> Flow[None]:
    body = documents.new_document(entity_id, file_id)
    headers = {"Idempotency-Key": documents.document_key(key)}
    response = yield post("/entity_supplemental_documents", body, headers=headers)
    document = documents.document(response.json())
    if (document.entity_id, document.file_id) != (entity_id, file_id):
        message = "Increase added another document, or to another entity"
        raise UnexpectedResponse(message, path="$.file_id")


def _entity(entity_id: str, feature: Feature | None = None) -> Flow[Json]:
    raw = yield from customers.STATES.get_raw(entity_id, feature=feature)
    # The API returns archived entities. A customer that was deleted must read as
    # NotFound, or a rollback could not be verified.
    if customers.STATES.reader.read(raw).is_archived:
        raise NotFound("the entity is archived", status=200)
    return raw
