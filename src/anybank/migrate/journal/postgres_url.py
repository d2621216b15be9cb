"""The URL of a journal in PostgreSQL. No message shows its password.

::

    postgresql://USER[:PASSWORD]@HOST[:PORT]/DATABASE?journal=NAME&key=FILE

Each migration has a schema of its own, NAME (by default `anybank`). A password may be a
reference (`env:NAME`, `file:PATH`), also as `?password=`; without one libpq looks in
`PGPASSWORD` and `~/.pgpass` as usual. Other parameters, such as `sslmode`, are libpq's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Self

import sqlalchemy as sa
from attrs import field, frozen
from sqlalchemy.exc import ArgumentError

from ..._engine.references import resolve_reference
from ...errors import ConfigurationError

DRIVER = "postgresql+psycopg"

_URL = re.compile(r"([a-z][a-z0-9+]*)://.*", re.DOTALL)
_KINDS = frozenset({"postgresql", "postgres", DRIVER})
_NAME = re.compile(r"(?!pg_)[a-z_][a-z0-9_]{0,62}")
_DEFAULT = "anybank"
_OURS = frozenset({"journal", "key", "password"})
_ADDRESS = frozenset({"host", "port"})
"""Parameters that stay in the URL, where `display_name` shows them: a list of hosts."""


def is_url(text: str) -> bool:
    """Tell whether a text is a URL of any scheme."""
    return _URL.fullmatch(text) is not None


@frozen
class SchemaUrl:
    """A schema in a PostgreSQL database."""

    url: sa.URL = field(repr=False)
    """User, password, host and database."""
    parameters: Mapping[str, Any] = field(repr=False)
    """The other parameters of the driver; some of them may be secret."""
    name: str
    """The schema."""
    key: str | None = field(repr=False)
    """The key of the fingerprints in the URL, or a reference to it."""

    @classmethod
    def of(cls, text: str) -> Self:
        """Parse a URL; raise ConfigurationError, which contains no part of it."""
        url = _parsed(text)
        name = _one(url, "journal") or _DEFAULT
        if not _NAME.fullmatch(name):
            raise ConfigurationError(
                "the name of a journal (?journal=NAME) has 1 to 63 characters of a-z, 0-9 "
                "and _, and begins neither with a digit nor with pg_"
            )
        password = url.password or _one(url, "password")
        known = (
            resolve_reference(password, "the journal's password") if password else None
        )
        address = {name: url.query[name] for name in _ADDRESS & url.query.keys()}
        others = url.query.keys() - _OURS - _ADDRESS
        return cls(
            url.set(drivername=DRIVER, password=known, query=address),
            {name: url.query[name] for name in others},
            name,
            _one(url, "key"),
        )

    @property
    def display_name(self) -> str:
        """The URL for messages: its password is `***`."""
        url = self.url.set(drivername="postgresql")
        display_name = url.update_query_dict({"journal": self.name})
        return display_name.render_as_string(hide_password=True)


def _parsed(text: str) -> sa.URL:
    match = _URL.fullmatch(text)
    if match is None or match[1] not in _KINDS:
        raise ConfigurationError(
            "a journal is a path or a URL postgresql://USER@HOST/DATABASE: this URL has "
            "another scheme"
        )
    try:
        return sa.make_url(text)
    except (ArgumentError, ValueError):
        pass  # the text of the error contains the URL, and so the password
    raise ConfigurationError(
        "the journal's URL cannot be read: it is postgresql://USER@HOST:PORT/DATABASE, "
        "with %40 for an @ in a password, and so on"
    )


def _one(url: sa.URL, name: str) -> str | None:
    # a parameter that occurs twice has a tuple of values; the last one counts
    value = url.query.get(name)
    return value if isinstance(value, str) or value is None else value[-1]
