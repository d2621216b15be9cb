"""Adapters that lose a part of an upload, of a subscription or of a temporary key."""

from __future__ import annotations

from typing import Any

from attrs import evolve
from tests.testing.conformance.broken.making import (
    Flow,
    Table,
    broken_acme,
    with_body,
    with_result,
)

from anybank.adapter.forms import Form, FormFile
from anybank.errors import ProviderError
from anybank.model.credentials import TemporaryCredentials
from anybank.testing.conformance import Subject
from anybank_bond import Bond
from anybank_bond.conformance import BondConformance
from anybank_increase import Increase
from anybank_increase.conformance import IncreaseConformance

_SWITCHES = {"TURNED_ON": False, "DISABLED": True}
"""A table of a vendor's words, of which one reads as its opposite."""


def _increase(**members: Any) -> Subject:
    broken: Any = type("Broken", (Increase,), {"__module__": __name__, **members})
    return evolve(IncreaseConformance.subject(), adapter=broken)


def _as_a_picture(self: Any, query: Any) -> Flow:
    inner = Increase.upload_kyc_document(self, query)
    request = next(inner)
    file: FormFile = request.body.parts["file"]
    other = "image/jpeg" if file.media_type == "image/png" else "image/png"
    parts = {**request.body.parts, "file": evolve(file, media_type=other)}
    request = evolve(request, query={}, body=Form(parts))
    try:
        while True:
            request = inner.send((yield request))
    except StopIteration as finished:
        return finished.value


def _to_nobody(self: Any, query: Any) -> Flow:
    alone = evolve(query, customer_id=None)
    return (yield from Increase.upload_kyc_document(self, alone))


def _without_the_second_error(self: Any, query: Any) -> Flow:
    alone = evolve(query, customer_id=None)
    uploaded = yield from Increase.upload_kyc_document(self, alone)
    try:
        yield from Increase.upload_kyc_document(self, query)
    except ProviderError:
        return uploaded
    return uploaded


def _exchanged_key(self: Any, query: Any) -> Flow:
    made = yield from Bond.create_temporary_credentials(self, query)
    one, other = made.credentials["identity"], made.credentials["authorization"]
    return TemporaryCredentials(credentials={"identity": other, "authorization": one})


def _exchanging_a_key() -> Subject:
    members = {"create_temporary_credentials": _exchanged_key}
    broken: Any = type("Broken", (Bond,), members)
    return evolve(BondConformance.subject(), adapter=broken)


def _subscribing_once() -> Subject:
    subject = with_body(
        "create_webhook_subscription",
        lambda body: {**body, "events": body["events"][:1]},
    )
    samples = {"NewWebhookSubscription.events": ["check.good", "check.bad"]}
    return evolve(subject, samples=samples)


BROKEN: Table = {
    "sends every file as another kind of picture": (
        "uploads_have_their_media_type",
        lambda: _increase(upload_kyc_document=_as_a_picture),
    ),
    "adds no file to the customer": (
        "uploads_name_their_customer",
        lambda: _increase(upload_kyc_document=_to_nobody),
    ),
    "hides that a file was not added to the customer": (
        "uploads_that_are_not_added_raise",
        lambda: _increase(upload_kyc_document=_without_the_second_error),
    ),
    "exchanges the halves of a temporary key": (
        "temporary_credentials_are_accepted",
        _exchanging_a_key,
    ),
    "subscribes to the first event only": (
        "subscriptions_are_sent_whole",
        _subscribing_once,
    ),
    "returns a subscription without its secret": (
        "secrets_of_subscriptions_are_returned",
        lambda: with_result(
            "create_webhook_subscription", lambda created: evolve(created, secret=None)
        ),
    ),
    "reads a word for disabled as enabled": (
        "words_for_on_and_off_read_so",
        lambda: broken_acme(__module__=__name__),
    ),
}
