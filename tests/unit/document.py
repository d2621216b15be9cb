"""Unit's OpenAPI document, as a check of requests and responses."""

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
from anybank_unit.simulator import UnitSimulator

DOCUMENT = Path(__file__).parents[2].parent / "shared" / "specs" / "unit-openapi.json"
HOST = "https://api.s.unit.sh"
_SERVED = frozenset(
    {"applications", "customers", "accounts", "transactions", "events", "webhooks"}
)
"""The resources of the document that the simulator has."""
_JSON_API = "application/vnd.api+json"


@cache
def document() -> OpenAPI:
    """Return the part of the document that the simulator serves, or skip.

    Its flaws are repaired: a body fits two schemas of one `oneOf`, and resources are told
    apart by schemas that the document does not have. Parameters in brackets are examined
    by `misfits`.
    """
    read = _repaired(_read())
    paths = {
        at: item for at, item in read["paths"].items() if at.split("/")[1] in _SERVED
    }
    for item in paths.values():
        for operation in item.values():
            if isinstance(operation, dict) and "parameters" in operation:
                operation["parameters"] = [
                    each for each in operation["parameters"] if each["in"] != "query"
                ]
    config = Config(spec_validator_cls=None)  # a part of a document is no document
    return OpenAPI.from_dict({**read, "paths": paths}, config=config)


def _read() -> Any:
    if not DOCUMENT.exists():
        pytest.skip("the vendor's document is not here: ../shared is absent")
    return json.loads(DOCUMENT.read_text())


def misfits(request: Request) -> list[str]:
    """Return the parameters of a listing that the document does not have."""
    read = _read()
    item = read["paths"].get(request.path, {}).get(request.method.lower(), {})
    schemas = {each["name"]: each["schema"] for each in item.get("parameters", ())}
    misfits = []
    for name, value in dict(request.query).items():
        root, *members = name.replace("]", "").split("[")
        schema = schemas.get(root)
        for member in members:
            if schema and "$ref" in schema:
                schema = read["components"]["schemas"][schema["$ref"].split("/")[-1]]
            inner = (schema or {}).get("properties", {}).get(member)
            schema = inner or (schema or {}).get("items" if member.isdigit() else "")
        if schema is None or value not in schema.get("enum", [value]):
            misfits.append(name)
    return misfits


def _repaired(tree: Any) -> Any:
    if isinstance(tree, list):
        return [_repaired(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    repaired = {
        name.removesuffix("; charset=utf-8"): _repaired(value)
        for name, value in tree.items()
        if name != "discriminator"
    }
    if "oneOf" in repaired:
        repaired["anyOf"] = repaired.pop("oneOf")
    return repaired


def schema_words(name: str, *members: str) -> set[str]:
    """Return the words of an enum, found by its schema and its members, or skip."""
    schema = _read()["components"]["schemas"][name]
    for member in members:
        schema = schema["properties"][member]
    return set(schema["enum"])


class Watched:
    """A simulator whose exchanges are validated. A rejected request may violate the document."""

    credentials = UnitSimulator.credentials
    base_path = ""

    def __init__(self, simulator: Any) -> None:
        self.bank = simulator
        self.document = document()
        self.exchanges: list[tuple[str, int]] = []

    def __call__(self, request: Request) -> Response:
        response = cast("Response", self.bank(request))
        self.exchanges.append((f"{request.method} {request.path}", response.status))
        if response.ok:
            checked = _sent(request)
            assert not misfits(request)
            if checked.content_type == _JSON_API:
                self.document.validate_request(checked)
            answered = MockResponse(
                response.content, status_code=response.status, content_type=_JSON_API
            )
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
        content_type=headers.get("content-type", _JSON_API),
    )
