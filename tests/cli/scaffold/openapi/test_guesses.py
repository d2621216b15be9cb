"""Operations and properties are guessed from their names, and from those around them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from anybank.cli.scaffold.names import Names
from anybank.cli.scaffold.openapi.features import choose
from anybank.cli.scaffold.openapi.package import Generator
from anybank.cli.scaffold.openapi.source import SourceDocument

PERSON = {
    "type": "object",
    "properties": {
        name: {"type": "string"} for name in ("token", "first_name", "government_id")
    },
}
ENROLLMENT = {
    "type": "object",
    "properties": {
        "token": {"type": "string"},
        "control_person": PERSON,
        "individual": PERSON,
        "status": {"type": "string", "enum": ["ACCEPTED", "PENDING_REVIEW", "ODD"]},
    },
}
ACCOUNT = {
    "type": "object",
    "properties": {
        "token": {"type": "string"},
        "status": {"type": "string", "enum": ["OPEN", "SUSPENDED"]},
    },
}
PATHS = {
    "/account_holders": {"get": ENROLLMENT, "post": ENROLLMENT},
    "/account_holders/{id}": {"get": ENROLLMENT, "patch": ENROLLMENT},
    "/account_holders/{id}/entities/{entity}": {"delete": PERSON},
    "/accounts": {"get": ACCOUNT},
    "/accounts/{id}": {"get": ACCOUNT},
    "/financial_accounts": {"get": ACCOUNT, "post": ACCOUNT},
    "/financial_accounts/{id}": {"get": ACCOUNT},
    "/fraud/transactions/{id}": {"get": ACCOUNT},
    "/transactions": {"get": ACCOUNT},
    "/transactions/{id}": {"get": ACCOUNT},
}
OWNED = {
    "/balances/{user}": {"get": ACCOUNT},
    "/cards/user/{user}": {"get": ACCOUNT},
    "/depositaccounts": {"post": ACCOUNT},
    "/depositaccounts/user/{user}": {"get": ACCOUNT},
    "/kyc": {"post": ACCOUNT},
    "/kyc/{id}": {"get": ACCOUNT},
    "/kyc/user/{user}": {"get": ACCOUNT},
    "/reserve/transactions": {"get": ACCOUNT, "post": ACCOUNT},
    "/transactions": {"get": ACCOUNT},
    "/users/{user}": {"get": ENROLLMENT, "put": ENROLLMENT},
}
"""The paths of a vendor who names the owner in the path and has no operation ids."""


def operation(schema: Any, method: str) -> dict[str, Any]:
    """Return an operation that answers, and takes, a schema."""
    content = {"content": {"application/json": {"schema": schema}}}
    described: dict[str, Any] = {"responses": {"200": {"description": "", **content}}}
    return {**described, "requestBody": content} if method == "post" else described


def write(directory: Path, described: Any) -> Path:
    """Write a document with these paths."""
    paths = {
        path: {method: operation(schema, method) for method, schema in methods.items()}
        for path, methods in described.items()
    }
    text = {"openapi": "3.0.0", "info": {"title": "Holders", "version": "1"}}
    path = directory / "openapi.json"
    path.write_text(json.dumps({**text, "paths": paths}), "utf-8")
    return path


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A document of a vendor with several collections of each kind."""
    return write(tmp_path_factory.mktemp("document"), PATHS)


def test_the_collection_that_creates_its_records_is_preferred(document: Path) -> None:
    """Settings of accounts and reports about transactions are neither of the two."""
    _, guesses = choose(SourceDocument.read(document), [])
    assert {str(it.feature): it.operation.path for it in guesses} == {
        "customers.create": "/account_holders",
        "customers.get": "/account_holders/{id}",
        "customers.list": "/account_holders",
        "customers.update": "/account_holders/{id}",
        "accounts.create": "/financial_accounts",
        "accounts.get": "/financial_accounts/{id}",
        "accounts.list": "/financial_accounts",
        "transactions.get": "/transactions/{id}",
        "transactions.list": "/transactions",
    }


def test_a_path_that_names_the_owner_is_a_listing(tmp_path: Path) -> None:
    """`/kyc/user/{id}` is asked with a person, as our question is, and a card is none."""
    _, guesses = choose(SourceDocument.read(write(tmp_path, OWNED)), [])
    assert {str(it.feature): it.operation.call for it in guesses} == {
        "customers.get": "GET /users/{user}",
        "customers.update": "PUT /users/{user}",
        "kyc.start": "POST /kyc",
        "kyc.get": "GET /kyc/user/{user}",
        "accounts.create": "POST /depositaccounts",
        "accounts.list": "GET /depositaccounts/user/{user}",
        "accounts.balance": "GET /balances/{user}",
        "transactions.list": "GET /transactions",
    }


def test_a_feature_chooses_the_method_of_a_path(tmp_path: Path) -> None:
    """Of two operations with one path, the verb of the feature says which is meant."""
    file = SourceDocument.read(write(tmp_path, OWNED))
    names = ["customers.get=/users/{user}", "customers.update=/users/{user}"]
    _, guesses = choose(file, names)
    assert [it.operation.method for it in guesses] == ["GET", "PUT"]


def test_the_person_is_the_individual(document: Path) -> None:
    """The control person of a business is another person, and a government id is an SSN."""
    texts = Generator(document, []).texts(Names.new("holders"))
    _, *classes = texts["src/anybank_holders/wire.py"].split("class Wire")
    names = {it.partition(":")[0]: it for it in classes}
    others = [it for name, it in names.items() if name.endswith("ControlPerson")]
    persons = [it for name, it in names.items() if name.endswith("Individual")]
    assert others
    assert persons
    assert not any("neutral(" in it for it in others)
    for person in persons:
        assert 'first_name: str | None = neutral("first_name"' in person
        assert '"ssn"' in person


def test_usual_words_are_members(document: Path) -> None:
    """A word that says what it means needs no author; another one does."""
    values = Generator(document, []).texts(Names.new("holders"))[
        "src/anybank_holders/wire.py"
    ]
    for line in (
        '"ACCEPTED": CustomerStatus.ACTIVE',
        '"PENDING_REVIEW": CustomerStatus.PENDING',
        '"ODD": CustomerStatus.UNKNOWN',
        '"SUSPENDED": AccountStatus.FROZEN',
    ):
        assert line in values


def test_objects_without_our_fields_are_dictionaries_where_there_are_many(
    tmp_path: Path,
) -> None:
    """A record of a hundred schemas has classes for those with a field of ours only."""
    details = {
        f"detail{number}": {
            "type": "object",
            "properties": {f"code{number}": {"type": "string"}},
        }
        for number in range(60)
    }
    properties: Any = ENROLLMENT["properties"]
    inner = {**properties, **details}
    record = {"type": "object", "properties": inner}
    file = write(tmp_path, {"/users/{user}": {"get": record}})
    wire = Generator(file, []).texts(Names.new("holders"))[
        "src/anybank_holders/wire.py"
    ]
    assert "    detail7: dict[str, Any] | None = None" in wire
    assert 1 < wire.count("\nclass ") < 5
    assert 'first_name: str | None = neutral("first_name"' in wire
