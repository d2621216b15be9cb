"""Every place where a canary might appear after an operation."""

from __future__ import annotations

import asyncio
import copy
import inspect
import json
import pickle
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import attrs
import httpcore
import httpx
import pytest
from attrs import Factory, frozen
from tests.canary.answers import Answer
from tests.canary.canaries import CREDENTIALS, canaries_in
from tests.fakes import FakeTime

import anybank
import anybank_bond
import anybank_increase
import anybank_sonder
from anybank import AsyncBank, Bank
from anybank.sensitive import Sensitive

_ADAPTERS = (anybank_bond, anybank_increase, anybank_sonder)
_PACKAGES = (anybank, *_ADAPTERS, httpx, httpcore)
_OURS = (*(str(Path(str(item.__file__)).parent) for item in _PACKAGES), "<attrs")
_LONGEST_CHAIN = 10


class Answering(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Gives every request the same response, and records the URLs."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.urls: list[str] = []

    def __repr__(self) -> str:
        return "<Answering>"

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.urls.append(str(request.url))
        request.read()
        return self._answer(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.urls.append(str(request.url))
        await request.aread()
        return self._answer(request)


@frozen
class Exposure:
    """The outcome of an operation, with everything that it exposed."""

    bank: Any
    value: Any = None
    error: BaseException | None = None
    urls: list[str] = Factory(list)
    warnings: list[str] = Factory(list)


def perform(
    provider: Any,
    operation: Callable[[Any], Any],
    *,
    sync: bool,
    answer: Answer | None = None,
    **options: Any,
) -> Exposure:
    """Run an operation to its end, over one response or over the network."""
    transport = Answering(answer) if answer else None
    given = {"timing": FakeTime().timing(), "rate_limit": None, **options}
    name = provider if isinstance(provider, str) else provider.capabilities.provider
    bank = (Bank if sync else AsyncBank)(
        provider, transport=transport, **{**CREDENTIALS[name], **given}
    )
    value, error = None, None
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            value = _sync(bank, operation) if sync else _async(bank, operation)
        except BaseException as raised:  # noqa: BLE001  # an interrupt is one of them
            error = raised
    urls = transport.urls if transport else []
    return Exposure(bank, value, error, urls, [str(item.message) for item in warned])


def _sync(bank: Any, operation: Callable[[Any], Any]) -> Any:
    with bank:
        result = operation(bank)
        return list(result) if hasattr(result, "pages") else result


def _async(bank: Any, operation: Callable[[Any], Any]) -> Any:
    async def main() -> Any:
        async with bank:
            result = operation(bank)
            if hasattr(result, "pages"):
                return [item async for item in result]
            return await result if inspect.isawaitable(result) else result

    return asyncio.run(main())


def assert_nothing_escaped(
    exposure: Exposure, caplog: pytest.LogCaptureFixture
) -> None:
    """Search for canaries in everything that an operation exposes."""
    places: dict[str, str] = {
        **{f"log of {item.name}": logged(item) for item in caplog.records},
        **{f"URL {index}": url for index, url in enumerate(exposure.urls)},
        **{f"warning {index}": body for index, body in enumerate(exposure.warnings)},
        **dict(_of_value(exposure.bank, "bank")),
        **dict(_of_value(exposure.value, "value")),
        **dict(_of_error(exposure.error)),
    }
    logs = "\n".join(logged(item) for item in caplog.records)
    result = {place: canaries_in(text) for place, text in places.items()}
    result["logs"] = canaries_in(logs)
    escaped = {place: canaries for place, canaries in result.items() if canaries}
    assert not escaped, escaped


def logged(record: Any) -> str:
    """Return everything that a handler may write of a log record."""
    return (
        f"{record.getMessage()} {record.args!r} {record.exc_info!r} {record.exc_text}"
    )


def _of_value(value: Any, name: str) -> Iterator[tuple[str, str]]:
    yield f"{name}: repr, str and format", f"{value!r} {value!s} {value} {[value]!r}"
    for way, show in _WAYS.items():
        yield f"{name}: {way}", _shown(show, value)


def _shown(show: Callable[[Any], str], value: Any) -> str:
    """Return what a function shows of a value, or the text of its refusal."""
    try:
        return show(value)
    except Exception as refused:  # noqa: BLE001  # any refusal is one
        return f"{refused!r} {refused} {getattr(refused, '__notes__', '')}"


def _pickled(value: Any) -> str:
    return pickle.dumps(value).decode("utf-8", "replace")


def _deeply_copied(value: Any) -> Any:
    """Return a deep copy, but for the declaration of a bank, which has no person's data."""
    # The declaration is most of a bank, and some thousand tests copy one.
    declared = getattr(value, "capabilities", None)
    return copy.deepcopy(value, {id(declared): declared})


def _sensitive_fields(value: Any) -> str:
    """Convert a value with attrs.asdict; Sensitive values stay masked."""
    opened = attrs.asdict(value)
    return repr([item for item in opened.values() if isinstance(item, Sensitive)])


_WAYS: dict[str, Callable[[Any], str]] = {
    "a format spec": lambda value: format(value, ">40"),
    "json": json.dumps,
    "pickle": _pickled,
    "copy": lambda value: repr(copy.copy(value)),
    "deepcopy": lambda value: repr(_deeply_copied(value)),
    "asdict": _sensitive_fields,
    "vars of an error": lambda value: repr(
        vars(value) if isinstance(value, BaseException) else ""
    ),
}


def _of_error(error: BaseException | None) -> Iterator[tuple[str, str]]:
    if error is None:
        return
    for index, item in enumerate(_chain(error)):
        if isinstance(item, Interrupt):
            continue  # its words are the transport's, and so the test's
        yield from _of_value(item, f"error {index}")
        yield f"error {index}: notes", repr(getattr(item, "__notes__", None))
        yield f"error {index}: args", repr(item.args)
    rendered = traceback.TracebackException.from_exception(error, capture_locals=True)
    yield "locals", "\n".join(_locals(rendered))


Interrupt = (KeyboardInterrupt, asyncio.CancelledError)


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    todo = [error]
    while todo and len(chain) < _LONGEST_CHAIN:
        item = todo.pop()
        chain.append(item)
        todo += [one for one in (item.__cause__, item.__context__) if one]
        todo += getattr(item, "exceptions", ())
    return chain


def _locals(rendered: traceback.TracebackException) -> Iterator[str]:
    """Yield the locals that an error report shows, except those of the tests."""
    for frame in rendered.stack:
        if frame.filename.startswith(_OURS):
            yield f"{frame.name}: {frame.locals}"
    for inner in (rendered.__cause__, rendered.__context__):
        with suppress(AttributeError):
            yield from _locals(inner)  # type: ignore[arg-type] # None has no stack
