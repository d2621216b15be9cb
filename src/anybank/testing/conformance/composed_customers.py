"""Checks of what a create returns: the vendor's record, or what was sent."""

from __future__ import annotations

from typing import Any

from ...declaration.preflight import prepare
from ...model.customers import Origin
from .recorder import require
from .registry import check
from .subject import Subject

CREATE, GET = "customers.create", "customers.get"


@check(CREATE)
def id_only_creates_read_nothing(subject: Subject) -> None:
    """A create with read_back=False sends no read after its write."""
    recorder = subject.recorder()
    with subject.bank(recorder) as bank:
        created = bank.customers.create(subject.person, read_back=False)
    methods = [request.method for request in recorder.requests]
    # Reads before the write belong to the create, such as a look for a duplicate.
    last_write = max(index for index, method in enumerate(methods) if method != "GET")
    require(
        created.id and "GET" not in methods[last_write:],
        "customers.create reads the customer although the query has read_back=False. "
        "Return the id from the response, with the values that were sent.",
    )
    expected = prepare(subject.declared, subject.person).value
    lost = [
        name
        for name, rule in subject.declared.rules(type(expected)).items()
        if rule.is_accepted
        and rule.read == "returned"
        and not rule.changed
        and _size(getattr(created, name, None)) < _size(getattr(expected, name, None))
    ]
    require(
        not lost,
        f"customers.create with read_back=False returns no {', '.join(lost)}, or fewer "
        "items than were sent. Return each field from the response or, if the response "
        "has an id only, each that is declared returned as it was sent.",
    )
    require(
        bool(created.raw) != (created.origin is Origin.COMPOSED),
        "customers.create with read_back=False returns a customer whose `origin` is "
        f"{created.origin.name}. Set Origin.COMPOSED if the response has an id only, and "
        "`raw` if the fields are read from it.",
    )


def _size(value: Any) -> int:
    return len(value) if isinstance(value, tuple) else int(value not in (None, ""))


@check(CREATE, GET)
def creates_return_what_is_stored(subject: Subject) -> None:
    """A create returns the customer as the vendor has stored it, not as it was sent."""
    with subject.bank(subject.recorder()) as bank:
        created = bank.customers.create(subject.person)
    require(
        created.origin is Origin.READ,
        "customers.create returns a customer composed of the fields that were sent, "
        "although customers.get is declared. Read the customer back unless the query has "
        "read_back=False.",
    )
