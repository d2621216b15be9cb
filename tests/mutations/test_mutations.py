"""Answers of every oddity: what is said of an operation agrees with the vendor's record.

A seed makes each case again: run `case(provider, seed)`.
"""

from __future__ import annotations

import asyncio
import itertools
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Thread
from typing import Any

import pytest
from attrs import define, field
from hypothesis import settings
from tests.mutations.mutants import Mutant
from tests.mutations.witness import Case, Witness, staged

from anybank import AsyncBank, Bank, HttpOptions, plugins
from anybank._engine.paging import AsyncListing, Listing
from anybank.adapter.wire import Response
from anybank.sandbox.transport import SimulatorTransport, incoming
from anybank.testing._frozen_clock import frozen_timing
from anybank.testing.conformance.operations import OPERATIONS, Operation
from anybank.testing.conformance.scenarios import Scenario
from anybank.testing.conformance.subject import Subject

PROVIDERS = ("bond", "sonder", "increase", "unit")
_EXAMPLES = settings().max_examples
CASES = min(_EXAMPLES**2, 100_000) // len(PROVIDERS)
"""Some hundreds with the quick profile, a hundred thousand with the thorough one."""
ON_LOOPBACK = max(20, CASES // 100)
_MOST_PAGES = 3


@define
class Scenarios:
    """The scenarios of one provider's operations, created again after each write."""

    subject: Subject
    _stages: dict[str, Scenario] = field(factory=dict)

    @classmethod
    def of(cls, provider: str) -> Scenarios:
        match = plugins.find(provider)
        kit = match.conformance and match.conformance()
        if kit is not None:
            return cls(kit.subject())
        assert match.simulator is not None
        return cls(Subject(adapter=match.adapter, simulator=match.simulator()))

    def operations(self) -> list[Operation]:
        declared = [item for item in OPERATIONS.values() if self.supports(item)]
        return [item for item in declared if self.stage(item) is not None]

    def supports(self, operation: Operation) -> bool:
        return self.subject.supports(operation.feature)

    def stage(self, operation: Operation) -> Scenario | None:
        if operation.name not in self._stages:
            stage = staged(operation, self.subject)
            if stage is None:
                return None
            stage.recorder = Witness(stage.recorder.simulator)  # type: ignore[assignment] # as much of one as is used
            self._stages[operation.name] = stage
        return self._stages[operation.name]

    def strike(self, operation: Operation) -> None:
        del self._stages[operation.name]


Way = Callable[[Subject, Witness, Operation, Scenario], Any]


def given(witness: Witness, **more: Any) -> dict[str, Any]:
    credentials = witness.simulator.credentials
    return {
        "timing": frozen_timing(),
        "rate_limit": None,
        "retries": 0,
        **credentials,
        **more,
    }


def first_pages(listing: Listing[Any]) -> list[Any]:
    return list(itertools.islice(listing.pages(), _MOST_PAGES))


async def first_pages_of(listing: AsyncListing[Any]) -> list[Any]:
    pages = []
    async for page in listing.pages():
        pages.append(page)
        if len(pages) >= _MOST_PAGES:
            break
    return pages


def synchronously(
    subject: Subject,
    witness: Witness,
    operation: Operation,
    stage: Scenario,
    **more: Any,
) -> Any:
    options = given(witness, **{"transport": SimulatorTransport(witness), **more})
    with Bank(subject.adapter, **options, **subject.options) as bank:
        value = operation.perform(bank, stage)
        return first_pages(value) if isinstance(value, Listing) else value


def asynchronously(
    subject: Subject,
    witness: Witness,
    operation: Operation,
    stage: Scenario,
    **more: Any,
) -> Any:
    async def main() -> Any:
        options = given(witness, **{"transport": SimulatorTransport(witness), **more})
        async with AsyncBank(subject.adapter, **options, **subject.options) as bank:
            value = operation.perform(bank, stage)
            if isinstance(value, AsyncListing):
                return await first_pages_of(value)
            return await value

    return asyncio.run(main())


class Server(ThreadingHTTPServer):
    """Serves a witness on loopback, with each response byte for byte."""

    daemon_threads = True
    witness: Witness


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        path, _, query = self.path.partition("?")
        target = (path.encode(), query.encode())
        request = incoming(self.command, target, dict(self.headers), body)
        self.close_connection = True
        self.wfile.write(on_the_wire(self.server.witness(request)))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


def on_the_wire(answer: Response) -> bytes:
    lines = [b"HTTP/1.1 %d Said" % answer.status]
    left_out = ("content-length", "transfer-encoding", "connection")
    lines += [
        f"{name}: {value}".encode()
        for name, value in answer.headers.items()
        if name not in left_out
    ]
    return b"\r\n".join([*lines, b"connection: close", b"", answer.content])


@contextmanager
def serving() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), _Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def case(provider: str, seed: str, theatre: Scenarios, way: Way) -> list[str]:
    """Run one case; return its violations with the seed that repeats it."""
    random = Random(seed)  # noqa: S311  # to be made again
    operation = random.choice(theatre.operations())
    stage = theatre.stage(operation)
    assert stage is not None
    witness: Any = stage.recorder
    witness.begin(Mutant.of(seed))
    try:
        result = way(theatre.subject, witness, operation, stage)
    except Exception as error:  # noqa: BLE001  # whatever it is, is looked at
        result = error
    match = list(Case(operation, theatre.subject, witness, result).violations())
    if witness.did:
        theatre.strike(operation)
    statuses = [item.status for item in witness.arrived]
    where = f"{provider} {operation.name}, seed {seed!r}, {statuses}: "
    return [where + item + shown(result) for item in match]


def shown(result: object) -> str:
    if not isinstance(result, BaseException):
        return f" ({type(result).__name__})"
    return f" ({result!r}: {traceback.extract_tb(result.__traceback__)[-1]})"


def violations(provider: str, cases: int, way: Way, name: str) -> list[str]:
    theatre = Scenarios.of(provider)
    match = (case(provider, f"{name}-{item}", theatre, way) for item in range(cases))
    return list(itertools.islice(itertools.chain.from_iterable(match), 10))


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("way", [synchronously, asynchronously], ids=["sync", "async"])
def test_the_outcome_agrees_with_the_vendors_record(provider: str, way: Way) -> None:
    """Over a simulator, the outcome of every operation agrees with the vendor's record."""
    cases = CASES if way is synchronously else CASES // 10
    assert violations(provider, cases, way, way.__name__) == []


WAYS: dict[str, tuple[Way, str]] = {
    "Bank": (synchronously, "httpx"),
    "AsyncBank httpx": (asynchronously, "httpx"),
    "AsyncBank aiohttp": (asynchronously, "aiohttp"),
}


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("name", WAYS)
def test_the_same_over_real_connections(provider: str, name: str) -> None:
    """The outcome agrees with the vendor's record over each real transport too."""
    chosen: Any
    chosen, engine = WAYS[name]
    with serving() as server:

        def way(
            subject: Subject, witness: Witness, operation: Operation, stage: Scenario
        ) -> Any:
            server.witness = witness
            url = f"http://127.0.0.1:{server.server_port}{witness.base_path}"
            http = HttpOptions(engine=engine)  # type: ignore[arg-type] # one of its words
            more = {"transport": None, "base_url": url, "http": http}
            return chosen(subject, witness, operation, stage, **more)

        assert violations(provider, ON_LOOPBACK, way, name) == []
