"""Creates the tables of a journal, from statements that are compiled once per process.

SQLAlchemy caches no definitions. Compiling those of all tables took a tenth of the time of
a plan of a few customers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import sqlalchemy as sa

from .tables import METADATA


def create_tables(connection: sa.Connection) -> None:
    """Create all tables. An existing table is an error: it belongs to another journal."""
    dialect = connection.dialect
    for statement in _definitions(f"{dialect.name}+{dialect.driver}"):
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


@cache
def _definitions(dialect: str) -> Sequence[str]:
    """Return the statements that create all tables and their indexes."""
    statements: list[str] = []

    def collect(definition: sa.ExecutableDDLElement, *_: object, **__: object) -> None:
        statements.append(str(definition.compile(dialect=engine.dialect)))

    engine = sa.create_mock_engine(f"{dialect}://", collect)
    METADATA.create_all(engine, checkfirst=False)
    # PostgreSQL executes several statements at a time, SQLite only one.
    is_sqlite = engine.dialect.name == "sqlite"
    return statements if is_sqlite else [";".join(statements)]
