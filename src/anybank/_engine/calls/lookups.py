"""Look for the record of a create with an unknown outcome, without repeating it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from enum import Enum
from functools import partial
from typing import Any, Protocol, TypeVar

import attrs

from ...adapter.wire import Flow, Request
from ...declaration.field_checks import is_absent
from ...declaration.returned_values import complete
from ...declaration.vocabulary import Capabilities, FieldRule, fields_without_rules
from ...errors import AnybankError, Conflict, Outcome, UnexpectedResponse
from ...model.features import Feature
from ...model.pages import LoopGuard, Page
from ...model.questions import Question
from .answer_checks import drop_unusable
from .call import Call, CallBuilder, argument_error


class _Identified(Protocol):
    @property
    def id(self) -> str | None: ...


N = TypeVar("N")
I = TypeVar("I", bound=_Identified)  # noqa: E741  # an item

_NOT_COMPARED = ("primary", "events", "secret")
"""Fields that are not read as they were sent: another address may become primary, and a
vendor expands a wildcard such as `kyc.*` to the events that it stands for. A secret is
returned by a vendor that generates it, and not by one that accepts the caller's."""


_FILLED_IN = ("program_id",)
"""Fields that a vendor fills in itself if they were not sent."""
_PART = re.compile(r"[.\[]")


class Match(Enum):
    """Whether a listed record is the created one."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"
    """A field that decides could not be read."""


def certainly_failed(error: BaseException | None, create: Feature) -> bool:
    """Return whether an error proves that this create had no effect.

    A Conflict proves it for its own request only: it may conflict with an earlier attempt.
    """
    if not isinstance(error, AnybankError) or isinstance(error, Conflict):
        return False
    # An error of another operation proves nothing about the create.
    own = error.operation in (None, create.value)
    return own and error.outcome in (Outcome.NOT_SENT, Outcome.REFUSED)


def no_result() -> Flow[None]:
    """Return None without a request."""
    yield from _no_requests()


def _no_requests() -> Iterator[Request]:
    return iter(())


def lookup_unsupported(calls: CallBuilder, listing: Feature) -> AnybankError:
    """Return the error for a vendor that offers no way to look a create up."""
    refusal = calls.adapter.refuse(listing)
    message = (
        "a lost create cannot be looked up: a person must check before it is repeated"
    )
    refusal.args = (f"{message}; {refusal.args[0]}",)
    return refusal


def resolve_by_content(
    calls: CallBuilder,
    error: BaseException | None,
    new: N,
    *,
    create: type[Question[Any]],
    listing: Callable[[str | None], Question[Page[I]]],
    known: Collection[str],
    prepare: Callable[[N], object] | None = None,
) -> Call[I | None]:
    """Return the call that looks for the record of a create by its content.

    `listing` returns the question for a page by its token. `prepare` returns *new* as it
    was sent. Records with an id in `known` are ignored. Raises Unsupported if the vendor
    has no such create or listing.
    """
    feature = listing(None).feature
    calls.require_feature(create.feature)
    if certainly_failed(error, create.feature):
        return Call(feature, no_result())
    if not calls.adapter.capabilities.supports(feature):
        raise lookup_unsupported(calls, feature)
    # Compared as it was sent: defaults are filled in, and lost fields are left out.
    sent = prepare(new) if prepare else calls.prepare(new).value
    earlier = {known} if isinstance(known, str) else set(known)

    def judge(listed: I) -> Match:
        if listed.id in earlier:
            return Match.NO
        return _match_by_content(calls.adapter.capabilities, sent, listed)

    flow = find_one(lambda token: calls.begin(listing(token)), judge, "this content")
    finish = partial(complete, capabilities=calls.adapter.capabilities)
    return Call(feature, flow, new, finish)


def resolve_by_key(
    calls: CallBuilder,
    error: BaseException | None,
    new: N,
    *,
    create: type[Question[Any]],
    listing: Callable[[str | None, str], Question[Page[I]]],
    idempotency_key: str | None,
) -> Call[I | None] | None:
    """Return the call that looks for the record of a create by its idempotency key.

    Returns None if the vendor cannot list by key, or if no key is known and none was
    passed. Raises InvalidInput for a key that the vendor cannot look up by.
    """
    calls.require_feature(create.feature)
    feature = listing(None, "").feature
    if not calls.idempotency(create.feature).listed_by_key:
        if idempotency_key is not None:
            message = "the vendor cannot look up by key: omit it"
            raise argument_error("idempotency_key", "no look-up by key", message)
        return None
    key = idempotency_key or getattr(error, "idempotency_key", None)
    if not key:
        return None
    if certainly_failed(error, create.feature):
        return Call(feature, no_result())
    if not calls.adapter.capabilities.supports(feature):
        raise lookup_unsupported(calls, feature)
    flow = find_one(
        lambda token: calls.begin(listing(token, key)),
        lambda _: Match.YES,
        "this idempotency key",
    )
    finish = partial(complete, capabilities=calls.adapter.capabilities)
    return Call(feature, flow, new, finish)


def find_one(
    pages: Callable[[str | None], Flow[Page[I]]],
    judge: Callable[[I], Match],
    criterion: str,
) -> Flow[I | None]:
    """Read a listing to its end and return the only match, or None without a match.

    Raises Conflict for several matches, because a person must decide between them. Raises
    UnexpectedResponse without a match if a record could not be compared.
    """
    token: str | None = None
    guard: LoopGuard[I] = LoopGuard()
    matches: list[I] = []
    unclear = 0
    # To the end of the listing, also after a match: a second match means that the
    # create took effect twice, and the caller must learn of both.
    while True:
        page = drop_unusable((yield from pages(token)))
        judged = [(judge(item), item) for item in page.items]
        matches.extend(item for match, item in judged if match is Match.YES)
        unclear += page.without_id
        unclear += sum(match is Match.UNCLEAR for match, _ in judged)
        token = guard.follow(page)
        if token is None:
            break
    if unclear and not matches:
        raise UnexpectedResponse(
            f"{unclear} of the listed records could not be read completely, so it is unknown "
            f"whether they have {criterion}: a person must check"
        )
    return _only(matches, criterion)


def match_by_field(name: str, value: object) -> Callable[[Any], Match]:
    """Return a function that compares records by one field."""

    def judge(listed: Any) -> Match:
        if name in listed.unreadable:
            return Match.UNCLEAR
        return Match.YES if getattr(listed, name) == value else Match.NO

    return judge


def _only(matches: Collection[I], criterion: str) -> I | None:
    # By id, because a record may be listed on two pages if others are created
    # meanwhile.
    by_id = {item.id or str(index): item for index, item in enumerate(matches)}
    if len(by_id) > 1:
        raise Conflict(
            f"{len(by_id)} records have {criterion}: {', '.join(by_id)}. Decide which one is "
            "right, and delete the duplicates",
            outcome=Outcome.DONE,
        )
    return next(iter(by_id.values()), None)


def _match_by_content(declared: Capabilities, sent: Any, listed: Any) -> Match:
    """Compare the fields of a listed value with those that were sent and are returned."""
    rules = declared.rules(type(sent))
    filled_in = [name for name in _FILLED_IN if getattr(sent, name, None) is None]
    skipped = (*fields_without_rules(rules), *_NOT_COMPARED, *filled_in)
    names = [
        name
        for name in attrs.fields_dict(type(sent))
        if name not in skipped and hasattr(listed, name)
    ]
    # Without rules a record may hold fields that the vendor has filled in: compare only
    # the fields that were sent.
    if not rules:
        names = [name for name in names if not is_absent(getattr(sent, name))]
        rules = dict.fromkeys(names, FieldRule())
    unread = {_PART.split(name)[0] for name in getattr(listed, "unreadable", ())}
    equal = all(
        _equal(rules[name], getattr(sent, name), getattr(listed, name))
        for name in names
        if name not in unread and name in rules and _is_comparable(rules[name])
    )
    if not equal:
        return Match.NO
    return Match.UNCLEAR if unread & set(names) else Match.YES


def _is_comparable(rule: FieldRule) -> bool:
    """Return whether a field is read as it was sent: the vendor fills in a refused one."""
    is_sent = rule.is_accepted or rule.implied is not None
    return rule.read == "returned" and is_sent


def _equal(rule: FieldRule, sent: Any, listed: Any) -> bool:
    if is_absent(sent) or is_absent(listed):
        return is_absent(sent) and is_absent(listed)
    return bool(_plain(_read_back(rule, sent)) == _plain(listed))


def _read_back(rule: FieldRule, sent: Any) -> Any:
    """Return the member that a sent one is read as: two may share the vendor's word."""
    word = None if isinstance(sent, list | tuple) else rule.word(sent)
    return sent if word is None else rule.member(word)


def _plain(value: Any) -> Any:
    """Return a value without case, repeated spaces and order, which do not count."""
    if isinstance(value, list | tuple):
        return frozenset(map(_plain, value))
    if type(value) is str:
        return " ".join(unicodedata.normalize("NFC", value).casefold().split())
    return value
