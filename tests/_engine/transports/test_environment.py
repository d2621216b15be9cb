"""An unusable environment is refused by name before anything is sent."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests._engine.transports.callers import (
    UNGIVEN,
    Get,
    async_get,
    every_caller,
    frames_of,
)

from anybank import ConfigurationError, NotSent, Outcome

SECRET = "hunter2secret"
PROXY = "Write it as http://host:port, https://, socks5:// or socks5h://."
FIX = "Correct it or unset it."
ENTRY = (
    "Write hosts, host:port, .domain or 10.0.0.0/8, separated by commas."  # of NO_PROXY
)

CERTIFICATES = {
    "missing": "the file it names does not exist.",
    "garbled.pem": "the file it names contains no certificates in PEM format.",
    "half.pem": "the file it names contains no certificates in PEM format.",
    "empty.pem": "the file it names contains no certificates in PEM format.",
    "key.pem": "the file it names contains no certificates in PEM format.",
}

PROXIES = {
    f"socks://user:{SECRET}@127.0.0.1:1080/": "has an unsupported scheme",
    f"socks4://user:{SECRET}@127.0.0.1:1080": "has an unsupported scheme",
    f"ftp://{SECRET}.example.com": "has an unsupported scheme",
    f"http://user:{SECRET}@127.0.0.1:notaport": (
        "has a port that is not a number from 1 to 65535"
    ),
    f"user:{SECRET}@127.0.0.1:notaport": (
        "has a port that is not a number from 1 to 65535"
    ),
    f"http://{SECRET}@127.0.0.1:0": "has a port that is not a number from 1 to 65535",
    f"http://{SECRET}@127.0.0.1:99999": (
        "has a port that is not a number from 1 to 65535"
    ),
    f"http://user:{SECRET}@": "has no host",
    f"http://user:{SECRET}@:3128": "has no host",
    f"http:///{SECRET}": "has no host",
    f"http://{SECRET}@[::1": "is not a valid URL",
    f"http://{SECRET}\n.example.com": "is not a valid URL",
    f"http://{SECRET}@exa mple.com:3128": "is not a valid URL",
    f"http://{SECRET}@proxy..example.com:3128": "is not a valid URL",
}

SECRETS = {
    f"{SECRET}\n": "contains a line break",
    f"{SECRET}\r\n": "contains a line break",
    f"{SECRET}\nx-other: 1": "contains a line break",
    f"{SECRET}\u2028": "contains a line break",
    f"\t{SECRET}": "contains a tab",
    f"{SECRET} ": "starts or ends with a space",
    f" {SECRET}": "starts or ends with a space",
    f"\ufeff{SECRET}": "contains a byte order mark",
    f"\u201c{SECRET}\u201d": "contains curly quotes",
    f"\u2018{SECRET}\u2019": "contains curly quotes",
    f"{SECRET}\u200b": "contains an invisible character",
    f"{SECRET}\xa0": "contains an invisible character",
    f"{SECRET}\u017c": "contains a character outside ASCII",
    f"{SECRET}\xe9": "contains a character outside ASCII",
    f"{SECRET}\x1b": "contains a control character",
    f"{SECRET}\x7f": "contains a control character",
    f"{SECRET}\udc80": "contains bytes that are not UTF-8",
    "   ": "is blank",
}


def refused(get: Get, http: dict[str, Any] | None = None, **options: Any) -> str:
    """Read a customer, which must fail before anything is sent; return the message."""
    with pytest.raises(ConfigurationError) as caught:
        asyncio.run(get(http or {}, **options))
    assert caught.value.outcome is Outcome.NOT_SENT
    assert not caught.value.retryable
    assert caught.value.__context__ is None
    assert SECRET not in frames_of(caught.value)
    return str(caught.value)


def written(name: str, directory: Path) -> str:
    """Write a file that is not a bundle of certificates, and return its path."""
    pem = "-----BEGIN CERTIFICATE-----\nMIIB"
    key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    texts = {"garbled.pem": "\x00garbled", "half.pem": pem, "key.pem": key}
    path = directory / name
    if name != "missing":
        path.write_text(texts.get(name, ""))
    return str(path)


@every_caller
@pytest.mark.parametrize("name", CERTIFICATES)
def test_a_bundle_that_holds_no_certificate_is_named(
    name: str, get: Get, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the variable or the option, not its value."""
    path, problem = written(name, tmp_path), CERTIFICATES[name]
    reason = refused(get, {"verify": path})
    assert reason == f"HttpOptions.verify: {problem} {FIX}"
    monkeypatch.setenv("SSL_CERT_FILE", path)
    assert refused(get) == f"SSL_CERT_FILE: {problem} {FIX}"


@every_caller
def test_a_bundle_that_is_a_directory_is_named(
    get: Get, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSL_CERT_FILE with a directory is an error that names the variable."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path))
    assert refused(get) == f"SSL_CERT_FILE: the file it names is a directory. {FIX}"


@every_caller
@pytest.mark.parametrize("name", ["missing", "directory", "empty.pem"])
def test_a_directory_without_certificates_is_named(
    name: str, get: Get, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSL_CERT_DIR without certificates is an error that names the variable."""
    (tmp_path / "directory").mkdir()
    (tmp_path / "directory" / "ca.pem").touch()
    written("empty.pem", tmp_path)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / name))
    assert refused(get).startswith("SSL_CERT_DIR: no directory in it contains")


@every_caller
def test_a_key_log_that_cannot_be_written_is_named(
    get: Get, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An SSLKEYLOGFILE that cannot be written is an error that names the variable."""
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "missing" / "keys"))
    reason = refused(get)
    assert reason == f"SSLKEYLOGFILE: the file it names cannot be written. {FIX}"


@every_caller
@pytest.mark.parametrize("url", PROXIES)
def test_a_proxy_that_cannot_be_used_is_named(
    url: str, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the variable or the option of the proxy, and shows no password."""
    expected = f"the proxy {PROXIES[url]}. {PROXY}"
    assert refused(get, {"proxy": url}) == f"HttpOptions.proxy: {expected}"
    for name in ("ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"):
        with monkeypatch.context() as here:
            here.setenv(name, url)
            assert refused(get) == f"{name}: {expected}"


@every_caller
@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks_proxy_needs_its_package(
    scheme: str, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error for a SOCKS proxy names the missing package."""
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://user:{SECRET}@127.0.0.1:1080")
    assert refused(get) == (
        "ALL_PROXY: a SOCKS proxy needs the package socksio, which is not installed. "
        "Run `pip install httpx[socks]`, or use an http:// proxy."
    )


def test_aiohttp_refuses_a_socks_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error for a SOCKS proxy with aiohttp names the engine that supports it."""
    monkeypatch.setenv("ALL_PROXY", f"socks5://user:{SECRET}@127.0.0.1:1080")
    assert refused(async_get("aiohttp")) == (
        "ALL_PROXY: aiohttp does not support SOCKS proxies. Use the engine httpx, or an "
        "http:// proxy."
    )


@every_caller
@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("10.0.0.0/99", "an invalid network"),
        ("bank.example/8", "an invalid network"),
        ("example.com:port", "an invalid port"),
        ("example.com:", "an invalid port"),
    ],
)
def test_an_entry_of_no_proxy_that_is_not_understood_is_named(
    entry: str, problem: str, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An invalid entry of NO_PROXY is an error; ignoring it could send requests outside."""
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:3128")
    for name in ("NO_PROXY", "no_proxy"):
        with monkeypatch.context() as here:
            here.setenv(name, entry)
            assert refused(get) == f"{name}: an entry has {problem}. {ENTRY}"


@every_caller
@pytest.mark.parametrize("secret", SECRETS, ids=ascii)
def test_a_secret_that_no_header_carries_is_named(
    secret: str, get: Get, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unusable credential is named: an argument, a variable, a file or a callable."""
    problem = SECRETS[secret]
    assert refused(get, token=secret) == f"token {problem}. Correct the value."
    reason = refused(get, token=lambda: secret)
    assert (
        reason == f"toy customers.get: token: the callable returned text that {problem}"
    )
    monkeypatch.setenv("ANYBANK_TOY_TOKEN", secret)
    monkeypatch.setenv("VAULT_TOKEN", secret)
    named = f"ANYBANK_TOY_TOKEN {problem}. Correct the value."
    assert refused(get, token=UNGIVEN) == named
    monkeypatch.setenv("ANYBANK_TOY_TOKEN", "env:VAULT_TOKEN")
    assert refused(get, token=UNGIVEN) == named


@every_caller
@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (f"\ufeff{SECRET}\n", "contains a byte order mark"),
        (f"{SECRET}\n{SECRET}\n", "contains a line break"),
        (f"\u201c{SECRET}\u201d", "contains curly quotes"),
    ],
    ids=["mark", "two lines", "quotes"],
)
def test_a_secret_in_a_file_is_refused_the_same(
    content: str,
    problem: str,
    get: Get,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only the final line break of a file is removed; any other blank is an error."""
    path = tmp_path / "token"
    path.write_text(content, "utf-8")
    reason = refused(get, token=f"file:{path}")
    assert reason == f"token {problem}. Correct the value."
    monkeypatch.setenv("ANYBANK_TOY_TOKEN", f"file:{path}")
    reason = refused(get, token=UNGIVEN)
    assert reason == f"ANYBANK_TOY_TOKEN {problem}. Correct the value."


@every_caller
@pytest.mark.parametrize(
    ("value", "kind"), [(None, "NoneType"), (5, "int"), (b"secret", "bytes")]
)
def test_a_callable_returns_text(value: Any, kind: str, get: Get) -> None:
    """A callable credential must return text."""
    assert refused(get, token=lambda: value) == (
        f"toy customers.get: token: the callable returned {kind}, not text"
    )


@every_caller
@pytest.mark.parametrize("name", ["ANYBANK_HTTP_ENGINE", "ANYBANK_TOY_HTTP_ENGINE"])
def test_an_unknown_engine_is_named(
    name: str, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown engine is an error that names the variable or the option."""
    monkeypatch.setenv(name, "curl")
    reason = refused(get, {"engine": "auto"})
    assert reason == f"{name} must be one of auto, httpx, aiohttp"


@every_caller
@pytest.mark.parametrize(
    ("timeout", "reason"),
    [
        (httpx.Timeout(5), "timeout must be a number of seconds, not Timeout"),
        ("5", "timeout must be a number of seconds, not str"),
        (1e300, "timeout must be at most 86400 seconds (one day)"),
        (10**400, "timeout must be at most 86400 seconds (one day)"),
    ],
    ids=["httpx", "text", "huge", "huger"],
)
def test_a_timeout_is_a_number_of_seconds(timeout: Any, reason: str, get: Get) -> None:
    """A timeout of another type is rejected when the bank is created."""
    assert refused(get, timeout=timeout) == reason


@every_caller
@pytest.mark.parametrize(
    "url",
    [
        "https://bank.example.com\n",
        "https://bank .example.com",
        "https://bank.example.com/\tv1",
        "https://bank..example.com",
        "https://\u2488.example.com",
    ],
    ids=ascii,
)
def test_a_base_url_that_is_none_is_refused(url: str, get: Get) -> None:
    """An invalid base URL is rejected when the bank is created, and never repaired."""
    assert "base_url must be an https:// URL with a host" in refused(get, base_url=url)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "ALL_PROXY"])
@every_caller
def test_loopback_needs_neither_authorities_nor_proxies(
    name: str, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bank on http:// loopback ignores broken certificates and proxies."""
    monkeypatch.setenv(name, "/nowhere")
    with pytest.raises(NotSent, match="connection refused"):
        asyncio.run(get({}, base_url="http://127.0.0.1:1"))
