"""What a transport's exception means: sent or not, and why, without its text."""

from __future__ import annotations

import ssl

import httpx
import pytest

from anybank._failures import failure
from anybank.wire import Failure

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
    found = [each for each in vars(httpx).values() if isinstance(each, type)]
    return [each for each in found if issubclass(each, Exception)]


def _made(kind: type[Exception]) -> Exception:
    made: Exception = kind.__new__(kind)
    return made


@pytest.mark.parametrize("kind", _exceptions(), ids=lambda kind: kind.__name__)
def test_each_exception_of_the_library_is_sent_or_not(kind: type[Exception]) -> None:
    """Only what failed before the wire is known not to have been sent."""
    result = failure(_made(kind))
    assert result.sent is (kind.__name__ not in NOT_SENT)
    assert not result.misconfigured


@pytest.mark.parametrize("kind", [KeyError, OSError, ssl.SSLError, ValueError])
def test_what_nobody_foresaw_may_have_been_sent(kind: type[Exception]) -> None:
    """A transport that fails in a new way is never taken for silence."""
    assert failure(kind("333-52-7584")) == Failure(sent=True, reason=kind.__name__)
