"""A directory in a database: SQLite or PostgreSQL, through SQLAlchemy."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from .._engine.error_boundary import guarded
from ..errors import ConfigurationError
from .directory import (
    DirectoryEntry,
    EntryState,
    customer_has_a_key,
)

if TYPE_CHECKING:
    import sqlalchemy as sa

_DIALECTS = {
    "sqlite": "sqlite+pysqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}
"""The drivers. Other databases compare texts without case, or without trailing spaces, so
that two keys would be one."""

_CONNECT: Mapping[str, Mapping[str, Any]] = {
    "sqlite": {"timeout": 30},
    "postgresql": {"connect_timeout": 10},
}


class SqlDirectory:
    """A directory in a table of SQLite or PostgreSQL, which any number of processes share.

    `url` is `sqlite:///where.db` or `postgresql://USER@HOST/DATABASE`, or a reference
    `env:NAME` or `file:PATH` to one. The table `anybank_directory` is created when it is
    missing; it holds keys and ids, and no personal data unless your keys are. Raises
    ConfigurationError. Install `anybank[router]`, and `anybank[postgres]` for PostgreSQL.
    """

    blocks = True

    def __init__(self, url: str) -> None:
        from .._engine.per_process import PerProcess  # noqa: PLC0415  # slow to import
        from .._engine.references import resolve_reference  # noqa: PLC0415  # the same

        self._url = _url_of(resolve_reference(url, "the URL of SqlDirectory"))
        # A child process must not use the connections of its parent.
        self._engine = PerProcess(self._open)

    @guarded
    def find(self, key: str, /) -> DirectoryEntry | None:
        """Return the entry of a key, or None."""
        table = _table()
        rows = self._rows(table.select().where(table.c.key == key))
        return _entry(rows[0]) if rows else None

    @guarded
    def insert(self, entry: DirectoryEntry, /) -> bool:
        """Add an entry; False if its key has one already."""
        if self._write(_table().insert().values(**_values(entry))):
            return True
        if self.find(entry.key) is not None:
            return False
        raise customer_has_a_key()

    @guarded
    def replace(self, old: DirectoryEntry, new: DirectoryEntry, /) -> bool:
        """Replace an entry; False if its version is no longer that of *old*."""
        statement = _table().update().where(*_is(old)).values(**_values(new))
        changed = self._write(statement)
        if changed is None:
            raise customer_has_a_key()
        return changed == 1

    @guarded
    def remove(self, old: DirectoryEntry, /) -> bool:
        """Remove an entry; False if its version is no longer that of *old*."""
        return self._write(_table().delete().where(*_is(old))) == 1

    @guarded
    def keys_of(
        self, provider: str, customer_ids: Collection[str], /
    ) -> Mapping[str, str]:
        """Return the keys of customers of one bank, by customer id."""
        table = _table()
        query = table.select().where(
            table.c.provider == provider, table.c.customer_id.in_(list(customer_ids))
        )
        return {row.customer_id: row.key for row in self._rows(query)}

    @guarded
    def entries(self, after: str | None, limit: int, /) -> Sequence[DirectoryEntry]:
        """Return the first entries whose key is greater than *after*, sorted by key."""
        table = _table()
        query = table.select().order_by(table.c.key).limit(limit)
        if after is not None:
            query = query.where(table.c.key > after)
        return [_entry(row) for row in self._rows(query)]

    def close(self) -> None:
        """Close this process's connections; another call opens new ones."""
        if engine := self._engine.existing():
            engine.dispose()

    def __repr__(self) -> str:
        return f"<SqlDirectory in {self._url.get_backend_name()}>"

    def _open(self) -> sa.Engine:
        import sqlalchemy as sa  # noqa: PLC0415  # an extra

        try:
            engine = sa.create_engine(
                self._url,
                connect_args=dict(_CONNECT[self._url.get_backend_name()]),
                pool_pre_ping=True,
                hide_parameters=True,
            )
        except ImportError:
            engine = None
        if engine is None:
            raise ConfigurationError(
                "a directory in PostgreSQL needs psycopg: pip install 'anybank[postgres]'"
            )
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", _set_pragmas)
        with _translated():
            _create_table(engine)
        return engine

    def _rows(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        engine = self._engine.value()
        with _translated(), engine.connect() as connection:
            return connection.execute(query).all()

    def _write(self, statement: Any) -> int | None:
        """Run a statement in a transaction; None if it would break a unique index."""
        from sqlalchemy.exc import IntegrityError  # noqa: PLC0415  # an extra

        engine = self._engine.value()
        with _translated():
            try:
                with engine.begin() as connection:
                    return int(connection.execute(statement).rowcount)
            except IntegrityError:
                return None


@cache
def _table() -> sa.Table:
    import sqlalchemy as sa  # noqa: PLC0415  # an extra

    # Compared byte by byte and sorted in the same way by both engines: the order of a
    # language may call two keys equal. SQLite does so by default.
    text = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    return sa.Table(
        "anybank_directory",
        sa.MetaData(),
        sa.Column("key", text, primary_key=True),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("customer_id", sa.String),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("reference", sa.String),
        sa.Column("idempotency_key", sa.String),
        sa.Column("changed_at", sa.Float, nullable=False),
        sa.UniqueConstraint("provider", "customer_id"),
    )


def _create_table(engine: sa.Engine) -> None:
    import sqlalchemy as sa  # noqa: PLC0415  # an extra
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415  # the same

    # Only where it is missing, so that a user without the right to create tables can use
    # an existing one.
    name = _table().name
    if sa.inspect(engine).has_table(name):
        return
    try:
        _table().create(engine, checkfirst=True)
    except DBAPIError:
        # Two processes may have created it at the same moment.
        if not sa.inspect(engine).has_table(name):
            raise


def _url_of(text: str) -> sa.URL:
    """Parse a URL; no message contains any part of it, because it may have a password."""
    try:
        import sqlalchemy as sa  # noqa: PLC0415  # an extra
    except ModuleNotFoundError:
        raise ConfigurationError(
            "SqlDirectory needs sqlalchemy: pip install 'anybank[router]'"
        ) from None
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        url = None
    if url is None or url.get_backend_name() not in _DIALECTS:
        raise ConfigurationError(
            "the URL of SqlDirectory cannot be used: it is sqlite:///PATH or "
            "postgresql://USER@HOST:PORT/DATABASE, with %40 for an @ in a password"
        )
    url = url.set(drivername=_DIALECTS[url.get_backend_name()])
    if url.get_backend_name() == "sqlite" and _is_in_memory(url):
        # Each thread would have a database of its own, and lose the others' keys.
        raise ConfigurationError(
            "SqlDirectory needs a file: use InMemoryDirectory for one in memory"
        )
    return url


def _is_in_memory(url: sa.URL) -> bool:
    return not url.database or ":memory:" in url.database or "mode" in url.query


def _set_pragmas(connection: Any, _: object) -> None:
    """Sync at every commit, and let readers and a writer work at the same time.

    A create is sent only once its reservation is on disk
    (https://www.sqlite.org/pragma.html#pragma_synchronous).
    """
    import sqlite3  # noqa: PLC0415  # some builds of Python lack it

    # The change to write-ahead mode needs the file alone, and SQLite may refuse to wait for
    # that. The directory works without it, and another connection makes the change later.
    connection.execute("PRAGMA busy_timeout=0")
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode=WAL")
    for pragma in ("busy_timeout=30000", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def _translated() -> Iterator[None]:
    """Raise a failure of the database without its text, which contains keys and ids."""
    import sqlite3  # noqa: PLC0415  # some builds of Python lack it

    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415  # an extra

    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, UnicodeError) as error:
        orig = getattr(error, "orig", None) or error
        reason = type(orig).__name__
    else:
        return
    raise ConfigurationError(
        f"the directory's database cannot be used ({reason}): check its URL, and that its "
        "user may create and write the table anybank_directory",
        retryable=True,
    )


def _is(entry: DirectoryEntry) -> tuple[sa.ColumnElement[bool], ...]:
    table = _table()
    return table.c.key == entry.key, table.c.version == entry.version


def _values(entry: DirectoryEntry) -> Mapping[str, Any]:
    return {
        "key": entry.key,
        "provider": entry.provider,
        "customer_id": entry.customer_id,
        "state": entry.state.value,
        "version": entry.version,
        "reference": entry.reference,
        "idempotency_key": entry.idempotency_key,
        "changed_at": entry.changed_at,
    }


def _entry(row: sa.Row[Any]) -> DirectoryEntry:
    values = dict(row._mapping)  # noqa: SLF001  # its public name
    return DirectoryEntry(**{**values, "state": EntryState(values["state"])})
