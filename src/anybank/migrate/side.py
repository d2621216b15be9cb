"""One side of a migration: a provider, and the options to open its bank."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import cached_property
from typing import Any

import attrs
import httpx
from attrs import evolve, field, frozen

from .._engine.retry import RetryPolicy
from .._engine.retry_loop import Engine
from .._engine.settings import Common, engine_and_endpoint, require_transport
from .._engine.throttle import Throttle
from .._engine.timing import Timing
from .._engine.transports.endpoint import Endpoint
from ..adapter.base import Adapter
from ..adapter.options import CREDENTIAL
from ..aio import AsyncBank
from ..errors import ConfigurationError

_NOT_RECORDED = ("retries", "transport", "http", "timing")
"""The options that a journal does not record: they belong to this process."""
_COMMON = tuple(attribute.name for attribute in attrs.fields(Common))
NO_RETRIES = RetryPolicy(retries=0)
"""For creates: the journal must record each attempt, so the engine repeats none."""


@frozen
class Side:
    """A provider and the keyword arguments of its AsyncBank; the environment adds the rest."""

    provider: str
    options: Mapping[str, Any] = field(factory=dict, repr=False)

    @property
    def receiving(self) -> Side:
        """This side as a target; for a bank nothing changes.

        Raises ConfigurationError where the side cannot be written to.
        """
        return self

    def open(self, **changes: Any) -> AsyncBank:
        """Open the bank; `changes` replace attributes of its engine, such as `timing`."""
        return self._open(self.options.get("transport"), **changes)

    def open_for_creates(
        self, reader: AsyncBank
    ) -> AbstractAsyncContextManager[AsyncBank]:
        """Open the bank of *reader* such that the caller sees each attempt of a create.

        It shares the connections of *reader*, which closes them, and its rate limit.
        """
        return nullcontext(reader._with_engine(without_retries(reader)))  # noqa: SLF001  # as in `_open`

    def _open(
        self, transport: httpx.AsyncBaseTransport | None, **changes: Any
    ) -> AsyncBank:
        engine, endpoint = self._engine
        engine = evolve(engine, **changes)
        return AsyncBank._of_engine(engine, endpoint, transport)  # noqa: SLF001  # the settings of a side are resolved once for all its banks

    @property
    def timing(self) -> Timing:
        """The clock and the sleep of the bank."""
        return self._engine[0].timing

    @property
    def adapter(self) -> Adapter:
        """The adapter, with its declaration as the options make it."""
        return self._engine[0].adapter

    @property
    def base_url(self) -> str:
        """The base URL of the bank."""
        return self._engine[1].base_url

    @property
    def timeout(self) -> float:
        """How many seconds each phase of a request may take: connecting, sending, receiving."""
        return self._engine[1].timeout

    @property
    def throttle(self) -> Throttle | None:
        """The limit of calls per minute, or None."""
        return self._engine[0].throttle

    @property
    def record(self) -> str:
        """The side as JSON for the journal, without credentials."""
        options = {
            name: value
            for name, value in sorted(self.options.items())
            if name not in self._secret
            and name not in _NOT_RECORDED
            and _is_plain(value)
        }
        # Overrides may come from the environment, and the plan relies on them.
        if overrides := self.adapter.capabilities.overrides:
            options["overrides"] = overrides
        return json.dumps({"provider": self.provider, "options": options})

    def require_other(self, target: Side) -> None:
        """Raise ConfigurationError for a target that is this bank with the same credentials."""
        if self._account == target._account:
            raise ConfigurationError(
                f"the source and the target are the same, {self.provider} at {self.base_url} with "
                "the same credentials, so every customer would be there twice; to move "
                "between two brands of one bank, use Python with a Side for each"
            )

    @property
    def _account(self) -> tuple[object, ...]:
        """What identifies the account: two sides with the same value see the same customers."""
        own = self.adapter.options
        credentials = [getattr(own, name) for name in self._secret]
        return self.provider, self.base_url, self.options.get("transport"), *credentials

    @property
    def _secret(self) -> tuple[str, ...]:
        """The names of the options that are credentials."""
        options = attrs.fields(type(self.adapter.options))
        return tuple(option.name for option in options if CREDENTIAL in option.metadata)

    @cached_property
    def _engine(self) -> tuple[Engine, Endpoint]:
        return self._engine_with(self.options)

    def _engine_with(self, options: Mapping[str, Any]) -> tuple[Engine, Endpoint]:
        http, transport = options.get("http"), options.get("transport")
        require_transport(transport, http, "handle_async_request")
        common = {name: options[name] for name in _COMMON if name in options}
        own = {
            name: value
            for name, value in options.items()
            if name not in (*_COMMON, "transport")
        }
        return engine_and_endpoint(self._kind, Common(**common), own)

    @property
    def _kind(self) -> str | type[Adapter]:
        """The provider's name, or the adapter class of a neutral file."""
        return self.provider


def without_retries(bank: AsyncBank) -> Engine:
    """Return the engine of a bank, which repeats no request."""
    return evolve(bank._engine, policy=NO_RETRIES)  # noqa: SLF001  # as in `_open`


def _is_plain(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(_is_plain(item) for item in value.values())
    if isinstance(value, (list, tuple)):  # the parts of overrides
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (str, int, float))
