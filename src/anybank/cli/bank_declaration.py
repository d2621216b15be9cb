"""The declaration of a bank with the policies that the environment sets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import attrs

from .._engine.settings import Common, engine_and_endpoint
from ..adapter.base import Adapter
from ..adapter.options import CREDENTIAL, variable
from ..declaration.vocabulary import Capabilities
from ..plugins import find

_PLACEHOLDER = "none"
"""Stands for each credential, because nothing is sent."""


def declaration(name: str) -> Capabilities:
    """Return what a bank declares under the policies of the environment.

    No credential is needed or read. Raise ConfigurationError for an unknown bank or a
    wrong policy.
    """
    kind = find(name).adapter
    credentials = {
        option.name: _PLACEHOLDER for option in options(kind) if _is_credential(option)
    }
    # The options of the environment are read as a Bank reads them, so `check` and
    # `diff` show what a call would do.
    engine, _ = engine_and_endpoint(kind, Common(), credentials)
    return engine.adapter.capabilities


def options(kind: type[Adapter]) -> tuple[Any, ...]:
    """Return the attrs fields of an adapter's options."""
    return tuple(attrs.fields(kind.Options))


def _is_credential(option: Any) -> bool:
    return CREDENTIAL in option.metadata


def policy_variables(name: str) -> Iterator[str]:
    """Yield the environment variables that are set and change a bank's policy."""
    overrides = variable(name, "overrides")
    if overrides in os.environ:
        yield overrides
    for option in options(find(name).adapter):
        name_of_variable = variable(name, option.name)
        if not _is_credential(option) and name_of_variable in os.environ:
            yield name_of_variable
