"""What a transport's exception means, as a Failure in words of ours.

The exceptions of httpx and of aiohttp become the same words, from the kinds of what
caused them: their own texts may hold headers, bodies, hosts and a proxy's password.
"""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import TypeAlias

import httpx
from attrs import evolve

from ...adapter.wire import Failure
from ...errors import ConfigurationError
from ..per_process import WrongPlace
from .live_host_guard import HostRefused
from .streams import Deadline, SpokeEarly

_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.InvalidURL,
    httpx.LocalProtocolError,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""Failures before anything of the request was on the wire."""

_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (httpx.ConnectTimeout, "timed out while connecting"),
    (httpx.PoolTimeout, "timed out while waiting for a free connection"),
    (httpx.WriteTimeout, "timed out while sending the request"),
    (httpx.ReadTimeout, "timed out while waiting for the answer"),
    (httpx.WriteError, "the connection broke while the request was sent"),
    (httpx.ReadError, "the connection broke before the answer was complete"),
    (httpx.RemoteProtocolError, "the answer was cut off or is not HTTP"),
    (httpx.LocalProtocolError, "the request cannot be written as HTTP"),
    (httpx.InvalidURL, "the URL is not valid"),
    (httpx.ConnectError, "the connection failed"),
)

_CERTIFICATES = {
    9: "it is not valid yet",
    10: "it has expired",
    18: "it is self-signed",
    19: "its chain ends in a self-signed certificate that is not trusted",
    20: "its issuer is not trusted",
    21: "its issuer is not trusted",
    23: "it has been revoked",
    62: "it is not for this host (hostname mismatch)",
    64: "it is not for this host (hostname mismatch)",
}
"""Reasons by the codes of OpenSSL's x509_vfy.h, which Python passes on."""

_UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)
_STATUS = re.compile(r"\d{3}")

SPOKE_EARLY = Failure(
    sent=False,
    reason="the server spoke, or hung up, before the request was sent",
)

_Explain: TypeAlias = Callable[[BaseException], "str | None"]


def failure(error: Exception) -> Failure:
    """Return an exception of httpx, or of a caller's transport, as a Failure."""
    if isinstance(error, HostRefused):
        return Failure(sent=False, reason=error.advice, misconfigured=True)
    if isinstance(error, ConfigurationError):
        return Failure(sent=False, reason=str(error), misconfigured=True)
    if isinstance(error, WrongPlace):
        return Failure(sent=False, reason=error.reason)
    if isinstance(error, httpx.ProxyError):
        return proxy_refused(_status(error))
    sent = not isinstance(error, _NOT_SENT)
    reason = None if sent or _timed_out(error) else connect_reason(error)
    return Failure(sent=sent, reason=reason or _kind(error))


def observed_failure(error: Exception, deadline: Deadline) -> Failure:
    """Return an exception as a Failure; what our own streams saw leave was sent."""
    found = failure(error)
    return evolve(found, sent=deadline.sent) if deadline.observed else found


def proxy_refused(status: int | None) -> Failure:
    """Return the failure of a connection that the proxy did not open."""
    shown = f" (status {status})" if status else ""
    return Failure(sent=False, reason=f"the proxy refused the connection{shown}")


def connect_reason(error: BaseException) -> str | None:
    """Return why a connection could not be opened, None where nothing says it."""
    causes = list(_causes(error))
    for kind, explain in _CAUSES:
        for cause in causes:
            if isinstance(cause, kind) and (reason := explain(cause)):
                return reason
    return None


def _status(error: httpx.ProxyError) -> int | None:
    """Return the status with which a proxy answered; its own text is left out."""
    status = _STATUS.match(str(error))
    return int(status[0]) if status else None


def _timed_out(error: Exception) -> bool:
    return isinstance(error, httpx.TimeoutException)


def _kind(error: Exception) -> str:
    reasons = (reason for kind, reason in _REASONS if isinstance(error, kind))
    return next(reasons, type(error).__name__)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and what led to it, groups and wrapped errors opened."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        inner = [
            cause.__context__,
            cause.__cause__,
            getattr(cause, "os_error", None),
            getattr(cause, "certificate_error", None),
            *getattr(cause, "exceptions", ()),
        ]
        waiting += [each for each in inner if isinstance(each, BaseException)]


def _certificate(error: BaseException) -> str | None:
    code = getattr(error, "verify_code", None)
    if code is None:
        return None  # aiohttp's, which wraps the one that has it
    why = _CERTIFICATES.get(code, f"OpenSSL's code is {code}")
    return f"certificate verification failed: {why}"


def _handshake(_: BaseException) -> str | None:
    return "the TLS handshake failed"


def _lookup(_: BaseException) -> str | None:
    return "DNS lookup failed"


def _refused(_: BaseException) -> str | None:
    return "connection refused"


def _reset(_: BaseException) -> str | None:
    return "the connection was closed while it was opened"


def _unreachable(error: BaseException) -> str | None:
    code = getattr(error, "errno", None)
    return "the network or the host is unreachable" if code in _UNREACHABLE else None


def _spoke_early(_: BaseException) -> str | None:
    return SPOKE_EARLY.reason


_CAUSES: tuple[tuple[type[BaseException], _Explain], ...] = (
    (SpokeEarly, _spoke_early),
    (ssl.SSLCertVerificationError, _certificate),
    (ssl.SSLError, _handshake),
    (socket.gaierror, _lookup),
    (ConnectionRefusedError, _refused),
    (ConnectionResetError, _reset),
    (OSError, _unreachable),
)
