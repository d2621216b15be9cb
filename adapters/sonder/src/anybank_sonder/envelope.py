"""The envelope around every response of Sonder's."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from anybank.adapter.converter import read
from anybank.adapter.wire import Json, Response
from anybank.errors import UnexpectedResponse


@frozen(kw_only=True)
class WireEnvelope:
    """The envelope of a success. `requestId` and `log_ref_id` are read from errors."""

    data: dict[str, Any]
    success: bool


def data(response: Response) -> Json:
    """Return the result inside the envelope; raise UnexpectedResponse without one."""
    return read(response.json(), WireEnvelope).data


def require_removal(response: Response, identifier: str) -> None:
    """Raise UnexpectedResponse unless a response reports this record as deleted."""
    # "Delete A Customer" shows an envelope with empty data.
    # https://dev.sonderlabs.io/customers
    # An empty object is what the page shows. An id that is there must be the right one.
    ids = {data(response).get(name) for name in ("customerId", "accountId")}
    if not ids <= {None, identifier}:
        raise UnexpectedResponse("the response is about another id", path="$.data")
