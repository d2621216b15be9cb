"""The base URL that a bank sends its requests to, with the timeout and HTTP options."""

from __future__ import annotations

import ssl
from typing import Self
from urllib.parse import SplitResult, urlsplit

import httpx
from attrs import frozen

from ...errors import ConfigurationError
from ..http_options import HttpOptions
from .proxies import Proxy, can_be_looked_up, is_loopback, proxy_for
from .tls import tls_context

USER_AGENT = "anybank/0.1"


@frozen
class Endpoint:
    """The base URL of a bank, the timeout per request in seconds, and HTTP options."""

    base_url: str
    timeout: float
    http: HttpOptions = HttpOptions()

    @classmethod
    def at(cls, base_url: str, timeout: float, http: HttpOptions | None = None) -> Self:
        """Return an endpoint whose base URL is valid; raises ConfigurationError.

        The URL uses https, or http to loopback, and has no credentials, query or fragment.
        """
        parts = _split(base_url)
        if parts is None or parts.scheme not in ("https", "http") or not parts.hostname:
            raise ConfigurationError("base_url must be an https:// URL with a host")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ConfigurationError(
                f"base_url is http:// to {parts.hostname}. Use https://: http:// is "
                "allowed for loopback only"
            )
        if parts.username or parts.password or set(base_url) & set("?#"):
            raise ConfigurationError(
                "base_url must have no credentials, query or fragment"
            )
        return cls(base_url.rstrip("/"), timeout, http or HttpOptions())

    @property
    def host(self) -> str:
        """The target host, whether or not a proxy is used."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def is_live(self) -> bool:
        """Return whether the host is a machine other than this one."""
        return not is_loopback(self.host)

    def tls(self) -> ssl.SSLContext:
        """Return the TLS context; an http:// endpoint gets one that trusts no certificate."""
        if urlsplit(self.base_url).scheme == "https":
            return tls_context(self.http)
        # Without authorities, because loading them is slow.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def proxy(self) -> Proxy | None:
        """Return the proxy for the host, or None for a direct connection."""
        return proxy_for(self.base_url, self.http)

    @property
    def user_agent(self) -> str:
        """The library's name and version, followed by the caller's addition."""
        return " ".join(filter(None, (USER_AGENT, self.http.user_agent)))


def _split(url: str) -> SplitResult | None:
    """Return the parts of a URL, or None if the URL or its port is invalid."""
    if not url.isprintable() or " " in url:
        return None  # urlsplit drops line breaks, httpx rejects them only when it sends
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError for an invalid port
        host = httpx.URL(url).raw_host.decode("ascii")
    except (ValueError, httpx.InvalidURL):
        return None
    return parts if can_be_looked_up(host) else None
