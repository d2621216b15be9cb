"""Each broken adapter is caught by the check that is meant for it."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Generator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from tests.testing.conformance.people import people
from tests.testing.conformance.test_acme import _NAMES

from anybank import AddressKind
from anybank.capabilities import Feature, FeatureRule, FieldRule, Support
from anybank.errors import AnybankError, Conflict, NotFound, Rejected
from anybank.model.customers import Customer, NewCustomer
from anybank.testing.conformance import CHECKS, Subject, run_check
from anybank.wire import get, post, segment

Acme: Any = _NAMES["Acme"]
SIMULATOR = _NAMES["AcmeSimulator"]
person, customer = _NAMES["person"], _NAMES["customer"]
DECLARED = Acme.capabilities
_COUNTER = count()
Broken = Callable[[], type[Any]]


def creating(write: Callable[[Any], Any], read: Any = customer) -> type[Any]:
    """Return an Acme whose create writes and reads otherwise."""

    def create(_self: Any, query: Any) -> Generator[Any, Any, Any]:
        response = yield post("/people", write(query.new))
        return read(response.json())

    return type("Broken", (Acme,), {"create_customer": create})


def reading(read: Callable[[Any], Any]) -> type[Any]:
    """Return an Acme whose get reads otherwise."""

    def one(_self: Any, query: Any) -> Generator[Any, Any, Any]:
        response = yield get(f"/people/{segment(query.id)}")
        return read(response.json())

    return type("Broken", (Acme,), {"get_customer": one})


def declaring(**features: Any) -> type[Any]:
    """Return an Acme that declares otherwise."""
    return type("Broken", (Acme,), {"capabilities": evolve(DECLARED, **features)})


def without(name: str) -> Callable[[Any], Any]:
    """Return a writer that leaves a field of the vendor's out."""
    return lambda new: {k: v for k, v in person(new).items() if k != name}


def told(**fields: Any) -> type[Any]:
    """Return an Acme that tells some fields otherwise."""
    return reading(
        lambda raw: evolve(
            customer(raw), **{name: act(raw) for name, act in fields.items()}
        )
    )


def aside(act: Callable[[Any], Any]) -> type[Any]:
    """Return an Acme that does something else while it writes."""
    return creating(lambda new: (act(new), person(new))[1])


def catching(method: str, again: bool, error: type[Exception]) -> type[Any]:
    """Return an Acme that catches an error: it asks again, or makes something up."""

    def flow(self: Any, query: Any) -> Generator[Any, Any, Any]:
        inner = getattr(Acme, method)(self, query)
        request = next(inner)
        try:
            response = yield request
        except error:
            if not again:
                return Customer(id="made-up", provider="acme")
            response = yield request
        return customer(response.json())

    return type("Broken", (Acme,), {method: flow})


def _create_with_query(_self: Any, query: Any) -> Generator[Any, Any, Any]:
    body = person(query.new)
    request = post(f"/people/{segment(query.new.last_name)}", body)
    response = yield request
    return customer(response.json())


def _unquoted(_self: Any, query: Any) -> Generator[Any, Any, Any]:
    response = yield get(f"/people/{query.id}")
    return customer(response.json())


def _told_off(new: NewCustomer) -> Any:
    raise Rejected(f"cannot take {new.last_name}")


def _always_rejected(_self: Any, status: int, code: str | None) -> type[Any]:
    return Rejected


def _first_page(_self: Any, query: Any) -> Generator[Any, Any, Any]:
    page = yield from Acme.list_customers(_self, query)
    return evolve(page, items=page.items[:1])


def _endless(_self: Any, query: Any) -> Generator[Any, Any, Any]:
    page = yield from Acme.list_customers(_self, query)
    return evolve(page, next_token=f"{query.token}x")


def _with(name: str, value: Any) -> type[Any]:
    return type("Broken", (Acme,), {name: value})


def _rule(name: str, rule: FieldRule) -> type[Any]:
    rules = {**DECLARED.rules(NewCustomer), name: rule}
    return declaring(fields={**DECLARED.fields, NewCustomer: rules})


def _feature(feature: Feature, support: Support, source: str = "p") -> type[Any]:
    rule = FeatureRule(support=support, source=source)
    return declaring(features={**DECLARED.features, feature: rule})


_LOG = logging.getLogger("broken")
_FULL = Support.FULL

PEOPLE = people(AddressKind.HOME, "external_id")

BROKEN: dict[str, tuple[str, Broken]] = {
    "drops a field in silence": (
        "each_field_is_sent",
        lambda: creating(without("born")),
    ),
    "drops an optional field in silence": (
        "each_field_is_sent",
        lambda: creating(without("mail")),
    ),
    "forgets external_id": (
        "the_client_reference_is_sent",
        lambda: creating(without("reference")),
    ),
    "leaves out what the vendor requires": (
        "what_is_accepted_is_taken",
        lambda: creating(without("family")),
    ),
    "swaps two names": (
        "what_is_sent_is_read_back",
        lambda: told(first_name=lambda r: r["family"], last_name=lambda r: r["given"]),
    ),
    "does not read a returned field": (
        "what_is_sent_is_read_back",
        lambda: told(date_of_birth=lambda r: None),
    ),
    "does not read an optional field": (
        "what_is_sent_is_read_back",
        lambda: told(emails=lambda r: ()),
    ),
    "retries a create itself": (
        "a_create_is_never_sent_twice",
        lambda: catching("create_customer", True, AnybankError),
    ),
    "makes a customer up when the outcome is unknown": (
        "an_unclear_create_is_told",
        lambda: catching("create_customer", False, AnybankError),
    ),
    "swallows 409": (
        "refusals_are_told",
        lambda: catching("create_customer", False, Conflict),
    ),
    "makes a missing customer up": (
        "an_unknown_id_is_not_found",
        lambda: catching("get_customer", False, NotFound),
    ),
    "takes every status for a rejection": (
        "error_codes_have_classes",
        lambda: _with("problem_kind", _always_rejected),
    ),
    "declares what it lacks": (
        "what_is_declared_is_written",
        lambda: _feature(Feature.KYC_START, _FULL),
    ),
    "implements what it does not declare": (
        "what_is_written_is_declared",
        lambda: _feature(Feature.CUSTOMERS_LIST, Support.UNSUPPORTED),
    ),
    "refuses with another error": (
        "what_is_undeclared_is_unsupported",
        lambda: _with("refuse", lambda self, feature: NotFound("no")),
    ),
    "names no source of a feature": (
        "everything_has_a_source",
        lambda: _feature(Feature.CUSTOMERS_GET, _FULL, ""),
    ),
    "names no source of a field": (
        "everything_has_a_source",
        lambda: _rule("middle_name", FieldRule()),
    ),
    "gives two fields one name": (
        "native_names_are_unique",
        lambda: _rule("middle_name", FieldRule(native="given", source="p")),
    ),
    "gives a code a class that is no ProviderError": (
        "error_codes_have_classes",
        lambda: declaring(errors={"bad_person": ValueError}),
    ),
    "uses random": (
        "flows_are_pure",
        lambda: aside(lambda new: random.random()),  # noqa: S311
    ),
    "uses the clock": ("flows_are_pure", lambda: aside(lambda new: time.time())),
    "asks what day it is": (
        "flows_are_pure",
        lambda: aside(lambda new: datetime.now()),  # noqa: DTZ005
    ),
    "keeps state between calls": (
        "the_same_question_is_the_same_request",
        lambda: creating(lambda new: {**person(new), "n": next(_COUNTER)}),
    ),
    "logs a body": (
        "nothing_personal_is_logged",
        lambda: aside(lambda new: _LOG.debug("%s", new.last_name)),
    ),
    "prints a name": (
        "nothing_personal_is_printed",
        lambda: aside(lambda new: print(new.last_name)),  # noqa: T201
    ),
    "puts a name into the URL": (
        "nothing_personal_is_in_a_url",
        lambda: _with("create_customer", _create_with_query),
    ),
    "leaks a name in an error": (
        "nothing_personal_is_in_an_error",
        lambda: creating(_told_off),
    ),
    "returns naive times": (
        "times_are_aware",
        lambda: told(created_at=lambda r: datetime(2024, 3, 1)),  # noqa: DTZ001
    ),
    "reads null as None the text": (
        "nulls_read_as_nothing",
        lambda: told(first_name=lambda r: str(r["given"])),
    ),
    "raises KeyError on a missing optional": (
        "missing_optionals_read_as_nothing",
        lambda: told(first_name=lambda r: r["given"]),
    ),
    "coerces numbers": (
        "numbers_are_not_taken_for_texts",
        lambda: reading(lambda raw: customer({**raw, "family": str(raw["family"])})),
    ),
    "throws raw away": ("new_fields_are_kept", lambda: told(raw=lambda r: {})),
    "does not quote ids": ("ids_are_quoted", lambda: _with("get_customer", _unquoted)),
    "ends paging early": (
        "paging_ends_and_is_whole",
        lambda: _with("list_customers", _first_page),
    ),
    "pages for ever": (
        "paging_ends_and_is_whole",
        lambda: _with("list_customers", _endless),
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_adapter_is_caught(broken: str) -> None:
    """The check that is meant for it fails, and says what to do."""
    name, make = BROKEN[broken]
    subject = Subject(
        adapter=make(), simulator=SIMULATOR, make_person=lambda: next(PEOPLE)
    )
    finding = run_check(subject, name)
    assert not finding.passed
    assert finding.message.startswith(CHECKS[name].says)


def test_the_page_has_every_check_and_its_proof() -> None:
    """The table in the docs is the one that the code has."""
    page = Path(__file__).parents[3] / "docs" / "conformance.md"
    assert table() in page.read_text("utf-8")


def table() -> str:
    """Return the checks, and the broken adapters that prove each, as Markdown."""
    rows = ["| check | says | proven by an adapter that |", "|---|---|---|"]
    for name, check in CHECKS.items():
        proofs = "; ".join(each for each, (by, _) in BROKEN.items() if by == name)
        rows.append(f"| `{name}` | {check.says} | {proofs or '(not proven yet)'} |")
    return "\n".join(rows) + "\n"
