"""Bond's keys: the check of one, and temporary ones."""

from __future__ import annotations

from attrs import frozen

from anybank.adapter.converter import read
from anybank.adapter.wire import Json
from anybank.model.credentials import TemporaryCredentials
from anybank.sensitive import Sensitive

# "Getting your API key" has a call that verifies a key, with the key id in its path, where
# logs would show it. An empty page of customers far past the last needs a key as well.
# https://docs.bond.tech/docs/getting-your-api-key
CHECK = {"page": 1_000_000, "per_page": 1}
ACCEPTED = "Bond accepted the key: it was used to list an empty page of customers"


@frozen(kw_only=True)
class WireKey:
    """A temporary key as Bond sends it. Source: Atelio docs, "External accounts SDK"."""

    Identity: str
    Authorization: str


def temporary(raw: Json) -> TemporaryCredentials:
    """Read the response to a create of a temporary key."""
    key = read(raw, WireKey)
    return TemporaryCredentials(
        credentials={
            "identity": Sensitive(key.Identity),
            "authorization": Sensitive(key.Authorization),
        },
        note="valid for five calls or five minutes",
    )
