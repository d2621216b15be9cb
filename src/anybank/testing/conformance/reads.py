"""Checks that a vendor returns the fields that are declared, and no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from ...model.customers import Customer, NewCustomer
from ...model.events import Event
from ...model.kyc import KycCheck
from ...model.missing import MissingReason
from .expected_values import read_values
from .operations import declared_operations
from .recorder import NotApplicable, require
from .registry import check
from .subject import Subject

CREATE, GET = "customers.create", "customers.get"
_NOT_DECLARED = (
    *("id", "raw", "unreadable", "provider", "dedupe_key"),
    *("origin", "issues", "never_returned"),
)
"""The fields that every vendor or the library itself fills."""


@check()
def read_rules_name_existing_fields(subject: Subject) -> None:
    """Every field in `reads` is a field of its type, and has a reason and a source."""
    if not subject.declared.reads:
        raise NotApplicable("no `reads` are declared")
    for kind, rule in subject.declared.reads.items():
        names = [field.name for field in attrs.fields(kind)]
        for name, reason in rule.never.items():
            require(
                name in names and reason.strip(),
                f"reads[{kind.__name__}].never has {name}, which is no field or has no "
                f"reason. The fields are {', '.join(names)}.",
            )
        require(
            rule.source.strip(),
            f"reads[{kind.__name__}] has no source. Name the page that shows the value.",
        )


@check()
def returned_values_are_declared(subject: Subject) -> None:
    """Each type of value that an operation returns has an entry in `reads`."""
    missing: dict[str, str] = {}
    for operation, scenario in declared_operations(subject):
        result = operation.outcome(scenario)
        for value in result if isinstance(result, list) else [result]:
            kind = type(value)
            if hasattr(value, "never_returned") and kind not in subject.declared.reads:
                missing.setdefault(kind.__name__, operation.name)
    require(
        not missing,
        f"`reads` has no entry for {', '.join(missing)}, so that nobody learns why a field "
        "is missing, and a field that is forgotten is not noticed. "
        f"{_declare(next(iter(missing), ''))}",
    )


def _declare(kind: str, name: str = "field") -> str:
    return (
        f'Decorate its wire class with `@reads({kind}, PAGE, {name}="reason")`, naming each '
        "field that the vendor never returns, and pass `read_rules_of(module)` as `reads`."
    )


@check()
def fields_declared_never_are_never_read(subject: Subject) -> None:
    """A field that is declared never returned has no value in any record."""
    for kind, values in _by_kind(subject):
        for name in subject.declared.reads[kind].never:
            require(
                not any(_has(value, name) for value in values),
                f"{kind.__name__}.{name} is declared never returned, and was read. Remove "
                f"it from reads[{kind.__name__}].never.",
            )


@check()
def returned_fields_are_read(subject: Subject) -> None:
    """Every field that is not declared never returned has a value in some record."""
    for kind, values in _by_kind(subject):
        absent = [
            name
            for name in _returned(subject, kind)
            if not any(_has(value, name) for value in values)
        ]
        require(
            not absent,
            f"No {kind.__name__} that was read has {', '.join(absent)}. Read the field, or "
            "let `seed_expected` return a record that has it. Where the vendor never "
            f"returns it: {_declare(kind.__name__, next(iter(absent), ''))}",
        )


@check(CREATE, GET)
def missing_fields_of_customers_are_explained(subject: Subject) -> None:
    """A field of a customer that is declared never returned has no value, and says so."""
    with subject.bank(subject.recorder()) as bank:
        read = bank.customers.get(bank.customers.create(subject.person).id)
    for name in subject.declared.never_returned:
        reason = None if "." in name else read.why_missing(name)
        require(
            "." in name or reason is MissingReason.NEVER_RETURNED,
            f"Customer.{name} is declared never returned, and was read. Declare its "
            "`read` as returned or masked, or remove it from reads[Customer].never.",
        )


@check()
def missing_fields_are_explained(subject: Subject) -> None:
    """A field that is declared never returned says so on each value of an operation."""
    examined = 0
    for operation, scenario in declared_operations(subject):
        result = operation.outcome(scenario)
        for value in result if isinstance(result, list) else [result]:
            rule = subject.declared.reads.get(type(value))
            examined += rule is not None
            for name in rule.never if rule else ():
                require(
                    value.why_missing(name) is MissingReason.NEVER_RETURNED,
                    f"{operation.name} returned {name}, which "
                    f"reads[{type(value).__name__}].never says is never returned. Remove "
                    "it there.",
                )
    if not examined:
        raise NotApplicable("no `reads` are declared for what an operation returns")


def _returned(subject: Subject, kind: Any) -> Iterator[str]:
    """Yield the fields that must be read; of an event only what every event has."""
    # `customer_fields_are_read_back` examines the fields that a rule allows to write.
    ruled = subject.declared.rules(NewCustomer) if kind is Customer else {}
    for field in attrs.fields(kind):
        depends_on_kind = kind is Event and field.name.endswith("_id")
        # The time of a pass: some vendors return it to a second start only.
        is_rare = kind is KycCheck and field.name == "passed_at"
        if field.name in (*_NOT_DECLARED, *ruled) or depends_on_kind or is_rare:
            continue
        if subject.declared.returns(kind, field.name):
            yield field.name


def _by_kind(subject: Subject) -> Iterator[tuple[Any, list[Any]]]:
    """Yield each declared type with its seeded records as they were read."""
    values: dict[type, list[Any]] = {}
    for value in read_values(subject):
        values.setdefault(type(value.expected), []).append(value.value)
    known: Mapping[type, Any] = subject.declared.reads
    examined = [(kind, values[kind]) for kind in known if kind in values]
    if not examined:
        raise NotApplicable(
            "no `reads` are declared for a type that `seed_expected` returns"
        )
    yield from examined


def _has(value: Any, name: str) -> bool:
    field = getattr(value, name)
    return field not in (None, (), []) and getattr(field, "name", "") != "UNKNOWN"
