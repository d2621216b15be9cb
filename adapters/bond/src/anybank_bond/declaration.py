"""Bond's options, features and capabilities."""

from __future__ import annotations

from datetime import date

from attrs import evolve, frozen

from anybank.adapter.options import credential, option
from anybank.declaration import (
    NATURAL,
    NO_IDEMPOTENCY,
    SAFE,
    AdapterLevel,
    AdapterStatus,
    Capabilities,
    Feature,
    FeatureRule,
    Idempotency,
    Limits,
    Support,
)
from anybank.model.accounts import NewAccount
from anybank.model.addresses import Address
from anybank.model.credit import NewCreditApplication
from anybank.model.customers import NewCustomer
from anybank.model.events import NewWebhookSubscription
from anybank.model.kyc import StartKyc
from anybank.model.money import Money
from anybank.model.phones import Phone
from anybank.sensitive import Sensitive

from .errors import CODES
from .pages import SIZES
from .reads import READS
from .rules import (
    ACCOUNT,
    ACCOUNTS,
    ADDRESS,
    ADDRESSES,
    APPLICATION,
    APPLICATIONS,
    CREATING,
    CREDIT,
    CUSTOMER,
    KEYS,
    KYC,
    KYC_DOCS,
    KYC_FILES,
    KYC_START,
    MANAGING,
    MANAGING_ACCOUNTS,
    MONEY,
    PHONE,
    STATEMENTS,
    SUBSCRIPTION,
    TRANSACTIONS,
    WEBHOOKS,
    BondExtras,
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


def _works(source: str, idempotency: Idempotency) -> FeatureRule:
    return FeatureRule(support=Support.FULL, source=source, idempotency=idempotency)


def _partly(
    note: str, source: str, idempotency: Idempotency = NO_IDEMPOTENCY
) -> FeatureRule:
    return FeatureRule(
        support=Support.PARTIAL, note=note, source=source, idempotency=idempotency
    )


def _later(note: str, source: str) -> FeatureRule:
    return FeatureRule(support=Support.NOT_IMPLEMENTED, note=note, source=source)


_SECONDARY = "after KYC only secondary addresses"

_LINKED = "an external account is linked through a Plaid token; use bank.request"
_ONE_NUMBER = FeatureRule(
    support=Support.UNSUPPORTED,
    note="an account has one number: read account_number of the Account",
    source=ACCOUNTS,
)


def _no_events() -> FeatureRule:
    return FeatureRule(
        support=Support.UNSUPPORTED,
        note="events are delivered only; read what an event is about instead",
        source=WEBHOOKS,
    )


FEATURES = {
    # A brand_person_id is unique per brand, so a lost create can be found by it. No
    # page describes an idempotency key for customers.
    Feature.CUSTOMERS_CREATE: _works(
        CREATING,
        Idempotency("client_reference", scope="brand", reference="external_id"),
    ),
    # https://docs.bond.tech/docs/managing-customers for the next four.
    Feature.CUSTOMERS_GET: _works(MANAGING, SAFE),
    # "Managing customers": page and per_page, without a total or a next page.
    Feature.CUSTOMERS_LIST: _works(MANAGING, SAFE),
    # The note of "Managing customers" calls the two fields email_address and
    # phone_number; its table has email and phone.
    Feature.CUSTOMERS_UPDATE: _partly(
        "after KYC only e-mail, phone and secondary addresses", MANAGING, NATURAL
    ),
    # A repeated delete is answered with 404, which the client counts as deleted if its
    # first attempt may have arrived.
    Feature.CUSTOMERS_DELETE: _works(MANAGING, NATURAL),
    # https://docs.bond.tech/docs/managing-customer-addresses
    Feature.CUSTOMER_ADDRESSES_CREATE: _partly(_SECONDARY, ADDRESSES),
    Feature.CUSTOMER_ADDRESSES_LIST: _works(ADDRESSES, SAFE),
    Feature.CUSTOMER_ADDRESSES_UPDATE: _partly(_SECONDARY, ADDRESSES, NATURAL),
    Feature.CUSTOMER_ADDRESSES_DELETE: _works(ADDRESSES, NATURAL),
    # "Performing KYC": a repeated Idempotency-Key is rejected for 24 hours, not
    # replayed.
    Feature.KYC_START: _works(
        KYC,
        Idempotency(
            "rejects_duplicate", header="Idempotency-Key", lifetime=24 * 60 * 60
        ),
    ),
    # The state belongs to a customer and a program, so a read needs both.
    # https://docs.bond.tech/docs/kyc-state-machine
    Feature.KYC_GET: _works(KYC_DOCS, SAFE),
    # An upload existed in v0 of the API. v0.1 gives the customer a link for each document.
    Feature.KYC_UPLOAD_DOCUMENT: FeatureRule(
        support=Support.UNSUPPORTED,
        note="the customer opens the upload_link of each document that kyc.get lists",
        source=KYC_FILES,
    ),
    # No page describes a key or a reference for applications: a create with an unknown
    # outcome is never repeated. https://docs.bond.tech/docs/creating-a-credit-application
    Feature.CREDIT_APPLICATIONS_CREATE: _works(CREDIT, NO_IDEMPOTENCY),
    # https://docs.bond.tech/docs/managing-credit-applications for the next
    # three.
    Feature.CREDIT_APPLICATIONS_GET: _works(APPLICATIONS, SAFE),
    Feature.CREDIT_APPLICATIONS_LIST: _works(APPLICATIONS, SAFE),
    Feature.CREDIT_APPLICATIONS_UPDATE: _partly(
        "until it is submitted; the application is read again, since the page's response "
        "shows the old values",
        APPLICATIONS,
        NATURAL,
    ),
    # A submit starts KYC and opens the deposit account after a pass.
    # https://docs.bond.tech/docs/submitting-a-credit-application
    Feature.CREDIT_APPLICATIONS_SUBMIT: _works(CREDIT, NO_IDEMPOTENCY),
    # https://docs.bond.tech/docs/retrieving-adverse-actions-for-a-credit-application
    Feature.CREDIT_APPLICATIONS_ADVERSE_ACTION: _works(CREDIT, SAFE),
    # https://docs.bond.tech/docs/signatures
    Feature.WEBHOOKS_VERIFY: _works(WEBHOOKS, SAFE),
    # https://docs.bond.tech/docs/managing-subscriptions
    # No call reads an event: Bond delivers events and offers no list of them.
    Feature.EVENTS_GET: _no_events(),
    Feature.EVENTS_LIST: _no_events(),
    Feature.WEBHOOK_SUBSCRIPTIONS_CREATE: _works(WEBHOOKS, NO_IDEMPOTENCY),
    Feature.WEBHOOK_SUBSCRIPTIONS_LIST: _works(WEBHOOKS, SAFE),
    # https://docs.atelio.com/embedded/docs/webhook-subscriptions: `events` replaces the
    # list, so a repeated update has the same effect.
    Feature.WEBHOOK_SUBSCRIPTIONS_UPDATE: _works(WEBHOOKS, NATURAL),
    Feature.WEBHOOK_SUBSCRIPTIONS_DELETE: _works(WEBHOOKS, NATURAL),
    # The schema account-write: Bond opens the security deposit account of consumer
    # credit on approval, so a caller opens one for commercial credit only.
    Feature.ACCOUNTS_CREATE: _partly("deposit and security deposit", ACCOUNTS),
    # https://docs.atelio.com/embedded/docs/account-overview
    Feature.ACCOUNTS_GET: _works(ACCOUNTS, SAFE),
    Feature.ACCOUNTS_LIST: _partly(
        "the first page only: the docs do not describe paging", ACCOUNTS, SAFE
    ),
    # https://docs.bond.tech/docs/managing-accounts
    Feature.ACCOUNTS_DELETE: FeatureRule(
        support=Support.UNKNOWN,
        note="the docs name a close call and do not describe it",
    ),
    # "Account overview": an account has its balances, in cents.
    Feature.ACCOUNTS_BALANCE: _works(ACCOUNTS, SAFE),
    # "Managing accounts" names a close call; the copy that is stored ends before it.
    Feature.ACCOUNTS_CLOSE: _partly(
        "sends DELETE to the account, as the error code unknown_delete_account suggests, "
        "and reads the account again: the docs name the call without its form",
        MANAGING_ACCOUNTS,
        NATURAL,
    ),
    # An account has one routing number and one account number.
    Feature.ACCOUNT_NUMBERS_CREATE: _ONE_NUMBER,
    Feature.ACCOUNT_NUMBERS_GET: _ONE_NUMBER,
    Feature.ACCOUNT_NUMBERS_LIST: _ONE_NUMBER,
    Feature.ACCOUNT_NUMBERS_UPDATE: _ONE_NUMBER,
    # https://docs.atelio.com/embedded/docs/link-an-external-account
    Feature.EXTERNAL_ACCOUNTS_GET: _later(_LINKED, ACCOUNTS),
    Feature.EXTERNAL_ACCOUNTS_LIST: _later(_LINKED, ACCOUNTS),
    # https://docs.bond.tech/docs/retrieving-transactions
    Feature.TRANSACTIONS_GET: _works(TRANSACTIONS, SAFE),
    # The error code too_many_trans: "Max 250 transactions allowed. Reduce search scope."
    Feature.TRANSACTIONS_LIST: _partly(
        "at most 250 transactions: narrow since and until where there are more; those in "
        "the state start are not listed",
        TRANSACTIONS,
        SAFE,
    ),
    # https://docs.bond.tech/docs/getting-your-api-key
    Feature.CREDENTIALS_CHECK: _works(KEYS, SAFE),
    # Atelio docs, "External accounts SDK": a temporary key is for the front end of one
    # customer.
    Feature.CREDENTIALS_CREATE_TEMPORARY: _partly(
        "five calls or five minutes", KEYS, NO_IDEMPOTENCY
    ),
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
    features=FEATURES,
    fields={
        NewCustomer: CUSTOMER,
        Address: ADDRESS,
        Phone: PHONE,
        StartKyc: KYC_START,
        NewCreditApplication: APPLICATION,
        Money: MONEY,
        NewAccount: ACCOUNT,
        NewWebhookSubscription: SUBSCRIPTION,
    },
    reads=READS,
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
    extras=BondExtras,
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
