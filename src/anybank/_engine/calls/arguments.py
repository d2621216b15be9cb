"""Check the arguments of every call against their annotations before anything is sent.

Without this check a wrong argument would raise deep inside an adapter or at the vendor.
The error names the argument, the rule and the type that was passed, never the value.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from types import NoneType, UnionType
from typing import (
    Any,
    ParamSpec,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from attrs import frozen

from ...errors import Effect, InvalidInput, Issue
from ...model.ids import is_text, is_usable

P = ParamSpec("P")
T = TypeVar("T")
C = TypeVar("C", bound=type)
Test: TypeAlias = Callable[[Any], bool]

_LONGEST_ID = 1000
_CHECKED = "__anybank_checked__"
_ID = (
    "an id that the bank returned: not blank, not `.` or `..`, at most 1000 characters"
)
# An id becomes part of a URL, which proxies log.
_SSN = re.compile(r"[0-9]{3}-[0-9]{2}-[0-9]{4}")
_NO_SSN = "an id that the bank returned, and not a social security number"
_WORDS = {
    str: "a text (str)",
    int: "a whole number (int)",
    float: "a number of seconds",
    bool: "True or False",
    BaseException: "an exception",
    Mapping: "a mapping, such as a dict",
}


@frozen
class ArgumentRule:
    """The test for an annotation, and its description in an error."""

    test: Test
    words: str


def validate_calls(cls: C) -> C:
    """Check the arguments of each public method of a class of calls."""
    for name, method in vars(cls).copy().items():
        if inspect.isfunction(method) and not name.startswith("_"):
            setattr(cls, name, validate_arguments(method))
    return cls


def validate_arguments(method: Callable[P, T]) -> Callable[P, T]:
    """Return a method that raises InvalidInput for an argument of another type."""
    if hasattr(method, _CHECKED):  # a method that two classes share
        return method
    names = list(inspect.signature(method).parameters)

    @functools.wraps(method)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        arguments = {**dict(zip(names, args, strict=False)), **kwargs}
        if issues := list(_issues(_kinds(method), arguments)):
            raise InvalidInput(issues)
        return method(*args, **kwargs)

    setattr(wrapper, _CHECKED, True)
    return wrapper


def _issues(
    kinds: Mapping[str, ArgumentRule], arguments: Mapping[str, Any]
) -> Iterator[Issue]:
    for name, kind in kinds.items():
        if name in arguments:
            yield from _issue(name, kind, arguments[name])


def _issue(name: str, kind: ArgumentRule, value: Any) -> Iterator[Issue]:
    """Yield the issue of one argument: its type is wrong, or its text is invalid."""
    if not kind.test(value):
        rule = kind.words
        message = f"must be {rule}, not {type(value).__name__}"
    elif rule := _text_rule(name, value) or "":
        message = f"must be {rule}"
    else:
        return
    yield Issue(name, Effect.BLOCKED, rule, "anybank", message)


def _text_rule(name: str, value: Any) -> str | None:
    """Return the rule that a text breaks, or None; an id must be usable in a request."""
    if not isinstance(value, str):
        return None
    if name.endswith("_id") or name == "before":
        if _SSN.fullmatch(value.strip()):
            return _NO_SSN
        usable = is_usable(value) and len(value) <= _LONGEST_ID
        return None if usable else _ID
    return None if is_text(value) else "a text without half of a surrogate pair"


# Annotations are resolved at the first call: at import they would cost every command
# time.
@functools.cache
def _kinds(method: Callable[..., Any]) -> Mapping[str, ArgumentRule]:
    """Return the test of each parameter; a parameter that accepts anything has none."""
    hints = get_type_hints(method)
    kinds = {name: _kind(hint) for name, hint in hints.items() if name != "return"}
    return {name: kind for name, kind in kinds.items() if kind is not None}


def _kind(hint: Any) -> ArgumentRule | None:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _one_of(get_args(hint))
    if hint is Any or hint is object or isinstance(hint, TypeVar):
        return None
    if origin is Collection:
        return ArgumentRule(_is_names, "a set or a list of texts")
    kind: type = origin or hint
    if inner := _inner(origin, hint):
        return ArgumentRule(
            _wrapping(kind, inner.test), f"a {kind.__name__} of {inner.words}"
        )
    return ArgumentRule(_test(kind), _WORDS.get(kind, f"a {kind.__name__}"))


def _inner(origin: Any, hint: Any) -> ArgumentRule | None:
    """Return the test for the content of a generic value, as in `Prepared[NewCustomer]`."""
    return _kind(get_args(hint)[0]) if hasattr(origin, "value") else None


def _wrapping(kind: type, test: Test) -> Test:
    def accepts(wrapped: Any) -> bool:
        return isinstance(wrapped, kind) and test(getattr(wrapped, "value", None))

    return accepts


def _one_of(hints: Collection[Any]) -> ArgumentRule | None:
    kinds = [_kind(hint) for hint in hints if hint is not NoneType]
    known = [kind for kind in kinds if kind is not None]
    if len(known) != len(kinds):
        return None
    optional = NoneType in hints
    words = " or ".join(
        [*(kind.words for kind in known), *(["None"] if optional else [])]
    )
    return ArgumentRule(
        lambda value: (
            (optional and value is None) or any(kind.test(value) for kind in known)
        ),
        words,
    )


def _test(kind: type) -> Test:
    if kind is float:
        return lambda value: isinstance(value, (int, float)) and value is not True
    if kind is int:
        return lambda value: isinstance(value, int) and not isinstance(value, bool)
    return lambda value: isinstance(value, kind)


def _is_names(value: Any) -> bool:
    # A str is a collection of its letters and passes on purpose: `accept_loss` may be
    # one name or "all", and `known` a single id.
    if isinstance(value, (bytes, bytearray, Mapping)):
        return False
    return isinstance(value, Collection) and all(
        isinstance(item, str) for item in value
    )
