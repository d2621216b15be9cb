"""The resources of a bank whose methods return a RawResponse around the value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..sensitive import shielded
from .aio_resources import BankResource as AsyncResource
from .paging import AsyncListing, Listing
from .resources import BankResource


class RawResources:
    """The resources of a bank by name; their methods return RawResponse.

    A listing has `pages()`, which yields a RawResponse around each Page.
    """

    def __init__(self, bank: object, run: Callable[..., Any]) -> None:
        self._bank, self._run = bank, run

    def __getattr__(self, name: str) -> RawResource:
        resource = None if name.startswith("_") else getattr(self._bank, name, None)
        if not isinstance(resource, (BankResource, AsyncResource)):
            raise AttributeError(  # noqa: TRY004  # what getattr expects
                f"a bank has no resource {name!r}"
            )
        kind, calls = type(resource), resource._calls  # noqa: SLF001  # our own class
        return RawResource(kind(self._run, calls))


class RawResource:
    """One resource whose methods return RawResponse."""

    def __init__(self, resource: Any) -> None:
        self._resource = resource

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):  # copy and pickle look for special methods
            raise AttributeError(name)
        method = getattr(self._resource, name)

        @shielded
        def call(*args: Any, **kwargs: Any) -> Any:
            result = method(*args, **kwargs)
            if isinstance(result, (Listing, AsyncListing)):
                return RawListing(result)
            return result

        return call


class RawListing:
    """A listing whose `pages()` yield RawResponse objects."""

    def __init__(self, listing: Any) -> None:
        self._listing = listing

    def pages(self) -> Any:
        """Yield a RawResponse around each page, by `for` or by `async for`."""
        return self._listing.pages()
