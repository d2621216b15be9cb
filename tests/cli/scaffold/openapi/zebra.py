"""The OpenAPI document of an invented bank, with the usual difficulties of such documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_PERSON: dict[str, Any] = {
    "allOf": [
        {"$ref": "#/components/schemas/Record"},
        {
            "type": "object",
            "required": ["status"],
            "properties": {
                "name": {"$ref": "#/components/schemas/Name"},
                "dateOfBirth": {"type": "string", "format": "date", "nullable": True},
                "createdAt": {"type": "string", "format": "date-time"},
                "status": {"type": "string", "enum": ["active", "denied", "odd"]},
                "address": {"allOf": [{"$ref": "#/components/schemas/Address"}]},
                "guardian": {"$ref": "#/components/schemas/Person"},
                "class": {"type": "string"},
                "2fa-enabled": {"type": "boolean"},
                "list": {"type": "array", "items": {"type": "string"}},
                "limit": {"type": "number"},
                "extra": {"type": "object", "additionalProperties": True},
                "payout": {
                    "oneOf": [
                        {"$ref": "#/components/schemas/Card"},
                        {"$ref": "#/components/schemas/Iban"},
                    ],
                    "discriminator": {"propertyName": "type"},
                },
                "either": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
            },
        },
    ]
}
_NEW_PERSON: dict[str, Any] = {
    "type": "object",
    "required": ["type", "name", "dateOfBirth", "occupation"],
    "properties": {
        "type": {"type": "string", "enum": ["person"]},
        "name": {"$ref": "#/components/schemas/Name"},
        "dateOfBirth": {"type": "string", "format": "date"},
        "address": {"$ref": "#/components/schemas/Address"},
        "occupation": {"type": "string"},
    },
}
SCHEMAS: dict[str, Any] = {
    "Record": {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string", "format": "uuid"}},
    },
    "Person": _PERSON,
    "NewPerson": _NEW_PERSON,
    # Both become WirePersonName.
    "person-name": {"type": "object", "properties": {"text": {"type": "string"}}},
    "Name": {
        "type": "object",
        "required": ["first", "last"],
        "properties": {
            "first": {"type": "string", "minLength": 1, "maxLength": 40},
            "last": {"type": "string", "maxLength": 40},
            "person": {"$ref": "#/components/schemas/person-name"},
            "other": {"$ref": "#/components/schemas/PersonName"},
        },
    },
    "PersonName": {"type": "object", "properties": {"text": {"type": "string"}}},
    "Address": {
        "type": "object",
        "required": ["street", "city"],
        "properties": {
            "street": {"type": "string"},
            "city": {"type": "string"},
            "zip": {"type": "string", "pattern": "^[0-9]{5}$"},
        },
    },
    "Card": {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"type": "string"}, "number": {"type": "string"}},
    },
    "Iban": {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"type": "string"}, "iban": {"type": "string"}},
    },
}


def _answer(schema: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"200": {"description": "ok", "content": content}}


def _operation(name: str, schema: str, **more: Any) -> dict[str, Any]:
    answer = _answer({"$ref": f"#/components/schemas/{schema}"})
    return {"operationId": name, "responses": answer, **more}


def document() -> dict[str, Any]:
    """Return the document."""
    page = {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": {"$ref": "#/components/schemas/Person"}},
            "next": {"type": "string"},
        },
    }
    body = {"content": {"application/json": {"schema": SCHEMAS["NewPerson"]}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Zebra", "version": "7"},
        "servers": [
            {"url": "https://sandbox.zebra.example/v2"},
            {"url": "https://api.zebra.example/v2"},
        ],
        "paths": {
            "/people": {
                "post": _operation("createPerson", "Person", requestBody=body),
                "get": {"operationId": "listPeople", "responses": _answer(page)},
            },
            "/people/{personId}": {"get": _operation("getPerson", "Person")},
            "/cards": {"get": _operation("listCards", "Card", tags=["Cards"])},
        },
        "components": {
            "schemas": json.loads(json.dumps(SCHEMAS)),
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-Zebra-Key"}
            },
        },
    }


def write(directory: Path, tree: Any) -> Path:
    """Write a document in JSON and return its path."""
    path = directory / "zebra.json"
    path.write_text(json.dumps(tree), "utf-8")
    return path
