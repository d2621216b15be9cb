"""Webhook events and the subscriptions to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from ..errors import Effect, InvalidInput, Issue
from ..sensitive import Personal, Sensitive, shielded_class
from ._fields import (
    boolean,
    hidden,
    never_null,
    plain,
    provider_extras,
    sequence_of,
    text,
    validate,
)
from .missing import ExplainsMissing
from .pydantic_support import PydanticSupport
from .unset import UNSET, Unset


class EventKind(StrEnum):
    """What an event reports, in the same words for every vendor."""

    KYC_SUBMITTED = "kyc_submitted"
    KYC_PASSED = "kyc_passed"
    KYC_FAILED = "kyc_failed"
    KYC_DOCUMENTS_REQUIRED = "kyc_documents_required"
    KYC_UNDER_REVIEW = "kyc_under_review"
    KYC_ERROR = "kyc_error"
    KYC_EXPIRED = "kyc_expired"
    KYC_INFORMATION_REQUIRED = "kyc_information_required"
    CREDIT_CREATED = "credit_created"
    CREDIT_SUBMITTED = "credit_submitted"
    CREDIT_APPROVED = "credit_approved"
    CREDIT_DENIED = "credit_denied"
    CREDIT_RESUBMIT_REQUIRED = "credit_resubmit_required"
    CUSTOMER_CREATED = "customer_created"
    CUSTOMER_UPDATED = "customer_updated"
    CUSTOMER_ARCHIVED = "customer_archived"
    ACCOUNT_OPENED = "account_opened"
    ACCOUNT_UPDATED = "account_updated"
    ACCOUNT_CLOSED = "account_closed"
    TRANSACTION_CREATED = "transaction_created"
    TRANSACTION_UPDATED = "transaction_updated"
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class Event(ExplainsMissing, PydanticSupport, Personal):
    """An event, from a webhook or from `bank.events`.

    All deliveries of one event have the same `dedupe_key`, and so has the event where
    `bank.events` returns it. `id` is the vendor's id, None where its events have none.
    `object_id` is the id of the object that the event is about; where that is a customer,
    account, transaction or credit application, the field for it has the same id.
    """

    provider: str
    kind: EventKind = EventKind.UNKNOWN
    native_kind: str | None = None
    id: str | None = None
    object_id: str | None = None
    customer_id: str | None = None
    account_id: str | None = None
    transaction_id: str | None = None
    application_id: str | None = None
    occurred_at: datetime | None = None
    dedupe_key: str
    unreadable: Sequence[str] = ()
    never_returned: Sequence[str] = hidden(default=())
    raw: Mapping[str, Any] = hidden()


@frozen(kw_only=True)
class WebhookSubscription(ExplainsMissing, PydanticSupport, Personal):
    """A subscription: where a vendor delivers which events. `secret` verifies them."""

    id: str
    url: str | None = None
    events: Sequence[str] = ()
    description: str | None = None
    enabled: bool | None = None
    secret: Sensitive | None = None
    created_at: datetime | None = None
    unreadable: Sequence[str] = ()
    never_returned: Sequence[str] = hidden(default=())
    raw: Mapping[str, Any] = hidden()


_texts = sequence_of(text)


def _as_secret(secret: Any) -> Sensitive | None:
    """Mask a secret that was passed as text; anything else but a Sensitive is refused."""
    if secret is None or isinstance(secret, Sensitive):
        return secret
    # A space that was copied with the secret would make every later signature wrong.
    if isinstance(secret, str) and secret.strip() == secret != "":
        return Sensitive(secret)
    rule = "a text, not empty and without surrounding spaces"
    raise InvalidInput(
        [Issue("secret", Effect.BLOCKED, rule, "anybank", f"must be {rule}")]
    )


def _as_kinds(value: Any) -> Any:
    """Return a tuple in which a text that names an EventKind is that member."""
    if not isinstance(value, (list, tuple)):
        return value
    return tuple(
        _KINDS.get(name, name) if isinstance(name, str) else name for name in value
    )


_KINDS = {str(kind): kind for kind in EventKind}


# Two converters, because attrs derives the type of the argument from the annotation.
def _names(value: Sequence[str]) -> Any:
    return _as_kinds(value)


def _names_or_unset(value: Sequence[str] | Unset) -> Any:
    return _as_kinds(value)


@shielded_class
@frozen(kw_only=True)
class NewWebhookSubscription(PydanticSupport):
    """A subscription to create. `events` are EventKinds, or the vendor's own names.

    `secret` verifies the deliveries, where the vendor accepts one of yours. Without it the
    vendor or anybank draws one, and the created subscription returns it. Pass your own
    together with an idempotency key: a repeated create has the secret of the first.
    """

    url: str = field(metadata={"anybank.check": text})
    events: Sequence[str] = field(converter=_names, metadata={"anybank.check": _texts})
    description: str | None = plain(text)
    secret: Sensitive | None = field(default=None, converter=_as_secret)
    extras: Mapping[str, object] = provider_extras()

    def __attrs_post_init__(self) -> None:
        validate(self)


@shielded_class
@frozen(kw_only=True)
class WebhookSubscriptionChanges(PydanticSupport):
    """Changes to a subscription. `events` replaces the whole list, in either spelling."""

    url: str | Unset = field(default=UNSET, metadata=never_null(text))
    events: Sequence[str] | Unset = field(
        default=UNSET, converter=_names_or_unset, metadata=never_null(_texts)
    )
    description: str | None | Unset = plain(text, UNSET)
    enabled: bool | Unset = field(default=UNSET, metadata=never_null(boolean))
    extras: Mapping[str, object] = provider_extras()

    def __attrs_post_init__(self) -> None:
        validate(self)
