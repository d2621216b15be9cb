"""Transport exceptions become failures: sent or not, and the reason without its message."""

from __future__ import annotations

import errno
import socket
import ssl

import httpx
import pytest

from anybank._engine.transports.failures import to_failure
from anybank.adapter.wire import Failure

NOT_SENT = {
    "ConnectError",
    "ConnectTimeout",
    "InvalidURL",
    "LocalProtocolError",
    "PoolTimeout",
    "ProxyError",
    "UnsupportedProtocol",
}


def _exceptions() -> list[type[Exception]]:
    classes = [var for var in vars(httpx).values() if isinstance(var, type)]
    return [item for item in classes if issubclass(item, Exception)]


def _build(kind: type[Exception]) -> Exception:
    built: Exception = kind.__new__(kind)
    return built


@pytest.mark.parametrize("kind", _exceptions(), ids=lambda kind: kind.__name__)
def test_each_exception_of_the_library_is_sent_or_not(kind: type[Exception]) -> None:
    """Each exception of httpx is classified as sent or not sent."""
    result = to_failure(_build(kind))
    assert result.sent is (kind.__name__ not in NOT_SENT)
    assert not result.misconfigured


@pytest.mark.parametrize("kind", [KeyError, OSError, ssl.SSLError, ValueError])
def test_an_unknown_exception_counts_as_sent(kind: type[Exception]) -> None:
    """An exception of an unknown class counts as sent."""
    assert to_failure(kind("333-52-7584")) == Failure(sent=True, reason=kind.__name__)


def caused(cause: BaseException) -> httpx.ConnectError:
    """Return httpx's error of a connection that failed for a reason."""
    error = httpx.ConnectError("333-52-7584")
    error.__cause__ = cause
    return error


def wrapped(*causes: Exception) -> OSError:
    """Return the exception that anyio raises if all addresses of a host fail."""
    error = OSError("All connection attempts failed")
    error.__cause__ = ExceptionGroup("several", list(causes))
    return error


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (socket.gaierror(socket.EAI_AGAIN, "no"), "DNS lookup failed"),
        (ConnectionRefusedError(), "connection refused"),
        (wrapped(ConnectionRefusedError(), OSError(5, "x")), "connection refused"),
        (ConnectionResetError(), "the connection was closed while it was being opened"),
        (
            OSError(errno.ENETUNREACH, "no"),
            "the network or the host is unreachable",
        ),
        (
            wrapped(OSError(errno.EHOSTUNREACH, "no")),
            "the network or the host is unreachable",
        ),
        (ssl.SSLError("WRONG_VERSION_NUMBER"), "the TLS handshake failed"),
        (OSError(errno.EPERM, "no"), "the connection failed"),
    ],
    ids=str,
)
def test_why_a_connection_could_not_be_opened(
    cause: BaseException, reason: str
) -> None:
    """The reason depends on the class of the cause and contains none of its text."""
    assert to_failure(caused(cause)) == Failure(sent=False, reason=reason)


@pytest.mark.parametrize("code", [23, 999])
def test_a_certificate_that_is_refused_otherwise_has_openssls_code(code: int) -> None:
    """A certificate problem without a text of ours has OpenSSL's code."""
    refused = ssl.SSLCertVerificationError()
    refused.verify_code = code
    words = {23: "it has been revoked", 999: "OpenSSL's code is 999"}
    assert to_failure(caused(refused)).reason == (
        f"certificate verification failed: {words[code]}"
    )


def test_causes_that_go_in_a_circle_come_to_an_end() -> None:
    """A circular chain of causes does not loop forever."""
    error = httpx.ConnectError("")
    cause = OSError("")
    error.__cause__, cause.__cause__ = cause, error
    assert to_failure(error) == Failure(sent=False, reason="the connection failed")
