"""The directory of the cassettes, and access to their contents."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped] # PyYAML has no types
from tests.cassettes.scenarios import Scenario

from anybank.testing.cassettes import CassetteKind

CASSETTES = Path(__file__).parents[2] / "cassettes"
ALL = sorted(CASSETTES.glob("*/*/*.yaml"))
KEYS = {
    "bond": {"identity": "nobody's", "authorization": "nobody's"},
    "sonder": {"token": "nobody's"},
}


def interactions(provider: str, kind: CassetteKind, name: str) -> list[dict[str, Any]]:
    """Return the requests and responses of a cassette."""
    text = (CASSETTES / provider / kind / f"{name}.yaml").read_text("utf-8")
    found: list[dict[str, Any]] = yaml.safe_load(text)["interactions"]
    return found


def customer_id(scenario: Scenario) -> str:
    """Return the id of the customer in a recording, empty where there is none."""
    first = interactions(scenario.provider, CassetteKind.RECORDED, scenario.name)[0]
    found = re.search(r"/customers?/([\w-]+)", first["request"]["uri"])
    return found[1] if found else ""
