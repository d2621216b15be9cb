"""The deployments in docs/deploy, as the command and the environment of their workers."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

DIRECTORY = Path(__file__).parents[2] / "docs/deploy"
UNIT = "anybank-worker@.service"


@frozen
class Deployment:
    """How a deployment starts a worker."""

    command: Sequence[str]
    """The arguments after `anybank`."""
    environment: Mapping[str, str]
    secrets: str
    """The directory in which the secrets are."""
    state: str
    """The directory that workers write to."""


def read_yaml(name: str) -> Any:
    yaml = pytest.importorskip("yaml", reason="the group `dev` installs PyYAML")
    return yaml.safe_load((DIRECTORY / name).read_text())


def unit_lines() -> list[tuple[str, str]]:
    """Return the settings of the unit; a name may occur several times."""
    lines = (DIRECTORY / UNIT).read_text().splitlines()
    pairs = [line.partition("=") for line in lines if not line.startswith("#")]
    return [(name, value) for name, separator, value in pairs if separator]


def systemd() -> Deployment:
    lines = unit_lines()
    (start,) = (value for name, value in lines if name == "ExecStart")
    variables = [value for name, value in lines if name == "Environment"]
    environment = dict(variable.split("=", 1) for variable in variables)
    return Deployment(shlex.split(start)[1:], environment, "%d", "%S/anybank")


def compose() -> Deployment:
    worker = read_yaml("compose.yaml")["services"]["worker"]
    return Deployment(
        worker["command"], worker["environment"], "/run/secrets", "/state"
    )


def kubernetes() -> Deployment:
    spec = read_yaml("job.yaml")["spec"]["template"]["spec"]
    (worker,) = spec["containers"]
    environment = {item["name"]: item.get("value", "") for item in worker["env"]}
    return Deployment(worker["args"], environment, "/run/secrets/anybank", "/state")


DEPLOYMENTS = (systemd, compose, kubernetes)
