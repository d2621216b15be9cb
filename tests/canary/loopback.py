"""A server on loopback that returns given responses byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
from tests.canary.answers import Answer


class HangUp(Exception):
    """The server closes the connection instead of responding."""


class Server(ThreadingHTTPServer):
    """Gives every request the current response."""

    daemon_threads = True
    answer: Answer

    @property
    def base_url(self) -> str:
        """The URL of the server."""
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def handle_any(self) -> None:
        """Read a request and write the response unchanged."""
        length = int(self.headers.get("content-length", 0))
        request = httpx.Request(
            self.command,
            f"{self.server.base_url}{self.path}",
            headers=dict(self.headers),
            content=self.rfile.read(length),
        )
        self.close_connection = True
        with suppress(HangUp):
            self.wfile.write(_bytes(self.server.answer(request)))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing, because the tests capture the library's logs."""


def _bytes(answer: httpx.Response) -> bytes:
    """Return the bytes of a response, including its reason phrase."""
    reason = answer.extensions.get("reason_phrase", b"Said")
    lines = [b"HTTP/1.1 %d %s" % (answer.status_code, reason)]
    lines += [b"%s: %s" % (name, value) for name, value in answer.headers.raw]
    return b"\r\n".join([*lines, b"connection: close", b"", answer.read()])


@contextmanager
def serving() -> Iterator[Server]:
    """Serve on a free loopback port."""
    with Server(("127.0.0.1", 0), _Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
