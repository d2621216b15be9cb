"""Fields of an entity that only Increase has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from attrs import field, frozen

from anybank.adapter.wire import Json, present
from anybank.errors import Effect, InvalidInput, Issue
from anybank.sensitive import Sensitive

from .rules import CREATE

# "Create an Entity", the enum of `risk_rating.rating`.
_RATINGS = ("low", "medium", "high")
# "Create an Account Number" and "Create an Event Subscription".
_ACH_DEBITS = ("allowed", "blocked")
_CHECKS = ("allowed", "check_transfers_only")
_STATUSES = ("active", "disabled")


@frozen(kw_only=True)
class RiskRating:
    """Your assessment of a person's risk of financial crime, and when it was made.

    Source: https://increase.com/documentation/api/entities, `risk_rating`.
    """

    rating: Literal["low", "medium", "high"]
    rated_at: datetime

    def __attrs_post_init__(self) -> None:
        if self.rating not in _RATINGS:
            raise _refused("rating", f"one of {', '.join(_RATINGS)}")
        _require_zone("rated_at", self.rated_at)


def _to_sensitive(text: Any) -> Any:
    return Sensitive(text) if isinstance(text, str) else text


@frozen(kw_only=True)
class TermsAgreement:
    """The terms that a person agreed to: when, from which IP address, and their URL.

    Source: https://increase.com/documentation/api/entities, `terms_agreements`.
    """

    agreed_at: datetime
    ip_address: Sensitive = field(converter=_to_sensitive)
    terms_url: str

    def __attrs_post_init__(self) -> None:
        _require_zone("agreed_at", self.agreed_at)
        if not isinstance(self.ip_address, Sensitive):
            raise _refused("ip_address", "a string")
        _require_text("terms_url", self.terms_url)


@frozen(kw_only=True)
class IncreaseExtras:
    """Fields of a customer that only Increase has; pass them as `extras["increase"]`.

    An update adds its `terms_agreements` to those that the entity has.
    `confirmed_no_us_tax_id` is your word that the person has neither an SSN nor an ITIN:
    Increase accepts a passport, a driver's licence or another document only with it.
    """

    risk_rating: RiskRating | None = None
    terms_agreements: Sequence[TermsAgreement] = ()
    confirmed_no_us_tax_id: bool | None = None


@frozen(kw_only=True)
class IncreaseAccountExtras:
    """Fields of a new account that only Increase has.

    `informational_entity_id` is the id of an entity that does not own the account and is
    associated with its activity, such as the beneficiary of the funds.

    Source: https://increase.com/documentation/api/accounts, "Create an Account".
    """

    informational_entity_id: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.informational_entity_id is not None:
            _require_text("informational_entity_id", self.informational_entity_id)


@frozen(kw_only=True)
class IncreaseAccountNumberExtras:
    """Fields of an account number that only Increase has, new or changed.

    `ach_debits` says whether others may debit the account by ACH under this number: a new
    number allows them unless you say "blocked". `checks` says whether checks are paid that
    belong to no check transfer of yours ("allowed").

    Source: https://increase.com/documentation/api/account-numbers, `inbound_ach` and
    `inbound_checks`.
    """

    ach_debits: Literal["allowed", "blocked"] | None = None
    checks: Literal["allowed", "check_transfers_only"] | None = None

    def __attrs_post_init__(self) -> None:
        _require_member("ach_debits", self.ach_debits, _ACH_DEBITS)
        _require_member("checks", self.checks, _CHECKS)


@frozen(kw_only=True)
class IncreaseSubscriptionExtras:
    """Fields of a new webhook subscription that only Increase has.

    With `oauth_connection_id` the subscription receives only the events of that OAuth
    connection. `status` "disabled" creates it without deliveries until it is enabled.

    Source: https://increase.com/documentation/api/event-subscriptions, "Create an Event
    Subscription".
    """

    oauth_connection_id: str | None = None
    status: Literal["active", "disabled"] | None = None

    def __attrs_post_init__(self) -> None:
        if self.oauth_connection_id is not None:
            _require_text("oauth_connection_id", self.oauth_connection_id)
        _require_member("status", self.status, _STATUSES)


def of_account(extras: object) -> dict[str, Json]:
    """Write the extras of a new account."""
    if not isinstance(extras, IncreaseAccountExtras):
        return {}
    return present(informational_entity_id=extras.informational_entity_id)


def of_number(extras: object) -> dict[str, Json]:
    """Write the extras of an account number."""
    if not isinstance(extras, IncreaseAccountNumberExtras):
        return {}
    return present(
        inbound_ach=extras.ach_debits and {"debit_status": extras.ach_debits},
        inbound_checks=extras.checks and {"status": extras.checks},
    )


def of_subscription(extras: object) -> dict[str, Json]:
    """Write the extras of a new webhook subscription."""
    if not isinstance(extras, IncreaseSubscriptionExtras):
        return {}
    return present(oauth_connection_id=extras.oauth_connection_id, status=extras.status)


def confirmation(extras: object) -> dict[str, Json]:
    """Write what the caller confirms about a person, inside the person."""
    if not isinstance(extras, IncreaseExtras):
        return {}
    return present(confirmed_no_us_tax_id=extras.confirmed_no_us_tax_id)


def written(extras: object) -> dict[str, Json]:
    """Write the extras that have a value, next to the person."""
    if not isinstance(extras, IncreaseExtras):
        return {}
    body: dict[str, Json] = {}
    if extras.risk_rating:
        rating = extras.risk_rating
        body["risk_rating"] = {"rating": rating.rating, "rated_at": rating.rated_at}
    if extras.terms_agreements:
        body["terms_agreements"] = [
            {
                "agreed_at": agreement.agreed_at,
                "ip_address": agreement.ip_address,
                "terms_url": agreement.terms_url,
            }
            for agreement in extras.terms_agreements
        ]
    return body


# A time without a zone would be sent as a guess about where it was taken.
def _require_zone(name: str, moment: Any) -> None:
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise _refused(name, "a datetime with a time zone")


def _require_member(name: str, word: object, words: Sequence[str]) -> None:
    if word is not None and word not in words:
        raise _refused(name, f"one of {', '.join(words)}")


def _require_text(name: str, text: Any) -> None:
    if not isinstance(text, str) or not text.strip():
        raise _refused(name, "a string that is not blank")


def _refused(name: str, rule: str) -> InvalidInput:
    return InvalidInput([Issue(name, Effect.BLOCKED, rule, CREATE, f"must be {rule}")])
