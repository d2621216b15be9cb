"""Headers and tokens with which requests are authenticated."""

from __future__ import annotations

from base64 import b64encode

from attrs import frozen

from ..sensitive import Sensitive


@frozen(kw_only=True)
class AccessToken:
    """A token that a vendor issued for the credentials of a user.

    `expires_in` is the number of seconds for which the vendor accepts it. Without it the
    token is used until the vendor refuses it.
    """

    value: Sensitive
    expires_in: float | None = None


def basic(user: Sensitive, password: Sensitive | None = None) -> Sensitive:
    """Return the value of an Authorization header for HTTP Basic (RFC 7617).

    Many vendors take an API key as the user, and no password.
    """
    secret = password.reveal() if password is not None else ""
    pair = f"{user.reveal()}:{secret}"
    return Sensitive("Basic " + b64encode(pair.encode()).decode())
