"""Bond's options, features and capabilities."""

from __future__ import annotations

from datetime import date

from attrs import evolve, frozen

from anybank.adapter.converter import read_rules_of, rules_of
from anybank.adapter.options import credential, option
from anybank.declaration import (
    NATURAL,
    AdapterLevel,
    AdapterStatus,
    Capabilities,
    Idempotency,
    Limits,
    feature_rules,
    full,
    not_implemented,
    partial,
    undescribed,
    unreturned,
    unsupported,
)
from anybank.model.customers import NewCustomer
from anybank.model.events import Event
from anybank.model.money import Money
from anybank.model.phones import Phone
from anybank.sensitive import Sensitive

from . import accounts, addresses, credit, customers, kyc, transactions, webhooks
from .errors import CODES
from .extras import BondExtras
from .pages import SIZES
from .sources import (
    ACCOUNTS,
    ADDRESSES,
    APPLICATIONS,
    CREATING,
    CREDIT,
    KEYS,
    KYC,
    KYC_DOCS,
    KYC_FILES,
    MANAGING,
    MANAGING_ACCOUNTS,
    STATEMENTS,
    TRANSACTIONS,
    WEBHOOKS,
)


@frozen(kw_only=True)
class BondOptions:
    """The options of a Bond client: the two halves of a key, and one policy."""

    identity: Sensitive = credential("the key id, sent as the Identity header")
    authorization: Sensitive = credential(
        "the secret, sent as the Authorization header"
    )
    strict_kyc: bool = option(
        'refuse every change after KYC, as "Performing KYC" says', default=False
    )


_SECONDARY = "after KYC only secondary addresses"

_LINKED = "an external account is linked through a Plaid token; use bank.request"
FEATURES = {
    # A brand_person_id is unique per brand, so a lost create can be found by it. No
    # page describes an idempotency key for customers.
    "customers.create": full(
        CREATING,
        idempotency=Idempotency(
            "client_reference", scope="brand", reference="external_id"
        ),
    ),
    # https://docs.bond.tech/docs/managing-customers for the next four.
    "customers.get": full(MANAGING),
    # "Managing customers": page and per_page, without a total or a next page.
    "customers.list": full(MANAGING, pages_backwards=True),
    # The note of "Managing customers" calls the two fields email_address and
    # phone_number; its table has email and phone.
    "customers.update": partial(
        MANAGING, "after KYC only e-mail, phone and secondary addresses", NATURAL
    ),
    # A repeated delete is answered with 404, which the client counts as deleted if its
    # first attempt may have arrived.
    "customers.delete": full(MANAGING, idempotency=NATURAL),
    # https://docs.bond.tech/docs/managing-customer-addresses
    "customer_addresses.create": partial(ADDRESSES, _SECONDARY),
    "customer_addresses.list": full(ADDRESSES),
    "customer_addresses.update": partial(ADDRESSES, _SECONDARY, NATURAL),
    "customer_addresses.delete": full(ADDRESSES, idempotency=NATURAL),
    # "Performing KYC": a repeated Idempotency-Key is rejected for 24 hours, not
    # replayed.
    "kyc.start": full(
        KYC,
        idempotency=Idempotency(
            "rejects_duplicate", header="Idempotency-Key", lifetime=24 * 60 * 60
        ),
    ),
    # The state belongs to a customer and a program, so a read needs both.
    # https://docs.bond.tech/docs/kyc-state-machine
    "kyc.get": full(
        KYC_DOCS,
        requires={"program_id": "Bond verifies a customer for a program"},
    ),
    # An upload existed in v0 of the API. v0.1 gives the customer a link for each document.
    "kyc.upload_document": unsupported(
        KYC_FILES,
        "the customer opens the upload_link of each document that kyc.get lists",
    ),
    # No page describes a key or a reference for applications: a create with an unknown
    # outcome is never repeated. https://docs.bond.tech/docs/creating-a-credit-application
    "credit_applications.create": full(CREDIT),
    # https://docs.bond.tech/docs/managing-credit-applications for the next
    # three.
    "credit_applications.get": full(APPLICATIONS),
    # ending_before and has_more: a page backwards from any application.
    "credit_applications.list": full(APPLICATIONS, pages_backwards=True),
    "credit_applications.update": partial(
        APPLICATIONS,
        "until it is submitted; the application is read again, since the page's response "
        "shows the old values",
        NATURAL,
    ),
    # A submit starts KYC and opens the deposit account after a pass.
    # https://docs.bond.tech/docs/submitting-a-credit-application
    "credit_applications.submit": full(CREDIT),
    # https://docs.bond.tech/docs/retrieving-adverse-actions-for-a-credit-application
    "credit_applications.adverse_action": full(CREDIT),
    # https://docs.bond.tech/docs/signatures
    "webhooks.verify": full(WEBHOOKS),
    # https://docs.bond.tech/docs/managing-subscriptions
    # No call reads an event: Bond delivers events and offers no list of them.
    "events.*": unsupported(
        WEBHOOKS, "events are delivered only; read what an event is about instead"
    ),
    "webhook_subscriptions.create": full(WEBHOOKS),
    "webhook_subscriptions.list": full(WEBHOOKS),
    # https://docs.atelio.com/embedded/docs/webhook-subscriptions: `events` replaces the
    # list, so a repeated update has the same effect.
    "webhook_subscriptions.update": full(WEBHOOKS, idempotency=NATURAL),
    "webhook_subscriptions.delete": full(WEBHOOKS, idempotency=NATURAL),
    # The schema account-write: Bond opens the security deposit account of consumer
    # credit on approval, so a caller opens one for commercial credit only.
    "accounts.create": partial(ACCOUNTS, "deposit and security deposit"),
    # https://docs.atelio.com/embedded/docs/account-overview
    "accounts.get": full(ACCOUNTS),
    "accounts.list": partial(
        ACCOUNTS, "the first page only: the docs do not describe paging"
    ),
    # https://docs.bond.tech/docs/managing-accounts
    "accounts.delete": undescribed("the docs name a close call and do not describe it"),
    # "Account overview": an account has its balances, in cents.
    "accounts.balance": full(ACCOUNTS),
    # "Managing accounts" names a close call; the copy that is stored ends before it.
    "accounts.close": partial(
        MANAGING_ACCOUNTS,
        "sends DELETE to the account, as the error code unknown_delete_account suggests, "
        "and reads the account again: the docs name the call without its form",
        NATURAL,
    ),
    # An account has one routing number and one account number.
    "account_numbers.*": unsupported(
        ACCOUNTS, "an account has one number: read account_number of the Account"
    ),
    # https://docs.atelio.com/embedded/docs/link-an-external-account
    "external_accounts.*": not_implemented(ACCOUNTS, _LINKED),
    # https://docs.bond.tech/docs/retrieving-transactions
    "transactions.get": full(TRANSACTIONS),
    # The error code too_many_trans: "Max 250 transactions allowed. Reduce search scope."
    "transactions.list": partial(
        TRANSACTIONS,
        "at most 250 transactions: narrow since and until where there are more; those in "
        "the state start are not listed",
        pages_backwards=True,
    ),
    # https://docs.bond.tech/docs/getting-your-api-key
    "credentials.check": full(KEYS),
    # Atelio docs, "External accounts SDK": a temporary key is for the front end of one
    # customer.
    "credentials.create_temporary": partial(KEYS, "five calls or five minutes"),
}

CAPABILITIES = Capabilities(
    provider="bond",
    title="Bond",
    status=AdapterStatus(
        AdapterLevel.SIMULATED,
        "Bond was renamed Atelio by FIS, and the API that these pages describe is retired",
        as_of=date(2026, 11, 28),
    ),
    # The Atelio docs list the same paths on sandbox.atelio.com and api.atelio.com.
    hosts={
        "sandbox": "https://sandbox.bond.tech/api/v0.1",
        "production": "https://api.bond.tech/api/v0.1",
    },
    features=feature_rules(FEATURES),
    fields={
        **rules_of(customers, addresses, kyc, credit, accounts, webhooks),
        Phone: customers.PHONE,
        Money: credit.MONEY,
    },
    reads={
        **read_rules_of(customers, kyc, credit, accounts, transactions, webhooks),
        Event: unreturned(WEBHOOKS, id="an event has no id"),
    },
    limits=Limits(
        # https://docs.atelio.com/embedded/docs/account-statements
        # "Account statements": 1000 calls a minute for a brand, over all endpoints.
        calls_per_minute=1000,
        calls_source=STATEMENTS,
        # "Managing customers", the table of the query parameters: per_page.
        page_sizes=SIZES,
        page_source=MANAGING,
    ),
    errors=CODES,
    extras={NewCustomer: BondExtras},
    notes=(
        (
            "use bank.request for what this adapter does not cover: freezing customers, "
            "resuming a document session, statements, processor tokens, cards, "
            "transfers, businesses"
        ),
    ),
)


# "Managing customers" and "Performing KYC" contradict each other. The lenient page is
# the default, since its text is the more specific one and Bond refuses with
# kyc_customer what it does not allow; the option `strict_kyc` follows the other page
# and refuses offline.
def strict_after_kyc(declared: Capabilities) -> Capabilities:
    """Return the declaration with every customer field fixed after KYC.

    Source: "Performing KYC"; "Managing customers" still allows some changes.
    """
    fixed = {
        name: evolve(rule, update="before_kyc", when="", source=KYC)
        if rule.update != "never"
        else rule
        for name, rule in declared.fields[NewCustomer].items()
    }
    return evolve(declared, fields={**declared.fields, NewCustomer: fixed})
