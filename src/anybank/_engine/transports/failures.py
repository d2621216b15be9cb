"""Convert the exceptions of a transport to a Failure with our own text.

The text depends on the exception's class and causes only. The exceptions' own messages are
left out, because they may contain headers, bodies, hosts and a proxy's password.
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
from ..per_process import WrongProcessOrLoop
from .live_host_guard import HostRefused
from .streams import Deadline, UnsolicitedData

_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.InvalidURL,
    httpx.LocalProtocolError,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""Exceptions that are raised before any byte of the request was sent."""

_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (httpx.ConnectTimeout, "timed out while connecting"),
    (httpx.PoolTimeout, "timed out while waiting for a free connection"),
    (httpx.WriteTimeout, "timed out while sending the request"),
    (httpx.ReadTimeout, "timed out while waiting for the response"),
    (httpx.WriteError, "the connection broke while the request was being sent"),
    (httpx.ReadError, "the connection broke before the response was complete"),
    (httpx.RemoteProtocolError, "the response is incomplete or not HTTP"),
    (httpx.LocalProtocolError, "the request is not valid HTTP"),
    (httpx.InvalidURL, "the URL is not valid"),
    (httpx.ConnectError, "the connection failed"),
)

_CERTIFICATE_PROBLEMS = {
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
"""Texts for the verification codes in OpenSSL's x509_vfy.h."""

_UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)
_STATUS = re.compile(r"\d{3}")

UNSOLICITED_DATA = Failure(
    sent=False,
    reason="the server sent data or closed the connection before the request was sent",
)

_Explain: TypeAlias = Callable[[BaseException], "str | None"]


def to_failure(error: Exception) -> Failure:
    """Convert an exception of httpx or of the caller's transport."""
    if isinstance(error, HostRefused):
        return Failure(sent=False, reason=error.advice, misconfigured=True)
    if isinstance(error, ConfigurationError):
        return Failure(sent=False, reason=str(error), misconfigured=True)
    if isinstance(error, WrongProcessOrLoop):
        return Failure(sent=False, reason=error.reason)
    if isinstance(error, httpx.ProxyError):
        return proxy_refused(_status(error))
    # An exception that is not listed counts as sent: a wrong "not sent" could make a
    # caller create a customer twice.
    sent = not isinstance(error, _NOT_SENT)
    reason = None if sent or _timed_out(error) else connect_reason(error)
    return Failure(sent=sent, reason=reason or _kind(error))


def failure_within(error: Exception, deadline: Deadline) -> Failure:
    """Convert an exception; our own streams know whether the request was sent."""
    result = to_failure(error)
    return evolve(result, sent=deadline.sent) if deadline.observed else result


def proxy_refused(status: int | None) -> Failure:
    """Return the failure of a connection that the proxy refused to open."""
    shown = f" (status {status})" if status else ""
    return Failure(sent=False, reason=f"the proxy refused the connection{shown}")


def connect_reason(error: BaseException) -> str | None:
    """Return why a connection could not be opened, or None if that is unknown."""
    # The order of _CAUSES decides, not the order of the chain: all of them are
    # OSErrors.
    causes = list(_causes(error))
    for kind, explain in _CAUSES:
        for cause in causes:
            if isinstance(cause, kind) and (reason := explain(cause)):
                return reason
    return None


def _status(error: httpx.ProxyError) -> int | None:
    """Return the status in a proxy's response, without its text."""
    # httpcore raises ProxyError("407 Proxy Authentication Required").
    status = _STATUS.match(str(error))
    return int(status[0]) if status else None


def _timed_out(error: Exception) -> bool:
    return isinstance(error, httpx.TimeoutException)


def _kind(error: Exception) -> str:
    reasons = (reason for kind, reason in _REASONS if isinstance(error, kind))
    return next(reasons, type(error).__name__)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and its causes, with exception groups and wrappers unpacked."""
    waiting, visited = [error], set[int]()
    while waiting:
        cause = waiting.pop()
        if id(cause) in visited:
            continue
        visited.add(id(cause))
        yield cause
        inner = [
            cause.__context__,
            cause.__cause__,
            getattr(cause, "os_error", None),
            getattr(cause, "certificate_error", None),
            *getattr(cause, "exceptions", ()),
        ]
        waiting += [other for other in inner if isinstance(other, BaseException)]


def _certificate(error: BaseException) -> str | None:
    code = getattr(error, "verify_code", None)
    if code is None:
        return None  # aiohttp's wrapper: its cause has the code
    why = _CERTIFICATE_PROBLEMS.get(code, f"OpenSSL's code is {code}")
    return f"certificate verification failed: {why}"


def _handshake(_: BaseException) -> str | None:
    return "the TLS handshake failed"


def _lookup(_: BaseException) -> str | None:
    return "DNS lookup failed"


def _refused(_: BaseException) -> str | None:
    return "connection refused"


def _reset(_: BaseException) -> str | None:
    return "the connection was closed while it was being opened"


def _unreachable(error: BaseException) -> str | None:
    code = getattr(error, "errno", None)
    return "the network or the host is unreachable" if code in _UNREACHABLE else None


def _unsolicited_data(_: BaseException) -> str | None:
    return UNSOLICITED_DATA.reason


_CAUSES: tuple[tuple[type[BaseException], _Explain], ...] = (
    (UnsolicitedData, _unsolicited_data),
    (ssl.SSLCertVerificationError, _certificate),
    (ssl.SSLError, _handshake),
    (socket.gaierror, _lookup),
    (ConnectionRefusedError, _refused),
    (ConnectionResetError, _reset),
    (OSError, _unreachable),
)
