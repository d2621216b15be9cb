"""A neutral file as a side of a migration."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
from attrs import evolve, field, frozen

from ..._engine.retry_loop import Engine
from ..._engine.transports.endpoint import Endpoint
from ...aio import AsyncBank
from ...errors import ConfigurationError
from ..side import Side, without_retries
from .adapter import NeutralFile
from .declaration import NAME
from .file_store import FileStore
from .headers import peek_header, require_growing
from .keys import FileKey, from_environment, reference
from .transport import FileTransport


def file_side(path: Path, key: str | None = None) -> FileSide:
    """Return the side of a file; without *key* the environment has the key."""
    options = {"path": str(path)} if key is None else {"path": str(path), "key": key}
    return FileSide(NAME, options)


@frozen
class FileSide(Side):
    """A neutral file; its options are `path` and `key` (a key or a reference to one)."""

    is_receiving: bool = field(default=False, eq=False)

    @property
    def path(self) -> Path:
        """The absolute path of the file."""
        path = self.options.get("path")
        if not path:
            raise ConfigurationError(
                "a neutral file needs a path: name it, such as ./customers.jsonl"
            )
        return Path(path).expanduser().resolve()

    @property
    def base_url(self) -> str:
        """The path of the file, in place of a URL."""
        return str(self.path)

    @property
    def timeout(self) -> float:
        """Zero: no request is ever on its way to a file, so nobody waits for one."""
        return 0.0

    @property
    def receiving(self) -> FileSide:
        """The file as a target; raises ConfigurationError for an export."""
        if header := peek_header(self.path):
            require_growing(self.path, header)
        return evolve(self, is_receiving=True)

    @property
    def record(self) -> str:
        """The side as JSON for the journal: the path, and a reference to the key."""
        record = {"path": str(self.path)}
        if key := reference(self.options.get("key")):
            record["key"] = key
        return json.dumps({"provider": self.provider, "options": record})

    def open(self, **changes: Any) -> AsyncBank:
        """Open the file; raises ConfigurationError where it is not complete."""
        return self._open(self.transport(writes=False), **changes)

    def open_for_creates(self, reader: AsyncBank) -> AsyncBank:
        """Open the file to append to it; it is sealed when it is closed."""
        engine, transport = without_retries(reader), self.transport(writes=True)
        return AsyncBank._of_engine(engine, self._engine[1], transport)  # noqa: SLF001  # as the side of a bank does

    def transport(self, *, writes: bool) -> httpx.AsyncBaseTransport:
        """Open the file, and return a transport that answers from it."""
        return FileTransport(self._store.acquire(writes=writes))

    @property
    def _kind(self) -> type[NeutralFile]:
        return NeutralFile

    @property
    def _complete(self) -> dict[str, Any]:
        """The options, with the unreadable fields that the header of the file names."""
        header = None if self.is_receiving else peek_header(self.path)
        reads = dict(header.reads) if header else {}
        others = {name: self.options[name] for name in self.options if name != "path"}
        return {**others, "reads": reads}

    @cached_property
    def _store(self) -> FileStore:
        key = FileKey.of(self.adapter.options.key)
        return FileStore(self.path, key, self.is_receiving)

    @cached_property
    def _engine(self) -> tuple[Engine, Endpoint]:
        # First, so that a missing key is reported before a journal is created.
        FileKey.of(self.options.get("key") or from_environment())
        return self._engine_with(self._complete)
