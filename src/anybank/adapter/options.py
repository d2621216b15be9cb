"""Declare the settings of a user: credentials and policies.

An adapter's `Options` is a frozen attrs class of such fields. Each field is a keyword of
`Bank` and an environment variable `ANYBANK_<PROVIDER>_<FIELD>`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, get_type_hints

import attrs
from attrs import frozen

from ..sensitive import Sensitive

HELP = "anybank.help"
CREDENTIAL = "anybank.credential"


@frozen(kw_only=True)
class NoOptions:
    """The options of an adapter without any."""


def credential(help: str) -> Any:
    """Declare a credential: a required option that is masked wherever it is displayed.

    It must be printable ASCII, because it becomes a header (`secret_problem`). A user may
    pass a callable instead, which is called before each request.
    """
    return attrs.field(
        converter=_masked,
        validator=_require_secret,
        metadata={HELP: help, CREDENTIAL: True},
    )


def option(help: str, default: Any = None, *, values: tuple[Any, ...] = ()) -> Any:
    """Declare a policy with its default and its permitted values."""
    check = attrs.validators.in_(values) if values else None
    return attrs.field(default=default, validator=check, metadata={HELP: help})


option_types: Callable[[type], Mapping[str, Any]] = lru_cache(64)(get_type_hints)
"""Return the types of an `Options` class; resolving them takes most of a bank's start."""


def _masked(value: Any) -> Any:
    return Sensitive(value) if isinstance(value, str) else value


def _require_secret(_: object, field: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, Sensitive) and not callable(value):
        # With the field, as attrs' own validators raise, and without the value.
        raise TypeError("neither a string nor a callable", field)


def secret_problem(text: str) -> str | None:
    """Return why a string cannot be a credential, or None. The string is never quoted.

    Typical remains of copying are named: a line break, a blank, a byte-order mark, curly
    quotes. HTTP engines encode them differently, and vendors reject them without a reason.
    """
    if not text.strip():
        return "is blank" if text else "is empty"
    mark = next((name for name, marks in _MARKS.items() if marks & set(text)), None)
    if mark is not None:
        return f"contains {mark}"
    if not text.isascii():
        return "contains a character outside ASCII"
    if not text.isprintable():
        return "contains a control character"
    return "starts or ends with a space" if text != text.strip() else None


_MARKS = {
    "a line break": frozenset("\r\n\x0b\x0c\x85\u2028\u2029"),
    "a tab": frozenset("\t"),
    "a byte order mark": frozenset("\ufeff\ufffe"),
    "curly quotes": frozenset("\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f"),
    "an invisible character": frozenset("\xa0\xad\u200b\u200c\u200d\u2060\u200e\u200f"),
    "bytes that are not UTF-8": frozenset(map(chr, range(0xD800, 0xE000))),
}
"""Characters that copying and files leave in a secret, by the words for them."""


def variable(provider: str, name: str) -> str:
    """Return the environment variable of an option."""
    return f"ANYBANK_{provider}_{name}".upper().replace("-", "_")
