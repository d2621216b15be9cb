"""Build the TLS context from the trusted certificate authorities.

Parsing the authorities takes 20 ms or more, which a web app with a Bank per tenant would
pay on every request. Banks therefore share a context as long as the files on which it was
built are unchanged. A context contains no credentials and no connections.
"""

from __future__ import annotations

import os
import ssl
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import certifi

from ...errors import ConfigurationError
from ..http_options import HttpOptions
from ..per_process import PerProcess

_Version: TypeAlias = tuple[int, int, int, int]
_Key: TypeAlias = tuple[str, str, tuple[_Version, ...], str]

_MOST_CONTEXTS = 16
"""Contexts to remember: far more than the certificate files that one program uses."""

# A child process gets its own: OpenSSL caches sessions in a context, and a session that
# parent and child both resume would make them share the keys of one connection.
_CONTEXTS: PerProcess[OrderedDict[_Key, ssl.SSLContext]] = PerProcess(OrderedDict)

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
        build = _directory if Path(path).is_dir() else _file
        return _shared(build, path, "HttpOptions.verify")
    if path := os.environ.get(_FILE, ""):
        return _shared(_file, path, _FILE)
    if path := os.environ.get(_DIRECTORY, ""):
        return _shared(_directory, path, _DIRECTORY)
    return _shared(_file, certifi.where(), "certifi")


def _shared(
    build: Callable[[str, str], ssl.SSLContext], path: str, source: str
) -> ssl.SSLContext:
    """Return the context of a path; it is built again when a file of the path changes."""
    contexts = _CONTEXTS.value()
    # create_default_context also reads SSLKEYLOGFILE, so the variable is part of the key.
    key = (source, path, _versions(path), os.environ.get(_KEY_LOG, ""))
    context = contexts.get(key)
    if context is None:
        context = contexts[key] = build(path, source)
        while len(contexts) > _MOST_CONTEXTS:
            contexts.popitem(last=False)
    return context


def _versions(path: str) -> tuple[_Version, ...]:
    """Return what changes when a bundle is replaced, or a directory gains a certificate."""
    return tuple(_version(part) for part in (path, *path.split(os.pathsep)))


def _version(path: str) -> _Version:
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return 0, 0, 0, 0  # `build` says what is wrong with the path
    # A tool may set a file's modification time, but not the time of its last change.
    return status.st_dev, status.st_ino, status.st_ctime_ns, status.st_size


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
