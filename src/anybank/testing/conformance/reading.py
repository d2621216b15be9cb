"""Checks of what is read: gaps, additions, new words, pages, times, two ways to call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import attrs

from ...errors import InvalidInput, NotFound, UnexpectedResponse
from ...model.addresses import Address, AddressKind
from ...model.customers import Customer, NewCustomer
from ...model.phones import Phone, PhoneKind
from ...wire import Request, Response
from .registry import check
from .subject import (
    Broken,
    NotApplicable,
    Subject,
    body_of,
    json_answer,
    outcome_of,
    require,
)

CREATE, GET, LIST = "customers.create", "customers.get", "customers.list"
Change = Callable[[Any], Any]
_NEW_WORD = "ANYBANK_NEW_WORD"


def read_changed(subject: Subject, change: Change) -> tuple[Customer, Any]:
    """Return a customer as read, and as read from an answer that was changed."""
    recorder = subject.recorder()
    with subject.bank(recorder) as bank:
        made = bank.customers.create(subject.person)
        plain = bank.customers.get(made.id)

        def rewrite(_request: Request, response: Response) -> Response:
            return json_answer(response, change)

        recorder.rewrite = rewrite
        return plain, outcome_of(lambda: bank.customers.get(made.id))


def _each(tree: Any, act: Callable[[dict[str, Any]], None]) -> Any:
    """Act on every object of an answer."""
    if isinstance(tree, dict):
        for value in list(tree.values()):
            _each(value, act)
        act(tree)
    elif isinstance(tree, list):
        for value in tree:
            _each(value, act)
    return tree


def _texts(value: Any) -> Iterator[str]:
    """Yield every text of a value that was read, `raw` left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
    elif attrs.has(type(value)):
        for each in attrs.fields(type(value)):
            if each.name != "raw":
                yield from _texts(getattr(value, each.name))


def _optional(subject: Subject) -> list[str]:
    rules = subject.declared.rules(NewCustomer).items()
    return [r.native or n for n, r in rules if r.create != "refused"]


@check(CREATE, GET)
def nulls_read_as_nothing(subject: Subject) -> None:
    """A field that is null is None, and never the text "None"."""
    for native in _optional(subject):

        def blank(found: dict[str, Any], native: str = native) -> None:
            if native in found:
                found[native] = None

        _, told = read_changed(subject, lambda tree: _each(tree, blank))
        require(
            isinstance(told, Customer) and "None" not in set(_texts(told)),
            f"{native} was null, and could not be read or reads as 'None': let its "
            "wire field be `| None`, and never call str on it.",
        )


@check(CREATE, GET)
def missing_optionals_read_as_nothing(subject: Subject) -> None:
    """A field that the answer leaves out is None."""
    for native in _optional(subject):

        def lack(found: dict[str, Any], native: str = native) -> None:
            found.pop(native, None)

        _, told = read_changed(subject, lambda tree: _each(tree, lack))
        require(
            isinstance(told, Customer),
            f"an answer without {native} could not be read: give its wire field the "
            "default None.",
        )


@check(CREATE, GET)
def new_fields_are_kept(subject: Subject) -> None:
    """A field that is new at the vendor changes nothing, and is kept in raw."""

    def add(found: dict[str, Any]) -> None:
        found["anybank_extra"] = "new"

    plain, told = read_changed(subject, lambda tree: _each(tree, add))
    remedy = "read with `read(raw, Wire...)`, which ignores what it does not know."
    require(told == plain, f"It could not be read: {remedy}")
    require("anybank_extra" in told.raw, "Give Customer the whole answer as `raw`.")


@check(CREATE, GET)
def numbers_are_not_taken_for_texts(subject: Subject) -> None:
    """A number where a text should be is refused, not turned into a text."""
    name = subject.person.last_name
    native = subject.declared.rule(NewCustomer, "last_name").native or "last_name"

    def number(found: dict[str, Any]) -> None:
        if found.get(native) == name:
            found[native] = 271828

    _, told = read_changed(subject, lambda tree: _each(tree, number))
    require(
        isinstance(told, UnexpectedResponse) or "271828" not in set(_texts(told)),
        "A number was read as a last name: read strictly, with `read`.",
    )


@check(CREATE, GET)
def new_words_are_unknown(subject: Subject) -> None:
    """A word that is new at the vendor reads as UNKNOWN, with the word beside it."""
    for kind, unknown in ((Address, AddressKind.UNKNOWN), (Phone, PhoneKind.UNKNOWN)):
        rule = subject.declared.rule(kind, "kind")
        words = set((rule.values or {}).values())
        if not words or rule.create == "refused" or rule.read != "returned":
            continue
        native = rule.native or "kind"

        def renew(
            found: dict[str, Any], native: str = native, words: set[str] = words
        ) -> None:
            if found.get(native) in words:
                found[native] = _NEW_WORD

        _, told = read_changed(subject, lambda tree: _each(tree, renew))
        items = told.addresses if kind is Address else told.phones
        require(
            all(
                each.kind is unknown and each.native_kind == _NEW_WORD
                for each in items
                if getattr(each, "native_kind", None) or each.kind is not unknown
            ),
            f"{kind.__name__}.kind: an unknown word must read as UNKNOWN, with "
            "native_kind the word itself.",
        )


@check(CREATE, GET)
def times_are_aware(subject: Subject) -> None:
    """No time without a zone is returned."""
    with subject.bank(subject.recorder()) as bank:
        made = bank.customers.create(subject.person)
        for customer in (made, bank.customers.get(made.id)):
            for each in attrs.fields(Customer):
                value = getattr(customer, each.name)
                naive = isinstance(value, datetime) and value.tzinfo is None
                require(not naive, f"{each.name} has no zone: add the vendor's.")


@check(GET)
def an_unknown_id_is_not_found(subject: Subject) -> None:
    """An id that the vendor does not know raises NotFound."""
    with subject.bank(subject.recorder()) as bank:
        said = outcome_of(lambda: bank.customers.get(_NO_ID))
    require(
        isinstance(said, NotFound),
        f"It gave {type(said).__name__}: let `problem` see every error answer, a "
        "'success: false' under 200 too.",
    )


_NO_ID = "00000000-0000-4000-8000-000000000000"


@check(GET)
def ids_are_quoted(subject: Subject) -> None:
    """An id stays one segment of the path."""
    recorder = subject.recorder()
    with subject.bank(recorder) as bank:
        outcome_of(lambda: bank.customers.get("a/b?c"))
    safe = all("a/b" not in each.path and not each.query for each in recorder.requests)
    require(safe, "Write ids into paths with `segment(id)`.")


@check(CREATE, LIST)
def paging_ends_and_is_whole(subject: Subject) -> None:
    """A listing gives every customer once, and ends."""
    sizes = subject.declared.limits.page_sizes
    size = min(sizes, default=2)
    for count in {0, 1, size, size + 1, size * 2}:
        if count > 60:  # more is only slower
            continue
        _list(subject, count, size)


def _list(subject: Subject, count: int, size: int) -> None:
    recorder = subject.recorder()
    with subject.bank(recorder) as bank:
        made = [bank.customers.create(each).id for each in _many(subject, count)]
        recorder.requests.clear()
        pages = islice(bank.customers.list(page_size=size).pages(), count + 3)
        listed = outcome_of(lambda: [each.id for page in pages for each in page.items])
        more = len(recorder.requests) > count + 2
    if not isinstance(listed, list) or more:
        raise Broken("The listing does not end: give no next_token on the last page.")
    require(
        sorted(listed) == sorted(made),
        f"of {count} customers {len(set(listed))} were listed: pass the token on, and "
        "give next_token until the last page.",
    )


def _many(subject: Subject, count: int) -> Iterator[NewCustomer]:
    for index in range(count):
        person = subject.people[index % len(subject.people)]
        named = person.external_id is not None
        extra: dict[str, Any] = {"external_id": f"anybank-{index}"} if named else {}
        yield attrs.evolve(person, **extra)


@check(LIST)
def page_sizes_are_kept(subject: Subject) -> None:
    """A page size that is not declared is refused without a request."""
    sizes = subject.declared.limits.page_sizes
    if not sizes:
        raise NotApplicable("no page sizes are declared")
    recorder = subject.recorder()
    with subject.bank(recorder) as bank:
        said = outcome_of(
            lambda: list(bank.customers.list(page_size=max(sizes) + 1).pages())
        )
    require(
        isinstance(said, InvalidInput) and not recorder.requests,
        "A page size beyond the limit was sent.",
    )


@check(CREATE, GET)
def async_is_the_same(subject: Subject) -> None:
    """AsyncBank asks and reads as Bank does."""
    one, other = subject.recorder(), subject.recorder()
    with subject.bank(one) as bank:
        made = bank.customers.create(subject.person)
        plain = bank.customers.get(made.id)
    again = asyncio.run(_async(subject, other))
    same = [*map(body_of, one.requests)] == [*map(body_of, other.requests)]
    require(
        same and plain == again,
        "It differs: a flow must not look at how it is run.",
    )


async def _async(subject: Subject, recorder: Any) -> Customer:
    async with subject.async_bank(recorder) as bank:
        made = await bank.customers.create(subject.person)
        return await bank.customers.get(made.id)
