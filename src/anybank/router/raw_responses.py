# Generated from aio_raw_responses.py by `make sync`: edit that file instead.

"""The resources of a router whose methods return a RawResponse around the value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from attrs import evolve

from .._engine.observation import RawResponse
from ..sensitive import shielded

_Observe: TypeAlias = Callable[[RawResponse[Any]], None]
_RESOURCES = ("customers", "kyc", "accounts", "transactions")


class RawResourcesByKey:
    """The resources of a router by name; their methods return RawResponse.

    `observed_by` returns a router that passes the response of each call to a function.
    """

    def __init__(self, observed_by: Callable[[_Observe], Any]) -> None:
        self._observed_by = observed_by

    def __getattr__(self, name: str) -> RawResourceByKey:
        if name not in _RESOURCES:
            raise AttributeError(f"a router has no resource {name!r}")
        return RawResourceByKey(self._observed_by, name)


class RawResourceByKey:
    """One resource whose methods return RawResponse."""

    def __init__(self, observed_by: Callable[[_Observe], Any], resource: str) -> None:
        self._observed_by, self._resource = observed_by, resource

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):  # copy and pickle look for special methods
            raise AttributeError(name)
        if name == "list":
            raise AttributeError(
                "a listing of a router may read several banks: use "
                "banks[name].with_raw_response of the router"
            )
        self._method(name, lambda _: None)  # an unknown name fails here

        @shielded
        def call(*args: Any, **kwargs: Any) -> RawResponse[Any]:
            responses: list[RawResponse[Any]] = []
            method = self._method(name, responses.append)
            return _response_of(method(*args, **kwargs), responses)

        return call

    def _method(self, name: str, observe: _Observe) -> Callable[..., Any]:
        """Return a method of a router that passes each response to a function."""
        resource = getattr(self._observed_by(observe), self._resource)
        method: Callable[..., Any] = getattr(resource, name)
        return method


def _response_of(
    value: object, responses: Sequence[RawResponse[Any]]
) -> RawResponse[Any]:
    """Return the last response that a value was read from.

    A method may send other requests after it, such as one for the owner of an account.
    """
    sent_nothing: RawResponse[Any] = RawResponse(
        value=value, status=None, headers={}, request_id=None, attempts=1, elapsed=0.0
    )
    own = [response for response in responses if response.value is value]
    response = [sent_nothing, *responses, *own][-1]
    return evolve(response, value=value)
