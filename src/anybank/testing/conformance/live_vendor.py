"""A vendor's sandbox in place of a simulator: each request is sent over HTTP."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import attrs
from attrs import define, evolve, field

from ..._engine.settings import Common, engine_and_endpoint
from ..._engine.throttle import Throttle
from ..._engine.timing import Timing
from ..._engine.transports.endpoint import Endpoint
from ..._engine.transports.httpx_connections import HttpxConnection
from ..._engine.transports.selection import connect
from ...adapter.base import Adapter
from ...adapter.options import CREDENTIAL, variable
from ...adapter.wire import Failure, Request, Response
from ...errors import ConfigurationError
from ...sandbox.faults import AnswerLost, ConnectionRefused
from .created_records import CreatedRecords

DEFAULT_RATE = 60
"""Calls per minute at a vendor that documents no rate limit: a sandbox is shared."""
_TOO_MANY = 429
_WAITS = 3
_LONGEST_WAIT = 60.0
_OWN_HEADERS = ("host", "content-length", "connection", "accept-encoding", "user-agent")
_ENCODINGS = ("content-encoding", "content-length", "transfer-encoding")


@define(eq=False)
class LiveVendor:
    """Sends each request to a vendor's sandbox, and notes its writes.

    A response with the status 429 is waited for and its request sent again, since the
    vendor has not executed it: the kit creates its banks without retries.
    """

    provider: str
    adapter: Adapter
    endpoint: Endpoint
    throttle: Throttle | None
    timing: Timing
    routes: Sequence[Any]
    records: CreatedRecords
    shared_ids: dict[str, str] = field(factory=dict)
    """The records that the reads of a run share, by kind: fewer people are created."""
    connection: HttpxConnection = field(init=False)

    @connection.default
    def _connected(self) -> HttpxConnection:
        return connect(self.endpoint, None)

    @classmethod
    def of(
        cls, kind: type[Adapter], options: Mapping[str, Any], routes: Sequence[Any]
    ) -> LiveVendor:
        """Return the sandbox that the environment configures; raises ConfigurationError."""
        engine, endpoint = engine_and_endpoint(kind, Common(), options)
        _require_sandbox(engine.adapter, endpoint)
        throttle = engine.throttle
        provider = kind.capabilities.provider
        if throttle is None and not _has_limit(provider):
            throttle = Throttle(DEFAULT_RATE)
        records = CreatedRecords()
        timing = engine.timing
        return cls(
            provider, engine.adapter, endpoint, throttle, timing, routes, records
        )

    @property
    def host(self) -> str:
        """The host of the sandbox."""
        return self.endpoint.host

    @property
    def is_vendor(self) -> bool:
        """True if the host is not this machine."""
        return self.endpoint.is_live

    @property
    def credentials(self) -> Mapping[str, Any]:
        """The options of the adapter as the environment sets them."""
        options = self.adapter.options
        return {
            item.name: getattr(options, item.name)
            for item in attrs.fields(type(options))
        }

    @property
    def base_path(self) -> str:
        """The part of the path before the resources."""
        return urlsplit(self.endpoint.base_url).path

    @property
    def bank_options(self) -> Mapping[str, Any]:
        """The options of a Bank that shares the connection and the rate limit."""
        return {"base_url": self.endpoint.base_url, "rate_limit": self.throttle}

    def __call__(self, request: Request) -> Response:
        """Send a request and return the response; raise a fault of the network."""
        is_write = request.method != "GET"
        if is_write:
            self.records.before_write()
        response = self._sent(self._own(request))
        if is_write:
            self.records.after_write(response.status)
        return response

    def close(self) -> None:
        """Close the connections."""
        self.connection.close()

    def _own(self, request: Request) -> Request:
        """Return a request below the base URL, without the headers of a connection."""
        headers = {
            name: value
            for name, value in request.headers.items()
            if name not in _OWN_HEADERS
        }
        path = request.path.removeprefix(self.base_path)
        return evolve(request, path=path, query=dict(request.query), headers=headers)

    def _sent(self, request: Request) -> Response:
        for _ in range(_WAITS):
            response = self._exchanged(request)
            if response.status != _TOO_MANY:
                return response
            self.timing.sleep(_seconds(response))
        return self._exchanged(request)

    def _exchanged(self, request: Request) -> Response:
        response = self.connection.send(request, self.endpoint.timeout)
        if isinstance(response, Failure):
            raise AnswerLost("reset") if response.sent else ConnectionRefused
        headers = {
            name: value
            for name, value in response.headers.items()
            if name not in _ENCODINGS  # the body is decompressed
        }
        return evolve(response, headers=headers)


def missing_credentials(kind: type[Adapter]) -> list[str]:
    """Return the variables of an adapter's credentials that are not set."""
    provider = kind.capabilities.provider
    names = [
        variable(provider, item.name)
        for item in attrs.fields(kind.Options)
        if CREDENTIAL in item.metadata
    ]
    return [name for name in names if not os.environ.get(name)]


def _seconds(response: Response) -> float:
    text = response.headers.get("retry-after", "")
    return min(float(text), _LONGEST_WAIT) if text.isdecimal() else 1.0


def _has_limit(provider: str) -> bool:
    return bool(os.environ.get(variable(provider, "rate_limit")))


def _require_sandbox(adapter: Adapter, endpoint: Endpoint) -> None:
    """Raise ConfigurationError for any host but loopback and the declared sandbox."""
    sandbox = (adapter.base_url("sandbox") or "").rstrip("/")
    if not endpoint.is_live or endpoint.base_url == sandbox:
        return
    provider = adapter.capabilities.provider
    raise ConfigurationError(
        f"a live run creates and deletes people, so it is refused at {endpoint.host}: "
        f"the sandbox of {provider} is {sandbox or 'not declared'}. Unset "
        f"{variable(provider, 'base_url')}, and set {variable(provider, 'environment')} "
        "to sandbox."
    )
