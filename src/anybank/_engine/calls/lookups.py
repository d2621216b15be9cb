"""Looking for what a create without an answer may have created; nothing is repeated."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from enum import Enum
from typing import Any, Protocol, TypeVar

import attrs

from ...adapter.wire import Flow, Request
from ...declaration.preflight import is_absent
from ...declaration.vocabulary import NOT_RULED, Capabilities, FieldRule
from ...errors import AnybankError, Conflict, Outcome, UnexpectedResponse
from ...model.features import Feature
from ...model.pages import LoopGuard, Page
from .answer_checks import usable
from .call import Asker


class _Identified(Protocol):
    @property
    def id(self) -> str | None: ...


T = TypeVar("T")
I = TypeVar("I", bound=_Identified)  # noqa: E741  # an item

_NOT_COMPARED = ("primary", "events")
"""Fields that do not read as they were sent: being the primary address passes to another
one, and a vendor lists the events that a wildcard such as `kyc.*` stands for."""


_PART = re.compile(r"[.\[]")


class Match(Enum):
    """Whether a listed record is the one that is looked for."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"
    """What would tell could not be read."""


def never_happened(error: BaseException | None, create: Feature) -> bool:
    """Tell whether an error of this very create says for certain that it had no effect.

    A conflict says so of its own request alone: an earlier one may be what is in the way.
    """
    if not isinstance(error, AnybankError) or isinstance(error, Conflict):
        return False
    own = error.operation in (None, create.value)
    return own and error.outcome in (Outcome.NOT_SENT, Outcome.REFUSED)


def nothing() -> Flow[None]:
    """Return None without a request."""
    yield from _no_requests()


def _no_requests() -> Iterator[Request]:
    return iter(())


def require_lookup(asker: Asker, create: Feature, listing: Feature) -> None:
    """Raise Unsupported where the vendor has no such create, or cannot list its effect."""
    asker.require_feature(create)
    if not asker.adapter.capabilities.supports(listing):
        raise unfindable(asker, listing)


def unfindable(asker: Asker, listing: Feature) -> AnybankError:
    """Return the refusal of a look where the vendor offers nothing to look with."""
    refusal = asker.adapter.refuse(listing)
    message = (
        "a lost create cannot be looked up: a person must look before it is repeated"
    )
    refusal.args = (f"{message}; {refusal.args[0]}",)
    return refusal


class ContentAsker(Asker):
    """Puts questions about what is found again by its content alone."""

    def by_content(
        self,
        pages: Callable[[str | None], Flow[Page[I]]],
        sent: object,
        known: Collection[str],
    ) -> Flow[I | None]:
        """Look for the one that has what was sent, among those that are not *known*."""
        declared = self.adapter.capabilities
        earlier = {known} if isinstance(known, str) else set(known)

        def judge(listed: I) -> Match:
            if listed.id in earlier:
                return Match.NO
            return _by_content(declared, sent, listed)

        return look(pages, judge, "this content")


def look(
    pages: Callable[[str | None], Flow[Page[I]]],
    judge: Callable[[I], Match],
    what: str,
) -> Flow[I | None]:
    """Read a listing to its end and return the only match, None where there is none.

    Raises Conflict where there are several: which of them is meant is for a person.
    Raises UnexpectedResponse where there is none and a record could not be read far enough
    to tell.
    """
    token: str | None = None
    guard: LoopGuard[I] = LoopGuard()
    result: list[I] = []
    unclear = 0
    while True:
        page = usable((yield from pages(token)))
        judged = [(judge(each), each) for each in page.items]
        result.extend(each for match, each in judged if match is Match.YES)
        unclear += page.without_id
        unclear += sum(match is Match.UNCLEAR for match, _ in judged)
        token = guard.follow(page)
        if token is None:
            break
    if unclear and not result:
        raise UnexpectedResponse(
            f"{unclear} of the listed records could not be read far enough to tell whether "
            f"they have {what}: a person must look"
        )
    return _only(result, what)


def by_field(name: str, value: object) -> Callable[[Any], Match]:
    """Return the judge of records by one field."""

    def judge(listed: Any) -> Match:
        if name in listed.unreadable:
            return Match.UNCLEAR
        return Match.YES if getattr(listed, name) == value else Match.NO

    return judge


def _only(matches: Collection[I], what: str) -> I | None:
    by_id = {each.id or str(at): each for at, each in enumerate(matches)}
    if len(by_id) > 1:
        raise Conflict(
            f"{len(by_id)} have {what}: {', '.join(by_id)}. Decide which is meant, and "
            "remove what was created twice",
            outcome=Outcome.DONE,
        )
    return next(iter(by_id.values()), None)


def _by_content(declared: Capabilities, sent: Any, listed: Any) -> Match:
    """Tell whether a listed value has every field that was sent and is returned."""
    names = [
        name
        for name in attrs.fields_dict(type(sent))
        if name not in (*NOT_RULED, *_NOT_COMPARED) and hasattr(listed, name)
    ]
    rules = declared.rules(type(sent))
    if not rules:  # a vendor may fill in what it was not sent
        names = [name for name in names if not is_absent(getattr(sent, name))]
        rules = dict.fromkeys(names, FieldRule())
    unread = {_PART.split(name)[0] for name in getattr(listed, "unreadable", ())}
    equal = all(
        _equal(rules[name], getattr(sent, name), getattr(listed, name))
        for name in names
        if name not in unread and name in rules and rules[name].read == "returned"
    )
    if not equal:
        return Match.NO
    return Match.UNCLEAR if unread & set(names) else Match.YES


def _equal(rule: FieldRule, sent: Any, listed: Any) -> bool:
    if is_absent(sent) or is_absent(listed):
        return is_absent(sent) and is_absent(listed)
    return bool(_plain(_read_back(rule, sent)) == _plain(listed))


def _read_back(rule: FieldRule, sent: Any) -> Any:
    """Return the member that a sent one reads as: two may share the vendor's word."""
    word = None if isinstance(sent, list | tuple) else rule.word(sent)
    return sent if word is None else rule.member(word)


def _plain(value: Any) -> Any:
    """Return a value without what does not tell two apart: case, blanks, order."""
    if isinstance(value, list | tuple):
        return frozenset(map(_plain, value))
    if type(value) is str:
        return " ".join(unicodedata.normalize("NFC", value).casefold().split())
    return value
