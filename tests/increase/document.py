"""Increase's OpenAPI document, as a check of requests and responses."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from anybank.adapter.wire import Request, Response
from anybank.sensitive import Sensitive
from anybank_increase.simulator import IncreaseSimulator

DOCUMENT = (
    Path(__file__).parents[2].parent / "shared" / "specs" / "increase-openapi.json"
)
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


@cache
def document() -> OpenAPI:
    """Return the part of the document that the simulator serves, or skip."""
    if not DOCUMENT.exists():
        pytest.skip("the vendor's document is not here: ../shared is absent")
    read = json.loads(DOCUMENT.read_text())
    paths = {at: item for at, item in read["paths"].items() if _is_served(at)}
    for path in paths.values():
        for parameter in path.get("get", {}).get("parameters", ()):
            if parameter["name"].endswith(".in"):
                parameter["explode"] = False  # its own words: comma-delimited (row 6)
    config = Config(spec_validator_cls=None)  # a part of a document is no document
    return OpenAPI.from_dict({**read, "paths": paths}, config=config)


def schema_words(name: str, *members: str) -> set[str]:
    """Return the words of an enum, found by its schema and its members, or skip."""
    if not DOCUMENT.exists():
        pytest.skip("the vendor's document is not here: ../shared is absent")
    schemas = json.loads(DOCUMENT.read_text())["components"]["schemas"]

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


class Watched:
    """A simulator whose exchanges are validated. A rejected request may violate the document."""

    credentials = IncreaseSimulator.credentials
    base_path = ""

    def __init__(self, simulator: Any) -> None:
        self.bank = simulator
        self.document = document()
        self.exchanges: list[tuple[str, int]] = []

    def __call__(self, request: Request) -> Response:
        response = cast("Response", self.bank(request))
        checked = _sent(request)
        self.exchanges.append((f"{request.method} {request.path}", response.status))
        if response.ok and checked.content_type == "application/json":
            self.document.validate_request(checked)
        answered = MockResponse(
            response.content,
            status_code=response.status,
            content_type="application/json",
        )
        if not request.path.endswith("/contents"):  # a file, which is no JSON
            self.document.validate_response(checked, answered)
        return response


def _sent(request: Request) -> Any:
    headers = {
        name: str(value.reveal()) if isinstance(value, Sensitive) else value
        for name, value in request.headers.items()
    }
    return MockRequest(
        HOST,
        request.method.lower(),
        request.path,
        args=dict(request.query),
        headers=headers,
        data=request.encoded() or b"",
        content_type=headers.get("content-type", "application/json"),
    )
