"""Sonder's API as flows. Every verb but that of `POST /account` is our reading (§1)."""

from __future__ import annotations

from anybank.adapter import Adapter
from anybank.adapter.converter import same_id
from anybank.adapter.problems import Problem
from anybank.adapter.wire import Flow, Request, Response, delete, get, post, segment
from anybank.declaration import Feature
from anybank.errors import AnybankError, NotFound, ProviderError, UnexpectedResponse
from anybank.model import operations as ask
from anybank.model.accounts import Account, Transaction
from anybank.model.credentials import CredentialCheck
from anybank.model.customers import Customer

from . import accounts
from .customers import Customers, created_id
from .declaration import CAPABILITIES, SonderOptions, with_policies
from .envelope import ERROR_TYPES, data, problem, require_removal

_METHOD_NOT_ALLOWED = 405


class Sonder(Adapter):
    """Sonder Labs."""

    capabilities = CAPABILITIES
    Options = SonderOptions

    def __init__(self, options: SonderOptions) -> None:
        super().__init__(options)
        self.capabilities = with_policies(CAPABILITIES, options)
        self._customers = Customers(self.capabilities)

    def base_url(self, environment: str) -> str:
        """Return the host with the environment as the first segment of the path."""
        return f"https://api.sonderlabs.io/{segment(environment)}"

    def authenticate(self, request: Request, credentials: SonderOptions) -> Request:
        """Add the bearer token."""
        return request.with_headers(authorization=credentials.token.prefixed("Bearer "))

    def problem(self, response: Response) -> Problem | None:
        """Read Sonder's error answers; `success: false` under a 200 is one."""
        return problem(response)

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        """Make a customer: the answer is an id, so the customer is read back if wanted."""
        response = yield post("/customer", self._customers.new_customer(query.new))
        created = created_id(data(response))
        if not query.read_back:
            return self._customers.composed(created, query.new)
        try:
            back = yield get(_path(created), feature=Feature.CUSTOMERS_GET)
            return same_id(created, self._customers.customer(data(back)))
        except AnybankError:
            return self._customers.composed(created, query.new)

    def get_customer(self, query: ask.GetCustomer) -> Flow[Customer]:
        """Read a customer; the id is a segment of the path (row 6)."""
        response = yield get(_path(query.id))
        return self._customers.customer(data(response))

    def update_customer(self, query: ask.UpdateCustomer) -> Flow[Customer]:
        """Change a customer and see that the answer shows it."""
        body = self._customers.changes(query.changes)
        verb = self.options.update_verb
        try:
            response = yield Request(method=verb, path=_path(query.id), body=body)
        except ProviderError as error:
            if error.status == _METHOD_NOT_ALLOWED:
                other = {"PUT": "PATCH", "PATCH": "PUT"}[verb]
                error.message += f" (try the option update_verb={other!r})"
            raise
        answered = data(response)
        self._customers.require_change(body, answered)
        return self._customers.customer(answered)

    def delete_customer(self, query: ask.DeleteCustomer) -> Flow[None]:
        """Delete a customer; every account must be gone first (§7)."""
        require_removal((yield delete(_path(query.id))), query.id)

    def create_account(self, query: ask.CreateAccount) -> Flow[Account]:
        """Open an account; the answer is not shown anywhere, so it is read back."""
        response = yield post("/account", accounts.new_account(query.new))
        created = accounts.created(data(response))
        try:
            back = yield get(_account_path(created.id), feature=Feature.ACCOUNTS_GET)
            return same_id(created.id, accounts.account(data(back)))
        except AnybankError:
            return created

    def get_account(self, query: ask.GetAccount) -> Flow[Account]:
        """Read an account."""
        response = yield get(_account_path(query.id))
        return accounts.account(data(response))

    def delete_account(self, query: ask.DeleteAccount) -> Flow[None]:
        """Delete an account."""
        require_removal((yield delete(_account_path(query.id))), query.id)

    def get_transaction(self, query: ask.GetTransaction) -> Flow[Transaction]:
        """Read a transaction, whose id the account lists."""
        response = yield get(f"/transaction/{segment(query.id)}")
        return accounts.transaction(data(response))

    def check_credentials(self, query: ask.CheckCredentials) -> Flow[CredentialCheck]:
        """Ask for a customer that cannot exist: "not found" means that we were let in."""
        try:
            response = yield get(_path("anybank-credential-check"))
        except NotFound as error:
            if error.type not in ERROR_TYPES:
                raise _not_sonders(error.status) from None
            return CredentialCheck(verified=False, note=_GUESSED)
        raise UnexpectedResponse(
            "a customer that cannot exist was answered", status=response.status
        )


def _not_sonders(status: int | None) -> UnexpectedResponse:
    """Return the error of a 404 that comes from elsewhere, and lets nobody in."""
    message = "the answer is not an error of Sonder's"
    return UnexpectedResponse(message, status=status, path="$.error.type")


_GUESSED = "Sonder has no call for this: the token was let in to a customer not there"


def _path(customer_id: str) -> str:
    return f"/customer/{segment(customer_id)}"


def _account_path(account_id: str) -> str:
    return f"/account/{segment(account_id)}"
