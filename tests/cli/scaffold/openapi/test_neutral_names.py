"""The names, rules and resources that a document of another shape gives."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from anybank import NewCustomer, Phone
from anybank.adapter import json_api
from anybank.adapter.converter import write
from anybank.cli.scaffold import Names
from anybank.cli.scaffold.openapi import Generator
from anybank.model.phones import PhoneKind

TEXT = {"type": "string"}
PHONE = {
    "type": "object",
    "required": ["number"],
    "properties": {
        "countryCode": TEXT,
        "number": TEXT,
        "type": {"type": "string", "enum": ["mobilePhone", "fax"]},
    },
}
PERSON = {
    "type": "object",
    "required": ["first-name", "phones"],
    "properties": {
        "first-name": {"type": "string", "maxLength": 9},
        "last-name": TEXT,
        "class": TEXT,
        "dob": TEXT,
        "phones": {"type": "array", "items": {"$ref": "#/components/schemas/Phone"}},
        "address": {"$ref": "#/components/schemas/List"},
    },
}
RESOURCE = {
    "type": "object",
    "required": ["id", "type", "attributes"],
    "properties": {
        "id": TEXT,
        "type": {"type": "string", "enum": ["person"]},
        "attributes": {"$ref": "#/components/schemas/Person"},
        "parent": {"$ref": "#/components/schemas/Resource"},
    },
}
SCHEMAS = {
    "Phone": PHONE,
    "Person": PERSON,
    "Resource": RESOURCE,
    "List": {"type": "array", "items": {"$ref": "#/components/schemas/List"}},
}
ACCOUNT = {
    "type": "object",
    "properties": {"number": {"type": "integer"}, "currency": TEXT},
}


def _enveloped(schema: Any) -> Any:
    return {"type": "object", "required": ["data"], "properties": {"data": schema}}


def _operation(schema: Any, *, has_body: bool = False) -> dict[str, Any]:
    content = {"content": {"application/json": {"schema": schema}}}
    described: dict[str, Any] = {"responses": {"200": {"description": "", **content}}}
    return {**described, "requestBody": content} if has_body else described


def _document() -> dict[str, Any]:
    resource = {"$ref": "#/components/schemas/Resource"}
    listed = _enveloped({"type": "array", "items": resource})
    return {
        "openapi": "3.1.0",
        "info": {"title": "Heron", "version": "1"},
        "servers": True,
        "paths": {
            "/people": {
                "get": _operation(listed),
                "post": _operation(_enveloped(resource), has_body=True),
            },
            "/people/{id}": {"get": _operation(_enveloped(resource))},
            "/accounts/{number}": {"get": _operation(ACCOUNT)},
        },
        "components": {"schemas": SCHEMAS},
    }


@pytest.fixture(scope="module")
def heron(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return the texts and modules of the package that the document gives."""
    root = tmp_path_factory.mktemp("heron")
    (root / "heron.json").write_text(json.dumps(_document()), "utf-8")
    texts = dict(Generator(root / "heron.json", []).texts(Names.new("heron")))
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    sys.path.insert(0, str(root / "src"))
    names = ("wire", "records", "adapter", "declaration")
    modules = {it: importlib.import_module(f"anybank_heron.{it}") for it in names}
    yield SimpleNamespace(texts=texts, **modules)
    sys.path.remove(str(root / "src"))
    for name in [it for it in sys.modules if it.startswith("anybank_heron")]:
        del sys.modules[name]


def test_odd_names_and_phones_are_read(heron: Any) -> None:
    """Names that Python does not allow have neutral names, and a phone its code and kind."""
    person = heron.records.CUSTOMERS.reader.read(
        {
            "id": "p-1",
            "type": "person",
            "attributes": {
                "first-name": "Ada",
                "last-name": "Sample",
                "class": "x",
                "dob": "1990-04-01",
                "phones": [{"number": "5551112222", "type": "mobilePhone"}],
            },
            "parent": {"id": "p-2", "attributes": {"first-name": "Bo"}},
        }
    )
    assert (person.first_name, person.last_name) == ("Ada", "Sample")
    assert person.date_of_birth.isoformat() == "1990-04-01"
    (phone,) = person.phones
    assert (phone.number, phone.kind) == ("+15551112222", PhoneKind.MOBILE)


def test_the_body_has_constants_and_odd_names(heron: Any) -> None:
    """One class reads the resource and writes it, with its type."""
    new = NewCustomer(first_name="Ada", phones=[Phone("+15551112222")])
    assert write(heron.wire.WireResource, new) == {
        "type": "person",
        "attributes": {"first-name": "Ada", "phones": [{"number": "+15551112222"}]},
    }
    rule = heron.declaration.HERON.fields[NewCustomer]["first_name"]
    assert (rule.create, rule.length, rule.native) == ("required", (1, 9), "first-name")


def test_a_resource_of_json_api_is_recognised(heron: Any) -> None:
    """Its flows are those of json_api.Resource, and another id has the long form."""
    assert isinstance(heron.records.CUSTOMERS, json_api.Resource)
    skeletons = heron.texts["src/anybank_heron/skeletons.py"]
    assert "return CUSTOMERS.list(query)" in skeletons
    assert "return ACCOUNTS.read(raw)" in skeletons
    account = heron.records.ACCOUNTS.read({"number": 7, "currency": "USD"})
    assert (account.id, account.currency) == ("7", "USD")


def test_what_no_document_says_is_a_question(heron: Any) -> None:
    """A date without a format is marked, and a list of itself is any value."""
    wire = heron.texts["src/anybank_heron/wire.py"]
    assert "# TODO: is it a date as in 1990-04-01?" in wire
    assert "address: list[list[list[list[Any]]]] | None = None" in wire
