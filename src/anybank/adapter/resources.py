"""The resources of a vendor below one path, as flows that an adapter composes."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from attrs import frozen

from ..errors import UnexpectedResponse
from ..model.features import Feature
from .converter.reader import Reader
from .settling import settle
from .wire import Flow, Json, Response, get, patch, path, post

T = TypeVar("T")


@frozen
class Resource(Generic[T]):
    """The resources below one path, and the Reader of their records.

    A response is the record itself; a subclass overrides `record` where it is inside an
    envelope.
    """

    path: str
    reader: Reader[T]

    def record(self, response: Response) -> Json:
        """Return the record of a response."""
        return response.json()

    def get(self, id: str, *, feature: Feature | None = None) -> Flow[T]:
        """Read a record. Its id must be the requested one."""
        return self.reader.read((yield from self.get_raw(id, feature=feature)))

    def get_raw(self, id: str, *, feature: Feature | None = None) -> Flow[Json]:
        """Return a record as the vendor sends it."""
        return self._of_id(id, (yield get(path(self.path, id), feature=feature)))

    def create(self, body: Json, **more: Any) -> Flow[T]:
        """Create a record, which has happened even if a field cannot be read.

        `more` goes to the request: `headers=` with an idempotency key, for example.
        """
        response = yield post(self.path, body, **more)
        return self.reader.created(self.record(response))

    def update(self, id: str, body: Json) -> Flow[T]:
        """Change a record, and return its new state."""
        response = yield patch(path(self.path, id), body)
        return self.reader.read(self._of_id(id, response))

    def act(self, id: str, action: str, body: Json = None) -> Flow[T]:
        """Send an action such as `enable`, and return the new state of the record."""
        response = yield post(path(self.path, id, action), body)
        return self.reader.read(self._of_id(id, response))

    def finish(
        self,
        id: str,
        action: str,
        body: Json,
        ends_as: object,
        feature: Feature,
    ) -> Flow[T]:
        """Send an action that ends a record; `feature` is that of reading it.

        The status of the record decides (see `settle`), and not the repeat's response: it
        must be `ends_as`.
        """
        end = self.act(id, action, body)
        read_back = self.get(id, feature=feature)
        return settle(end, read_back, lambda value: _status(value) == ends_as)

    def _of_id(self, id: str, response: Response) -> Json:
        raw = self.record(response)
        if isinstance(raw, dict) and raw.get("id") != id:
            raise UnexpectedResponse("the response is about another id", path="$.id")
        return raw


def _status(value: Any) -> object:
    return value.status
