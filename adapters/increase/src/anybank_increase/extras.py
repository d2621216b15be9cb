"""Fields of an entity that only Increase has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from attrs import NOTHING, frozen

from anybank.adapter.own_fields import (
    TEXT,
    ZONED,
    one_of,
    own,
    own_fields,
    secret,
)
from anybank.model.accounts import AccountNumberChanges, NewAccount, NewAccountNumber
from anybank.model.customers import CustomerChanges, NewCustomer
from anybank.model.events import NewWebhookSubscription
from anybank.sensitive import Sensitive

from .sources import ACCOUNT_NUMBERS, ACCOUNTS, CREATE, SUBSCRIPTIONS


@frozen(kw_only=True)
class RiskRating:
    """Your assessment of a person's risk of financial crime, and when it was made.

    Source: https://increase.com/documentation/api/entities, `risk_rating`.
    """

    rating: Literal["low", "medium", "high"] = own(
        "rating", one_of("low", "medium", "high"), source=CREATE, default=NOTHING
    )
    rated_at: datetime = own("rated_at", ZONED, source=CREATE, default=NOTHING)


@frozen(kw_only=True)
class TermsAgreement:
    """The terms that a person agreed to: when, from which IP address, and their URL.

    Source: https://increase.com/documentation/api/entities, `terms_agreements`.
    """

    agreed_at: datetime = own("agreed_at", ZONED, source=CREATE, default=NOTHING)
    ip_address: Sensitive | str = secret("ip_address", source=CREATE, default=NOTHING)
    terms_url: str = own("terms_url", TEXT, source=CREATE, default=NOTHING)


@frozen(kw_only=True)
class IncreaseExtras:
    """Fields of a customer that only Increase has; pass them as `extras["increase"]`.

    An update adds its `terms_agreements` to those that the entity has.
    `confirmed_no_us_tax_id` is your word that the person has neither an SSN nor an ITIN:
    Increase accepts a passport, a driver's licence or another document only with it.
    """

    risk_rating: RiskRating | None = own("risk_rating", write=own_fields)
    terms_agreements: Sequence[TermsAgreement] = own(
        "terms_agreements", default=(), write=lambda items: [*map(own_fields, items)]
    )
    # A member of the person, and not of the entity.
    confirmed_no_us_tax_id: bool | None = own("natural_person.confirmed_no_us_tax_id")


@frozen(kw_only=True)
class IncreaseAccountExtras:
    """Fields of a new account that only Increase has.

    `informational_entity_id` is the id of an entity that does not own the account and is
    associated with its activity, such as the beneficiary of the funds.

    Source: https://increase.com/documentation/api/accounts, "Create an Account".
    """

    informational_entity_id: str | None = own(
        "informational_entity_id", TEXT, source=ACCOUNTS
    )


@frozen(kw_only=True)
class IncreaseAccountNumberExtras:
    """Fields of an account number that only Increase has, new or changed.

    `ach_debits` says whether others may debit the account by ACH under this number: a new
    number allows them unless you say "blocked". `checks` says whether checks are paid that
    belong to no check transfer of yours ("allowed").

    Source: https://increase.com/documentation/api/account-numbers, `inbound_ach` and
    `inbound_checks`.
    """

    ach_debits: Literal["allowed", "blocked"] | None = own(
        "inbound_ach.debit_status",
        one_of("allowed", "blocked"),
        source=ACCOUNT_NUMBERS,
    )
    checks: Literal["allowed", "check_transfers_only"] | None = own(
        "inbound_checks.status",
        one_of("allowed", "check_transfers_only"),
        source=ACCOUNT_NUMBERS,
    )


@frozen(kw_only=True)
class IncreaseSubscriptionExtras:
    """Fields of a new webhook subscription that only Increase has.

    With `oauth_connection_id` the subscription receives only the events of that OAuth
    connection. `status` "disabled" creates it without deliveries until it is enabled.

    Source: https://increase.com/documentation/api/event-subscriptions, "Create an Event
    Subscription".
    """

    oauth_connection_id: str | None = own(
        "oauth_connection_id", TEXT, source=SUBSCRIPTIONS
    )
    status: Literal["active", "disabled"] | None = own(
        "status", one_of("active", "disabled"), source=SUBSCRIPTIONS
    )


EXTRAS: Mapping[type, type] = {
    NewCustomer: IncreaseExtras,
    CustomerChanges: IncreaseExtras,
    NewAccount: IncreaseAccountExtras,
    NewAccountNumber: IncreaseAccountNumberExtras,
    AccountNumberChanges: IncreaseAccountNumberExtras,
    NewWebhookSubscription: IncreaseSubscriptionExtras,
}
