"""Responses that repeat a request's personal data, one function for each kind."""

from __future__ import annotations

import asyncio
import html
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, NoReturn
from urllib.parse import quote

import httpx
from tests.canary.canaries import AUTHORIZATION, EMAIL, SSN, TOKEN, vendors_customer

Answer = Callable[[httpx.Request], httpx.Response]


def provider_of(request: httpx.Request) -> str:
    """Return the provider of a request, by its credentials."""
    return "bond" if "identity" in request.headers else "sonder"


def _sent(request: httpx.Request) -> str:
    """Return everything in a request as one line."""
    headers = [request.headers.get(name, "") for name in _TELLING]
    return " ".join([*headers, request.content.decode()])


_TELLING = ("identity", "authorization", "x-contact")


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield str(value)


def _values(request: httpx.Request) -> list[str]:
    """Return every value in a request."""
    body = json.loads(request.content) if request.content else {}
    return [*_leaves(body), *(request.headers.get(name, "") for name in _TELLING)]


def success(request: httpx.Request) -> httpx.Response:
    """Return the complete customer."""
    provider = provider_of(request)
    payload: Any = vendors_customer(provider)
    if provider == "sonder":
        return httpx.Response(
            200, json={"data": payload, "success": True, "error": None}
        )
    if request.method == "GET" and request.url.path.endswith(("customers", "es")):
        payload = [payload]
    return httpx.Response(200, json=payload)


def _failed(status: int, text: str, **more: Any) -> httpx.Response:
    """Return a text in every place of the vendors' envelopes."""
    error = {"type": text, "message": text, "code": text}
    bond = {"Message": text, "Code": text, "Type": text, "Status": status}
    ids = {"requestId": text, "log_ref_id": text}
    sonder = {"data": None, "success": False, "error": error, **ids}
    increase = {"type": "api_error", "title": text, "detail": text}
    return httpx.Response(status, json={**bond, **sonder, **increase, **more})


def echo(status: int) -> Answer:
    """Return the whole request as the message."""
    return lambda request: _failed(status, _sent(request))


def lower_case_echo(request: httpx.Request) -> httpx.Response:
    """Return it in Bond's other envelope."""
    payload = {
        "message": _sent(request),
        "code": _sent(request),
        "type": _sent(request),
    }
    return httpx.Response(409, json=payload)


def shouted_echo(request: httpx.Request) -> httpx.Response:
    """Return it in capitals."""
    return _failed(400, _sent(request).upper())


def rewritten_echo(request: httpx.Request) -> httpx.Response:
    """Return each value joined to other text, and without its punctuation."""
    glued = " ".join(f"{item}T00:00:00 1{item}" for item in _values(request))
    bare = " ".join(item.replace("-", "") for item in _values(request))
    spaced = " ".join(item.replace("-", " ") for item in _values(request))
    return _failed(400, f"{glued} {bare} {spaced}")


def escaped_echo(request: httpx.Request) -> httpx.Response:
    """Return it as JSON inside a text, URL-quoted, and with HTML entities."""
    values = [item for value in _values(request) for item in _escaped(value)]
    return _failed(400, " ".join(values))


def _escaped(value: str) -> list[str]:
    return [json.dumps(value), quote(value), quote(value, safe=""), html.escape(value)]


def field_errors(request: httpx.Request) -> httpx.Response:
    """Return each value in a field error, as its text and as the field's name."""
    values = _values(request)
    fields: dict[str, Any] = {
        "first_name": values,
        "ssn": [f"{item} is wrong" for item in values],
        "addresses": {"0": {"street": values}},
        **{item: ["is wrong"] for item in values},
    }
    return httpx.Response(
        400,
        json={"Message": fields, "Status": 400, "Code": "create_customer_schema"},
    )


def nested_error(request: httpx.Request) -> httpx.Response:
    """Return the request object in place of an envelope's text."""
    payload = {"echo": {"of": [_sent(request)]}, "list": _values(request)}
    return httpx.Response(
        400, json={"Message": "no", "code": payload, "error": payload}
    )


def plain_text(status: int) -> Answer:
    """Return it as plain text."""
    return lambda request: httpx.Response(status, text=_sent(request))


def cut_text(request: httpx.Request) -> httpx.Response:
    """Return each value at every position of a text that may be truncated."""
    return httpx.Response(400, text="x" * 190 + " " + " ".join(_values(request)[::-1]))


def html_page(request: httpx.Request) -> httpx.Response:
    """Return it on a proxy's HTML page."""
    return httpx.Response(502, html=f"<html><body>{_sent(request)}</body></html>")


def shown_to_strangers(request: httpx.Request) -> httpx.Response:
    """Return an SSN and an address that the request may not have contained."""
    return _failed(409, f"taken by {SSN} ({EMAIL}); {SSN.replace('-', '')}")


def unlucky_success(request: httpx.Request) -> httpx.Response:
    """Return an error under status 200."""
    return _failed(200, _sent(request))


def malformed(request: httpx.Request) -> httpx.Response:
    """Return truncated JSON."""
    whole = json.dumps(vendors_customer(provider_of(request)))
    return httpx.Response(200, text=whole[:-2])


def wrong_types(request: httpx.Request) -> httpx.Response:
    """Return the right fields with values of other types."""
    payload = {
        name: [value] for name, value in vendors_customer(provider_of(request)).items()
    }
    return httpx.Response(200, json={**payload, "data": payload, "success": True})


def wrong_shape(request: httpx.Request) -> httpx.Response:
    """Return a text in place of an object."""
    return httpx.Response(200, json=json.dumps(vendors_customer(provider_of(request))))


def wrong_keys(request: httpx.Request) -> httpx.Response:
    """Return the data as field names."""
    leaves = _leaves(vendors_customer(provider_of(request)))
    payload = dict.fromkeys(leaves, 1)
    return httpx.Response(200, json={**payload, "data": payload, "success": True})


def redirect(request: httpx.Request) -> httpx.Response:
    """Redirect to a URL that contains the data."""
    where = f"https://example.com/?ssn={SSN}&email={EMAIL}&token={TOKEN}"
    return httpx.Response(302, headers={"location": where})


def revealing_headers(request: httpx.Request) -> httpx.Response:
    """Return it in the headers of a rate-limited response."""
    headers = {"retry-after": SSN, "date": EMAIL, "x-echo": AUTHORIZATION}
    return httpx.Response(429, headers=headers, text=_sent(request))


def unpackable(request: httpx.Request) -> httpx.Response:
    """Declare a compression that the body does not have."""
    headers = {"content-encoding": "gzip"}
    stream = httpx.ByteStream(_sent(request).encode())
    return httpx.Response(200, headers=headers, stream=stream)


class _Cut(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, arrived: bytes) -> None:
        self._arrived = arrived

    def __iter__(self) -> Iterator[bytes]:
        yield self._arrived
        raise httpx.RemoteProtocolError(f"cut after {self._arrived.decode()}")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self:
            yield part


def truncated(request: httpx.Request) -> httpx.Response:
    """End the response too early."""
    return httpx.Response(200, stream=_Cut(_sent(request).encode()))


def raising(kind: Callable[[str], BaseException]) -> Answer:
    """Raise a transport error whose text contains the request."""

    def fail(request: httpx.Request) -> NoReturn:
        raise kind(_sent(request))

    return fail


ANSWERS: Mapping[str, Answer] = {
    "success": success,
    "echo in 400": echo(400),
    "echo in 401": echo(401),
    "echo in 404": echo(404),
    "echo in 429": echo(429),
    "echo in 500": echo(500),
    "echo in 503": echo(503),
    "echo in lower case": lower_case_echo,
    "echo in capitals": shouted_echo,
    "echo rewritten": rewritten_echo,
    "echo escaped": escaped_echo,
    "echo in field errors": field_errors,
    "echo in a nested error": nested_error,
    "echo as text": plain_text(400),
    "echo as text in 500": plain_text(500),
    "echo as text that is cut": cut_text,
    "echo as HTML": html_page,
    "echo under 200": unlucky_success,
    "another's data in 409": shown_to_strangers,
    "malformed JSON": malformed,
    "wrong types": wrong_types,
    "wrong shape": wrong_shape,
    "data as names": wrong_keys,
    "text under 200": plain_text(200),
    "redirect": redirect,
    "data in headers": revealing_headers,
    "not compressed": unpackable,
    "truncated": truncated,
    "read timeout": raising(httpx.ReadTimeout),
    "connect error": raising(httpx.ConnectError),
    "protocol error": raising(httpx.RemoteProtocolError),
    "transport's own error": raising(ValueError),
    "interrupted": raising(KeyboardInterrupt),
    "cancelled": raising(asyncio.CancelledError),
}
