"""Acme, if it issued access tokens for its API key, as OAuth 2.0 does."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from anybank import Sensitive
from anybank.adapter.converter import read
from anybank.adapter.credentials import AccessToken
from anybank.adapter.forms import UrlForm
from anybank.adapter.wire import Flow, Request, Response, post
from anybank.sandbox.simulator import Route, answer_json, form_of
from anybank.testing import AdapterConformance

from .adapter import Acme, AcmeOptions
from .seeds import AcmeConformance
from .simulator import AcmeSimulator, refused

LIFE = 3600


@frozen(kw_only=True)
class WireToken:
    """The response of the token endpoint: RFC 6749, section 5.1."""

    access_token: str
    expires_in: int | None = None


class TokenAcme(Acme):
    """Acme with access tokens."""

    def authenticate(self, request: Request, credentials: AcmeOptions) -> Request:
        """Add nothing: the token is enough."""
        return request

    def request_token(self, credentials: AcmeOptions) -> Flow[AccessToken]:
        """Request a token for the API key."""
        grant = UrlForm(
            {"grant_type": "client_credentials", "client_secret": credentials.api_key}
        )
        response = yield post("/token", grant)
        wire = read(response.json(), WireToken)
        return AccessToken(
            value=Sensitive(wire.access_token), expires_in=wire.expires_in
        )


class TokenSimulator(AcmeSimulator):
    """A simulated Acme that issues tokens."""

    routes = (*AcmeSimulator.routes, Route("POST", "/token", "issue"))

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.tokens: list[str] = []
        self.issued = 0

    def admit(self, request: Request) -> Response | None:
        """Require a token that was issued and not revoked, but to issue one."""
        scheme, _, token = str(request.headers.get("authorization", "")).partition(" ")
        if request.path.endswith("/token"):
            return None
        if scheme == "Bearer" and token in self.tokens:
            return None
        return refused(401, "no_token", "unknown token")

    def issue(self, request: Request) -> Response:
        """Issue a token for the API key."""
        form = form_of(request)
        if form.get("client_secret") != self.credentials["api_key"]:
            return refused(401, "invalid_client", f"unknown: {form['client_secret']}")
        self.issued += 1
        self.tokens.append(f"acme-token-{self.issued}")
        return answer_json(200, {"access_token": self.tokens[-1], "expires_in": LIFE})


class TokenConformance(AdapterConformance):
    """Acme with access tokens and its simulator."""

    adapter = TokenAcme
    simulator = TokenSimulator
    seed = AcmeConformance.seed
    seed_expected = AcmeConformance.seed_expected
