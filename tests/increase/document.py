"""Increase's OpenAPI document, as a check of requests and responses."""

from __future__ import annotations

from functools import cache
from typing import Any

from openapi_core import OpenAPI
from openapi_core.testing import MockResponse
from tests.vendor_documents import (
    SPECS,
    WatchedSimulator,
    read_document,
    sent,
    validator_of,
)

from anybank.adapter.wire import Request, Response
from anybank_increase.simulator import IncreaseSimulator

DOCUMENT = SPECS / "increase-openapi.json"
HOST = "https://api.increase.com"
_SERVED = frozenset(
    {
        *("entities", "accounts", "account_numbers", "external_accounts"),
        *("transactions", "pending_transactions", "inbound_ach_transfers"),
        "account_transfers",
        *("events", "event_subscriptions", "files", "entity_supplemental_documents"),
    }
)
"""The resources of the document that the simulator has."""
_JSON = "application/json"


@cache
def document() -> OpenAPI:
    """Return the part of the document that the simulator serves, or skip."""
    tree = read_document(DOCUMENT)
    paths = {at: item for at, item in tree["paths"].items() if _is_served(at)}
    for path in paths.values():
        for parameter in path.get("get", {}).get("parameters", ()):
            if parameter["name"].endswith(".in"):
                parameter["explode"] = False  # its own words: comma-delimited (row 6)
    return validator_of(tree, paths)


def schema_words(name: str, *members: str) -> set[str]:
    """Return the words of an enum by its schema and its members, or skip."""
    schemas = read_document(DOCUMENT)["components"]["schemas"]

    def resolved(schema: Any) -> Any:
        for inner in schema.get("allOf", schema.get("anyOf", ()))[:1]:
            return resolved(inner)
        reference = schema.get("$ref")
        return resolved(schemas[reference.split("/")[-1]]) if reference else schema

    schema = schemas[name]
    for member in members:
        schema = resolved(schema["properties"][member])
    return set(schema["enum"])


def _is_served(path: str) -> bool:
    resource = path.removeprefix("/simulations").split("/")[1]
    return resource in _SERVED


class Watched(WatchedSimulator):
    """Increase's simulator, judged by the document."""

    credentials = IncreaseSimulator.credentials

    def __init__(self, simulator: Any) -> None:
        super().__init__(simulator, document())

    def judge(self, request: Request, response: Response) -> None:
        """Validate an exchange."""
        request_read = sent(request, HOST, _JSON)
        if response.ok and request_read.content_type == _JSON:
            self.document.validate_request(request_read)
        if not request.path.endswith("/contents"):  # a file, which is no JSON
            response_read = MockResponse(
                response.content, status_code=response.status, content_type=_JSON
            )
            self.document.validate_response(request_read, response_read)
