"""Choose the proxy for a host from an option, the environment or the system's settings.

`NO_PROXY` accepts the entries that curl and Go accept: names (with their subdomains),
`.x` and `*.x`, `host:port`, addresses, `[v6]`, networks such as 10.0.0.0/8, and `*` for
all hosts, separated by commas or spaces.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from fnmatch import fnmatchcase
from importlib.util import find_spec
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
from attrs import field, frozen

from ...errors import ConfigurationError
from ...model.unset import Unset
from ..http_options import HttpOptions

_SCHEMES = ("http", "https", "socks5", "socks5h")
_PORTS = {"http": 80, "https": 443}
_ADVICE = "Write it as http://host:port, https://, socks5:// or socks5h://."
_SYSTEM = "the proxy settings of this system"


@frozen
class Proxy:
    """A proxy's URL and its source: the option or variable that contains it."""

    url: str = field(repr=False)
    source: str

    @property
    def is_socks(self) -> bool:
        """Return whether this is a SOCKS proxy."""
        return urlsplit(self.url).scheme.startswith("socks")

    def for_httpx(self, tls: ssl.SSLContext) -> httpx.Proxy:
        """Return the proxy for httpx; the certificate of an https:// proxy is verified."""
        over_tls = urlsplit(self.url).scheme == "https"
        return httpx.Proxy(self.url, ssl_context=tls if over_tls else None)


def proxy_for(base_url: str, http: HttpOptions) -> Proxy | None:
    """Return the proxy for a base URL, or None for a direct connection.

    The option takes precedence over the environment. Loopback is never reached through a
    proxy. Raises ConfigurationError, naming the option or variable.
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if is_loopback(host) or http.proxy is None:
        return None
    if not isinstance(http.proxy, Unset):
        return _checked(http.proxy, "HttpOptions.proxy")
    return _from_environment(parts.scheme, host, parts.port or _PORTS[parts.scheme])


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def can_be_looked_up(host: str) -> bool:
    """Return whether a name can be resolved: Python raises UnicodeError for `a..b`."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True


def _from_environment(scheme: str, host: str, port: int) -> Proxy | None:
    # httpx reads these variables in its clients only, which we do not use.
    for name in (f"{scheme}_proxy", "all_proxy"):
        variable = name if name in os.environ else name.upper()
        if text := os.environ.get(variable, "").strip():
            return None if _is_exempt(host, port) else _checked(text, variable)
    text = getproxies().get(scheme, "")  # the settings of macOS and Windows
    if not text or _is_exempt(host, port) or proxy_bypass(host):
        return None
    return _checked(text, _SYSTEM)


def _checked(text: str, source: str) -> Proxy:
    """Return the proxy of a valid URL; errors never contain the URL."""
    url = text if "://" in text else f"http://{text}"
    parts = _split(url)
    problem = "is not a valid URL" if parts is None else _problem(parts)
    if problem is None and not _is_httpx_url(url):
        problem = "is not a valid URL"
    if problem is not None:
        raise ConfigurationError(f"{source}: the proxy {problem}. {_ADVICE}")
    proxy = Proxy(url, source)
    if proxy.is_socks and find_spec("socksio") is None:
        raise ConfigurationError(
            f"{source}: a SOCKS proxy needs the package socksio, which is not installed. "
            "Run `pip install httpx[socks]`, or use an http:// proxy."
        )
    return proxy


def _split(url: str) -> SplitResult | None:
    if not url.isprintable() or " " in url:
        return None
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _problem(parts: SplitResult) -> str | None:
    if parts.scheme not in _SCHEMES:
        return "has an unsupported scheme"
    if not parts.hostname:
        return "has no host"
    try:
        is_valid = parts.port is None or parts.port > 0
    except ValueError:
        is_valid = False
    return None if is_valid else "has a port that is not a number from 1 to 65535"


def _is_httpx_url(url: str) -> bool:
    try:
        return can_be_looked_up(httpx.Proxy(url).url.raw_host.decode("ascii"))
    except (httpx.InvalidURL, ValueError):
        return False


def _is_exempt(host: str, port: int) -> bool:
    """Return whether NO_PROXY has an entry for a host and port."""
    variable = "no_proxy" if "no_proxy" in os.environ else "NO_PROXY"
    return any(
        _matches(entry, host, port, variable)
        for entry in _entries(os.environ.get(variable, ""))
    )


def _entries(text: str) -> Iterator[str]:
    for entry in text.replace(",", " ").split():
        yield entry.lower().partition("://")[2] or entry.lower()


def _matches(entry: str, host: str, port: int, variable: str) -> bool:
    if entry == "*":
        return True
    if "/" in entry.rstrip("/"):
        return _is_in(entry, host, variable)
    name, expected_port = _split_port(entry.rstrip("/"), variable)
    return expected_port in (None, port) and _is_named(name, host.lower())


def _is_in(entry: str, host: str, variable: str) -> bool:
    """Return whether a host is an address in a network such as 10.0.0.0/8."""
    # Names are not resolved: behind a proxy this machine may be unable to.
    try:
        network = ip_network(entry.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        network = None
    if network is None:
        raise _invalid_entry(variable, "an invalid network")
    try:
        return ip_address(host) in network
    except ValueError:
        return False


def _split_port(entry: str, variable: str) -> tuple[str, int | None]:
    """Return the name of an entry without brackets, and its port or None."""
    if _is_address(entry):
        return entry, None  # the colons of an IPv6 address separate no port
    name, colon, text = entry.rpartition(":")
    if not colon or entry.endswith("]"):
        return entry.strip("[]"), None
    if text == "*":
        return name.strip("[]"), None
    if not text.isdecimal() or not text.isascii():
        raise _invalid_entry(variable, "an invalid port")
    return name.strip("[]"), int(text)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_named(name: str, host: str) -> bool:
    """Return whether an entry matches a host: by name, domain, pattern or address."""
    if name.startswith("*."):
        name = name[1:]
    if "*" in name:
        return fnmatchcase(host, name)
    if _is_address(host):
        return _is_address(name) and ip_address(host) == ip_address(name)
    domain = name.strip(".")  # `.x` and `x` both match x and its subdomains, as in curl
    return bool(domain) and f".{host.rstrip('.')}".endswith(f".{domain}")


def _invalid_entry(variable: str, problem: str) -> ConfigurationError:
    return ConfigurationError(
        f"{variable}: an entry has {problem}. Write hosts, host:port, .domain or "
        "10.0.0.0/8, separated by commas."
    )
