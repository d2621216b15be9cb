"""Replays the vendor's cassettes in place of a simulator (`Mode.RECORDED`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from attrs import define, evolve, field, frozen

from ...adapter.wire import Request, Response
from ...model.features import Feature
from ..cassette_files import CassetteFile, RecordedCall
from ..modes import Mode
from .cassettes import cassettes_of, ids_in_path, template_of
from .recorder import NotApplicable
from .registry import UNRECORDED
from .subject import Subject


class NotRecorded(Exception):
    """No cassette has the response to a request."""


@frozen
class Replays:
    """The cassettes of a vendor's own responses, one per operation that succeeds."""

    files: Mapping[Feature, CassetteFile]

    @classmethod
    def of(cls, subject: Subject) -> Replays:
        """Read the cassettes; raise NotApplicable where none has the vendor's responses."""
        files = map(CassetteFile.read, cassettes_of(subject))
        chosen: dict[Feature, CassetteFile] = {}
        for file in files:
            usable = file.origin.is_of_vendor and file.succeeds and not file.outcome
            if usable and file.feature is not None:
                # The folder `recorded` comes before `transcribed`: a sandbox is asked
                # what the adapter sends, and a page is written by a person.
                chosen.setdefault(file.feature, file)
        if not chosen:
            raise NotApplicable(
                "no cassette has a successful response of the vendor's pages or sandbox"
            )
        return cls(chosen)


@define(eq=False)
class ReplayedVendor:
    """Responds like the vendor in one cassette, and to nothing else.

    The calls of the cassette are replayed in their order, and again from the start: an
    operation may be repeated. A request is compared by its method and path, since the kit
    sends its own invented people. `missing` collects the requests without a response.
    """

    simulator: Any
    replays: Replays
    missing: list[str]
    _calls: Sequence[RecordedCall] = field(init=False, default=())
    _next: int = field(init=False, default=0)

    @property
    def credentials(self) -> Mapping[str, Any]:
        """The options with which the simulator admits a Bank."""
        return dict(self.simulator.credentials)

    @property
    def base_path(self) -> str:
        """The part of the path before the resources."""
        return str(self.simulator.base_path)

    @property
    def routes(self) -> Sequence[Any]:
        """The path templates of the vendor's API."""
        return tuple(self.simulator.routes)

    def open(self, feature: Feature, kinds: Sequence[str]) -> dict[str, str]:
        """Replay an operation's cassette; return the ids of the records in its path."""
        file = self.replays.files.get(feature)
        if file is None:
            raise NotApplicable(f"no cassette of the vendor has {feature.value}")
        self._calls, self._next = file.calls, 0
        return dict(ids_in_path(self.simulator, file.calls[0], kinds))

    def __call__(self, request: Request) -> Response:
        """Return the next response, which must be one to this method and path."""
        template = template_of(self.simulator, request.method, request.path)
        for step in range(len(self._calls)):
            index = (self._next + step) % len(self._calls)
            call = self._calls[index]
            if (call.method, self._template(call)) == (request.method, template):
                self._next = index + 1
                return call.response
        self.missing.append(f"{request.method} {template}")
        raise NotRecorded(template)

    def _template(self, call: RecordedCall) -> str:
        return template_of(self.simulator, call.method, call.path)


def recorded_subject(subject: Subject) -> Subject:
    """Return a subject whose vendor replays its cassettes; raises NotApplicable."""
    replays = Replays.of(subject)
    missing: list[str] = []
    vendor = partial(ReplayedVendor, subject.simulator(), replays, missing)
    replayed = evolve(subject, simulator=vendor, mode=Mode.RECORDED)
    replayed.cache[UNRECORDED] = missing
    return replayed
