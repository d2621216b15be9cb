"""What holds for tests and documentation: each Markdown page is one, and none is the user's.

A machine may be set up for anybank: with credentials, a proxy, attestations. No test reads
any of it: before the first one is collected the environment is made a plain one.
"""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()], patterns=["*.md"]
).pytest()

_PREFIXES = ("ANYBANK_", "XDG_", "PG", "SENTRY_", "SSL_CERT_")
_NAMES = frozenset(
    {
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
        *("NETRC", "SSLKEYLOGFILE", "PYTEST_ADDOPTS", "PYTEST_PLUGINS"),
        *("FORCE_COLOR", "NO_COLOR", "COLUMNS", "LINES", "PAGER", "MYPYPATH"),
    }
)


def pytest_configure(config: pytest.Config) -> None:
    """Leave nothing of the user's environment, and give the tests a home of their own."""
    if hasattr(config, "workerinput"):
        return  # pytest-xdist's processes inherit what the first one has made
    for name in [*os.environ]:
        if name.upper().startswith(_PREFIXES) or name.upper() in _NAMES:
            del os.environ[name]
    home = tempfile.mkdtemp(prefix="anybank-tests-home-")
    os.environ["HOME"] = home
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
