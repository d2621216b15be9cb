"""A document whose person has the members of an address and no object for it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from anybank import Address, NewCustomer
from anybank.adapter.converter import Reader, rules_of, write
from anybank.cli.scaffold import Names
from anybank.cli.scaffold.openapi import Generator
from anybank.model.customers import Customer

_TEXT = {"type": "string"}
_USER: dict[str, Any] = {
    "type": "object",
    "required": ["first_name", "address1", "city"],
    "properties": {
        "token": _TEXT,
        "first_name": _TEXT,
        "address1": {"type": "string", "maxLength": 30},
        "city": _TEXT,
        # The state of an address, and not a status.
        "state": {"type": "string", "enum": ["CA", "NY"]},
        "zip": _TEXT,
    },
}
_RAW = {"token": "u-1", "first_name": "Ada", "address1": "1 Main St", "city": "Reno"}


def _document(user: Any) -> Any:
    schema = {"$ref": "#/components/schemas/User"}
    content = {"content": {"application/json": {"schema": schema}}}
    returned = {"responses": {"200": {"description": "", **content}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Flat", "version": "1"},
        "components": {"schemas": {"User": user}},
        "servers": [{"url": "https://sandbox.flat.example"}],
        "paths": {
            "/users": {
                "post": {
                    "operationId": "createUser",
                    "requestBody": content,
                    **returned,
                }
            },
            "/users/{token}": {"get": {"operationId": "getUser", **returned}},
        },
    }


def _wire(folder: Path, user: Any) -> Any:
    """Return the module of wire classes that the document of a user gives."""
    path = folder / "flat.json"
    path.write_text(json.dumps(_document(user)), "utf-8")
    texts = Generator(path, []).texts(Names.new("flat"))
    module = ModuleType("flat_wire")
    sys.modules[module.__name__] = module
    text = texts["src/anybank_flat/wire.py"]
    exec(compile(text, "wire", "exec"), module.__dict__)  # noqa: S102  # our own text
    return module


@pytest.fixture
def wire(tmp_path: Path) -> Any:
    """Return the wire classes of a user whose address is required."""
    return _wire(tmp_path, _USER)


def _class_of(wire: Any) -> Any:
    (user,) = (it for name, it in vars(wire).items() if name.startswith("Wire"))
    return user


def test_the_members_are_one_address(wire: Any) -> None:
    """A user is read with an address and written from the first one."""
    user = _class_of(wire)
    person = Reader(user, Customer).read({**_RAW, "state": "CA", "zip": "89501"})
    (address,) = person.addresses
    assert (address.line1, address.city) == ("1 Main St", "Reno")
    assert (address.state, address.postal_code) == ("CA", "89501")
    assert person.status is None
    home = Address(line1="1 Main St", city="Reno")
    new = NewCustomer(first_name="Ada", addresses=[home])
    assert {**write(user, new), "token": "u-1"} == _RAW


def test_the_rules_are_those_of_an_address(wire: Any) -> None:
    """Required members make the address required, and lengths are the address's."""
    rules = rules_of(wire)
    addresses = rules[NewCustomer]["addresses"]
    assert (addresses.create, addresses.items) == ("required", (1, 1))
    assert rules[Address]["line1"].length == (1, 30)
    assert rules[Address]["postal_code"].native == "zip"


def test_an_address_that_is_not_required_may_be_absent(tmp_path: Path) -> None:
    """Without required members a customer may have no address, and one at most."""
    wire = _wire(tmp_path, {**_USER, "required": []})
    addresses = rules_of(wire)[NewCustomer]["addresses"]
    assert (addresses.create, addresses.items) == ("optional", (0, 1))


def test_a_city_alone_is_no_address(tmp_path: Path) -> None:
    """A place of birth is not where a person lives."""
    properties = dict.fromkeys(("token", "first_name", "city"), _TEXT)
    wire = _wire(tmp_path, {"type": "object", "properties": properties})
    assert Address not in rules_of(wire)
