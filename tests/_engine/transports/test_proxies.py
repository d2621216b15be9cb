"""The proxy for a host, from the environment variables in all their usual forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests._engine.transports.callers import VARIABLES

from anybank import ConfigurationError, HttpOptions
from anybank._engine.transports.proxies import proxy_for

PROXY = "http://proxy.example.com:3128"
BANK = "https://api.bank.example.com/v1"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the options of this machine from the environment."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def result(url: str = BANK) -> tuple[str, str] | None:
    """Return the proxy of a URL and the name of its source."""
    proxy = proxy_for(url, HttpOptions())
    return None if proxy is None else (proxy.url, proxy.source)


@pytest.mark.parametrize(
    ("entry", "url", "is_direct"),
    [
        ("*", BANK, True),
        ("api.bank.example.com", BANK, True),
        ("API.Bank.Example.COM", BANK, True),
        ("bank.example.com", BANK, True),
        (".bank.example.com", BANK, True),
        (".api.bank.example.com", BANK, True),
        ("*.bank.example.com", BANK, True),
        ("*.example.com", BANK, True),
        ("api.*.example.com", BANK, True),
        ("bank.example.com.", BANK, True),
        ("nk.example.com", BANK, False),
        (".nk.example.com", BANK, False),
        ("*nk.example.com", BANK, True),
        ("other.example.com", BANK, False),
        ("api.bank.example.com.evil.example", BANK, False),
        ("api.bank.example.com:443", BANK, True),
        ("api.bank.example.com:8443", BANK, False),
        ("api.bank.example.com:8443", "https://api.bank.example.com:8443", True),
        ("*.example.com:443", BANK, True),
        ("bank.example.com:*", BANK, True),
        ("https://api.bank.example.com/", BANK, True),
        ("a.example, ,, bank.example.com ,b.example", BANK, True),
        ("a.example bank.example.com\tb.example", BANK, True),
        ("", BANK, False),
        (" , ,", BANK, False),
        (".", BANK, False),
        ("10.0.0.0/8", "https://10.1.2.3", True),
        ("10.0.0.1/8", "https://10.1.2.3", True),
        ("10.0.0.0/8", "https://11.1.2.3", False),
        ("10.0.0.0/8", BANK, False),
        ("10.1.2.3", "https://10.1.2.3", True),
        ("10.1.2.3:443", "https://10.1.2.3", True),
        ("10.1.2.*", "https://10.1.2.3", True),
        ("1.2.3", "https://10.1.2.3", False),
        ("fd00::/8", "https://[fd00::1]", True),
        ("[fd00::]/8", "https://[fd00::1]", True),
        ("fd00::/8", "https://[fe80::1]", False),
        ("[fd00::1]", "https://[fd00::1]", True),
        ("[fd00:0:0::1]", "https://[fd00::1]", True),
        ("fd00::1", "https://[fd00::1]", True),
        ("[fd00::1]:443", "https://[fd00::1]", True),
        ("[fd00::1]:8443", "https://[fd00::1]", False),
        ("[fd00::2]", "https://[fd00::1]", False),
    ],
)
@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_an_exemption_in_any_usual_form(
    entry: str,
    url: str,
    *,
    is_direct: bool,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """NO_PROXY accepts the forms that curl and Go accept."""
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv(name, entry)
    assert (result(url) is None) is is_direct


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"https_proxy": PROXY}, (PROXY, "https_proxy")),
        ({"HTTPS_PROXY": PROXY}, (PROXY, "HTTPS_PROXY")),
        ({"all_proxy": PROXY}, (PROXY, "all_proxy")),
        ({"ALL_PROXY": PROXY}, (PROXY, "ALL_PROXY")),
        ({"https_proxy": PROXY, "all_proxy": "http://x"}, (PROXY, "https_proxy")),
        ({"https_proxy": PROXY, "HTTPS_PROXY": "http://x"}, (PROXY, "https_proxy")),
        ({"https_proxy": "", "all_proxy": PROXY}, (PROXY, "all_proxy")),
        ({"https_proxy": "", "HTTPS_PROXY": PROXY}, None),
        ({"https_proxy": f" {PROXY} "}, (PROXY, "https_proxy")),
        ({"https_proxy": "proxy.example.com:3128"}, (PROXY, "https_proxy")),
        ({"http_proxy": PROXY, "HTTP_PROXY": PROXY}, None),
        ({"https_proxy": "", "all_proxy": ""}, None),
        (
            {"https_proxy": "https://[fd00::1]:3128"},
            ("https://[fd00::1]:3128", "https_proxy"),
        ),
    ],
    ids=str,
)
def test_the_variable_that_counts(
    environment: dict[str, str],
    expected: tuple[str, str] | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The scheme's variable precedes ALL_PROXY, and lower case precedes upper case."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert result() == expected


def test_a_proxys_password_is_not_shown() -> None:
    """The repr of a proxy contains no password."""
    proxy = proxy_for(BANK, HttpOptions(proxy="http://user:hunter2secret@127.0.0.1"))
    assert "hunter2secret" not in repr(proxy)


@given(st.text())
def test_any_text_is_a_proxy_or_is_refused(text: str) -> None:
    """Any text is a proxy or raises ConfigurationError without the text."""
    try:
        proxy_for(BANK, HttpOptions(proxy=text))
    except ConfigurationError as error:
        assert str(error).startswith("HttpOptions.proxy: the proxy ")  # noqa: PT017


@given(st.from_regex(r"[a-z0-9.:/*\[\], _-]{0,30}", fullmatch=True))
def test_any_exemption_is_read_or_refused(text: str) -> None:
    """Any NO_PROXY is read or raises ConfigurationError."""
    with pytest.MonkeyPatch.context() as here:
        here.setenv("HTTPS_PROXY", PROXY)
        here.setenv("NO_PROXY", text)
        try:
            result()
        except ConfigurationError as error:
            assert str(error).startswith("NO_PROXY: an entry has ")  # noqa: PT017
