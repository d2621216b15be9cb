"""Headers with which requests are authenticated."""

from __future__ import annotations

from base64 import b64encode

from ..sensitive import Sensitive


def basic(user: Sensitive, password: Sensitive | None = None) -> Sensitive:
    """Return the value of an Authorization header for HTTP Basic (RFC 7617).

    Many vendors take an API key as the user, and no password.
    """
    secret = password.reveal() if password is not None else ""
    pair = f"{user.reveal()}:{secret}"
    return Sensitive("Basic " + b64encode(pair.encode()).decode())


def bearer(token: Sensitive) -> Sensitive:
    """Return the value of an Authorization header for a bearer token (RFC 6750)."""
    return Sensitive(f"Bearer {token.reveal()}")
