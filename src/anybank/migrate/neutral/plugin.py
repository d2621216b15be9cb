"""The neutral file as a provider, found as a bank's plugin is."""

from __future__ import annotations

from ...adapter.hookspecs import Provider, hookimpl
from .adapter import NeutralFile


@hookimpl
def anybank_provider() -> Provider:
    """Return the provider."""
    return Provider(adapter=NeutralFile)
