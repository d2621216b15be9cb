"""A vendor's OpenAPI document as a judge of single requests and responses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from anybank import ConfigurationError, Request, Response
from anybank.testing.openapi_document import OpenApiDocument, Violation

_JSON_API = "application/vnd.api+json"


def _media(schema: dict[str, Any], media: str = "application/json") -> dict[str, Any]:
    return {"content": {media: {"schema": schema}}}


def document(version: str = "3.0.3", **schemas: Any) -> OpenApiDocument:
    """Return a document of people, whose schema is `person`, under a server's path."""
    person = {"$ref": "#/components/schemas/person"}
    read = {"responses": {"200": _media(person)}}
    return OpenApiDocument(
        {
            "openapi": version,
            "servers": [{"url": "https://bank.example/v1"}],
            "paths": {
                "/people/{id}": {"parameters": [_query("view")], "get": read},
                "/people/me": {
                    "get": {"responses": {"2XX": _media({"type": "array"})}}
                },
                "/people": {
                    "post": {
                        "requestBody": {"required": True, **_media(person, _JSON_API)},
                        "responses": {"default": _media({"type": "object"})},
                    }
                },
            },
            "components": {"schemas": schemas},
        }
    )


def _query(name: str, *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": {}}


def _post(body: Any, media: str = _JSON_API) -> Request:
    headers = {"content-type": media}
    return Request(method="POST", path="/people", headers=headers, body=body)


def _of_request(judge: OpenApiDocument, request: Request) -> list[Violation]:
    return list(judge.violations_of_request(request, request.path))


def _of_response(
    judge: OpenApiDocument, path: str, body: Any, status: int = 200
) -> Any:
    response = Response(status=status, content=json.dumps(body).encode())
    request = Request(method="GET", path=path)
    return list(judge.violations_of_response(request, path, response))


NAMED = {"type": "object", "properties": {"name": {"type": "string"}}}


def test_a_media_type_that_the_document_does_not_have_is_a_violation() -> None:
    """JSON:API is not JSON, and the body is validated in the documented media type."""
    judge = document(person=NAMED)
    assert _of_request(judge, _post({"name": "Ada"})) == []
    (other,) = _of_request(judge, _post({"name": "Ada"}, "application/json"))
    assert _JSON_API in other.problem


def test_null_is_allowed_where_the_document_says_so() -> None:
    """OpenAPI 3.0 writes `nullable`, OpenAPI 3.1 a second type."""
    nullable = {"properties": {"name": {"type": "string", "nullable": True}}}
    typed = {"properties": {"name": {"type": ["string", "null"]}}}
    assert _of_request(document(person=nullable), _post({"name": None})) == []
    assert _of_request(document("3.1.0", person=typed), _post({"name": None})) == []
    (violation,) = _of_request(document(person=NAMED), _post({"name": None}))
    assert violation.place == "POST /people request name"


def test_the_alternative_that_fits_best_is_described() -> None:
    """A mistake in one of several shapes is reported at its place."""
    fields = {"name": {"type": "string"}, "born": {"type": "string"}}
    shapes = [
        {"required": ["company", "founded", "owner"]},
        {"required": ["name", "born"], "properties": fields},
    ]
    judge = document(person={"type": "object", "oneOf": shapes})
    (violation,) = _of_request(judge, _post({"name": "Ada"}))
    assert violation.place == "POST /people request born"


def test_a_body_that_fits_several_alternatives_is_allowed() -> None:
    """Vendors write `oneOf` for shapes that overlap, which is no mistake of an adapter."""
    shapes: list[Any] = [{"properties": {"name": {}}}, {"properties": {"born": {}}}]
    assert _of_request(document(person={"oneOf": shapes}), _post({"name": "Ada"})) == []


def test_a_literal_path_is_preferred_and_the_path_of_a_server_is_optional() -> None:
    """`/people/me` is its own operation, with or without the path of the server."""
    judge = document(person=NAMED)
    assert judge.name_of("GET", "/people/me") == "GET /people/me"
    assert judge.name_of("GET", "/v1/people/p-1") == "GET /people/{id}"
    assert judge.name_of("DELETE", "/people/p-1") is None


def test_unknown_operations_and_parameters_are_violations() -> None:
    """No id and no value is part of a violation."""
    judge = document(person=NAMED)
    (unknown,) = _of_request(judge, Request(method="GET", path="/pets/912-45-6789"))
    assert unknown.place == "GET /pets/{id}"
    extra = Request(method="GET", path="/people/p-1", query={"all": "912-45-6789"})
    places = [violation.place for violation in _of_request(judge, extra)]
    assert places == ["GET /people/{id} request ?all", "GET /people/{id} request ?view"]


def test_bodies_that_are_missing_or_not_expected_are_violations() -> None:
    """A required body has to be there, and a read has none."""
    judge = document(person=NAMED)
    (missing,) = _of_request(judge, _post(None))
    assert missing.problem == "the document requires a body"
    read = Request(method="GET", path="/people/me", body={"name": "Ada"})
    (extra,) = _of_request(judge, read)
    assert extra.problem == "the document has no body here"


def test_responses_are_judged_by_their_status() -> None:
    """A status, a range or the default describes the body; any other is a violation."""
    judge = document(person=NAMED)
    assert _of_response(judge, "/people/p-1", {"name": "Ada"}) == []
    (wrong,) = _of_response(judge, "/people/p-1", {"name": 7})
    assert wrong.place == "GET /people/{id} response 200 name"
    assert _of_response(judge, "/people/me", [], 204) == []
    (other,) = _of_response(judge, "/people/p-1", {}, 404)
    assert other.problem == "the document has no such status"
    assert _of_response(judge, "/pets", {}) == []


def test_a_response_that_is_not_json_is_a_violation() -> None:
    """The document has JSON, and the body is a text."""
    request = Request(method="GET", path="/people/me")
    response = Response(status=200, content=b"no")
    judge = document(person=NAMED)
    (text,) = judge.violations_of_response(request, "/people/me", response)
    assert text.problem == "the body is not JSON"


def test_enums_are_found_behind_references() -> None:
    """Only the enums of the operations that are in use count."""
    kinds = {"$ref": "#/components/schemas/kinds"}
    judge = document(
        person={
            "properties": {
                "kind": kinds,
                "friend": {"$ref": "#/components/schemas/person"},
            }
        },
        kinds={"type": "array", "items": {"enum": ["home", "work"]}},
    )
    assert set(judge.enums("kind", ["POST /people"])) == {frozenset({"home", "work"})}
    assert set(judge.enums("kind", ["GET /people/me"])) == set()


@pytest.mark.parametrize("text", ["no", "[]", '{"swagger": "2.0"}'])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    """Whatever is no OpenAPI document is refused by its name."""
    path = tmp_path / "bank.json"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=r"bank\.json"):
        OpenApiDocument.read(path)


def test_a_document_in_yaml_judges_as_one_in_json(tmp_path: Path) -> None:
    """Most vendors publish YAML: dates stay texts, and the country NO is no boolean."""
    pytest.importorskip("yaml")
    path = tmp_path / "openapi.yaml"
    path.write_text(
        """
openapi: 3.1.0
paths:
  /people:
    get:
      responses:
        "200":
          description: found
          content:
            application/json:
              schema: {type: array, items: {enum: [NO, 2024-01-01]}}
"""
    )
    document = OpenApiDocument.read(path)
    assert document.name_of("GET", "/people") == "GET /people"
    (schema,) = [document.tree["paths"]["/people"]["get"]["responses"]["200"]]
    words = schema["content"]["application/json"]["schema"]["items"]["enum"]
    assert words == ["NO", "2024-01-01"]


def test_a_member_of_an_inner_object_is_named_with_its_path() -> None:
    """Two objects may have a member of the same name, and an exception names one."""
    name = {"type": "object", "required": ["family"], "additionalProperties": False}
    judge = document(person={"type": "object", "properties": {"name": name}})
    places = [it.place for it in _of_request(judge, _post({"name": {"nick": "A"}}))]
    assert sorted(places) == [
        "POST /people request name/family",
        "POST /people request name/nick",
    ]
