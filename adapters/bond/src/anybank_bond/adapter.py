"""Bond's API as flows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from attrs import evolve, frozen

from anybank.adapter import Adapter
from anybank.adapter.converter import read, require_text, same_id
from anybank.adapter.options import credential, option
from anybank.adapter.problems import Problem, server_time
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
from anybank.errors import (
    Effect,
    FieldNotUpdatable,
    InvalidInput,
    Issue,
    NotFound,
    Outcome,
    ProviderError,
    Rejected,
)
from anybank.model import operations as ask
from anybank.model.accounts import Account
from anybank.model.addresses import Address
from anybank.model.credentials import CredentialCheck, TemporaryCredentials
from anybank.model.credit import AdverseAction, CreditApplication
from anybank.model.customers import Customer, CustomerChanges, NewCustomer
from anybank.model.events import WebhookSubscription
from anybank.model.kyc import KycCheck, KycStatus
from anybank.model.pages import Page
from anybank.model.unset import UNSET
from anybank.sensitive import Sensitive

from . import accounts, credit, customers, errors, kyc, webhooks
from .declaration import CAPABILITIES, strict_after_kyc
from .rules import KYC, MANAGING

_LARGEST_PAGE = 50
_CONFLICTS = (400, 403, 409)
_PAST_THE_END = 1_000_000
_LET_IN = "an empty page of customers was asked for, and answered"


@frozen(kw_only=True)
class WireKey:
    """A temporary key as Bond sends it."""

    Identity: str
    Authorization: str


@frozen(kw_only=True)
class BondOptions:
    """What a user of Bond configures."""

    identity: Sensitive = credential("the key id of the Identity header")
    authorization: Sensitive = credential("the secret of the Authorization header")
    strict_kyc: bool = option(
        "refuse every change after KYC, as the KYC page says", default=False
    )


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
        """Add the two headers; the secret is sent bare, without "Bearer" (row 33)."""
        return request.with_headers(
            identity=credentials.identity, authorization=credentials.authorization
        )

    def problem(self, response: Response) -> Problem | None:
        """Read Bond's error answers."""
        return errors.problem(self.capabilities, response)

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        """Make a customer; the path has a trailing slash here alone (row 31)."""
        response = yield post("/customers/", customers.new_customer(query.new))
        return customers.created(response.json())

    def get_customer(self, query: ask.GetCustomer) -> Flow[Customer]:
        """Read a customer."""
        response = yield get(f"/customers/{segment(query.id)}")
        return customers.customer(response.json())

    def list_customers(self, query: ask.ListCustomers) -> Flow[Page[Customer]]:
        """Read a page; one that is not full is taken for the last (bond.md §3.5)."""
        page, size = _page_number(query.token), query.page_size or _LARGEST_PAGE
        response = yield get("/customers", query={"page": page, "per_page": size})
        found = customers.customers(response.json())
        count, after = len(found) + found.without_id, str(page + 1)
        if count >= size:
            return evolve(found, next_token=after)
        return evolve(found, beyond=after if count else None)

    def update_customer(self, query: ask.UpdateCustomer) -> Flow[Customer]:
        """Change what is given; after KYC the primary address goes along unchanged."""
        changes = query.changes
        if query.kyc_passed and changes.addresses:
            current = yield from self._current(query.id)
            changes = evolve(changes, addresses=_beside(current, changes.addresses))
        path = f"/customers/{segment(query.id)}"
        try:
            response = yield patch(path, customers.changes(changes))
        except ProviderError as error:
            if error.code != "kyc_customer":
                raise
            raise self._not_updatable(error, query.changes) from None
        return customers.customer(response.json())

    def delete_customer(self, query: ask.DeleteCustomer) -> Flow[None]:
        """Delete a customer; the answer is a line of text, by OpenAPI a 204 (row 4)."""
        response = yield delete(f"/customers/{segment(query.id)}")
        require_text(response, "Customer resource deleted")

    def create_customer_address(
        self, query: ask.CreateCustomerAddress
    ) -> Flow[Address]:
        """Add an address (bond.md §3.1)."""
        path = f"/customers/{segment(query.customer_id)}/addresses"
        response = yield post(path, customers.address(query.new))
        return customers.created_address(response.json())

    def list_customer_addresses(
        self, query: ask.ListCustomerAddresses
    ) -> Flow[Page[Address]]:
        """Read the addresses; they are not paged."""
        response = yield get(f"/customers/{segment(query.customer_id)}/addresses")
        return customers.read_addresses(response.json())

    def update_customer_address(
        self, query: ask.UpdateCustomerAddress
    ) -> Flow[Address]:
        """Replace one address, under the rule for customers who passed KYC."""
        path = _address_path(query.customer_id, query.id)
        try:
            response = yield patch(path, customers.address(query.address))
        except ProviderError as error:
            if error.code != "kyc_customer":
                raise
            raise _fixed(error.field_errors or ["addresses"]) from None
        return customers.read_address(response.json())

    def delete_customer_address(self, query: ask.DeleteCustomerAddress) -> Flow[None]:
        """Remove an address; the answer is what was removed."""
        response = yield delete(_address_path(query.customer_id, query.id))
        same_id(query.id, customers.read_address(response.json()))

    def start_kyc(self, query: ask.StartKycCheck) -> Flow[KycCheck]:
        """Start a verification, or read the one that this key or customer has already.

        A repeated key is refused, not replayed (row 12): the refusal says that the first
        was received. After a pass every start is refused, which is a success (row 43).
        """
        path = _kyc_path(query.customer_id)
        key = query.start.idempotency_key or ""
        body = kyc.start(query.start)
        try:
            response = yield post(path, body, headers={"Idempotency-Key": key})
        except ProviderError as error:
            found = yield from self._under_way(error, query)
            if found is None:
                raise
            return found
        program = query.start.program_id
        return kyc.kyc_check(response.json(), query.customer_id, program)

    def _under_way(
        self, error: ProviderError, query: ask.StartKycCheck
    ) -> Flow[KycCheck | None]:
        """Return the verification that a refusal speaks of, None for another refusal."""
        if error.status not in _CONFLICTS or error.field_errors:
            return None
        received = error.status == 409 or error.code == "idempotency_key_exists"
        question = ask.GetKycCheck(
            customer_id=query.customer_id, program_id=query.start.program_id
        )
        try:
            found = yield from self.get_kyc(question)
        except ProviderError:
            return None
        if found.status is KycStatus.PASSED:
            return evolve(found, passed_at=kyc.time_in(error.message))
        return found if received and found.status is not KycStatus.NOT_STARTED else None

    def get_kyc(self, query: ask.GetKycCheck) -> Flow[KycCheck]:
        """Read a verification; none for the program is NOT_STARTED."""
        if query.program_id is None:
            raise _missing("program_id", "Bond verifies a customer for a program")
        path, program = _kyc_path(query.customer_id), query.program_id
        try:
            response = yield get(
                path, query={"program_id": program}, feature=Feature.KYC_GET
            )
        except NotFound as error:
            if error.code != "kyc_dne":
                raise
            return KycCheck(
                customer_id=query.customer_id,
                program_id=program,
                status=KycStatus.NOT_STARTED,
            )
        return kyc.kyc_check(response.json(), query.customer_id, program)

    def create_credit_application(
        self, query: ask.CreateCreditApplication
    ) -> Flow[CreditApplication]:
        """Make an application."""
        response = yield post("/credit/applications", credit.new_application(query.new))
        return credit.created(response.json())

    def get_credit_application(
        self, query: ask.GetCreditApplication
    ) -> Flow[CreditApplication]:
        """Read an application."""
        feature = Feature.CREDIT_APPLICATIONS_GET
        response = yield get(_application_path(query.id), feature=feature)
        return credit.application(response.json())

    def list_credit_applications(
        self, query: ask.ListCreditApplications
    ) -> Flow[Page[CreditApplication]]:
        """Read a page; a limit above 50 is 50 (row 26)."""
        filters = {
            "limit": min(query.page_size or _LARGEST_PAGE, _LARGEST_PAGE),
            "customer_id": query.customer_id,
            "starting_after": query.token,
            "ending_before": query.before,
        }
        response = yield get("/credit/applications", query=filters)
        return credit.page(response.json(), backwards=query.before is not None)

    def update_credit_application(
        self, query: ask.UpdateCreditApplication
    ) -> Flow[CreditApplication]:
        """Change an application and read it again: the answer may be the old (row 28)."""
        path = _application_path(query.id)
        response = yield patch(path, credit.changes(query.changes))
        same_id(query.id, credit.application(response.json()))
        question = ask.GetCreditApplication(id=query.id)
        return (yield from self.get_credit_application(question))

    def submit_credit_application(
        self, query: ask.SubmitCreditApplication
    ) -> Flow[CreditApplication]:
        """Submit an application, which starts KYC where it is not passed (row 35)."""
        response = yield post(f"{_application_path(query.id)}/submit")
        return credit.application(response.json())

    def get_adverse_action(self, query: ask.GetAdverseAction) -> Flow[AdverseAction]:
        """Read why an application was denied; NotFound where it was not."""
        path = f"{_application_path(query.application_id)}/adverse-actions"
        response = yield get(path)
        return credit.adverse_action(response.json())

    def create_webhook_subscription(
        self, query: ask.CreateWebhookSubscription
    ) -> Flow[WebhookSubscription]:
        """Subscribe a URL to events."""
        response = yield post("/webhooks", webhooks.new_subscription(query.new))
        return webhooks.created(response.json())

    def list_webhook_subscriptions(
        self, query: ask.ListWebhookSubscriptions
    ) -> Flow[Page[WebhookSubscription]]:
        """Read the subscriptions; they are not paged."""
        response = yield get("/webhooks")
        return webhooks.subscriptions(response)

    def update_webhook_subscription(
        self, query: ask.UpdateWebhookSubscription
    ) -> Flow[WebhookSubscription]:
        """Change a subscription."""
        path = f"/webhooks/{segment(query.id)}"
        response = yield patch(path, webhooks.changes(query.changes))
        return webhooks.subscription(response.json())

    def delete_webhook_subscription(
        self, query: ask.DeleteWebhookSubscription
    ) -> Flow[None]:
        """End a subscription; the answer is what was removed."""
        response = yield delete(f"/webhooks/{segment(query.id)}")
        same_id(query.id, webhooks.subscription(response.json()))

    def create_account(self, query: ask.CreateAccount) -> Flow[Account]:
        """Open an account (bond.md §12)."""
        response = yield post("/accounts", accounts.new_account(query.new))
        return accounts.created(response.json())

    def get_account(self, query: ask.GetAccount) -> Flow[Account]:
        """Read an account."""
        response = yield get(f"/accounts/{segment(query.id)}")
        return accounts.account(response.json())

    def list_accounts(self, query: ask.ListAccounts) -> Flow[Page[Account]]:
        """Read accounts, of one customer where one is given."""
        response = yield get("/accounts", query={"customer_id": query.customer_id})
        return accounts.accounts(response.json())

    def check_credentials(self, query: ask.CheckCredentials) -> Flow[CredentialCheck]:
        """Ask for a page of customers far past the end: any answer but 401 lets us in.

        The vendor's own call has the key id in its path, where logs would show it.
        """
        page = {"page": _PAST_THE_END, "per_page": 1}
        try:
            response = yield get("/customers", query=page)
        except (NotFound, Rejected) as error:
            if error.code is None:
                raise errors.foreign(error) from None
            return CredentialCheck(note=_LET_IN)
        customers.customers(response.json())
        return CredentialCheck(note=_LET_IN, server_time=server_time(response))

    def create_temporary_credentials(
        self, query: ask.CreateTemporaryCredentials
    ) -> Flow[TemporaryCredentials]:
        """Make a key for one customer: five calls or five minutes (§2)."""
        body = {"customer_id": query.customer_id}
        response = yield post("/auth/key/temporary", body)
        key = read(response.json(), WireKey)
        return TemporaryCredentials(
            credentials={
                "identity": Sensitive(key.Identity),
                "authorization": Sensitive(key.Authorization),
            },
            note="good for five calls or five minutes",
        )

    def _current(self, customer_id: str) -> Flow[Customer]:
        path = f"/customers/{segment(customer_id)}"
        response = yield get(path, feature=Feature.CUSTOMERS_GET)
        return same_id(customer_id, customers.customer(response.json()))

    def _not_updatable(
        self, error: ProviderError, changes: CustomerChanges
    ) -> FieldNotUpdatable:
        """Name the fields that the vendor named, else those that KYC fixes, else all."""
        rules = self.capabilities.rules(NewCustomer)
        changed = [name for name in rules if getattr(changes, name, UNSET) is not UNSET]
        fixed = [name for name in changed if rules[name].update == "before_kyc"]
        return _fixed(error.field_errors or fixed or changed)


def _fixed(fields: Iterable[str]) -> FieldNotUpdatable:
    return FieldNotUpdatable(map(_after_kyc, fields), outcome=Outcome.REFUSED)


def _missing(field: str, said: str) -> InvalidInput:
    return InvalidInput([Issue(field, Effect.BLOCKED, "create=required", KYC, said)])


def _kyc_path(customer_id: str) -> str:
    return f"/customers/{segment(customer_id)}/verification-kyc"


def _address_path(customer_id: str, address_id: str) -> str:
    return f"/customers/{segment(customer_id)}/addresses/{segment(address_id)}"


def _application_path(application_id: str) -> str:
    return f"/credit/applications/{segment(application_id)}"


def _after_kyc(field: str) -> Issue:
    said = "Bond refused to change it: the customer has passed KYC; contact Bond"
    return Issue(field, Effect.BLOCKED, "update=before_kyc", MANAGING, said)


def _beside(current: Customer, secondary: Sequence[Address]) -> tuple[Address, ...]:
    """Put secondary addresses beside the primary one: the list is sent whole."""
    primary = current.address
    return (*((primary,) if primary else ()), *secondary)


_PAGE = re.compile(r"[1-9][0-9]{0,9}")
_LAST_PAGE = 2**31 - 1
"""Page numbers are int32."""


def _page_number(token: Any) -> int:
    if token is None:
        return 1
    is_page = isinstance(token, str) and _PAGE.fullmatch(token)
    if is_page and int(token) <= _LAST_PAGE:
        return int(token)
    said = "must be the next_token of a page"
    raise InvalidInput([Issue("token", Effect.BLOCKED, "token", MANAGING, said)])
