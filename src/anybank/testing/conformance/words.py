"""Checks of the tables by which an adapter reads the vendor's words."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from enum import Enum
from types import ModuleType
from typing import Any

import attrs
from attrs import frozen

from ...adapter.base import Adapter
from ...adapter.converter import word_tables
from .recorder import NotApplicable, require
from .registry import check
from .subject import Subject

WORDS = "words "
"""What an exception in `openapi_exceptions` begins with, followed by the vendor's word."""
_REFUSALS = frozenset(
    [
        *("archived", "blocked", "canceled", "cancelled", "closed", "declined"),
        *("denied", "disabled", "expired", "failed", "frozen", "inactive"),
        *("rejected", "returned", "reversed", "suspended", "terminated", "voided"),
    ]
)
"""Parts of words for something that did not come about, or has ended."""
_WAITING = frozenset(["awaiting", "pending", "review", "submitted", "waiting"])
"""Parts of words for something that is not decided yet."""
_SUCCESSES = frozenset(["active", "approved", "open", "opened", "passed", "posted"])
"""Parts of the names of members that say that all is well."""
_PHRASES: Mapping[str, str] = {"account holder": "customer"}
"""Names of vendors that contain the name of something else of ours."""
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@frozen
class _Word:
    """A vendor's word, the member that it reads as, and the place of its table."""

    place: str
    text: str
    member: Enum

    @property
    def named(self) -> list[Enum]:
        """The members whose whole name is in the word."""
        parts = parts_of(self.text)
        return [it for it in type(self.member) if parts_of(it.name) <= parts]

    @property
    def is_other_name(self) -> bool:
        """Whether the word has the name of a member and reads as another one."""
        is_known = self.member.name != "UNKNOWN"
        return is_known and bool(self.named) and self.member not in self.named

    @property
    def is_false_success(self) -> bool:
        """Whether a word for a refusal, or for no decision, reads as a success."""
        parts = parts_of(self.text)
        refused = parts & (_REFUSALS | _WAITING)
        return bool(refused and parts_of(self.member.name) & _SUCCESSES)


@check()
def words_read_as_the_member_of_their_name(subject: Subject) -> None:
    """A vendor's word that contains the name of a member reads as that member."""
    words = _words(subject)
    for word in words:
        require(
            not word.is_other_name or _is_excepted(subject, word),
            f"{word.place} reads {word.text!r} as {word.member.name}, and there is "
            f"{', '.join(it.name for it in word.named)}. Two words may be exchanged: "
            "compare the table with the vendor's page. If it is right, give the reason "
            f"in `openapi_exceptions` under {WORDS + word.text!r}.",
        )
    _require_needed(subject, words)


@check()
def refusals_read_as_no_success(subject: Subject) -> None:
    """A vendor's word for a denial, an end or no decision never reads as a success."""
    for word in _words(subject):
        require(
            not word.is_false_success or _is_excepted(subject, word),
            f"{word.place} reads {word.text!r} as {word.member.name}. Read it as the "
            "member for what has happened, or as UNKNOWN. If the vendor's page calls it "
            "a success, give the reason in `openapi_exceptions` under "
            f"{WORDS + word.text!r}.",
        )


@check()
def words_for_on_and_off_read_so(subject: Subject) -> None:
    """A vendor's word for enabled or active reads as True, and one for disabled as False."""
    tables = [
        (place, text, value)
        for module in _modules(subject.adapter)
        for place, table in _tables(module)
        if isinstance(table, Mapping)
        for text, value in table.items()
        if isinstance(text, str) and isinstance(value, bool)
    ]
    if not tables:
        raise NotApplicable("the adapter has no table of words for on and off")
    for place, text, value in tables:
        parts = parts_of(text)
        is_wrong = parts & (_ENABLED if value is False else _REFUSALS | {"unavailable"})
        require(
            not is_wrong,
            f"{place} reads {text!r} as {value}. Two words may be exchanged: compare the "
            "table with the vendor's page.",
        )


_ENABLED = _SUCCESSES | {"available", "enabled", "on"}


def _require_needed(subject: Subject, words: list[_Word]) -> None:
    needed = {it.text for it in words if it.is_other_name or it.is_false_success}
    for name, reason in subject.openapi_exceptions.items():
        if name.startswith(WORDS):
            require(
                reason.strip(),
                f"`openapi_exceptions` gives no reason for {name}. Add one.",
            )
            require(
                name.removeprefix(WORDS) in needed,
                f"`openapi_exceptions` has {name}, but that word reads as its name says. "
                "Remove the exception.",
            )


def _is_excepted(subject: Subject, word: _Word) -> bool:
    return WORDS + word.text in subject.openapi_exceptions


def plain_name(name: str) -> str:
    """Return a name without case and separators, for comparisons."""
    return name.lower().replace("_", "").replace("-", "")


def parts_of(text: str) -> frozenset[str]:
    """Return the words of a name in any style, in small letters."""
    parts = " ".join(_PART.findall(text)).lower()
    for theirs, ours in _PHRASES.items():
        parts = parts.replace(theirs, ours)
    return frozenset(parts.split())


def _words(subject: Subject) -> list[_Word]:
    """Return the words of every table in the adapter's modules and `openapi_values`."""
    tables = [
        *(item for module in _modules(subject.adapter) for item in _tables(module)),
        *subject.openapi_values.items(),
        *_declared_tables(subject),
    ]
    words = [
        _Word(place, text, member)
        for place, table in tables
        if isinstance(table, Mapping)
        for text, member in table.items()
        if isinstance(text, str) and isinstance(member, Enum)
    ]
    if not words:
        raise NotApplicable("the adapter has no table of the vendor's words")
    return words


def _declared_tables(subject: Subject) -> Iterator[tuple[str, Any]]:
    """Yield the words of each rule with the members that they read as."""
    for kind, rules in subject.declared.fields.items():
        for name, rule in rules.items():
            words = (rule.values or {}).values()
            yield (
                f"the rule of {kind.__name__}.{name}",
                {word: rule.member(word) for word in words},
            )


def _modules(adapter: type[Adapter]) -> Iterator[ModuleType]:
    """Yield the loaded modules of the packages in which the adapter is written."""
    packages = {
        kind.__module__.rpartition(".")[0] or kind.__module__
        for kind in adapter.__mro__
        if issubclass(kind, Adapter) and kind is not Adapter
    }
    for name, module in sorted(sys.modules.items()):
        if any(f"{name}.".startswith(f"{package}.") for package in packages):
            yield module


def _tables(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Yield the tables of a module and of its wire classes, with their places."""
    for name, value in vars(module).items():
        if isinstance(value, Mapping):
            yield f"{module.__name__}.{name}", value
        is_own = getattr(value, "__module__", None) == module.__name__
        if is_own and isinstance(value, type) and attrs.has(value):
            for field, table in word_tables(value).items():
                yield f"{name}.{field}", table
