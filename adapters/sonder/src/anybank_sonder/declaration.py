"""Sonder's options, features and capabilities."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from attrs import Factory, evolve, field, frozen

from anybank.adapter.converter import read_rules_of, rules_of
from anybank.adapter.options import HELP, credential, option
from anybank.declaration import (
    NATURAL,
    AdapterLevel,
    AdapterStatus,
    Capabilities,
    FeatureRule,
    FieldRule,
    Limits,
    feature_rules,
    full,
    partial,
    undescribed,
    unsupported,
)
from anybank.model.addresses import Address, AddressKind
from anybank.model.customers import NewCustomer
from anybank.model.phones import Phone, PhoneKind
from anybank.sensitive import Sensitive

from . import accounts, customers
from .sources import ACCOUNTS, AUTHENTICATION, CUSTOMERS, TRANSACTIONS


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


def _unknown(subject: str) -> FeatureRule:
    return undescribed(f"Sonder's documentation does not describe {subject}")


# The docs mention the operation without its path.
_ANALOGY = "verb and path by analogy with customers; amounts have no stated unit"
_NO_ADDRESSES = unsupported(
    CUSTOMERS, "addresses have no ids: replace the customer's list as a whole"
)

FEATURES = {
    # No page describes an idempotency key, a reference of the caller's or a list. A create
    # with an unknown outcome cannot be looked up, so it is never repeated.
    "customers.create": full(
        CUSTOMERS, "Sonder returns an id only; the customer is read back"
    ),
    # https://dev.sonderlabs.io/customers for the next four.
    "customers.get": full(CUSTOMERS),
    # "Customers" is complete and has four operations: a list and a search are not among them.
    "customers.list": unsupported(
        CUSTOMERS,
        "store the ids that creates return, and pass them in a file (--ids FILE)",
    ),
    # "Update A Customer": only the changed fields are sent, one customer per call.
    "customers.update": partial(
        CUSTOMERS,
        "preferred name, e-mails, phones and addresses only; a list is replaced",
        NATURAL,
    ),
    # "Delete A Customer": all accounts must be deleted first; the operation cannot be undone.
    "customers.delete": full(
        CUSTOMERS, "only after all accounts are deleted; irreversible", NATURAL
    ),
    # No page describes or excludes these features, so they are unknown and not unsupported.
    "kyc.*": _unknown("KYC"),
    "credit_applications.*": _unknown("credit applications"),
    "webhooks.verify": _unknown("webhooks"),
    "events.*": _unknown("events"),
    "webhook_subscriptions.*": _unknown("webhooks"),
    # The items of `addresses` have no ids.
    "customer_addresses.*": _NO_ADDRESSES,
    # "Accounts": POST /{environment}/account, the only method that the docs show.
    "accounts.create": partial(
        ACCOUNTS, "the response is not documented; the account is read back"
    ),
    # https://dev.sonderlabs.io/accounts: the stored copy ends before these operations.
    "accounts.get": partial(ACCOUNTS, _ANALOGY),
    "accounts.list": _unknown("a list of accounts"),
    # The rule for deleting customers implies that accounts can be deleted.
    "accounts.delete": partial(ACCOUNTS, _ANALOGY, NATURAL),
    # "Accounts" describes `amount` and states neither dollars nor cents.
    "accounts.balance": partial(
        ACCOUNTS, "the amount is returned as native, because its unit is not documented"
    ),
    "accounts.close": _unknown("closing an account; accounts.delete works"),
    "account_numbers.*": _unknown("account numbers"),
    "external_accounts.*": _unknown("external accounts"),
    # https://dev.sonderlabs.io/transactions
    # "Transactions": the ids come from an account and are then looked up.
    "transactions.get": partial(TRANSACTIONS, _ANALOGY),
    "transactions.list": _unknown("a list of transactions"),
    # "Authentication" describes a token from the dashboard, without a call to check it.
    # https://dev.sonderlabs.io/authentication
    "credentials.check": partial(
        AUTHENTICATION,
        "Sonder has no call for this; the adapter reads a customer that cannot exist",
    ),
    "credentials.create_temporary": _unknown("temporary tokens"),
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
    features=feature_rules(FEATURES),
    fields=rules_of(customers, accounts),
    reads=read_rules_of(customers, accounts),
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
    kinds = (NewCustomer, Address, Phone)
    customer, address, phone = (dict(declared.fields[kind]) for kind in kinds)
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
    phone["kind"] = _extended(phone["kind"], PhoneKind, options.phone_types)
    changed = {NewCustomer: customer, Address: address, Phone: phone}
    return evolve(declared, fields={**declared.fields, **changed})


def _extended(
    rule: FieldRule, kind: type[AddressKind | PhoneKind], words: Mapping[str, str]
) -> FieldRule:
    """Return a rule with the caller's words added to those of the docs."""
    added = {kind(ours.lower()): theirs for ours, theirs in words.items()}
    return evolve(rule, values={**(rule.values or {}), **added})
