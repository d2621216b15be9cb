"""Apps of Procrastinate for tests, each with a schema of its own in one PostgreSQL."""

from __future__ import annotations

import procrastinate
from tests.migrate.postgres import PASSWORD, Server


def new_jobs_url(server: Server) -> str:
    """Return the URL of a new schema with the tables of Procrastinate."""
    server.count += 1
    name = f"jobs_{server.count}"
    server.sql(f"CREATE SCHEMA {name}")
    at = f"anybank:{PASSWORD}@127.0.0.1:{server.port}/postgres"
    url = f"postgresql://{at}?options=-csearch_path%3D{name}"
    with app_of(url).open() as app:
        app.schema_manager.apply_schema()
    return url


def app_of(url: str) -> procrastinate.App:
    """Return an app, which is not open."""
    connector = procrastinate.PsycopgConnector(conninfo=url, min_size=1)
    return procrastinate.App(connector=connector)
