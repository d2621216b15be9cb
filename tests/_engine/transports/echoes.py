"""A server whose response names the request that it belongs to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class _Echo(BaseHTTPRequestHandler):
    """Answers with the customer whose id is the last part of the path."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        time.sleep(0.002)  # long enough for two requests on one connection to overlap
        self._answer(self.path.rpartition("/")[2])

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self._answer("created")

    def _answer(self, name: str) -> None:
        body = json.dumps({"customer_id": name, "first_name": name}).encode()
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
        self.wfile.write(head + b"content-length: %d\r\n\r\n" % len(body) + body)

    def log_message(self, format: str, *args: Any) -> None:
        """Write no log."""


class Echoes(ThreadingHTTPServer):
    """The server, with the number of accepted connections."""

    daemon_threads = True
    request_queue_size = 100
    connections = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        """Count a connection."""
        self.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a client that closes its connection."""

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def echoing() -> Iterator[Echoes]:
    """Serve on a free port, in threads."""
    with Echoes(("127.0.0.1", 0), _Echo) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()
