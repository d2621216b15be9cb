"""Configure how a bank sends requests: HTTP engine, certificates, proxy and limits."""

from __future__ import annotations

import os
import ssl
from typing import Any, Literal, TypeAlias, get_args

from attrs import field, frozen

from ..errors import ConfigurationError
from ..model.unset import UNSET, Unset

EngineName: TypeAlias = Literal["auto", "httpx", "aiohttp"]
CaSource: TypeAlias = "str | os.PathLike[str] | ssl.SSLContext"

ENGINES: tuple[str, ...] = get_args(EngineName)
MAX_CONNECTIONS = 100
MAX_RESPONSE_BYTES = 32 * 1024 * 1024


def _refuse(name: str, problem: str) -> None:
    raise ConfigurationError(f"HttpOptions.{name} {problem}")


def _check_engine(_: object, __: object, value: Any) -> None:
    if value not in ENGINES:
        _refuse("engine", f"must be one of {', '.join(ENGINES)}.")


def _check_verify(_: object, __: object, value: Any) -> None:
    if isinstance(value, bool):
        _refuse(
            "verify",
            "cannot be True or False: certificates are always verified. Pass the path "
            "of a CA bundle or an ssl.SSLContext, or omit it.",
        )
    if isinstance(value, ssl.SSLContext):
        if value.verify_mode != ssl.CERT_REQUIRED or not value.check_hostname:
            _refuse(
                "verify",
                "is an SSLContext that accepts any certificate or any host. Set "
                "verify_mode to CERT_REQUIRED and check_hostname to True.",
            )
    elif value is not None and not (isinstance(value, (str, os.PathLike)) and value):
        _refuse("verify", "must be the path of a CA bundle or an ssl.SSLContext.")


def _check_proxy(_: object, __: object, value: Any) -> None:
    if value is not UNSET and value is not None and not isinstance(value, str):
        _refuse("proxy", "must be the URL of a proxy, or None for no proxy.")


def _check_count(_: object, attribute: Any, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        _refuse(attribute.name, "must be a whole number of at least 1.")


def _check_user_agent(_: object, __: object, value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        _refuse("user_agent", "must be text of printable ASCII characters.")
    elif not value or value != value.strip():
        _refuse("user_agent", "must not be empty, nor start or end with a space.")


@frozen(kw_only=True)
class HttpOptions:
    """Configure how a bank sends its requests.

    `engine` is "httpx", "aiohttp" (AsyncBank only, needs `anybank[fast]`) or "auto": the
    value of ANYBANK_<PROVIDER>_HTTP_ENGINE or ANYBANK_HTTP_ENGINE, else aiohttp for
    AsyncBank if it is installed. `verify` is the path of a CA bundle or directory, or an
    ssl.SSLContext that verifies certificates; the default is SSL_CERT_FILE, SSL_CERT_DIR
    or certifi's bundle. `proxy` is a URL with http://, https://, socks5:// or socks5h://;
    the default is the environment's proxy, and None means no proxy. `max_connections` is
    the number of open connections. `user_agent` is appended to the library's own.
    `max_response_bytes` limits a response before and after decompression. Raises
    ConfigurationError, also when a bank is created with options that it does not support.
    With your own `transport=`, only `max_response_bytes` and `user_agent` apply.
    """

    engine: EngineName = field(default="auto", validator=_check_engine)
    verify: CaSource | None = field(default=None, validator=_check_verify, repr=False)
    # Not shown: the URL of a proxy may contain a password.
    proxy: str | None | Unset = field(default=UNSET, validator=_check_proxy, repr=False)
    max_connections: int = field(default=MAX_CONNECTIONS, validator=_check_count)
    user_agent: str | None = field(default=None, validator=_check_user_agent)
    max_response_bytes: int = field(default=MAX_RESPONSE_BYTES, validator=_check_count)
