"""Requests and responses, and the flows that exchange them.

A flow is one operation of an adapter: a generator that yields a Request, receives the
Response, and returns the neutral value. It does no I/O, so a test needs no fake.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias, TypeVar
from urllib.parse import quote

from attrs import evolve, field, frozen

from ..errors import Effect, InvalidInput, Issue, UnexpectedResponse
from ..model.features import Feature
from ..sensitive import Personal, Sensitive
from .forms import Form

T = TypeVar("T")
A = TypeVar("A")
Json: TypeAlias = Any
Query: TypeAlias = Mapping[str, str | int | None]


def _query(parameters: Query) -> tuple[tuple[str, str], ...]:
    for name, value in parameters.items():
        if not isinstance(value, (str, int, type(None))):
            raise TypeError(
                f"query parameter {name}: a URL can contain strings and numbers only"
            )
        if isinstance(value, str) and not is_whole(value):
            rule = "must not contain an unpaired surrogate: a URL cannot contain one"
            raise InvalidInput(
                [Issue("query", Effect.BLOCKED, "text", "anybank", rule)]
            )
    return tuple(
        (name, str(value)) for name, value in parameters.items() if value is not None
    )


def is_whole(text: str) -> bool:
    """Return whether a string can be encoded; an unpaired surrogate cannot."""
    return not _HALF.search(text)


_HALF = re.compile("[\ud800-\udfff]")


def _headers(headers: Mapping[str, str | Sensitive]) -> Mapping[str, str | Sensitive]:
    return {name.lower(): value for name, value in headers.items()}


@frozen(kw_only=True)
class Request(Personal):
    """An HTTP request: a path below the base URL with query, headers and body.

    `body` is JSON as Python objects. Sensitive values and dates in it are converted only
    when it is encoded. A Form is a body with files. Bytes are a body that is already
    encoded. `feature` names what the
    request does if that differs from the operation: a read-back inside a create is
    `customers.get`, and is retried as such. Requests with equal members are equal.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = field(factory=dict, converter=_query)
    headers: Mapping[str, str | Sensitive] = field(
        factory=dict, converter=_headers, repr=False, hash=False
    )
    body: Json = field(default=None, repr=False, hash=False)
    feature: Feature | None = None

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.path}>"

    def with_headers(self, **headers: str | Sensitive) -> Request:
        """Return a copy with more headers; `_` in a name stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        # The query is stored as pairs, and its converter reads a mapping.
        return evolve(self, query=dict(self.query), headers={**self.headers, **named})

    def serving(self, feature: Feature | None) -> Request:
        """Return a request that names its feature: its own, or else *feature*."""
        if feature is None or self.feature is not None:
            return self
        return evolve(self, query=dict(self.query), feature=feature)

    def encoded(self) -> bytes | None:
        """Return the body as UTF-8 JSON with its Sensitive values revealed."""
        if self.body is None or isinstance(self.body, bytes):
            return self.body
        if isinstance(self.body, Form):
            return self.body.encoded()
        with suppress(UnicodeEncodeError):  # the error would contain the whole body
            return _ENCODER.encode(self.body).encode()
        rule = "must not contain an unpaired surrogate: a request cannot contain one"
        raise InvalidInput([Issue("body", Effect.BLOCKED, "text", "anybank", rule)])

    def prepared(self) -> Request:
        """Return a copy with its body encoded and its headers revealed, for a transport.

        Every mistake in the request raises here, so that a later failure of the transport
        is a failure of the network.
        """
        revealed = {
            name: _revealed_header(name, value) for name, value in self.headers.items()
        }
        form = {"content-type": self.body.media_type} if self._has_form else {}
        return evolve(
            self,
            query=dict(self.query),
            headers={**revealed, **form},
            body=self.encoded(),
        )

    @property
    def _has_form(self) -> bool:
        return isinstance(self.body, Form)

    def sensitive(self) -> Iterator[Sensitive]:
        """Yield every Sensitive value in the request."""
        yield from _sensitive((list(self.headers.values()), self.body))


_LINE_BREAKS = frozenset("\r\n\0")


def _revealed_header(name: str, value: str | Sensitive) -> str:
    """Return the text of a header; raise InvalidInput, without it, if HTTP cannot carry it."""
    text = str(value.reveal()) if isinstance(value, Sensitive) else value
    if not text.isascii() or _LINE_BREAKS & set(text) or not name.isascii():
        rule = "ASCII text without line breaks"
        raise _refused(f"headers[{name!r}]", rule, f"must be {rule}")
    return text


def _refused(name: str, rule: str, message: str) -> InvalidInput:
    return InvalidInput([Issue(name, Effect.BLOCKED, rule, "anybank", message)])


@frozen(kw_only=True)
class Response(Personal):
    """An HTTP response: status, headers (names in lower case) and content."""

    status: int
    headers: Mapping[str, str] = field(
        factory=dict, converter=_headers, repr=False, hash=False
    )
    content: bytes = field(default=b"", repr=False)
    ok: bool = field(init=False, repr=False, eq=False)
    """True for the statuses 200 to 299."""

    @ok.default
    def _is_success(self) -> bool:
        return 200 <= self.status < 300

    def __repr__(self) -> str:
        return f"<Response {self.status}>"

    @property
    def text(self) -> str:
        """The body as text. Bytes that are not UTF-8 are replaced."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Json:
        """Return the body parsed as JSON, with fractional numbers as Decimal.

        Raises UnexpectedResponse, which contains nothing of the body.
        """
        document = _loads(self.content)
        if isinstance(document, _NotJson):
            raise UnexpectedResponse(
                f"the response is not JSON ({document.reason})",
                status=self.status,
                path="$",
            )
        return document


@frozen
class Failure:
    """A transport failure. `sent` is False if nothing can have reached the vendor.

    `misconfigured` is True if a setting must be fixed, so that repeating cannot help.
    `status` is the status of a response whose body was not read.
    """

    sent: bool
    reason: str
    misconfigured: bool = False
    status: int | None = None


@frozen
class Wait:
    """A pause in seconds, for the driver to sleep. Adapters never yield one."""

    seconds: float


Flow: TypeAlias = Generator[Request, Response, T]
Course: TypeAlias = Generator[Request | Wait, Response, T]
"""A flow of the library itself, which may also pause."""


def each(flow: Callable[[A], Flow[T]], items: Iterable[A]) -> Flow[list[T]]:
    """Run a flow for each item, one after another, and return the results.

    `owners = yield from each(_customer_id, query.new.customer_ids)`.
    """
    results: list[T] = []
    for item in items:
        results.append((yield from flow(item)))  # noqa: PERF401  # no comprehension yields
    return results


def get(path: str, *, query: Query | None = None, **more: Any) -> Request:
    """Return a GET request."""
    return Request(method="GET", path=path, query=query or {}, **more)


def post(path: str, body: Json = None, **more: Any) -> Request:
    """Return a POST request."""
    return Request(method="POST", path=path, body=body, **more)


def put(path: str, body: Json = None, **more: Any) -> Request:
    """Return a PUT request."""
    return Request(method="PUT", path=path, body=body, **more)


def patch(path: str, body: Json = None, **more: Any) -> Request:
    """Return a PATCH request."""
    return Request(method="PATCH", path=path, body=body, **more)


def delete(path: str, **more: Any) -> Request:
    """Return a DELETE request."""
    return Request(method="DELETE", path=path, **more)


def segment(identifier: str) -> str:
    """Return an id quoted as one path segment. Raises InvalidInput for an unusable id.

    An empty id would address the collection, and `..` its parent.
    """
    with suppress(UnicodeEncodeError):  # an unpaired surrogate
        if identifier.strip("."):
            return quote(identifier, safe="")
    message = "must be a vendor's id: an empty or dotted one addresses something else"
    raise InvalidInput([Issue("id", Effect.BLOCKED, "an id", "anybank", message)])


def path(root: str, *ids: str) -> str:
    """Return a path below a fixed one, with each id quoted (see `segment`).

    >>> path("/accounts", "7/8", "close")
    '/accounts/7%2F8/close'
    """
    return "/".join((root, *map(segment, ids)))


def present(**fields: Json) -> dict[str, Json]:
    """Return the fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


@frozen
class _NotJson:
    reason: str


def _loads(content: bytes) -> Json:
    """Parse JSON, or return the reason why not. The parser's error quotes the body."""
    # As a value: raised in an `except` block, our error would have the parser's
    # attached.
    try:
        return _DECODER.decode(content.decode(json.detect_encoding(content)))
    except RecursionError:
        return _NotJson("nested too deeply")
    except ValueError as error:
        return _NotJson(_why(content, error))


def _why(content: bytes, error: ValueError) -> str:
    if not content:
        return "empty"
    if isinstance(error, json.JSONDecodeError):
        return f"at character {error.pos}"
    return (
        "not UTF-8"
        if isinstance(error, UnicodeError)
        else "NaN and Infinity are not valid JSON"
    )


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is not JSON")


def _encode(value: object) -> Json:
    if isinstance(value, Sensitive):
        return value.reveal()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):  # the module json cannot write one
        return float(value)
    raise TypeError(f"a {type(value).__name__} cannot be written as JSON")


# Decimal, because a float of an amount is not exact.
_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse)
_ENCODER = json.JSONEncoder(default=_encode, ensure_ascii=False, allow_nan=False)
"""Shared, because creating one costs more than reading a customer with it."""


def _sensitive(value: Json) -> Iterator[Sensitive]:
    if isinstance(value, Sensitive):
        yield value
    elif isinstance(value, Form):
        yield from value.sensitive()
    elif isinstance(value, dict):
        yield from _sensitive(list(value.values()))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _sensitive(item)


_PATH = re.compile(r"/(?!/)[^?#\\\s]*")


def is_path(text: str) -> bool:
    """Return whether a string is a path below the base URL, without query or fragment."""
    return (
        bool(_PATH.fullmatch(text)) and is_whole(text) and ".." not in text.split("/")
    )
