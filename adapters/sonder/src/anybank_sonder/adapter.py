"""Sonder's API, one flow per operation.

The docs show paths but hardly any HTTP methods: every method but that of `POST /account`
is a conclusion from the operation's name.
"""

from __future__ import annotations

from anybank.adapter import Adapter
from anybank.adapter.converter import same_id, write
from anybank.adapter.problems import Problem
from anybank.adapter.wire import Flow, Request, Response, delete, get, post, segment
from anybank.declaration import Feature
from anybank.errors import AnybankError, NotFound, ProviderError, UnexpectedResponse
from anybank.model import operations as ask
from anybank.model.accounts import Account, Balance
from anybank.model.credentials import CredentialCheck
from anybank.model.customers import Customer
from anybank.model.transactions import Transaction

from . import accounts, customers, errors
from .declaration import CAPABILITIES, SonderOptions, UpdateVerb, with_policies
from .envelope import data, require_removal

_METHOD_NOT_ALLOWED = 405
# Not in the form of Sonder's ids, which are 32 letters and digits in the samples, so it
# names no customer of anybody.
_NOBODY = "anybank-credential-check"
_ACCEPTED = (
    "Sonder has no call for this: a read of a customer that does not exist was not "
    "refused as unauthorized"
)


class Sonder(Adapter):
    """Sonder Labs."""

    capabilities = CAPABILITIES
    Options = SonderOptions

    def __init__(self, options: SonderOptions) -> None:
        super().__init__(options)
        self.capabilities = with_policies(CAPABILITIES, options)

    def base_url(self, environment: str) -> str:
        """Return the URL of an environment, which is the first segment of the path."""
        # https://dev.sonderlabs.io/accounts shows /{environment}/account.
        return f"https://api.sonderlabs.io/{segment(environment)}"

    def authenticate(self, request: Request, credentials: SonderOptions) -> Request:
        """Add the bearer token."""
        # "Authentication" describes a token copied from the dashboard.
        # https://dev.sonderlabs.io/authentication
        return request.with_headers(authorization=credentials.token.prefixed("Bearer "))

    def problem(
        self, response: Response, request: Request | None = None
    ) -> Problem | None:
        """Read an error response, which may have status 200."""
        return errors.problem(response)

    def request_id(self, response: Response) -> str | None:
        """Return the request id, which is in the body."""
        return errors.request_id(response)

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        """Create a customer and read the customer back."""
        # https://dev.sonderlabs.io/customers for all operations on customers.
        # "Create A Customer" returns an id only.
        body = customers.new_customer(query.new, self.capabilities)
        response = yield post("/customer", body)
        created = customers.created_id(data(response))
        # A migration reads back later, in its own step, and saves one call here.
        if not query.read_back:
            return customers.composed(created, query.new)
        try:
            back = yield get(customers.path(created), feature=Feature.CUSTOMERS_GET)
            return same_id(created, customers.customer(data(back), self.capabilities))
        except AnybankError:
            # The customer exists: a failed read must not look like a failed create.
            return customers.composed(created, query.new)

    def get_customer(self, query: ask.GetCustomer) -> Flow[Customer]:
        """Read a customer."""
        # "Retrieve A Customer". https://dev.sonderlabs.io/customers
        response = yield get(customers.path(query.id))
        return customers.customer(data(response), self.capabilities)

    def update_customer(self, query: ask.UpdateCustomer) -> Flow[Customer]:
        """Change a customer and require that the response shows the change."""
        # "Update A Customer": the fields that are sent are changed, and lists are
        # replaced. https://dev.sonderlabs.io/customers
        body = customers.changes(query.changes, self.capabilities)
        # No page shows the verb of an update (sonder.md §12, row 5).
        verb = UpdateVerb(self.options.update_verb)
        path = customers.path(query.id)
        try:
            response = yield Request(method=verb.value, path=path, body=body)
        except ProviderError as error:
            # The verb is never switched in silence: a 405 names the option.
            if error.status == _METHOD_NOT_ALLOWED:
                error.message += f" (try the option update_verb={verb.other.value!r})"
            raise
        returned = data(response)
        customers.require_change(body, returned, self.capabilities)
        return customers.customer(returned, self.capabilities)

    def delete_customer(self, query: ask.DeleteCustomer) -> Flow[None]:
        """Delete a customer without accounts."""
        # https://dev.sonderlabs.io/customers
        # "Delete A Customer": all accounts must be deleted first. The adapter never
        # deletes them for the caller, since they may belong to other customers too.
        response = yield delete(customers.path(query.id))
        require_removal(response, query.id)

    def create_account(self, query: ask.CreateAccount) -> Flow[Account]:
        """Open an account and read the account back."""
        # https://dev.sonderlabs.io/accounts
        # "Accounts" does not show the response to a create.
        response = yield post("/account", write(accounts.WireNewAccount, query.new))
        created = accounts.ACCOUNTS.created(data(response))
        try:
            back = yield get(accounts.path(created.id), feature=Feature.ACCOUNTS_GET)
            return same_id(created.id, accounts.ACCOUNTS.read(data(back)))
        except AnybankError:
            return created

    def get_account(self, query: ask.GetAccount) -> Flow[Account]:
        """Read an account."""
        response = yield get(accounts.path(query.id))
        return accounts.ACCOUNTS.read(data(response))

    def delete_account(self, query: ask.DeleteAccount) -> Flow[None]:
        """Delete an account."""
        # The path follows that of customers; no page shows it.
        response = yield delete(accounts.path(query.id))
        require_removal(response, query.id)

    def get_balance(self, query: ask.GetBalance) -> Flow[Balance]:
        """Read the amount of an account, whose unit is unknown."""
        response = yield get(accounts.path(query.account_id))
        return accounts.BALANCES.read(data(response))

    def get_transaction(self, query: ask.GetTransaction) -> Flow[Transaction]:
        """Read a transaction."""
        # https://dev.sonderlabs.io/transactions
        # "Transactions": the ids come from the account's array `transactions`.
        response = yield get(accounts.transaction_path(query.id))
        return accounts.TRANSACTIONS.read(data(response))

    def check_credentials(self, query: ask.CheckCredentials) -> Flow[CredentialCheck]:
        """Check the token by reading a customer that cannot exist."""
        try:
            response = yield get(customers.path(_NOBODY))
        except NotFound as error:
            # Only Sonder's own "not found" proves that the token was accepted.
            if error.type not in errors.TYPES:
                raise errors.foreign(error) from None
            return CredentialCheck(verified=False, note=_ACCEPTED)
        # A server that returns a customer for any id is not Sonder's API.
        message = "Sonder returned a customer that cannot exist"
        raise UnexpectedResponse(message, status=response.status)
