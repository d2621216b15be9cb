"""Increase's events and webhooks: categories, signatures and subscriptions."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from anybank.adapter.converter import Reader, build, neutral, reads, words_by_member
from anybank.adapter.signatures import SignatureScheme, Signed, WebhookFormat, digest
from anybank.adapter.wire import Json
from anybank.errors import WebhookRejected
from anybank.model.events import Event, EventKind
from anybank.model.ids import is_usable

from . import sources
from .pages import Resource

# The categories with a neutral kind. An entity that is archived and an account that is
# closed are "updated": their status says which.
_NAMED: Mapping[str, EventKind] = {
    "entity.created": EventKind.CUSTOMER_CREATED,
    "entity.updated": EventKind.CUSTOMER_UPDATED,
    "account.created": EventKind.ACCOUNT_OPENED,
    "account.updated": EventKind.ACCOUNT_UPDATED,
    "transaction.created": EventKind.TRANSACTION_CREATED,
    "pending_transaction.created": EventKind.TRANSACTION_CREATED,
    "pending_transaction.updated": EventKind.TRANSACTION_UPDATED,
}
SUBSCRIBED = words_by_member(_NAMED)
"""The categories to subscribe to for a neutral kind, separated by spaces."""
# The objects of all other categories, with what may happen to them.
_OTHERS = (
    *("account_number created updated", "account_statement created"),
    *("account_transfer created updated", "ach_prenotification created updated"),
    *("ach_transfer created updated", "blockchain_address created updated"),
    *("blockchain_offramp_transfer created updated",),
    *("blockchain_onramp_transfer created updated",),
    *("bookkeeping_account created updated", "bookkeeping_entry_set updated"),
    *("card created updated", "card_payment created updated"),
    *("card_purchase_supplement created", "card_profile created updated"),
    *("card_dispute created updated", "card_push_transfer created updated"),
    *("card_validation created updated", "check_deposit created updated"),
    *("check_transfer created updated", "checkbook created updated"),
    *("declined_transaction created", "digital_card_profile created updated"),
    *("digital_wallet_token created updated", "event_subscription created updated"),
    *("export created updated", "external_account created updated"),
    *("fednow_transfer created updated", "file created", "group updated heartbeat"),
    *("inbound_ach_transfer created updated",),
    *("inbound_ach_transfer_return created updated",),
    *("inbound_check_deposit created updated",),
    *("inbound_fednow_transfer created updated", "inbound_mail_item created updated"),
    *("inbound_real_time_payments_request_for_payment created updated",),
    *("inbound_real_time_payments_transfer created updated",),
    *("inbound_wire_drawdown_request created", "inbound_wire_transfer created updated"),
    *("interest_rate_plan created updated",),
    *(
        "intrafi_account_enrollment created updated",
        "intrafi_exclusion created updated",
    ),
    *("loan_application created updated", "loan_distribution created"),
    *("loan_offer created updated", "loan_purchase created", "lockbox created updated"),
    *("oauth_connection created deactivated", "physical_card created updated"),
    *("physical_card_profile created updated", "physical_check created updated"),
    *("program created updated", "proof_of_authorization_request created updated"),
    *("real_time_decision card_authorization_requested",),
    *("real_time_decision card_balance_inquiry_requested",),
    *("real_time_decision digital_wallet_token_requested",),
    *("real_time_decision digital_wallet_authentication_requested",),
    *("real_time_decision card_authentication_requested",),
    *("real_time_decision card_authentication_challenge_requested",),
    *("real_time_payments_transfer created updated",),
    *("real_time_payments_request_for_payment created updated",),
    *("swift_transfer created updated", "wire_drawdown_request created updated"),
    "wire_transfer created updated",
)


def _categories(line: str) -> list[str]:
    thing, *verbs = line.split()
    return [f"{thing}.{verb}" for verb in verbs]


KINDS: Mapping[str, EventKind] = {
    **_NAMED,
    **{
        category: EventKind.UNKNOWN
        for line in _OTHERS
        for category in _categories(line)
    },
}
"""Every category of the schema `event` in the OpenAPI document, with its kind."""

_CUSTOMER, _ACCOUNT = "entity", "account"
_TRANSACTIONS = ("transaction", "pending_transaction")
# The word before a comma names the version of the signature; v1 is HMAC-SHA256.
_VERSION = "v1,"
_PREFIX = "whsec_"
# Unix seconds have ten digits until the year 2286. The bound keeps `int` from reading a
# number of any length.
_LONGEST_TIME = 12
# The age that the official client accepts (the package `standardwebhooks`): five minutes.
_MINUTES = 60.0


class IncreaseWebhooks(WebhookFormat):
    """Deliveries signed as Standard Webhooks describe it.

    Source: Increase documentation, "Webhooks", https://increase.com/documentation/webhooks,
    and Standard Webhooks, https://www.standardwebhooks.com
    """

    window = 5 * _MINUTES
    scheme = SignatureScheme(algorithm="sha256", encoding="base64")

    def signed(self, headers: Mapping[str, str], body: bytes) -> Signed:
        """Read the three headers. Several signatures are separated by spaces."""
        # The id is part of the signed message, so a delivery without one cannot be
        # verified.
        event_id = headers.get("webhook-id", "")
        stamp = headers.get("webhook-timestamp", "")
        if not is_usable(event_id):
            raise WebhookRejected("the delivery has no usable webhook-id header")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= _LONGEST_TIME):
            raise WebhookRejected("the webhook-timestamp header is not a time")
        words = headers.get("webhook-signature", "").split()
        # Standard Webhooks: a header may have several signatures while a secret is
        # rotated, and other versions, which are ignored.
        digests = [
            word.removeprefix(_VERSION).removesuffix(",")
            for word in words
            if word.startswith(_VERSION)
        ]
        if not digests:
            raise WebhookRejected("the webhook-signature header has no signature v1")
        return Signed(int(stamp), digests, [_message(event_id, stamp, body)])

    def sign(self, body: bytes, secret: str, timestamp: int) -> dict[str, str]:
        """Return the headers with which Increase would deliver a body."""
        event_id = _id_in(body)
        message = _message(event_id, str(timestamp), body)
        digests = (digest(key, message, self.scheme) for key in self.keys(secret))
        return {
            "webhook-id": event_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": " ".join(f"{_VERSION}{text}" for text in digests),
        }

    def keys(self, secret: str) -> Sequence[bytes]:
        """Return the text of the secret, and the bytes that `whsec_` announces in base64.

        Increase's own client takes the text of the shared secret. Standard Webhooks write
        a secret as `whsec_` and base64; the page does not say which of the two Increase
        does with a shared secret in this form, so both keys are accepted.
        """
        # An unpaired surrogate cannot be encoded otherwise. Such a secret matches no
        # delivery, which is a rejection and not an error of the program.
        text = secret.encode("utf-8", "surrogatepass")
        decoded = _decoded(secret) if secret.startswith(_PREFIX) else b""
        return (text, decoded) if decoded else (text,)

    def event(self, raw: Json, body: bytes) -> Event:  # noqa: ARG002  # the base's signature
        """Read an event. A delivery has the same body as the event in the API."""
        return EVENTS.reader.read(raw)

    def example(self, kind: str, number: int = 0) -> Json:
        """Return an invented event, in the shape of the schema `event`."""
        return {
            "associated_object_id": f"account_anybank{number}",
            "associated_object_type": "account",
            "category": kind,
            "created_at": "2023-11-14T22:13:20Z",
            "id": f"event_anybank{number}",
            "type": "event",
        }


def _message(event_id: str, stamp: str, body: bytes) -> bytes:
    return f"{event_id}.{stamp}.".encode("utf-8", "surrogatepass") + body


def _id_in(body: bytes) -> str:
    """Return the id of the event in a body; a test may sign a body without one."""
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        raw = None
    event_id = raw.get("id") if isinstance(raw, dict) else None
    if isinstance(event_id, str) and event_id.isascii() and is_usable(event_id):
        return event_id
    return f"event_{hashlib.sha256(body).hexdigest()[:20]}"


def _decoded(secret: str) -> bytes:
    try:
        # Padding may be absent, as in the reference implementation of Standard Webhooks.
        return base64.b64decode(secret.removeprefix(_PREFIX) + "==")
    except (binascii.Error, ValueError):
        return b""


@reads(Event, sources.EVENTS, application_id="the API has no credit applications")
@frozen(kw_only=True)
class WireEvent:
    """An event as Increase sends it, in a list and in a delivery.

    Source: https://increase.com/documentation/api/events
    """

    id: str
    category: str | None = neutral("kind", read=KINDS)
    created_at: datetime | None = neutral("occurred_at")
    associated_object_id: str | None = neutral("object_id")
    associated_object_type: str | None = neutral("object_id")


def _event(wire: WireEvent, raw: Any) -> Event:
    thing, about = wire.associated_object_type, wire.associated_object_id
    return build(
        Event,
        wire,
        raw,
        provider="increase",
        object_id=about,
        customer_id=about if thing == _CUSTOMER else None,
        account_id=about if thing == _ACCOUNT else None,
        transaction_id=about if thing in _TRANSACTIONS else None,
        # A delivery and the list show the same event under the same id.
        dedupe_key=f"increase:{wire.id}",
    )


EVENTS = Resource("/events", Reader(WireEvent, Event, _event))
