"""A webhook receiver: verify, store once, acknowledge, and only then work.

Run it with `uvicorn receiver:app`, the subscription's secret in ANYBANK_WEBHOOK_SECRET
(two, separated by a comma, while one is being replaced).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from anybank import Event, WebhookRejected, webhooks


class Inbox:
    """Events that were received, each once; here in SQLite, in an app its own database."""

    def __init__(self, path: str) -> None:
        self._store = sqlite3.connect(path, check_same_thread=False)
        self._store.execute(
            "create table if not exists events"
            " (dedupe_key text primary key, kind text, customer_id text)"
        )

    def add(self, event: Event) -> bool:
        """Keep an event; return False where it was there already."""
        with self._store:
            added = self._store.execute(
                "insert or ignore into events values (?, ?, ?)",
                (event.dedupe_key, event.kind, event.customer_id),
            )
        return added.rowcount == 1

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    def kinds(self) -> list[str]:
        """Return the kinds of all events, as they came."""
        rows = self._store.execute("select kind from events order by rowid")
        return [kind for (kind,) in rows]


async def receive(request: Request) -> Response:
    """Acknowledge what is the bank's, even if it came before or its kind is unknown."""
    body = await request.body()  # the raw bytes: the signature is over these
    secrets = request.app.state.secrets
    try:
        event = webhooks.verify("bond", request.headers, body, secret=secrets)
    except WebhookRejected:
        return PlainTextResponse("rejected", status_code=400)
    request.app.state.inbox.add(event)
    return PlainTextResponse("ok")  # Bond counts only 200 and 201 as delivered


def make(secrets: list[str], path: str = ":memory:") -> Starlette:
    """Return the receiver as an app."""
    inbox = Inbox(path)

    @asynccontextmanager
    async def open_inbox(_: Starlette) -> AsyncIterator[None]:
        with closing(inbox):
            yield

    routes = [Route("/bond", receive, methods=["POST"])]
    made = Starlette(routes=routes, lifespan=open_inbox)
    made.state.secrets = secrets
    made.state.inbox = inbox
    return made


if secret := os.environ.get("ANYBANK_WEBHOOK_SECRET"):
    app = make(secret.split(","), "events.db")
