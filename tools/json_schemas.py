"""Write the JSON Schema of the output of `--json`: `python -m tools.json_schemas`.

The schemas are generated from the types of the library. Tests fail if those in docs/ are
out of date, and if a command writes JSON that does not match its schema.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Literal, Union

import attrs

from anybank.cli import account_numbers, accounts, credit, events, transactions
from anybank.cli.portability import Portability
from anybank.declaration import Capabilities, Feature, FeatureRule
from anybank.declaration.diff import Diff
from anybank.errors import Issue
from anybank.migrate import Backup, CustomerHistory, Integrity, Report, Summary
from anybank.migrate.commands.export import Export
from anybank.model.accounts import Account, AccountNumber, Balance
from anybank.model.credit import CreditApplication
from anybank.model.customers import Customer
from anybank.model.events import Event
from anybank.model.kyc import KycCheck, KycDocument
from anybank.model.transactions import Transaction
from anybank.plugins import ProviderInfo
from anybank.sensitive import Sensitive
from anybank.testing.attestations import Attestation, Mode

Schema = dict[str, Any]

DIRECTORY = Path(__file__).parents[1] / "docs" / "reference"
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_SUMMARIES = (
    *("plan", "apply", "verify", "status", "resolve", "retry", "overwrite"),
    *("rollback", "adopt", "rebase", "work", "pause", "resume"),
)
"""The commands of `anybank migrate` that write a Summary."""
_INTEGER: Schema = {"type": "integer"}
_TEXT: Schema = {"type": "string"}
_TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
_BOOLEAN: Schema = {"type": "boolean"}
_LEAVES: Mapping[Any, Schema] = {
    Any: {},
    object: {},
    type(None): {"type": "null"},
    bool: _BOOLEAN,
    int: _INTEGER,
    float: {"type": "number"},
    str: _TEXT,
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
}


def schema_of(hint: Any) -> Schema:
    """Return the schema of the JSON that a command writes for a type."""
    if hint in _LEAVES:
        return dict(_LEAVES[hint])
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(argument) for argument in arguments]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is not None:
        return _generic(origin, arguments)
    return _named(hint)


def _generic(origin: Any, arguments: Sequence[Any]) -> Schema:
    if origin is type:
        return dict(_TEXT)
    if issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": schema_of(arguments[1])}
    return {"type": "array", "items": schema_of(arguments[0])}


def _named(kind: Any) -> Schema:
    # Before attrs classes: a Sensitive value is written as its mask.
    if issubclass(kind, Sensitive):
        return dict(_TEXT)
    if issubclass(kind, Enum):
        words = [member.value for member in kind]
        # Enum itself has no members: any enum may stand there.
        return {"enum": words} if words else {"type": "string"}
    if attrs.has(kind):
        return _object(fields_of(kind))
    raise TypeError(f"{kind} has no JSON form")


def fields_of(kind: type, names: Iterable[str] | None = None) -> dict[str, Schema]:
    """Return the schema of each field of an attrs class, or of those with *names*."""
    hints = typing.get_type_hints(kind)
    chosen = [field.name for field in attrs.fields(kind)] if names is None else names
    return {name: schema_of(hints[name]) for name in chosen}


def _object(fields: Mapping[str, Schema], optional: Iterable[str] = ()) -> Schema:
    """Return the schema of an object, which allows other names for later versions."""
    # No `additionalProperties: false`: a later version may add a member, and a consumer
    # must ignore those that it does not know.
    left = set(optional)
    return {
        "type": "object",
        "properties": dict(fields),
        "required": [name for name in fields if name not in left],
    }


def _with_exit_code(fields: Mapping[str, Schema]) -> dict[str, Schema]:
    return {**fields, "exit_code": _INTEGER}


def _summary() -> dict[str, Schema]:
    return _with_exit_code({**fields_of(Summary), "open": _INTEGER})


def _report() -> Schema:
    added = [field.name for field in attrs.fields(Report) if field.name != "summary"]
    own = fields_of(Report, added)
    return _object({**_summary(), **own, "html": _TEXT_OR_NULL})


def _customer() -> Schema:
    """Return the schema of a customer: counts of lists or, with --reveal, the lists."""
    public = ("id", "provider", "external_id", "created_at")
    counted = {
        name: {"anyOf": [_INTEGER, {"type": "array"}]}
        for name in ("emails", "phones", "addresses")
    }
    fields = {**fields_of(Customer, public), "accounts": _INTEGER, **counted}
    return _object({**fields, "unreadable": schema_of(tuple[str, ...])}, ["unreadable"])


def _credit() -> Schema:
    fields = fields_of(CreditApplication, (*credit.FIELDS, *credit.PERSONAL))
    return _object(fields, credit.PERSONAL)


def _account() -> Schema:
    fields = fields_of(Account, (*accounts.FIELDS, *accounts.PERSONAL))
    return _object(fields, accounts.PERSONAL)


def _balance() -> Schema:
    names = ("account_id", "current", "available", "as_of")
    return _object({**fields_of(Balance, names), "native": _TEXT_OR_NULL})


def _account_number() -> Schema:
    names = (*account_numbers.FIELDS, *account_numbers.PERSONAL)
    return _object(fields_of(AccountNumber, names), account_numbers.PERSONAL)


def _transaction() -> Schema:
    names = (*transactions.FIELDS, *transactions.PERSONAL)
    exact = [name for name in names if name != "native_amount"]
    fields = {**fields_of(Transaction, exact), "native_amount": _TEXT_OR_NULL}
    return _object({name: fields[name] for name in names}, transactions.PERSONAL)


def _kyc() -> Schema:
    names = ("customer_id", "program_id", "status", "native_status", "attempts_left")
    fields = fields_of(KycCheck, (*names, "passed_at"))
    texts = {"type": "array", "items": _TEXT}
    return _object({**fields, "documents": texts, "document_ids": texts})


def _capabilities() -> Schema:
    fields: dict[str, Schema] = {
        field.name: {}
        for field in attrs.fields(Capabilities)
        if field.name != "features"
    }
    return _object(
        {
            **fields,
            "features": schema_of(Mapping[Feature, FeatureRule]),
            "options": schema_of(list[str]),
        }
    )


def _providers() -> Schema:
    stored = {
        **fields_of(Attestation),
        "passed": _BOOLEAN,
        "stale": _TEXT_OR_NULL,
        "origin": _TEXT,
        "path": _TEXT,
    }
    attested = {"anyOf": [{"type": "null"}, _object(stored)]}
    own = {
        "tier": _TEXT,
        "next_tier": _TEXT_OR_NULL,
        "missing": schema_of(list[str]),
        "conformance": _object({mode.value: attested for mode in Mode}),
    }
    info = _object({**fields_of(ProviderInfo), **own})
    return {"type": "array", "items": info}


def _doctor() -> Schema:
    fields = {"check": _TEXT, "ok": {"type": ["boolean", "null"]}, "message": _TEXT}
    return {"type": "array", "items": _object(fields)}


def _error() -> Schema:
    fields = {
        "code": _TEXT,
        "message": _TEXT,
        "next_step": _TEXT_OR_NULL,
        "exit_code": _INTEGER,
        "provider": _TEXT_OR_NULL,
        "operation": _TEXT_OR_NULL,
        "outcome": _TEXT_OR_NULL,
        "retryable": {"type": ["boolean", "null"]},
        "status": {"type": ["integer", "null"]},
    }
    return _object({"error": _object(fields)})


def schemas() -> Mapping[str, Schema]:
    """Return the schema of each command by its name, and that of an error."""
    summary, customer, application = _object(_summary()), _customer(), _credit()
    check = _object(_with_exit_code(fields_of(Integrity)))
    paths = {"paths": schema_of(list[str])}
    attestation = {**fields_of(Attestation), "passed": _BOOLEAN, **paths}
    reasons = {"id": _TEXT, "application_id": _TEXT_OR_NULL, "service": _TEXT_OR_NULL}
    of_migrate = {f"migrate {verb}": summary for verb in _SUMMARIES}
    return {
        "error": _error(),
        "providers": _providers(),
        "conformance": _object(attestation),
        "capabilities": _capabilities(),
        "diff": schema_of(Diff),
        "portability": _object(fields_of(Portability)),
        "check": _object({"accepted": _BOOLEAN, "issues": schema_of(list[Issue])}),
        "doctor": _doctor(),
        **{f"customers {verb}": customer for verb in ("get", "list", "create")},
        "customers update": customer,
        **{f"kyc {verb}": _kyc() for verb in ("start", "get", "wait")},
        "kyc upload-document": _object(
            fields_of(KycDocument, ("id", "kind", "status"))
        ),
        **{f"accounts {verb}": _account() for verb in ("create", "get", "list")},
        "accounts close": _account(),
        "accounts balance": _balance(),
        **{
            f"account-numbers {verb}": _account_number()
            for verb in ("create", "get", "list", "update")
        },
        **{f"transactions {verb}": _transaction() for verb in ("get", "list")},
        **{
            f"events {verb}": _object(fields_of(Event, events.FIELDS))
            for verb in ("get", "list", "verify")
        },
        **{f"credit {verb}": application for verb in ("create", "get", "list")},
        **{f"credit {verb}": application for verb in ("update", "submit")},
        "credit adverse-action": _object({**reasons, "reasons": schema_of(list[str])}),
        **of_migrate,
        "migrate report": _report(),
        "migrate show": _object(fields_of(CustomerHistory)),
        "migrate check": check,
        "migrate backup": _object(fields_of(Backup)),
        "migrate crosswalk": _object({"csv": _TEXT, "rows": _INTEGER}),
        "export": _object(_with_exit_code(fields_of(Export))),
        "import": summary,
    }


_PAGE = """\
<!-- Generated from the types of the library: edit them and run `make pages`. -->
# The JSON of each command

The JSON Schema (draft 2020-12) of what each command writes with `--json`.
A required name keeps its type and meaning until the next major version.
Later versions may add names, and members of an `enum`: ignore those that you do not know.
The `list` commands and `events verify` write one object per line.
[Exit codes and JSON](commands.md) describes errors.

| command | schema |
|---|---|
{rows}
"""


def documents() -> Mapping[str, str]:
    """Return the text of the page and of each schema by its path below docs/reference."""
    files: dict[str, str] = {}
    rows: list[str] = []
    for name, schema in schemas().items():
        text = json.dumps({"$schema": _DRAFT, **schema}, indent=2) + "\n"
        # Commands with the same output share a file.
        same = (path for path, other in files.items() if other == text)
        path = next(same, f"schemas/{name.replace(' ', '-')}.json")
        files[path] = text
        rows.append(f"| `{name}` | [{path.rpartition('/')[2]}]({path}) |")
    return {"json.md": _PAGE.format(rows="\n".join(rows)), **files}


if __name__ == "__main__":
    for path, text in documents().items():
        DIRECTORY.joinpath(path).parent.mkdir(exist_ok=True)
        DIRECTORY.joinpath(path).write_text(text, "utf-8")
