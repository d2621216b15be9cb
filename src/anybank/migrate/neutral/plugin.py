"""The neutral file as a provider, registered like the plugin of a bank."""

from __future__ import annotations

from ...adapter.hookspecs import Provider, hookimpl
from .adapter import NeutralFile


@hookimpl
def anybank_provider() -> Provider:
    """Return the provider."""
    return Provider(adapter=NeutralFile)
