"""An app of Procrastinate whose workers run the batches of a migration.

JOBS_URL is the database of the queue, JOURNAL_URL that of the journal; they may be the
same. The credentials of both banks and the key of the journal come from the environment.

    procrastinate --app=procrastinate_app.app schema --apply    # once
    procrastinate --app=procrastinate_app.app worker            # as many as you like
    python -m procrastinate_app                                 # after the plan
"""

from __future__ import annotations

import os

import procrastinate

from anybank import migrate

JOURNAL = "env:JOURNAL_URL"

app = procrastinate.App(
    connector=procrastinate.PsycopgConnector(conninfo=os.environ["JOBS_URL"])
)
migrate.register_tasks(
    app,
    journal=JOURNAL,
    concurrency=int(os.environ.get("CONCURRENCY", "16")),
    lease=float(os.environ.get("LEASE", "180")),
)


def main() -> None:
    """Enqueue the batches that are open."""
    with app.open():
        migrate.enqueue(app, journal=JOURNAL)


if __name__ == "__main__":
    main()
