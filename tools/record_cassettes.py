"""Record the cassettes of the simulators again: `python -m tools.record_cassettes`.

Run it from the root of the checkout after a change to a simulator or an adapter, and read
the diff of the cassettes: they show every request and response that has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.cassettes.scenarios import SCENARIOS, Scenario
from tests.seeds.samples import perform

from anybank import AnybankError, ConfigurationError
from anybank.adapter.hookspecs import Provider
from anybank.plugins import find
from anybank.sandbox.faults import Faults
from anybank.sandbox.server import serve
from anybank.testing.cassette_files import CassetteOrigin
from anybank.testing.cassettes import CassetteKind, cassette_player

CASSETTES = Path(__file__).parents[1] / "cassettes"


def record(scenario: Scenario) -> Path:
    """Record one scenario over HTTP on loopback and return the cassette's path."""
    provider = scenario.provider
    plugin = find(provider)
    simulator = _simulator_factory(plugin)(**scenario.switches)
    customer_id = scenario.prepare(simulator)
    bank = Faults().around(simulator)
    bank.schedule(scenario.fault)
    path = CASSETTES / provider / CassetteKind.RECORDED / f"{scenario.name}.yaml"
    # vcrpy in the mode "all" would append to an existing cassette.
    path.unlink(missing_ok=True)
    with serve({provider: bank}) as running:
        base_url = running.base_url(provider)
        player = cassette_player(
            CASSETTES,
            provider,
            record_mode="all",
            # The port of the loopback server is another one in each run; the cassette
            # names the vendor's host.
            rewrite={base_url: plugin.adapter.capabilities.hosts["sandbox"]},
            recorded_from=CassetteOrigin.SIMULATOR,
            source=f"the sandbox of anybank-{provider}, over HTTP on loopback",
        )
        # Some scenarios end in an error, which is what they record.
        with player.use_cassette(path.name), suppress(AnybankError):
            perform(
                provider,
                lambda bank: scenario.operation(bank, customer_id),
                sync=True,
                base_url=base_url,
                retries=0,
                **{**simulator.credentials, **scenario.options},
            )
    return path


def _simulator_factory(plugin: Provider) -> Callable[..., Any]:
    if plugin.simulator is None:
        raise ConfigurationError("cannot record a vendor that has no simulator")
    return plugin.simulator()


if __name__ == "__main__":
    for scenario in SCENARIOS:
        record(scenario)
