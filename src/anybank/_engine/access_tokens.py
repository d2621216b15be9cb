"""Access tokens: requested when they are needed, shared, and renewed before they expire.

A vendor with OAuth 2.0 issues a token for the credentials of a user. Banks with equal
credentials share it in a process, because an app that creates a bank for each tenant or
job would otherwise request a token each time, and some vendors then revoke the earlier one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator, Hashable
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

from attrs import define, field, frozen

from ..adapter.base import Adapter
from ..adapter.credentials import AccessToken
from ..adapter.problems import Problem
from ..adapter.wire import Failure, Request, Response
from ..declaration.idempotency import SAFE
from ..errors import (
    AnybankError,
    AuthenticationFailed,
    Outcome,
    ProviderError,
    Rejected,
    UnexpectedResponse,
)
from ..model.features import Feature
from ..sensitive import Sensitive
from .error_mapping import error_of
from .per_process import PerProcess, fork_safe_lock
from .timing import Timing

if TYPE_CHECKING:
    from asyncio import Lock as AsyncLock

_LONGEST_WAIT = 60.0
"""Seconds to wait for a token that another thread or task requests."""
_MARGIN = 30.0
"""Seconds before it expires at which a token is renewed, at most a tenth of its life."""
_MOST_STORES = 1024


class TokenEngine(Protocol):
    """What the request of a token needs of the engine of a bank."""

    @property
    def adapter(self) -> Adapter: ...
    @property
    def timing(self) -> Timing: ...
    @property
    def timeout(self) -> float | None: ...
    def problem_of(
        self, response: Response, request: Request, feature: Feature | None
    ) -> Problem | None: ...


class Wire(Protocol):
    """A synchronous connection."""

    def send(
        self, request: Request, timeout: float | None = None
    ) -> Response | Failure: ...


class AsyncWire(Protocol):
    """An asynchronous connection."""

    async def send(
        self, request: Request, timeout: float | None = None
    ) -> Response | Failure: ...


@frozen
class TokenGrant:
    """A token to send; `reused` is True if an earlier request may have sent it."""

    token: Sensitive
    reused: bool


@define
class TokenUnavailable(Exception):
    """No token could be requested, so the request was not sent."""

    failure: Failure


@define(eq=False)
class TokenStore:
    """The token of one set of credentials. Only one thread or task requests it at a time."""

    _token: Sensitive | None = field(default=None, init=False, repr=False)
    _renew_at: float | None = field(default=None, init=False)
    _lock: PerProcess[Lock] = field(factory=lambda: PerProcess(Lock), init=False)
    _async_locks: WeakKeyDictionary[Any, AsyncLock] = field(
        factory=WeakKeyDictionary, init=False
    )

    def current(self, now: float) -> Sensitive | None:
        """Return the token, or None if there is none or it is about to expire."""
        expired = self._renew_at is not None and now >= self._renew_at
        return None if expired else self._token

    def store(self, token: AccessToken, requested_at: float) -> Sensitive:
        """Keep a token; its life counts from the moment when it was requested."""
        self._renew_at = None
        if token.expires_in is not None:
            margin = min(_MARGIN, token.expires_in / 10)
            self._renew_at = requested_at + token.expires_in - margin
        self._token = token.value
        return token.value

    def discard(self, token: Sensitive) -> None:
        """Forget a token that the vendor refused, unless it was replaced meanwhile."""
        if self._token == token:
            self._token = None

    @property
    def lock(self) -> Lock:
        """The lock of this process."""
        return self._lock.value()

    @property
    def async_lock(self) -> AsyncLock:
        """The lock of the running event loop."""
        import asyncio  # noqa: PLC0415  # a synchronous bank does without

        loop = asyncio.get_running_loop()
        return self._async_locks.setdefault(loop, asyncio.Lock())


_STORES: OrderedDict[Hashable, TokenStore] = OrderedDict()
_STORES_LOCK = fork_safe_lock()


def store_for(adapter: Adapter, base_url: str) -> TokenStore:
    """Return the store of a bank; banks of equal credentials at one address share it."""
    # The least recently used store is dropped, so that a process with very many tenants
    # stays small.
    key: Hashable = (type(adapter), base_url, adapter.options)
    try:
        hash(key)
    except TypeError:  # options that cannot be compared share no token
        return TokenStore()
    with _STORES_LOCK:
        store = _STORES.setdefault(key, TokenStore())
        _STORES.move_to_end(key)
        if len(_STORES) > _MOST_STORES:
            _STORES.popitem(last=False)
    return store


def obtain(
    engine: TokenEngine, store: TokenStore, wire: Wire, credentials: Any
) -> TokenGrant:
    """Return the token of a synchronous bank; request one if there is none."""
    if token := store.current(engine.timing.monotonic()):
        return TokenGrant(token, reused=True)
    lock = store.lock
    if not lock.acquire(timeout=_LONGEST_WAIT):
        raise _busy()
    try:
        started = engine.timing.monotonic()
        if token := store.current(started):  # another thread requested it meanwhile
            return TokenGrant(token, reused=True)
        steps = _steps(engine, credentials)
        result: Response | Failure | None = None
        while True:
            try:
                request = steps.send(result)
            except StopIteration as finished:
                return TokenGrant(store.store(finished.value, started), reused=False)
            try:
                result = wire.send(request, engine.timeout)
            except Exception as error:  # noqa: BLE001  # bytes may have left
                result = _failed(error)
    finally:
        lock.release()


async def obtain_async(
    engine: TokenEngine, store: TokenStore, wire: AsyncWire, credentials: Any
) -> TokenGrant:
    """Return the token of an asynchronous bank; request one if there is none."""
    if token := store.current(engine.timing.monotonic()):
        return TokenGrant(token, reused=True)
    import asyncio  # noqa: PLC0415  # a synchronous bank does without

    lock = store.async_lock
    try:
        async with asyncio.timeout(_LONGEST_WAIT):
            await lock.acquire()
    except TimeoutError:
        raise _busy() from None
    try:
        started = engine.timing.monotonic()
        if token := store.current(started):  # another task requested it meanwhile
            return TokenGrant(token, reused=True)
        steps = _steps(engine, credentials)
        result: Response | Failure | None = None
        while True:
            try:
                request = steps.send(result)
            except StopIteration as finished:
                return TokenGrant(store.store(finished.value, started), reused=False)
            try:
                result = await wire.send(request, engine.timeout)
            except Exception as error:  # noqa: BLE001  # bytes may have left
                result = _failed(error)
    finally:
        lock.release()


def _steps(
    engine: TokenEngine, credentials: Any
) -> Generator[Request, Response | Failure | None, AccessToken]:
    """Run the adapter's flow: yield each request ready to send, and return the token.

    Raises TokenUnavailable where a repetition may help, and AuthenticationFailed where the
    vendor refuses the credentials.
    """
    try:
        flow = engine.adapter.request_token(credentials)
        request = next(flow)
        while True:
            result = yield request.prepared()
            response = _response(engine, request, result)
            request = flow.send(response)
    except StopIteration as finished:
        token: AccessToken = finished.value
        return token
    except UnexpectedResponse as error:
        # An exception of the operation itself would say that its outcome is unknown.
        raise _unavailable(f"its response cannot be read: {error}") from None


def _response(
    engine: TokenEngine, request: Request, result: Response | Failure | None
) -> Response:
    """Return a successful response; raise the error that any other result stands for."""
    if not isinstance(result, Response):
        reason = "no response" if result is None else result.reason
        raise _unavailable(reason, misconfigured=bool(result and result.misconfigured))
    problem = engine.problem_of(result, request, None)
    if problem is None:
        return result
    error = error_of(problem, result, (request,), SAFE, engine.timing.wall())
    if isinstance(error, (AuthenticationFailed, Rejected)):
        raise _refused(error)
    raise _unavailable(f"{type(error).__name__} with HTTP {result.status}")


def _refused(error: ProviderError) -> AnybankError:
    """Return the error for credentials for which the vendor issues no token."""
    detail = f": {error.message}" if error.message else ""
    return AuthenticationFailed(
        f"no access token was issued for the credentials{detail}",
        status=error.status,
        code=error.code,
        request_id=error.request_id,
        outcome=Outcome.NOT_SENT,
    )


def _unavailable(reason: str, *, misconfigured: bool = False) -> TokenUnavailable:
    text = f"the access token could not be requested: {reason}"
    return TokenUnavailable(
        Failure(sent=False, reason=text, misconfigured=misconfigured)
    )


def _busy() -> TokenUnavailable:
    return _unavailable("another request for it takes too long")


def _failed(error: Exception) -> Failure:
    return Failure(sent=False, reason=type(error).__name__)
