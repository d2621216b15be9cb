"""Which certificate authorities are trusted, and what is wrong with their files."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import httpx

from ...errors import ConfigurationError
from ...http_options import HttpOptions

_FILE, _DIRECTORY, _KEY_LOG = "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"
_ADVICE = "Correct it or unset it."


def tls_context(http: HttpOptions) -> ssl.SSLContext:
    """Return the context that certificates are verified with.

    In this order: HttpOptions.verify, SSL_CERT_FILE, SSL_CERT_DIR, certifi's bundle.
    Raises ConfigurationError, naming the option or variable whose file is missing or
    holds no certificate.
    """
    if isinstance(http.verify, ssl.SSLContext):
        return http.verify
    _check_key_log()
    if http.verify is not None:
        path = os.fspath(http.verify)
        named = "HttpOptions.verify"
        return _directory(path, named) if Path(path).is_dir() else _file(path, named)
    if path := os.environ.get(_FILE, ""):
        return _file(path, _FILE)
    if path := os.environ.get(_DIRECTORY, ""):
        return _directory(path, _DIRECTORY)
    return httpx.create_ssl_context(trust_env=False)


def _file(path: str, named: str) -> ssl.SSLContext:
    problem = _unreadable(path)
    if problem is None:
        try:
            context = ssl.create_default_context(cafile=path)
        except (OSError, ValueError):  # an SSLError is an OSError
            problem = "does not hold certificates in PEM form"
        else:
            if context.cert_store_stats()["x509"]:
                return context
            problem = "holds no certificate"
    raise ConfigurationError(f"{named}: the file it names {problem}. {_ADVICE}")


def _unreadable(path: str) -> str | None:
    """Return why a file cannot be read, in words without its path."""
    try:
        with Path(path).open("rb") as file:
            file.read(1)
    except FileNotFoundError:
        return "does not exist"
    except IsADirectoryError:
        return "is a directory"
    except (OSError, ValueError):
        return "cannot be read"
    return None


def _directory(path: str, named: str) -> ssl.SSLContext:
    """Trust the certificates of directories that `openssl rehash` has prepared."""
    parts = [Path(part) for part in path.split(os.pathsep) if part]
    if not any(_has_certificates(part) for part in parts):
        raise ConfigurationError(
            f"{named}: no directory that it names holds certificates under the names "
            f"that `openssl rehash` gives them. {_ADVICE}"
        )
    return ssl.create_default_context(capath=path)


def _has_certificates(directory: Path) -> bool:
    """Tell whether a directory has a name such as 5ed36f99.0, which OpenSSL looks for."""
    try:
        return any(
            len(entry.stem) == 8 and entry.suffix[1:].isdigit()
            for entry in directory.iterdir()
        )
    except (OSError, ValueError):
        return False


def _check_key_log() -> None:
    """Refuse a key log that cannot be written: every context would raise OSError."""
    path = os.environ.get(_KEY_LOG, "")
    if not path:
        return
    try:
        with Path(path).open("ab"):
            return
    except (OSError, ValueError):
        pass
    raise ConfigurationError(
        f"{_KEY_LOG}: the file it names cannot be written. {_ADVICE}"
    )
