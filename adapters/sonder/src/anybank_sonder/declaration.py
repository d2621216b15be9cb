"""What Sonder takes and tells, each rule with the page that has it, and the policies."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from attrs import Factory, evolve, field, frozen

from anybank.adapter.options import HELP, credential, option
from anybank.declaration import (
    NATURAL,
    NO_IDEMPOTENCY,
    SAFE,
    Capabilities,
    Feature,
    FeatureRule,
    FieldRule,
    Idempotency,
    Implied,
    Limits,
    Support,
)
from anybank.model.accounts import NewAccount
from anybank.model.addresses import Address, AddressKind
from anybank.model.customers import NewCustomer
from anybank.model.phones import Phone, PhoneKind
from anybank.sensitive import Sensitive

CUSTOMERS = "Sonder docs, Customers"
ACCOUNTS = "Sonder docs, Accounts"
TRANSACTIONS = "Sonder docs, Transactions"


def _words(given: Mapping[str, str] | str) -> Mapping[str, str]:
    """Read `mailing=MAILING,work=WORK`, as an environment variable says it."""
    if isinstance(given, str):
        pairs = (pair.partition("=") for pair in given.split(",") if pair.strip())
        return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}
    return dict(given)


def _vocabulary(kind: type[StrEnum], help: str) -> Mapping[str, str]:
    """Declare an option that gives the vendor's words for members of ours."""

    def check(_: object, attribute: object, given: Mapping[str, str]) -> None:
        if {ours.lower() for ours in given} - set(kind) or not all(given.values()):
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
    """What a user of Sonder configures: the token, and what the page leaves open.

    `phone_types` and `address_types` give Sonder's own words for kinds of ours that its
    page does not show: `{"mailing": "MAILING"}`.
    """

    token: Sensitive = credential("the access token of the developer dashboard")
    update_verb: Literal["PUT", "PATCH"] = option(
        "the HTTP verb of an update", "PUT", values=("PUT", "PATCH")
    )
    middle_name_when_absent: str | None = option(
        "what is written for a person without a middle name; none refuses"
    )
    second_line: Literal["refuse", "join"] = option(
        "whether line 2 is joined to line 1", "refuse", values=("refuse", "join")
    )
    allow_document_locator_update: bool = option(
        "send a changed document locator number", default=False
    )
    allow_empty_lists: bool = option(
        "send a customer without e-mail, phone or address", default=False
    )
    phone_types: Mapping[str, str] = _vocabulary(
        PhoneKind, "Sonder's words for kinds of phone"
    )
    address_types: Mapping[str, str] = _vocabulary(
        AddressKind, "Sonder's words for kinds of address"
    )


def _fixed(native: str) -> FieldRule:
    return FieldRule(create="required", update="never", native=native, source=CUSTOMERS)


def _listed(native: str) -> FieldRule:
    return FieldRule(
        create="required", items=(1, None), native=native, source=CUSTOMERS
    )


_REFUSED = FieldRule(create="refused", read="never", update="never", source=CUSTOMERS)

CUSTOMER = {
    "first_name": _fixed("firstName"),
    "middle_name": evolve(
        _fixed("middleName"), note="give one, or set the option middle_name_when_absent"
    ),
    "last_name": _fixed("lastName"),
    "preferred_name": FieldRule(
        create="required",
        native="preferredName",
        default_from="first_name",
        note="the first name is written",
        source=CUSTOMERS,
    ),
    "date_of_birth": _fixed("dateOfBirth"),
    "ssn": evolve(_fixed("socialSecurityNumber"), read="never"),
    "document_locator_number": evolve(_fixed("documentLocatorNumber"), read="never"),
    "emails": _listed("emails"),
    "phones": _listed("phoneNumbers"),
    "addresses": _listed("addresses"),
    "external_id": _REFUSED,
    "account_ids": FieldRule(
        create="refused", update="never", native="accountIds", source=CUSTOMERS
    ),
    "created_at": _REFUSED,
}

ADDRESS = {
    "id": _REFUSED,
    "kind": FieldRule(
        create="required",
        native="type",
        values={AddressKind.HOME: "HOME", AddressKind.PHYSICAL: "HOME"},
        note="give Sonder's word in the option address_types",
        source=CUSTOMERS,
    ),
    "line1": FieldRule(create="required", native="street", source=CUSTOMERS),
    "line2": FieldRule(
        create="refused",
        read="never",
        note="the option second_line='join' writes it behind line 1",
        source=CUSTOMERS,
    ),
    "city": FieldRule(create="required", source=CUSTOMERS),
    "state": FieldRule(create="required", source=CUSTOMERS),
    "postal_code": FieldRule(create="required", native="zip", source=CUSTOMERS),
    "country": FieldRule(
        create="refused", read="never", implied="US", source=CUSTOMERS
    ),
    "primary": FieldRule(
        create="refused", read="never", implied=Implied.FIRST, source=CUSTOMERS
    ),
}

PHONE = {
    "number": FieldRule(
        create="required",
        pattern=r"\+1[0-9]{10}",
        pattern_note="a number of country code 1: others cannot be written",
        source=CUSTOMERS,
    ),
    "kind": FieldRule(
        create="required",
        native="type",
        values={PhoneKind.MOBILE: "MOBILE"},
        default=PhoneKind.MOBILE,
        note="MOBILE is written where the kind is not known; other kinds need Sonder's "
        "word in the option phone_types",
        source=CUSTOMERS,
    ),
}


ACCOUNT = {
    "customer_ids": FieldRule(
        create="required",
        native="associatedCustomerIds",
        items=(1, None),
        source=ACCOUNTS,
    ),
    "kind": FieldRule(
        create="required",
        native="type",
        pattern=r"[A-Z]+(_[A-Z]+)*",
        pattern_note="Sonder's word: capitals, underscores between words",
        source=ACCOUNTS,
    ),
    "name": FieldRule(create="required", source=ACCOUNTS),
    "currency": FieldRule(create="required", source=ACCOUNTS),
    "program_id": _REFUSED,
}


def _untold(what: str) -> FeatureRule:
    return FeatureRule(support=Support.UNKNOWN, note=f"no page tells of {what}")


def _by_analogy(source: str, idempotency: Idempotency) -> FeatureRule:
    """Declare what the pages speak of without showing its path."""
    return FeatureRule(
        support=Support.PARTIAL,
        note="verb and path by analogy with customers; amounts without a stated unit",
        source=source,
        idempotency=idempotency,
    )


_WHOLE = FeatureRule(
    support=Support.UNSUPPORTED,
    note="addresses have no ids: change the customer's list as a whole",
    source=CUSTOMERS,
)

FEATURES = {
    Feature.CUSTOMERS_CREATE: FeatureRule(
        support=Support.FULL,
        note="the answer is an id; the customer is read back",
        source=CUSTOMERS,
        idempotency=NO_IDEMPOTENCY,
    ),
    Feature.CUSTOMERS_GET: FeatureRule(
        support=Support.FULL, source=CUSTOMERS, idempotency=SAFE
    ),
    Feature.CUSTOMERS_LIST: FeatureRule(
        support=Support.UNSUPPORTED,
        note="keep the ids that creates return and take them from a file (--ids FILE)",
        source=CUSTOMERS,
    ),
    Feature.CUSTOMERS_UPDATE: FeatureRule(
        support=Support.PARTIAL,
        note="preferred name, e-mails, phones and addresses only; lists are replaced",
        source=CUSTOMERS,
        idempotency=NATURAL,
    ),
    Feature.CUSTOMERS_DELETE: FeatureRule(
        support=Support.FULL,
        note="only without accounts; cannot be undone",
        source=CUSTOMERS,
        idempotency=NATURAL,
    ),
    Feature.KYC_START: _untold("KYC"),
    Feature.KYC_GET: _untold("KYC"),
    Feature.CREDIT_APPLICATIONS_CREATE: _untold("credit applications"),
    Feature.CREDIT_APPLICATIONS_GET: _untold("credit applications"),
    Feature.CREDIT_APPLICATIONS_LIST: _untold("credit applications"),
    Feature.CREDIT_APPLICATIONS_UPDATE: _untold("credit applications"),
    Feature.CREDIT_APPLICATIONS_SUBMIT: _untold("credit applications"),
    Feature.CREDIT_APPLICATIONS_ADVERSE_ACTION: _untold("credit applications"),
    Feature.WEBHOOKS_VERIFY: _untold("webhooks"),
    Feature.WEBHOOK_SUBSCRIPTIONS_CREATE: _untold("webhooks"),
    Feature.WEBHOOK_SUBSCRIPTIONS_LIST: _untold("webhooks"),
    Feature.WEBHOOK_SUBSCRIPTIONS_UPDATE: _untold("webhooks"),
    Feature.WEBHOOK_SUBSCRIPTIONS_DELETE: _untold("webhooks"),
    Feature.CUSTOMER_ADDRESSES_CREATE: _WHOLE,
    Feature.CUSTOMER_ADDRESSES_LIST: _WHOLE,
    Feature.CUSTOMER_ADDRESSES_UPDATE: _WHOLE,
    Feature.CUSTOMER_ADDRESSES_DELETE: _WHOLE,
    Feature.ACCOUNTS_CREATE: FeatureRule(
        support=Support.PARTIAL,
        note="the answer is not shown: what it lacks is read back",
        source=ACCOUNTS,
        idempotency=NO_IDEMPOTENCY,
    ),
    Feature.ACCOUNTS_GET: _by_analogy(ACCOUNTS, SAFE),
    Feature.ACCOUNTS_LIST: _untold("a list of accounts"),
    Feature.ACCOUNTS_DELETE: _by_analogy(ACCOUNTS, NATURAL),
    Feature.TRANSACTIONS_GET: _by_analogy(TRANSACTIONS, SAFE),
    Feature.TRANSACTIONS_LIST: _untold("a list of transactions"),
    Feature.CREDENTIALS_CHECK: FeatureRule(
        support=Support.PARTIAL,
        note="no call is for this: a customer that cannot exist is asked for",
        source="Sonder docs, Authentication",
        idempotency=SAFE,
    ),
    Feature.CREDENTIALS_CREATE_TEMPORARY: _untold("temporary tokens"),
}

CAPABILITIES = Capabilities(
    provider="sonder",
    title="Sonder Labs",
    hosts={
        "sandbox": "https://api.sonderlabs.io/sandbox",
        "production": "https://api.sonderlabs.io/production",
    },
    features=FEATURES,
    fields={
        NewCustomer: CUSTOMER,
        Address: ADDRESS,
        Phone: PHONE,
        NewAccount: ACCOUNT,
    },
    limits=Limits(
        calls_per_minute=600, calls_source="none is published: a modest pace of ours"
    ),
    notes=("production may be the bank's own host: set base_url",),
)


def with_policies(declared: Capabilities, options: SonderOptions) -> Capabilities:
    """Return the declaration as the options make it."""
    customer, address = dict(CUSTOMER), dict(ADDRESS)
    if options.middle_name_when_absent is not None:
        customer["middle_name"] = evolve(
            customer["middle_name"],
            default=options.middle_name_when_absent,
            note="the option middle_name_when_absent is written",
        )
    if options.second_line == "join":
        address["line2"] = evolve(
            address["line2"], create="optional", changed="is joined behind line 1"
        )
    if options.allow_document_locator_update:
        locator = customer["document_locator_number"]
        customer["document_locator_number"] = evolve(locator, update="always")
    if options.allow_empty_lists:
        for name in ("emails", "phones", "addresses"):
            customer[name] = evolve(
                customer[name], create="optional", items=(0, None), clearable=True
            )
    address["kind"] = _taught(address["kind"], AddressKind, options.address_types)
    phone = {**PHONE, "kind": _taught(PHONE["kind"], PhoneKind, options.phone_types)}
    changed = {NewCustomer: customer, Address: address, Phone: phone}
    return evolve(declared, fields={**declared.fields, **changed})


def _taught(
    rule: FieldRule,
    kind: type[AddressKind | PhoneKind],
    words: Mapping[str, str],
) -> FieldRule:
    """Return a rule that has the caller's words beside the vendor's."""
    taught = {kind(ours.lower()): theirs for ours, theirs in words.items()}
    return evolve(rule, values={**(rule.values or {}), **taught})
