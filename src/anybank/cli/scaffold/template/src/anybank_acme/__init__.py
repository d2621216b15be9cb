"""The Acme plugin for anybank: `Bank("acme", api_key=...)`."""

from __future__ import annotations

from typing import Any

from anybank.adapter.hookspecs import Provider, hookimpl

from .adapter import Acme
from .declaration import AcmeOptions

__all__ = ["Acme", "AcmeOptions"]


@hookimpl
def anybank_provider() -> Provider:
    """Return the classes that anybank loads."""
    return Provider(adapter=Acme, simulator=_simulator, conformance=_conformance)


def _simulator() -> type[Any]:
    from .simulator import AcmeSimulator  # noqa: PLC0415  # only the sandbox needs it

    return AcmeSimulator


def _conformance() -> type[Any]:
    from .conformance import AcmeConformance  # noqa: PLC0415  # only the conformance kit needs it

    return AcmeConformance
