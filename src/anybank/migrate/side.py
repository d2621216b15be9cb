"""One side of a migration: a provider, and how its bank is opened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self, TypeAlias

import attrs
from attrs import field, frozen

from .._driver import Engine
from .._httpx import Endpoint
from .._settings import Common, engine_and_endpoint
from ..adapter import Adapter
from ..aio import AsyncBank
from ..options import CREDENTIAL
from ..retry import Throttle
from .paces import Pace

Given: TypeAlias = "str | Side"

_BANK = ("environment", "base_url", "timeout", "rate_limit")
"""The options of every bank that a journal records."""

_HERE = ("retries", "transport", "timing")
"""Those that are of this process alone."""


@frozen
class Side:
    """A provider and the keywords of its AsyncBank, beyond what the environment gives."""

    provider: str
    options: Mapping[str, Any] = field(factory=dict, repr=False)

    @classmethod
    def of(cls, given: Given) -> Side:
        """Return a side, also of a provider's mere name."""
        return given if isinstance(given, Side) else cls(given)

    @classmethod
    def recorded(cls, text: str) -> Self:
        """Return the side that a journal records; credentials are not in it."""
        return cls(**json.loads(text))

    def open(self, **more: Any) -> AsyncBank:
        """Open the bank; `more` goes before the side's own options."""
        return AsyncBank(self.provider, **{**self.options, **more})

    def open_for_creates(self, pace: Pace | None) -> AsyncBank:
        """Open the bank so that each attempt is seen and paced by the caller."""
        return self.open(retries=0, rate_limit=pace)

    @property
    def adapter(self) -> Adapter:
        """The adapter, with its declaration as the options make it."""
        return self._engine[0].adapter

    @property
    def base_url(self) -> str:
        """Where the bank is."""
        return self._engine[1].base_url

    @property
    def timeout(self) -> float:
        """How long a request may take to connect, to be sent, to be answered: seconds each."""
        return self._engine[1].timeout

    @property
    def throttle(self) -> Throttle | None:
        """The limit of calls a minute, None for none."""
        return self._engine[0].throttle

    @property
    def record(self) -> str:
        """What a journal keeps of the side, to open it again: no credentials."""
        secret = {
            each.name
            for each in attrs.fields(type(self.adapter.options))
            if CREDENTIAL in each.metadata
        }
        kept = {
            name: value
            for name, value in sorted(self.options.items())
            if name not in secret and name not in _HERE and _is_plain(value)
        }
        return json.dumps({"provider": self.provider, "options": kept})

    @cached_property
    def _engine(self) -> tuple[Engine, Endpoint]:
        common = {name: self.options[name] for name in _BANK if name in self.options}
        own = {
            name: value
            for name, value in self.options.items()
            if name not in _BANK and name not in _HERE
        }
        return engine_and_endpoint(self.provider, Common(**common), own)


def _is_plain(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(_is_plain(each) for each in value.values())
    return value is None or isinstance(value, (str, int, float))
