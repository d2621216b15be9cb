"""Transcribe the examples of a vendor's OpenAPI document into masked cassettes.

    python -m tools.transcribe_examples increase DOCUMENT

Each declared operation is run against the document's examples. One that succeeds becomes
`cassettes/<vendor>/transcribed/<operation>.yaml`; the others are listed with the reason.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import define, evolve, field

from anybank import AnybankError, ConfigurationError
from anybank.adapter.wire import Request, Response
from anybank.plugins import find
from anybank.testing.cassette_files import CassetteOrigin
from anybank.testing.cassette_writer import CassetteWriter
from anybank.testing.conformance import Subject
from anybank.testing.conformance.operations import OPERATIONS, Operation
from anybank.testing.conformance.recorder import Recorder
from anybank.testing.conformance.scenarios import Scenario
from anybank.testing.openapi_document import OpenApiDocument

CASSETTES = Path(__file__).parents[1] / "cassettes"
_PERSON = "natural_person"
_KINDS = {
    "customer": "entity",
    "verified_customer": "entity",
    "subscription": "event_subscription",
    "transaction_account": "account",
}
"""The schema that has the example of a kind of record, where its name differs."""
_CURSOR = "next_cursor"
_NOTE = "the request is the adapter's own, and the response is masked"
_LAST_PAGE = f"{_CURSOR} is null here: the document prints no second page"


class NoExample(Exception):
    """The document has no example of a response."""


@define(eq=False)
class DocumentVendor:
    """Responds to each request with the example that the document prints for it."""

    simulator: Any
    tree: Mapping[str, Any]
    is_page: bool = False
    """True if the last response was a page, whose cursor is removed."""
    document: OpenApiDocument = field(init=False)

    @document.default
    def _document(self) -> OpenApiDocument:
        return OpenApiDocument(self.tree)

    @property
    def credentials(self) -> Mapping[str, Any]:
        """The options with which the simulator admits a Bank."""
        return dict(self.simulator.credentials)

    @property
    def base_path(self) -> str:
        """The part of the path before the resources."""
        return str(self.simulator.base_path)

    def __call__(self, request: Request) -> Response:
        """Return the example of the operation; raise NoExample if there is none."""
        path = request.path.removeprefix(self.base_path)
        name = self.document.name_of(request.method, path)
        if name is None:
            raise NoExample(f"the document has no {request.method} {path}")
        method, _, template = name.partition(" ")
        responses = self.tree["paths"][template][method.lower()]["responses"]
        status = next(code for code in responses if code.startswith("2"))
        described = self._followed(responses[status])
        for media, content in described.get("content", {}).items():
            for example in self._examples(content):
                return self._response(int(status), media, example)
        raise NoExample(f"the document prints no response of {name}")

    def _response(self, status: int, media: str, example: Any) -> Response:
        self.is_page = isinstance(example, dict) and _CURSOR in example
        tree = {**example, _CURSOR: None} if self.is_page else example
        content = json.dumps(tree).encode()
        return Response(status=status, headers={"content-type": media}, content=content)

    def example_id(self, kind: str) -> str | None:
        """Return the id that the example of a kind of record has."""
        schema = self.tree["components"]["schemas"].get(_KINDS.get(kind, kind), {})
        identifier: str | None = schema.get("example", {}).get("id")
        return identifier

    def _examples(self, content: Mapping[str, Any]) -> Iterator[Any]:
        """Yield the examples of a response, that of a person first."""
        named = [item["value"] for item in content.get("examples", {}).values()]
        yield from sorted(named, key=lambda it: it.get("structure") != _PERSON)
        if "example" in content:
            yield content["example"]
        schema = self._followed(content.get("schema", {}))
        if "example" in schema:
            yield schema["example"]

    def _followed(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in node:
            target: Any = self.tree
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node


def transcribe(provider: str, path: Path, directory: Path = CASSETTES) -> Iterator[str]:
    """Write the cassettes of a vendor; yield a line for each operation."""
    plugin = find(provider)
    if plugin.conformance is None:
        raise ConfigurationError(
            f"the plugin of {provider} has no settings for the kit"
        )
    subject: Subject = plugin.conformance().subject()
    vendor = DocumentVendor(subject.simulator(), json.loads(path.read_text("utf-8")))
    info = vendor.tree["info"]
    writer = CassetteWriter(
        directory=directory,
        vendor=provider,
        origin=CassetteOrigin.VENDOR_PAGE,
        base_url=plugin.adapter.capabilities.hosts["sandbox"],
        base_path=vendor.base_path,
        source=f"{info['title']} {info['version']}, the examples of the OpenAPI document",
        notes=[_NOTE],
    )
    for operation in OPERATIONS.values():
        if subject.supports(operation.feature):
            yield f"{operation.name}: {_transcribed(subject, operation, vendor, writer)}"


def _transcribed(
    subject: Subject,
    operation: Operation,
    vendor: DocumentVendor,
    writer: CassetteWriter,
) -> str:
    scenario = Scenario(subject, Recorder(vendor))
    for kind in operation.prerequisites:
        scenario.ids[kind] = vendor.example_id(kind) or "anybank-1"
    outcome = operation.outcome(scenario, retries=0)
    if isinstance(outcome, AnybankError):
        return f"{type(outcome).__name__} {scenario.recorder.crash or ''} {outcome}"
    exchanges = [(item.request, item.response) for item in scenario.recorder.exchanges]
    name = operation.name.replace(".", "-").replace("_", "-")
    notes = [_NOTE, _LAST_PAGE] if vendor.is_page else [_NOTE]
    path = evolve(writer, notes=notes).write(name, exchanges)
    return f"written to {path.name}"


if __name__ == "__main__":
    sys.stdout.writelines(
        f"{line}\n" for line in transcribe(sys.argv[1], Path(sys.argv[2]))
    )
