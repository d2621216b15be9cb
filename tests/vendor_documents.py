"""Vendors' OpenAPI documents, read by openapi-core: a second judge next to the kit's.

The documents are not part of the repository: tests that need one skip without it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest

from anybank.adapter.wire import Request, Response
from anybank.sensitive import Sensitive

SPECS = Path(__file__).parents[1].parent / "shared" / "specs"


@cache
def read_document(path: Path) -> Any:
    """Return a vendor's document, or skip the test."""
    if not path.exists():
        pytest.skip("the vendor's document is not here: ../shared is absent")
    return json.loads(path.read_text())


def validator_of(tree: Mapping[str, Any], paths: Mapping[str, Any]) -> OpenAPI:
    """Return the validator of some paths of a document."""
    config = Config(spec_validator_cls=None)  # a part of a document is no document
    return OpenAPI.from_dict({**tree, "paths": dict(paths)}, config=config)


def sent(request: Request, host: str, media_type: str) -> Any:
    """Return a request as openapi-core reads it; `media_type` is that without a header."""
    headers = {
        name: str(value.reveal()) if isinstance(value, Sensitive) else value
        for name, value in request.headers.items()
    }
    return MockRequest(
        host,
        request.method.lower(),
        request.path,
        args=dict(request.query),
        headers=headers,
        data=request.encoded() or b"",
        content_type=headers.get("content-type", media_type),
    )


class WatchedSimulator:
    """A simulator whose exchanges are validated. A rejected request may violate the document."""

    credentials: Mapping[str, Any]
    base_path = ""

    def __init__(self, simulator: Any, document: OpenAPI) -> None:
        self.bank = simulator
        self.document = document
        self.exchanges: list[tuple[str, int]] = []

    def __call__(self, request: Request) -> Response:
        response = cast("Response", self.bank(request))
        self.exchanges.append((f"{request.method} {request.path}", response.status))
        self.judge(request, response)
        return response

    def judge(self, request: Request, response: Response) -> None:
        """Raise the violation of openapi-core for an exchange that the document forbids."""
        raise NotImplementedError
