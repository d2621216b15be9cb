"""Sonder's options, features and capabilities."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from attrs import Factory, evolve, field, frozen

from anybank.adapter.options import HELP, credential, option
from anybank.declaration import (
    NATURAL,
    NO_IDEMPOTENCY,
    SAFE,
    AdapterLevel,
    AdapterStatus,
    Capabilities,
    Feature,
    FeatureRule,
    FieldRule,
    Idempotency,
    Limits,
    Support,
)
from anybank.model.accounts import NewAccount
from anybank.model.addresses import Address, AddressKind
from anybank.model.customers import NewCustomer
from anybank.model.phones import Phone, PhoneKind
from anybank.sensitive import Sensitive

from .reads import READS
from .rules import (
    ACCOUNT,
    ACCOUNTS,
    ADDRESS,
    AUTHENTICATION,
    CUSTOMER,
    CUSTOMERS,
    PHONE,
    TRANSACTIONS,
)


class UpdateVerb(StrEnum):
    """The HTTP verb of an update."""

    PUT = "PUT"
    PATCH = "PATCH"

    @property
    def other(self) -> UpdateVerb:
        """The other verb."""
        return UpdateVerb.PATCH if self is UpdateVerb.PUT else UpdateVerb.PUT


class SecondLine(StrEnum):
    """What happens to the second line of an address."""

    REFUSE = "refuse"
    JOIN = "join"


def _words(words: Mapping[str, str] | str) -> Mapping[str, str]:
    """Return words by kind, from `mailing=MAILING,work=WORK` in the environment too."""
    # An environment variable is text; an argument is a mapping.
    if isinstance(words, str):
        pairs = (pair.partition("=") for pair in words.split(",") if pair.strip())
        return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}
    return dict(words)


def _vocabulary(kind: type[StrEnum], help: str) -> Mapping[str, str]:
    """Declare an option with the vendor's words for members of a neutral enum."""

    def check(_: object, attribute: object, words: Mapping[str, str]) -> None:
        if {ours.lower() for ours in words} - set(kind) or not all(words.values()):
            raise ValueError("needs a word for each of our kinds", attribute)

    words: Mapping[str, str] = field(
        default=Factory(dict),
        converter=_words,
        validator=check,
        metadata={HELP: f"{help}, as {next(iter(kind))}=WORD"},
    )
    return words


@frozen(kw_only=True)
class SonderOptions:
    """The options of a Sonder client: the token, and what the docs leave open.

    `phone_types` and `address_types` hold Sonder's words for kinds that its docs do not
    show: `{"mailing": "MAILING"}`.
    """

    token: Sensitive = credential("the access token from the developer dashboard")
    # https://dev.sonderlabs.io/customers
    # "Update A Customer" does not show the verb. The template of the docs uses PUT.
    update_verb: UpdateVerb = option(
        "the HTTP verb of an update", UpdateVerb.PUT, values=tuple(UpdateVerb)
    )
    # "Create A Customer" requires a middle name, which many people do not have.
    middle_name_when_absent: str | None = option(
        "the middle name to send for a person without one; if not set, such a person is "
        "refused"
    )
    # An address has one street line.
    second_line: SecondLine = option(
        "whether line 2 of an address is appended to line 1",
        SecondLine.REFUSE,
        values=tuple(SecondLine),
    )
    allow_document_locator_update: bool = option(
        "send a changed document locator number", default=False
    )
    # "Create A Customer" requires the lists and does not say whether they may be empty.
    allow_empty_lists: bool = option(
        "send a customer without e-mail, phone or address", default=False
    )
    phone_types: Mapping[str, str] = _vocabulary(
        PhoneKind, "Sonder's words for kinds of phone"
    )
    address_types: Mapping[str, str] = _vocabulary(
        AddressKind, "Sonder's words for kinds of address"
    )


def _undescribed(subject: str) -> FeatureRule:
    note = f"Sonder's documentation does not describe {subject}"
    return FeatureRule(support=Support.UNKNOWN, note=note)


def _by_analogy(source: str, idempotency: Idempotency) -> FeatureRule:
    """Declare an operation that the docs mention without its path."""
    return FeatureRule(
        support=Support.PARTIAL,
        note="verb and path by analogy with customers; amounts have no stated unit",
        source=source,
        idempotency=idempotency,
    )


_NO_ADDRESSES = FeatureRule(
    support=Support.UNSUPPORTED,
    note="addresses have no ids: replace the customer's list as a whole",
    source=CUSTOMERS,
)

FEATURES = {
    # No page describes an idempotency key, a reference of the caller's or a list. A create
    # with an unknown outcome cannot be looked up, so it is never repeated.
    Feature.CUSTOMERS_CREATE: FeatureRule(
        support=Support.FULL,
        note="Sonder returns an id only; the customer is read back",
        source=CUSTOMERS,
        idempotency=NO_IDEMPOTENCY,
    ),
    # https://dev.sonderlabs.io/customers for the next four.
    Feature.CUSTOMERS_GET: FeatureRule(
        support=Support.FULL, source=CUSTOMERS, idempotency=SAFE
    ),
    # "Customers" is complete and has four operations: a list and a search are not among them.
    Feature.CUSTOMERS_LIST: FeatureRule(
        support=Support.UNSUPPORTED,
        note="store the ids that creates return, and pass them in a file (--ids FILE)",
        source=CUSTOMERS,
    ),
    # "Update A Customer": only the changed fields are sent, one customer per call.
    Feature.CUSTOMERS_UPDATE: FeatureRule(
        support=Support.PARTIAL,
        note="preferred name, e-mails, phones and addresses only; a list is replaced",
        source=CUSTOMERS,
        idempotency=NATURAL,
    ),
    # "Delete A Customer": all accounts must be deleted first; the operation cannot be undone.
    Feature.CUSTOMERS_DELETE: FeatureRule(
        support=Support.FULL,
        note="only after all accounts are deleted; irreversible",
        source=CUSTOMERS,
        idempotency=NATURAL,
    ),
    # No page describes or excludes these features, so they are unknown and not unsupported.
    Feature.KYC_START: _undescribed("KYC"),
    Feature.KYC_GET: _undescribed("KYC"),
    Feature.KYC_UPLOAD_DOCUMENT: _undescribed("KYC"),
    Feature.CREDIT_APPLICATIONS_CREATE: _undescribed("credit applications"),
    Feature.CREDIT_APPLICATIONS_GET: _undescribed("credit applications"),
    Feature.CREDIT_APPLICATIONS_LIST: _undescribed("credit applications"),
    Feature.CREDIT_APPLICATIONS_UPDATE: _undescribed("credit applications"),
    Feature.CREDIT_APPLICATIONS_SUBMIT: _undescribed("credit applications"),
    Feature.CREDIT_APPLICATIONS_ADVERSE_ACTION: _undescribed("credit applications"),
    Feature.WEBHOOKS_VERIFY: _undescribed("webhooks"),
    Feature.EVENTS_GET: _undescribed("events"),
    Feature.EVENTS_LIST: _undescribed("events"),
    Feature.WEBHOOK_SUBSCRIPTIONS_CREATE: _undescribed("webhooks"),
    Feature.WEBHOOK_SUBSCRIPTIONS_LIST: _undescribed("webhooks"),
    Feature.WEBHOOK_SUBSCRIPTIONS_UPDATE: _undescribed("webhooks"),
    Feature.WEBHOOK_SUBSCRIPTIONS_DELETE: _undescribed("webhooks"),
    # The items of `addresses` have no ids.
    Feature.CUSTOMER_ADDRESSES_CREATE: _NO_ADDRESSES,
    Feature.CUSTOMER_ADDRESSES_LIST: _NO_ADDRESSES,
    Feature.CUSTOMER_ADDRESSES_UPDATE: _NO_ADDRESSES,
    Feature.CUSTOMER_ADDRESSES_DELETE: _NO_ADDRESSES,
    # "Accounts": POST /{environment}/account, the only method that the docs show.
    Feature.ACCOUNTS_CREATE: FeatureRule(
        support=Support.PARTIAL,
        note="the response is not documented; the account is read back",
        source=ACCOUNTS,
        idempotency=NO_IDEMPOTENCY,
    ),
    # https://dev.sonderlabs.io/accounts: the stored copy ends before these operations.
    Feature.ACCOUNTS_GET: _by_analogy(ACCOUNTS, SAFE),
    Feature.ACCOUNTS_LIST: _undescribed("a list of accounts"),
    # The rule for deleting customers implies that accounts can be deleted.
    Feature.ACCOUNTS_DELETE: _by_analogy(ACCOUNTS, NATURAL),
    # "Accounts" describes `amount` and states neither dollars nor cents.
    Feature.ACCOUNTS_BALANCE: FeatureRule(
        support=Support.PARTIAL,
        note="the amount is returned as native, because its unit is not documented",
        source=ACCOUNTS,
        idempotency=SAFE,
    ),
    Feature.ACCOUNTS_CLOSE: _undescribed("closing an account; accounts.delete works"),
    Feature.ACCOUNT_NUMBERS_CREATE: _undescribed("account numbers"),
    Feature.ACCOUNT_NUMBERS_GET: _undescribed("account numbers"),
    Feature.ACCOUNT_NUMBERS_LIST: _undescribed("account numbers"),
    Feature.ACCOUNT_NUMBERS_UPDATE: _undescribed("account numbers"),
    Feature.EXTERNAL_ACCOUNTS_GET: _undescribed("external accounts"),
    Feature.EXTERNAL_ACCOUNTS_LIST: _undescribed("external accounts"),
    # https://dev.sonderlabs.io/transactions
    # "Transactions": the ids come from an account and are then looked up.
    Feature.TRANSACTIONS_GET: _by_analogy(TRANSACTIONS, SAFE),
    Feature.TRANSACTIONS_LIST: _undescribed("a list of transactions"),
    # "Authentication" describes a token from the dashboard, without a call to check it.
    # https://dev.sonderlabs.io/authentication
    Feature.CREDENTIALS_CHECK: FeatureRule(
        support=Support.PARTIAL,
        note="Sonder has no call for this; the adapter reads a customer that cannot exist",
        source=AUTHENTICATION,
        idempotency=SAFE,
    ),
    Feature.CREDENTIALS_CREATE_TEMPORARY: _undescribed("temporary tokens"),
}

CAPABILITIES = Capabilities(
    provider="sonder",
    title="Sonder Labs",
    status=AdapterStatus(
        AdapterLevel.DOCUMENTED,
        "as the pages at dev.sonderlabs.io describe it; no specification is published",
        as_of=date(2026, 11, 28),
    ),
    # "sandbox" is the only environment that the docs show.
    hosts={
        "sandbox": "https://api.sonderlabs.io/sandbox",
        # No page shows another segment. A guess, which `base_url` overrides.
        "production": "https://api.sonderlabs.io/production",
    },
    features=FEATURES,
    fields={
        NewCustomer: CUSTOMER,
        Address: ADDRESS,
        Phone: PHONE,
        NewAccount: ACCOUNT,
    },
    reads=READS,
    limits=Limits(
        # No page mentions a limit. The figure is modest on purpose; rate_limit= changes
        # it.
        calls_per_minute=600,
        calls_source="no limit is published; anybank's own default",
    ),
    # https://dev.sonderlabs.io/authentication
    # "Authentication": in production the API may run inside the partner bank.
    notes=("production may run on the bank's own host: set base_url",),
)


def with_policies(declared: Capabilities, options: SonderOptions) -> Capabilities:
    """Return the declaration as changed by the options."""
    customer, address = dict(CUSTOMER), dict(ADDRESS)
    if options.middle_name_when_absent is not None:
        customer["middle_name"] = evolve(
            customer["middle_name"],
            default=options.middle_name_when_absent,
            note="the option middle_name_when_absent is sent",
        )
    if options.second_line == SecondLine.JOIN:
        address["line2"] = evolve(
            address["line2"], create="optional", changed="is appended to line 1"
        )
    if options.allow_document_locator_update:
        locator = customer["document_locator_number"]
        customer["document_locator_number"] = evolve(locator, update="always")
    # A list that may be empty may also be cleared by an update.
    if options.allow_empty_lists:
        for name in ("emails", "phones", "addresses"):
            customer[name] = evolve(
                customer[name], create="optional", items=(0, None), clearable=True
            )
    address["kind"] = _extended(address["kind"], AddressKind, options.address_types)
    phone = {**PHONE, "kind": _extended(PHONE["kind"], PhoneKind, options.phone_types)}
    changed = {NewCustomer: customer, Address: address, Phone: phone}
    return evolve(declared, fields={**declared.fields, **changed})


def _extended(
    rule: FieldRule,
    kind: type[AddressKind | PhoneKind],
    words: Mapping[str, str],
) -> FieldRule:
    """Return a rule with the caller's words added to those of the docs."""
    added = {kind(ours.lower()): theirs for ours, theirs in words.items()}
    return evolve(rule, values={**(rule.values or {}), **added})
