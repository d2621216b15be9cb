"""Page tokens: opaque texts that belong to one listing of one vendor.

A token contains the vendor's own cursor and the page size, so that a listing continues
where it stopped. Another vendor, operation or filter rejects it, because it contains a
digest of them. It contains no personal data unless the vendor's cursor does.
"""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, TypeVar

import attrs
from attrs import evolve, frozen

from ...errors import Effect, InvalidInput, Issue, UnexpectedResponse
from ...model.features import Feature

Q = TypeVar("Q")

_VERSION = 1
_LONGEST = 8192
_MARK = 12
"""Hex digits of the digest. It detects mistakes; it is no protection from an attacker, who
could send any cursor to the vendor anyway."""
_REMEDY = (
    "pass the next_token or previous_token of a page that this bank returned for this "
    "listing"
)


@frozen
class PageTokens:
    """The tokens of one listing, defined by provider, operation, filter and page size."""

    listing: str
    page_size: int | None

    @classmethod
    def of(cls, provider: str, feature: Feature, question: Any) -> PageTokens:
        """Return the tokens of the listing that a question reads."""
        fields = {
            field.name: getattr(question, field.name)
            for field in attrs.fields(type(question))
            # The position and the size may differ between two pages of one listing.
            if field.name not in ("token", "page_size", "before")
        }
        listing = json.dumps(
            [provider, feature.value, fields], sort_keys=True, default=str
        )
        return cls(_digest(listing), getattr(question, "page_size", None))

    def seal(self, native: str) -> str:
        """Return the page token for a vendor's token.

        Raises UnexpectedResponse for a token that is too long for a request.
        """
        plain = json.dumps([_VERSION, native, self.page_size], separators=(",", ":"))
        encoded = urlsafe_b64encode(plain.encode()).decode().rstrip("=")
        sealed = f"{encoded}.{_digest(self.listing + encoded)}"
        if len(sealed) > _LONGEST:
            raise UnexpectedResponse("the token of the next page is too long", path="$")
        return sealed

    def open(self, question: Q) -> Q:
        """Return a question with the vendor's own token and the listing's page size.

        Raises InvalidInput for an invalid token or for another page size.
        """
        listing: Any = question
        if getattr(listing, "token", None) is None:
            return question
        native, size = self._opened(listing.token)
        if not hasattr(listing, "page_size"):
            return evolve(listing, token=native)  # type: ignore[no-any-return] # a question
        if listing.page_size not in (None, size):
            message = f"must be the page size of the token, {size}: omit page_size"
            raise _refused("page_size", message)
        return evolve(listing, token=native, page_size=size)  # type: ignore[no-any-return] # a question

    def _opened(self, token: object) -> tuple[str, int | None]:
        if isinstance(token, str) and len(token) <= _LONGEST and token.isascii():
            encoded, _, mark = token.rpartition(".")
            if mark == _digest(self.listing + encoded):
                padded = encoded + "=" * (-len(encoded) % 4)
                _, native, size = json.loads(urlsafe_b64decode(padded))
                return native, size
        raise _refused("token", f"is not a token of this listing: {_REMEDY}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_MARK]


def _refused(name: str, message: str) -> InvalidInput:
    return InvalidInput([Issue(name, Effect.BLOCKED, name, "anybank", message)])
