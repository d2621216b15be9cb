"""A vendor's OpenAPI document, which judges requests and responses.

The bodies are validated with the dialects of OpenAPI 3.0 and 3.1 that
`openapi-schema-validator` has for jsonschema. A whole validator of requests, such as
openapi-core, refuses documents with the small mistakes that vendors publish, and reads no
media type that it does not know, such as application/vnd.api+json.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from attrs import field, frozen

from ..adapter.wire import Request, Response
from ..errors import ConfigurationError
from .document_files import escaped, read_document, unescaped

_URI = "urn:anybank:openapi"
_MOST = 5
"""The number of violations of one body that are reported."""


@frozen
class Violation:
    """A place in a request or response that the document forbids, and why.

    No value of the body is part of it, since a body holds personal data.
    """

    place: str
    problem: str


@frozen
class _Documented:
    """An operation of the document, with the pointer to its description."""

    method: str
    template: str
    pattern: re.Pattern[str]
    pointer: str
    description: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.template}"


@frozen(eq=False)
class OpenApiDocument:
    """An OpenAPI 3.0 or 3.1 document. Raises ConfigurationError for anything else."""

    tree: Mapping[str, Any] = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> OpenApiDocument:
        """Read a document in JSON or YAML."""
        tree = read_document(path)
        if "paths" not in tree:
            raise ConfigurationError(
                f"{path.name} is not an OpenAPI document: it has no paths"
            )
        return cls(tree)

    def violations_of_request(self, request: Request, path: str) -> Iterator[Violation]:
        """Yield what the document forbids in a request to a path without the base path."""
        operation = self._operation(request.method, path)
        if operation is None:
            yield Violation(
                f"{request.method} {_without_ids(path)}",
                "the document has no such operation",
            )
            return
        yield from self._parameters(operation, request)
        yield from self._request_body(operation, request)

    def violations_of_response(
        self, request: Request, path: str, response: Response
    ) -> Iterator[Violation]:
        """Yield what the document forbids in the response to a request."""
        operation = self._operation(request.method, path)
        if operation is None:
            return
        place = f"{operation.name} response {response.status}"
        status = self._status(operation, response.status)
        if status is None:
            yield Violation(place, "the document has no such status")
            return
        pointer = f"{operation.pointer}/responses/{status}"
        pointer, described = self._followed(pointer)
        content = described.get("content") or {}
        if not content or not response.content:
            return
        media = next((name for name in content if "json" in name), None)
        if media is None:
            return
        try:
            body = json.loads(response.content)
        except ValueError:
            yield Violation(place, "the body is not JSON")
            return
        yield from self._body(f"{pointer}/content/{escaped(media)}", body, place)

    def enums(self, name: str, templates: Sequence[str]) -> Iterator[frozenset[str]]:
        """Yield the words of each member *name* in the bodies of some operations."""
        for operation in self._operations:
            if operation.name in templates:
                yield from _enums_in(self._resolved, operation.description, name)

    def name_of(self, method: str, path: str) -> str | None:
        """Return the method and the path template of an operation, None if unknown."""
        operation = self._operation(method, path)
        return operation.name if operation else None

    def _operation(self, method: str, path: str) -> _Documented | None:
        path = path.rstrip("/") or "/"
        matches = [
            operation
            for operation in self._operations
            if operation.method == method and operation.pattern.fullmatch(path)
        ]
        # A literal path is meant before one with a parameter.
        return min(matches, key=lambda it: it.template.count("{"), default=None)

    @cached_property
    def _operations(self) -> tuple[_Documented, ...]:
        return tuple(
            self._documented(method, template, item, described)
            for template, item in self.tree["paths"].items()
            for method, described in item.items()
            if isinstance(described, dict)
        )

    def _documented(
        self,
        method: str,
        template: str,
        item: Mapping[str, Any],
        described: Mapping[str, Any],
    ) -> _Documented:
        """Return an operation with the parameters of its path, which all methods have."""
        shared, own = item.get("parameters", []), described.get("parameters", [])
        return _Documented(
            method.upper(),
            template,
            re.compile(self._prefix + _pattern(template.rstrip("/"))),
            f"/paths/{escaped(template)}/{method}",
            {**described, "parameters": [*shared, *own]},
        )

    @cached_property
    def _prefix(self) -> str:
        """The path of a server, which a request may or may not have."""
        urls = [server.get("url", "") for server in self.tree.get("servers", ())]
        paths = {urlsplit(url).path.rstrip("/") for url in urls} - {""}
        return f"(?:{'|'.join(map(re.escape, sorted(paths)))})?" if paths else ""

    def _parameters(
        self, operation: _Documented, request: Request
    ) -> Iterator[Violation]:
        known = [
            self._resolved(parameter)
            for parameter in operation.description["parameters"]
        ]
        names = {item["name"]: item for item in known if item.get("in") == "query"}
        sent = dict(request.query)
        place = f"{operation.name} request"
        for name in sent:
            if not any(_is_named(name, known_name) for known_name in names):
                yield Violation(
                    f"{place} ?{name}", "the document has no such parameter"
                )
        for name, item in names.items():
            if item.get("required") and name not in sent:
                yield Violation(
                    f"{place} ?{name}", "the document requires the parameter"
                )

    def _request_body(
        self, operation: _Documented, request: Request
    ) -> Iterator[Violation]:
        place = f"{operation.name} request"
        pointer, described = self._followed(f"{operation.pointer}/requestBody")
        content = described.get("content") or {}
        if request.body is None:
            if described.get("required"):
                yield Violation(place, "the document requires a body")
            return
        if not content:
            yield Violation(place, "the document has no body here")
            return
        media = _media_type(request)
        if media not in content:
            yield Violation(
                place,
                f"the body is {media}, and the document has {', '.join(content)}",
            )
        elif "json" in media:
            body = json.loads(request.encoded() or b"null")
            yield from self._body(f"{pointer}/content/{escaped(media)}", body, place)

    def _body(self, pointer: str, body: Any, place: str) -> Iterator[Violation]:
        schema = {"$ref": f"{_URI}#{pointer}/schema"}
        # By place: a null breaks two rules of OpenAPI 3.0 at once.
        violations: dict[str, Violation] = {}
        for error in self._validator(schema).iter_errors(body):
            for violation in _described(error, place):
                violations.setdefault(violation.place, violation)
        yield from islice(violations.values(), _MOST)

    def _validator(self, schema: Any) -> Any:
        oas = _schema_validators()
        is_old = str(self.tree.get("openapi", "")).startswith("3.0")
        kind = oas.OAS30Validator if is_old else oas.OAS31Validator
        return kind(schema, registry=self._registry, format_checker=None)

    @cached_property
    def _registry(self) -> Any:
        from referencing import Registry  # noqa: PLC0415  # the extra `testing` has it
        from referencing.jsonschema import DRAFT202012  # noqa: PLC0415  # as above

        resource = DRAFT202012.create_resource(dict(self.tree))
        return Registry().with_resource(_URI, resource)

    def _status(self, operation: _Documented, status: int) -> str | None:
        known = operation.description.get("responses") or {}
        names = (str(status), f"{status // 100}XX", "default")
        return next((name for name in names if name in known), None)

    def _followed(self, pointer: str) -> tuple[str, Mapping[str, Any]]:
        """Return the pointer and the object at a pointer, behind its reference."""
        item: Any = self.tree
        for step in pointer.split("/")[1:]:
            item = item.get(unescaped(step), {})
        reference = item.get("$ref")
        return self._followed(str(reference)[1:]) if reference else (pointer, item)

    def _resolved(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        reference = item.get("$ref")
        return self._followed(str(reference)[1:])[1] if reference else item


def _schema_validators() -> Any:
    try:
        import openapi_schema_validator  # noqa: PLC0415  # the extra `testing` has it
    except ImportError:
        message = (
            "a document needs openapi-schema-validator: install 'anybank[testing]'"
        )
    else:
        return openapi_schema_validator
    raise ConfigurationError(message)


def _described(error: Any, place: str) -> Iterator[Violation]:
    """Yield a violation by its path and its rule, without the value."""
    if error.validator in ("oneOf", "anyOf"):
        # Without errors of alternatives several of them fit: the document is ambiguous,
        # and the body is right. Else the one that fits best is most likely meant.
        for inner in _closest_alternative(error.context):
            yield from _described(inner, place)
        return
    at = "/".join(
        "[]" if isinstance(step, int) else str(step) for step in error.absolute_path
    )
    if error.validator == "required":
        absent = [it for it in error.validator_value if it not in error.instance]
        for name in absent:
            yield Violation(_member(place, at, name), "the document requires it")
    elif error.validator == "additionalProperties":
        for name in error.instance.keys() - error.schema.get("properties", {}).keys():
            yield Violation(_member(place, at, name), "the document has no such member")
    elif error.validator == "enum":
        yield Violation(f"{place} {at}", "the document has no such word in its enum")
    else:
        problem = f"it breaks the document's rule `{error.validator}`"
        yield Violation(f"{place} {at}".strip(), problem)


def _closest_alternative(errors: Sequence[Any]) -> Sequence[Any]:
    """Return the errors of the alternative that has the fewest."""
    alternatives: dict[Any, list[Any]] = {}
    for error in errors:
        alternatives.setdefault(error.relative_schema_path[0], []).append(error)
    return min(alternatives.values(), key=len, default=())


def _member(place: str, at: str, name: str) -> str:
    return f"{place} {at}/{name}" if at else f"{place} {name}"


def _pattern(template: str) -> str:
    parts = re.split(r"(\{[^}]*\})", template)
    return "".join("[^/]+" if it.startswith("{") else re.escape(it) for it in parts)


def _is_named(name: str, known: str) -> bool:
    """Return True for a parameter, or for a member of one that is a deep object."""
    return name == known or name.startswith(f"{known}[") or f"{name}[]" == known


def _media_type(request: Request) -> str:
    sent = str(request.headers.get("content-type", "application/json"))
    return sent.partition(";")[0].strip()


def _without_ids(path: str) -> str:
    """Return a path whose segments with digits are hidden: an id may be personal."""
    return re.sub(r"/[^/]*\d[^/]*", "/{id}", path)


def _enums_in(
    resolve: Any, tree: Any, name: str, seen: frozenset[str] = frozenset()
) -> Iterator[frozenset[str]]:
    """Yield the enum of each property *name* in a part of a document."""
    if isinstance(tree, list):
        for item in tree:
            yield from _enums_in(resolve, item, name, seen)
    if not isinstance(tree, dict):
        return
    reference = tree.get("$ref")
    if isinstance(reference, str):
        if reference not in seen:
            yield from _enums_in(resolve, resolve(tree), name, seen | {reference})
        return
    for key, value in tree.items():
        if key == name and isinstance(value, dict):
            yield from _words_of(resolve, value)
        yield from _enums_in(resolve, value, name, seen)


def _words_of(resolve: Any, schema: Mapping[str, Any]) -> Iterator[frozenset[str]]:
    schema = resolve(schema)
    items = schema.get("items")
    if isinstance(items, dict):
        schema = resolve(items)
    for part in (schema, *map(resolve, schema.get("allOf", schema.get("anyOf", ())))):
        if words := part.get("enum"):
            yield frozenset(word for word in words if isinstance(word, str))
