"""A transport of httpx that answers the requests of the file's adapter from a file.

So a neutral file uses the same client as a bank, with its checks, retries and errors, and
the commands of a migration need no second path.
"""

from __future__ import annotations

import json
from urllib.parse import unquote

import httpx

from ...errors import ConfigurationError
from .customers_file import IdExists
from .file_store import FileStore

_PAGE = 100


class FileTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers requests from a file, and releases the file when it is closed."""

    def __init__(self, store: FileStore) -> None:
        self._store = store

    def __repr__(self) -> str:
        return f"<FileTransport {self._store.path}>"

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of `httpx.Client`."""
        return self._answer(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of `httpx.AsyncClient`."""
        return self._answer(request, await request.aread())

    def close(self) -> None:
        """Release the file."""
        self._store.release()

    async def aclose(self) -> None:
        """Release the file."""
        self._store.release()

    def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        try:
            return self._respond(request, body)
        except ConfigurationError as error:
            return httpx.Response(500, text=str(error))
        except OSError as error:
            # 503 counts as an outage: a full disk is not the fault of one customer.
            problem = f"{self._store.path} cannot be used: {error.strerror}"
            return httpx.Response(503, text=problem)

    def _respond(self, request: httpx.Request, body: bytes) -> httpx.Response:
        if request.method == "POST":
            return self._added(body)
        # The raw path, because `url.path` has decoded an id that contains %2F already.
        path = request.url.raw_path.partition(b"?")[0].decode("ascii")
        identifier = path.removeprefix("/customers").removeprefix("/")
        if identifier:
            return self._read(unquote(identifier))
        return self._list(request.url.params)

    def _added(self, body: bytes) -> httpx.Response:
        try:
            self._store.add(json.loads(body)["id"], body)
        except IdExists:
            return httpx.Response(409, text="the file has a customer with this id")
        return httpx.Response(201, content=body)

    def _read(self, identifier: str) -> httpx.Response:
        plain = self._store.find(identifier)
        if plain is None:
            return httpx.Response(404, text="the file has no customer with this id")
        return httpx.Response(200, content=plain)

    def _list(self, parameters: httpx.QueryParams) -> httpx.Response:
        token, size = parameters.get("token"), int(parameters.get("page_size", _PAGE))
        customers, offset = self._store.page(int(token) if token else None, size)
        next_token = b"null" if offset is None else b'"%d"' % offset
        # The lines are JSON already. To parse and encode them again would cost time, and
        # SSNs would exist as plain strings once more.
        page = b'{"customers":[%s],"next":%s}' % (b",".join(customers), next_token)
        return httpx.Response(200, content=page)
