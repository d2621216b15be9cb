"""The hook by which a plugin adds a provider."""

from __future__ import annotations

import pluggy
import pytest
from tests.fakes import Toy

from anybank.adapter import hookspecs
from anybank.adapter.hookspecs import NAMESPACE, Provider, hookimpl
from anybank.plugins import find


class Plugin:
    """A plugin that implements the hook."""

    @hookimpl
    def anybank_provider(self) -> Provider:
        return Provider(adapter=Toy)


def test_a_plugin_offers_a_provider() -> None:
    """The hook returns the plugin's provider."""
    manager = pluggy.PluginManager(NAMESPACE)
    manager.add_hookspecs(hookspecs)
    manager.register(Plugin())
    assert manager.hook.anybank_provider() == Provider(adapter=Toy, simulator=None)


@pytest.mark.parametrize("name", ["bond", "sonder"])
def test_each_vendor_offers_its_adapter_and_simulator(name: str) -> None:
    """A vendor's simulator is imported only when it is requested."""
    provider = find(name)
    assert provider.adapter.capabilities.provider == name
    assert provider.simulator is not None
    assert provider.simulator().__name__ == f"{name.capitalize()}Simulator"
