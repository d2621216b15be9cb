"""The declaration of a bank as a command reads it: with the policies that are set."""

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
"""What stands for a credential where nothing is sent."""


def declaration(name: str) -> Capabilities:
    """Return what a bank declares under the policies of the environment.

    No credential is needed or read. Raises ConfigurationError.
    """
    kind = find(name).adapter
    given = {each.name: _PLACEHOLDER for each in options(kind) if _is_secret(each)}
    engine, _ = engine_and_endpoint(kind, Common(), given)
    return engine.adapter.capabilities


def options(kind: type[Adapter]) -> tuple[Any, ...]:
    """Return the attrs fields of what a user of an adapter configures."""
    return tuple(attrs.fields(kind.Options))


def _is_secret(option: Any) -> bool:
    return CREDENTIAL in option.metadata


def policies_set(name: str) -> Iterator[str]:
    """Yield the variables of the environment that set a policy of a bank."""
    for each in options(find(name).adapter):
        named = variable(name, each.name)
        if not _is_secret(each) and named in os.environ:
            yield named
