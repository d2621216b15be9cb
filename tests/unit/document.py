"""Unit's OpenAPI document, as a check of requests and responses."""

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
from anybank_unit.simulator import UnitSimulator

DOCUMENT = SPECS / "unit-openapi.json"
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
    tree = _repaired(read_document(DOCUMENT))
    paths = {
        at: item for at, item in tree["paths"].items() if at.split("/")[1] in _SERVED
    }
    for item in paths.values():
        for operation in item.values():
            if isinstance(operation, dict) and "parameters" in operation:
                operation["parameters"] = [
                    it for it in operation["parameters"] if it["in"] != "query"
                ]
    return validator_of(tree, paths)


def misfits(request: Request) -> list[str]:
    """Return the parameters of a listing that the document does not have."""
    tree = read_document(DOCUMENT)
    item = tree["paths"].get(request.path, {}).get(request.method.lower(), {})
    schemas = {it["name"]: it["schema"] for it in item.get("parameters", ())}
    misfits = []
    for name, value in dict(request.query).items():
        root, *members = name.replace("]", "").split("[")
        schema = schemas.get(root)
        for member in members:
            if schema and "$ref" in schema:
                schema = tree["components"]["schemas"][schema["$ref"].split("/")[-1]]
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
    """Return the words of an enum by its schema and its members, or skip."""
    schema = read_document(DOCUMENT)["components"]["schemas"][name]
    for member in members:
        schema = schema["properties"][member]
    return set(schema["enum"])


class Watched(WatchedSimulator):
    """Unit's simulator, judged by the document."""

    credentials = UnitSimulator.credentials

    def __init__(self, simulator: Any) -> None:
        super().__init__(simulator, document())

    def judge(self, request: Request, response: Response) -> None:
        """Validate an exchange that succeeded."""
        if not response.ok:
            return
        request_read = sent(request, HOST, _JSON_API)
        assert not misfits(request)
        if request_read.content_type == _JSON_API:
            self.document.validate_request(request_read)
        response_read = MockResponse(
            response.content, status_code=response.status, content_type=_JSON_API
        )
        self.document.validate_response(request_read, response_read)
