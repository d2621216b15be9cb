"""Adapters that mishandle access tokens."""

from __future__ import annotations

from typing import Any

from tests.testing.conformance.acme.tokens import TokenAcme, TokenSimulator
from tests.testing.conformance.broken.making import Flow, Table, subject_of

from anybank import Sensitive
from anybank.adapter.credentials import AccessToken
from anybank.adapter.wire import post
from anybank.testing.conformance import Subject


def with_tokens(**members: Any) -> Subject:
    """Return an Acme with access tokens and some members replaced."""
    kind = type("Broken", (TokenAcme,), members)
    return subject_of(kind, simulator=TokenSimulator)


def remembering() -> Subject:
    """Return an adapter that sends the first token for ever."""
    tokens: list[Any] = []

    def authorize(self: Any, request: Any, token: Any) -> Any:
        tokens.append(token)
        return TokenAcme.authorize(self, request, tokens[0])

    return with_tokens(authorize=authorize)


def _in_the_query(self: Any, credentials: Any) -> Flow:
    response = yield post(
        "/token", b"client_secret=acme-sandbox-key", query={"grant": "client"}
    )
    return AccessToken(value=Sensitive(response.json()["access_token"]))


def _short_lived(self: Any, credentials: Any) -> Flow:
    token = yield from TokenAcme.request_token(self, credentials)
    return AccessToken(value=token.value, expires_in=0)


BROKEN: Table = {
    "sends the first access token for ever": (
        "access_tokens_are_sent_and_renewed",
        remembering,
    ),
    "says that an access token has expired already": (
        "access_tokens_are_sent_and_renewed",
        lambda: with_tokens(request_token=_short_lived),
    ),
    "requests an access token with a query": (
        "access_tokens_are_sent_and_renewed",
        lambda: with_tokens(request_token=_in_the_query),
    ),
    "requests an access token and sends none": (
        "credentials_are_sent_in_headers",
        lambda: with_tokens(authorize=lambda _self, request, _token: request),
    ),
}
