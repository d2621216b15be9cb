"""Operations that end a record: closing, archiving, canceling."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..errors import Conflict, Rejected, UnexpectedResponse
from .wire import Flow

T = TypeVar("T")


def settle(end: Flow[T], read_back: Flow[T], is_done: Callable[[T], bool]) -> Flow[T]:
    """Run a flow that ends a record, and let the state of the record decide.

    A repeat may be refused, because the record has ended already: after Conflict or
    Rejected the record is read back, and the error is raised unless it has ended. A
    success that shows another state raises UnexpectedResponse.
    """
    try:
        value = yield from end
    except (Conflict, Rejected):
        value = yield from read_back
        if not is_done(value):
            raise
        return value
    if not is_done(value):
        message = "the response does not show the state that was requested"
        raise UnexpectedResponse(message, path="$")
    return value
