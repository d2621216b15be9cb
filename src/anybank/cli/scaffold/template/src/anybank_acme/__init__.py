"""The Acme plugin for anybank: `Bank("acme")`."""

from __future__ import annotations

from anybank.adapter.hookspecs import Provider, hookimpl, importing

from .adapter import Acme
from .declaration import AcmeOptions

__all__ = ["Acme", "AcmeOptions"]


@hookimpl
def anybank_provider() -> Provider:
    """Return the classes that anybank loads."""
    return Provider(
        adapter=Acme,
        simulator=importing("anybank_acme.simulator:AcmeSimulator"),
        conformance=importing("anybank_acme.conformance:AcmeConformance"),
    )
