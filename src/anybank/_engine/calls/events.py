"""Calls about events."""

from __future__ import annotations

from datetime import datetime

from ...model import operations as ask
from ...model.events import Event
from ...model.pages import Page
from .accounts import require_account_id
from .call import Call, CallBuilder, argument_error


class EventCalls(CallBuilder):
    """Calls about events."""

    def get(self, event_id: str) -> Call[Event]:
        """Read an event."""
        return self.ask(ask.GetEvent(id=event_id))

    def list(
        self,
        since: datetime | None,
        until: datetime | None,
        object_id: str | None,
        token: str | None,
        page_size: int | None,
    ) -> Call[Page[Event]]:
        """Read a page of events."""
        require_account_id(self, object_id, "object_id")
        _require_period(since, until)
        question = ask.ListEvents(
            since=since,
            until=until,
            object_id=object_id,
            token=token,
            page_size=self.page_size(page_size),
        )
        return self.ask_page(question)


def _require_period(since: datetime | None, until: datetime | None) -> None:
    """Raise InvalidInput for a time without a zone, and for a period that ends first."""
    for name, time in (("since", since), ("until", until)):
        if time is not None and time.utcoffset() is None:
            rule = "a time with its zone"
            message = "must have a time zone, as in datetime.now(UTC)"
            raise argument_error(name, rule, message)
    if since is not None and until is not None and since > until:
        raise argument_error("since", "since <= until", "must not be after until")
