"""Types that mask themselves, and functions that empty the frames that held them."""

from __future__ import annotations

import functools
import hmac
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, NoReturn, ParamSpec, Self, TypeVar

from .errors import Effect, InvalidInput, Issue

MASK = "***"
P = ParamSpec("P")
T = TypeVar("T")
C = TypeVar("C", bound=type)


class Personal:
    """A base class for values with personal data: not pickled, and copied by identity.

    A pickle ends in a queue, a cache or a session store, where nobody looks for it. The
    values are frozen, so a copy would only be a second place in memory to clear.
    """

    __slots__ = ()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} holds personal data and is not pickled: "
            "pass an id on and read it again"
        )


def _utf8(text: str) -> bytes:
    """Encode any string. An encoding error would contain it."""
    return text.encode("utf-8", "surrogatepass")


class Sensitive(Personal):
    """A string that is masked wherever it is displayed; `reveal()` returns it.

    It is not an attrs class, because `attrs.asdict` would open it.

    >>> token = Sensitive("tok_live_1")
    >>> token, f"{token}", token.reveal()
    (***, '***', 'tok_live_1')
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> Any:
        """Return the unmasked string."""
        return self._text

    def prefixed(self, prefix: str) -> Sensitive:
        """Return the string after a prefix such as "Bearer ", still masked."""
        return Sensitive(prefix + self._text)

    def forms(self) -> frozenset[str]:
        """Return the spellings of the value that the scrubber must remove."""
        # A vendor may quote the token of "Bearer <token>" without the scheme.
        return frozenset({self._text, self._text.rpartition(" ")[2]})

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Let pydantic read a string as this type, and write it masked.

        A serialisation context of `{"reveal": True}` reveals it.
        """
        from pydantic_core import core_schema  # noqa: PLC0415  # pydantic's own, if it calls

        def write(value: Any, info: Any) -> Any:
            return value.reveal() if (info.context or {}).get("reveal") else str(value)

        return core_schema.no_info_after_validator_function(
            lambda value: value if isinstance(value, cls) else cls(value),
            core_schema.union_schema(
                [core_schema.is_instance_schema(cls), core_schema.str_schema()]
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(
                write, info_arg=True
            ),
        )

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        # In constant time, because secrets of webhooks are compared as well.
        return hmac.compare_digest(_utf8(self._text), _utf8(other._text))

    def __hash__(self) -> int:
        return hash((type(self), self._text))


class Ssn(Sensitive):
    """A US social security number: nine digits, or a vendor's mask or token.

    Vendors' trigger values start with 000, so no area rule is applied. Masks are
    `XXX-XX-6789` and `XXXXX6789`, and tokens begin with `tok_`.
    Source: Bond's reference, "Customer" (the response masks the number or returns a token).

    >>> Ssn("333-52-7584")
    ***-**-7584
    >>> Ssn("XXX-XX-7584").is_masked
    True
    """

    __slots__ = ()

    def __init__(self, text: str) -> None:
        digits = _read_ssn(text)
        del text  # an error report shows the arguments of this frame
        super().__init__(digits or "")
        if digits is None:
            raise InvalidInput([_SSN_ISSUE])

    @classmethod
    def read(cls, text: str) -> Ssn:
        """Read what a vendor returned. An unknown form is treated as a token."""
        # Never an error, which would make the whole record unreadable. As a token no
        # part of it is displayed, and it is never sent to another vendor as a number.
        ssn = object.__new__(cls)
        ssn._text = _read_ssn(text) or (
            text if text.startswith("tok_") else f"tok_{text}"
        )
        return ssn

    def unmasked(self) -> Sensitive:
        """Return the digits, the mask or the token for storage; `read` reads it again."""
        return Sensitive(self._text)

    @property
    def is_masked(self) -> bool:
        """True for a mask or a token, whose digits are unknown."""
        return not self._text.isdigit()

    @property
    def last_four(self) -> str | None:
        """The last four digits, or None for a token."""
        return None if self._text.startswith("tok_") else self._text[-4:]

    def reveal(self) -> str:
        """Return the nine digits. Raises InvalidInput for a mask or a token."""
        if self.is_masked:
            raise InvalidInput([_MASKED_SSN_ISSUE])
        return self._text

    def dashed(self) -> Sensitive:
        """Return the number as `ddd-dd-dddd`, still masked."""
        digits = self.reveal()
        return _DashedSsn(f"{digits[:3]}-{digits[3:5]}-{digits[5:]}")

    def agrees_with(self, other: Ssn) -> bool:
        """Return whether the last four digits of two numbers are equal."""
        return self.last_four is not None and self.last_four == other.last_four

    def forms(self) -> frozenset[str]:
        """Return the digits with and without dashes, or nothing for a mask or a token."""
        if self.is_masked:
            return frozenset()
        return frozenset({self._text}) | self.dashed().forms()

    def __str__(self) -> str:
        return f"***-**-{self.last_four or '****'}"


class _DashedSsn(Sensitive):
    __slots__ = ()

    def forms(self) -> frozenset[str]:
        return frozenset({self._text, self._text.replace("-", "")})

    def __str__(self) -> str:
        return f"***-**-{self._text[-4:]}"


class DocumentLocatorNumber(Sensitive):
    """A document locator number: a whole number, as an int or a string of digits.

    A leading zero is refused, because the vendor's integer would lose it.
    Source: Sonder's "Customers" page, `documentLocatorNumber`.
    """

    __slots__ = ()

    def __init__(self, number: int | str) -> None:
        digits = _read_locator(number)
        del number  # an error report shows the arguments of this frame
        if digits is None:
            raise InvalidInput([_LOCATOR_ISSUE])
        super().__init__(digits)

    def reveal(self) -> int:
        """Return the number."""
        return int(self._text)


_DIGITS = re.compile(r"([0-9]{3})([- ]?)([0-9]{2})\2([0-9]{4})")
_MASKED = re.compile(r"[Xx*]{3}-?[Xx*]{2}-?([0-9]{4})")
_TOKEN = re.compile(r"tok_[A-Za-z0-9_-]+")
_LOCATOR = re.compile(r"[1-9][0-9]*|0")

_SSN_ISSUE = Issue(
    "ssn",
    Effect.BLOCKED,
    "nine digits, a mask or a token",
    "anybank",
    "pass nine digits, with or without dashes, or a mask such as XXX-XX-6789",
)
_MASKED_SSN_ISSUE = Issue(
    "ssn",
    Effect.BLOCKED,
    "full number",
    "anybank",
    "this is a mask or a token: supply the full number from your own store",
)
_LOCATOR_ISSUE = Issue(
    "document_locator_number",
    Effect.BLOCKED,
    "whole number",
    "anybank",
    "pass an int, or digits without a sign or a leading zero",
)


def _read_ssn(text: object) -> str | None:
    """Return the digits, a mask as `*****dddd`, or a token; None for anything else."""
    if not isinstance(text, str):
        return None
    if digits := _DIGITS.fullmatch(text):
        return digits[1] + digits[3] + digits[4]
    if masked := _MASKED.fullmatch(text):
        return "*****" + masked[1]
    return text if _TOKEN.fullmatch(text) else None


def _read_locator(number: object) -> str | None:
    if isinstance(number, bool) or not isinstance(number, (int, str)):
        return None
    text = str(number)
    return text if _LOCATOR.fullmatch(text) else None


def forget_locals(error: BaseException, outer: BaseException | None = None) -> None:
    """Clear the local variables of an exception's frames and of its chain, up to *outer*.

    `outer` is the exception that the caller was already handling; it is left alone.
    """
    for linked in _chain(error, outer):
        traceback.clear_frames(linked.__traceback__)


def cut_chain(error: BaseException, outer: BaseException | None = None) -> None:
    """Remove the chain of an exception, except what the caller was already handling."""
    error.__cause__ = None
    error.__context__ = None if error is outer else outer


def _chain(
    error: BaseException, outer: BaseException | None
) -> Iterator[BaseException]:
    visited = {id(outer)}  # a chain may contain a loop
    pending: list[BaseException | None] = [error]
    while pending:
        linked = pending.pop()
        if linked is None or id(linked) in visited:
            continue
        visited.add(id(linked))
        yield linked
        pending += [linked.__cause__, linked.__context__]
        if isinstance(linked, BaseExceptionGroup):
            pending += linked.exceptions


def shielded(function: Callable[P, T]) -> Callable[P, T]:
    """Wrap a function so that an exception clears the local variables of its frames."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        # Its frames belong to the caller's own code, and are still running.
        outer = sys.exception()
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            # Clearing skips frames that run, such as this one. An error report would
            # show the arguments here.
            del args, kwargs
            forget_locals(error, outer)
            raise

    return wrapper


def shielded_async(
    function: Callable[P, Coroutine[Any, Any, T]],
) -> Callable[P, Coroutine[Any, Any, T]]:
    """Wrap a coroutine function in the same way."""

    @functools.wraps(function)
    async def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        outer = sys.exception()
        try:
            return await function(*args, **kwargs)
        except BaseException as error:
            del args, kwargs
            forget_locals(error, outer)
            raise

    return wrapper


def shielded_class(cls: C) -> C:
    """Wrap the constructor of a class in the same way."""
    cls.__init__ = shielded(cls.__init__)  # type: ignore[misc] # its own __init__
    return cls


def shield_methods(cls: type) -> None:
    """Wrap every public method of a class in the same way."""
    for name, method in vars(cls).copy().items():
        if inspect.isfunction(method) and not name.startswith("_"):
            wrap: Any = shielded
            if inspect.iscoroutinefunction(method):
                wrap = shielded_async
            setattr(cls, name, wrap(method))
