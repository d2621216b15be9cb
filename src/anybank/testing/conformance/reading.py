"""Checks of what is read: gaps, additions, new words, times, ids, two ways to call."""

from __future__ import annotations

import asyncio
from datetime import datetime
from decimal import Decimal
from typing import Any

from ...errors import AnybankError, NotFound, UnexpectedResponse
from ...model.addresses import Address, AddressKind
from ...model.customers import NewCustomer
from ...model.phones import Phone, PhoneKind
from .answers import Reading, among, dropping, each, leaves, readings, setting, texts
from .operations import Operation, declared
from .recorder import NotApplicable, body_of, require
from .registry import check
from .stages import Paper, Stage
from .subject import Subject

CREATE, GET = "customers.create", "customers.get"
_NEW_WORD = "ANYBANK_NEW_WORD"
_NUMBER = 271828
_NO_IDS = ("00000000-0000-4000-8000-000000000000", "anybank-nobody")
"""Ids that nobody has: one of a common form, and one that a vendor may find ill-formed."""


def _needed(subject: Subject, reading: Reading) -> list[str]:
    """Return the fields of a customer whose absence must be read, by the vendor's name."""
    if not reading.operation.name.startswith("customers."):
        return []
    rules = subject.declared.rules(NewCustomer).items()
    return [r.native or n for n, r in rules if r.create != "refused"]


def _readable(told: Any, name: str, needed: list[str]) -> bool:
    """Tell whether a gap was read, or refused by its place where it may be."""
    if name not in needed and isinstance(told, UnexpectedResponse):
        return told.path is not None
    return not isinstance(told, AnybankError) and "None" not in texts(told)


@check()
def nulls_read_as_nothing(subject: Subject) -> None:
    """A field that is null is None, and never the text "None"."""
    for reading in readings(subject):
        needed = _needed(subject, reading)
        for name in reading.names:
            told = reading.changed(setting(name, _leaf, None))
            require(
                _readable(told, name, needed),
                f"{reading.operation.name}: {name} was null, and could not be read or "
                "reads as 'None': let its wire field be `| None`, and never call str "
                "on it.",
            )


def _leaf(value: Any) -> bool:
    return not isinstance(value, (dict, list))


@check()
def missing_optionals_read_as_nothing(subject: Subject) -> None:
    """A field that the answer leaves out is None."""
    for reading in readings(subject):
        needed = _needed(subject, reading)
        for name in reading.names:
            told = reading.changed(dropping(name))
            require(
                _readable(told, name, needed),
                f"{reading.operation.name}: an answer without {name} could not be read: "
                "give its wire field the default None, or read it with `read`, which "
                "names the place of what is missing.",
            )


@check()
def new_fields_are_kept(subject: Subject) -> None:
    """A field that is new at the vendor changes nothing, and is kept in raw."""
    for reading in readings(subject):
        told = reading.changed(
            lambda tree: each(tree, lambda found: found.update(anybank_extra="new"))
        )
        require(
            told == reading.plain,
            f"{reading.operation.name}: an answer with a new field could not be read, "
            "or reads as another: use `read(raw, Wire...)`, which ignores what it does "
            "not know.",
        )
        for item in told if isinstance(told, list) else [told]:
            raw = getattr(item, "raw", None)
            require(
                raw is None or "anybank_extra" in raw,
                f"{reading.operation.name}: give {type(item).__name__} the vendor's "
                "whole object as `raw`.",
            )


@check()
def numbers_are_not_taken_for_texts(subject: Subject) -> None:
    """A number where a text should be is refused, not turned into a text."""
    for reading in readings(subject):
        for name in reading.names:
            told = reading.changed(
                setting(name, lambda value: isinstance(value, str), _NUMBER)
            )
            require(
                str(_NUMBER) not in texts(told),
                f"{reading.operation.name}: {name} was a number and reads as a text: "
                "read strictly, with `read`, and never call str on it.",
            )


@check()
def texts_are_not_taken_for_numbers(subject: Subject) -> None:
    """A text where a number should be is refused, not turned into a number."""
    for reading in readings(subject):
        for name in reading.names:
            told = reading.changed(setting(name, _number, str(_NUMBER)))
            read = {leaf for leaf in leaves(told) if _number(leaf)}
            require(
                not read & {_NUMBER, _NUMBER * 100},
                f"{reading.operation.name}: {name} was a text and reads as a number: "
                "read strictly, with `read`, and never call int or Decimal on it.",
            )


def _number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


@check(CREATE, GET)
def new_words_are_unknown(subject: Subject) -> None:
    """A word that is new at the vendor reads as UNKNOWN, with the word beside it."""
    for kind, unknown in ((Address, AddressKind.UNKNOWN), (Phone, PhoneKind.UNKNOWN)):
        rule = subject.declared.rule(kind, "kind")
        words = set((rule.values or {}).values())
        if not words or rule.create == "refused" or rule.read != "returned":
            continue
        change = setting(rule.native or "kind", among(*words), _NEW_WORD)
        told = _customer(subject).changed(change)
        items = getattr(told, "addresses" if kind is Address else "phones", None)
        require(
            items is not None
            and all(
                each.kind is unknown and each.native_kind == _NEW_WORD
                for each in items
                if getattr(each, "native_kind", None) or each.kind is not unknown
            ),
            f"{kind.__name__}.kind: an unknown word must read as UNKNOWN, with "
            "native_kind the word itself.",
        )


def _customer(subject: Subject) -> Reading:
    return next(r for r in readings(subject) if r.operation.name == GET)


@check()
def new_statuses_are_unknown(subject: Subject) -> None:
    """A status that is new at the vendor is UNKNOWN, with its word in native_status."""
    examined = 0
    for reading in readings(subject):
        word = _native_status(reading.plain)
        if word is None:
            continue
        examined += 1
        for name in reading.names:
            told = reading.changed(setting(name, among(word), _NEW_WORD))
            items = told if isinstance(told, list) else [told]
            require(
                all(map(_status_is_kept, items)),
                f"{reading.operation.name}: the status {name} had a word that is new, "
                "and does not read as UNKNOWN with native_status the word: look it up "
                "with `.get(word, UNKNOWN)`.",
            )
    if not examined:
        raise NotApplicable("nothing that is read has a status of the vendor's")


def _native_status(value: Any) -> str | None:
    first = value[0] if isinstance(value, list) and value else value
    found = getattr(first, "native_status", None)
    return found if isinstance(found, str) else None


def _status_is_kept(told: Any) -> bool:
    if isinstance(told, AnybankError):
        return isinstance(told, UnexpectedResponse) and told.path is not None
    known = getattr(told.status, "name", "") != "UNKNOWN"
    return bool(known != (told.native_status == _NEW_WORD))


@check()
def times_are_aware(subject: Subject) -> None:
    """No time without a zone is returned."""
    for operation, stage in declared(subject):
        for leaf in leaves(operation.outcome(stage)):
            naive = isinstance(leaf, datetime) and leaf.tzinfo is None
            require(
                not naive,
                f"{operation.name} returns a time that has no zone: read it with "
                "`read`, or add the zone that the vendor's page names.",
            )


_LOOKED_UP = ("get", "update", "delete", "start", "submit", "adverse_action")
_OF_A_CUSTOMER = ("customer_addresses.create", "customer_addresses.list")


@check()
def an_unknown_id_is_not_found(subject: Subject) -> None:
    """An id that the vendor does not know raises NotFound."""
    found = False
    for operation, _stage in declared(subject, _has_an_id):
        found = True
        for text in _NO_IDS:
            said = operation.outcome(Paper.of(subject, text))
            require(
                isinstance(said, NotFound),
                f"{operation.name} gave {type(said).__name__}: let `problem` see every "
                "error answer, a 'success: false' under 200 too, and declare NotFound "
                "for the code of an ill-formed id.",
            )
    require(found, "nothing is looked up by its id.")


def _has_an_id(operation: Operation) -> bool:
    return operation.verb in _LOOKED_UP or operation.name in _OF_A_CUSTOMER


@check()
def ids_are_quoted(subject: Subject) -> None:
    """An id stays one segment of the path, whatever is in it."""
    for operation, _stage in declared(subject):
        plain, odd = Paper.of(subject, "anybank-1"), Paper.of(subject, "a/b?c#d")
        for paper in (plain, odd):
            operation.outcome(paper, retries=0)
        same = [_shape(r) for r in plain.recorder.requests[:1]]
        require(
            same == [_shape(r) for r in odd.recorder.requests[:1]],
            f"{operation.name}: an id with a slash in it changed the path: write ids "
            "into paths with `segment(id)`.",
        )


def _shape(request: Any) -> tuple[int, tuple[str, ...]]:
    return request.path.count("/"), tuple(name for name, _ in request.query)


@check()
def async_is_the_same(subject: Subject) -> None:
    """AsyncBank asks and reads as Bank does."""
    for operation, stage in declared(subject):
        twin = Stage.of(subject)
        operation.prepare(twin)
        plain = operation.outcome(stage)
        again = asyncio.run(_async(operation, twin))
        asked = [*map(body_of, stage.recorder.requests)]
        same = asked == [*map(body_of, twin.recorder.requests)]
        errors = type(plain) is type(again) and isinstance(plain, AnybankError)
        require(
            same and (plain == again or errors),
            f"{operation.name} differs: a flow must not look at how it is run.",
        )


async def _async(operation: Operation, stage: Stage) -> Any:
    async with stage.subject.async_bank(stage.recorder) as bank:
        try:
            return await operation.awaited(bank, stage)
        except AnybankError as error:
            return error
