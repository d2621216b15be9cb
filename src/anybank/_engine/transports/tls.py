"""Build the TLS context from the trusted certificate authorities."""

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
    """Return the TLS context that verifies certificates.

    The authorities come from the first of HttpOptions.verify, SSL_CERT_FILE, SSL_CERT_DIR
    and certifi's bundle. Raises ConfigurationError, naming the option or variable, if its
    file is missing or contains no certificate.
    """
    if isinstance(http.verify, ssl.SSLContext):
        return http.verify
    _check_key_log()
    if http.verify is not None:
        path = os.fspath(http.verify)
        source = "HttpOptions.verify"
        return _directory(path, source) if Path(path).is_dir() else _file(path, source)
    if path := os.environ.get(_FILE, ""):
        return _file(path, _FILE)
    if path := os.environ.get(_DIRECTORY, ""):
        return _directory(path, _DIRECTORY)
    return httpx.create_ssl_context(trust_env=False)


def _file(path: str, source: str) -> ssl.SSLContext:
    problem = _unreadable(path)
    if problem is None:
        try:
            context = ssl.create_default_context(cafile=path)
        except (OSError, ValueError):  # an SSLError is an OSError
            problem = "contains no certificates in PEM format"
        else:
            # OpenSSL loads a file with revocation lists only without complaint.
            if context.cert_store_stats()["x509"]:
                return context
            problem = "contains no certificate"
    raise ConfigurationError(f"{source}: the file it names {problem}. {_ADVICE}")


def _unreadable(path: str) -> str | None:
    """Return why a file cannot be read, without its path."""
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


def _directory(path: str, source: str) -> ssl.SSLContext:
    """Return a context with the authorities of directories created by `openssl rehash`."""
    # OpenSSL accepts any directory and finds no authority in it later: every handshake
    # would fail with a reason that does not name the variable.
    parts = [Path(part) for part in path.split(os.pathsep) if part]
    if not any(_has_certificates(part) for part in parts):
        raise ConfigurationError(
            f"{source}: no directory in it contains certificates with the file names of "
            f"`openssl rehash`. {_ADVICE}"
        )
    return ssl.create_default_context(capath=path)


def _has_certificates(directory: Path) -> bool:
    """Return whether a directory has a file such as 5ed36f99.0, as OpenSSL requires."""
    try:
        return any(
            len(entry.stem) == 8 and entry.suffix[1:].isdigit()
            for entry in directory.iterdir()
        )
    except (OSError, ValueError):
        return False


def _check_key_log() -> None:
    """Raise ConfigurationError if SSLKEYLOGFILE cannot be written: OpenSSL would fail."""
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
