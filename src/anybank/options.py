"""How an adapter declares what a user configures: credentials and policies.

An adapter's `Options` is a frozen attrs class of these; each field is a keyword of `Bank`
and an environment variable `ANYBANK_<PROVIDER>_<FIELD>`.
"""

from __future__ import annotations

from typing import Any

import attrs
from attrs import frozen

from .sensitive import Sensitive

HELP = "anybank.help"
CREDENTIAL = "anybank.credential"


@frozen(kw_only=True)
class NoOptions:
    """The options of an adapter that needs none."""


def credential(help: str) -> Any:
    """Declare a credential: required, and masked wherever it is shown.

    A user may give a callable instead, which is called before each request.
    """
    return attrs.field(
        converter=_masked,
        validator=_require_secret,
        metadata={HELP: help, CREDENTIAL: True},
    )


def option(help: str, default: Any = None, *, values: tuple[Any, ...] = ()) -> Any:
    """Declare a policy with its default, and the values it may have."""
    check = attrs.validators.in_(values) if values else None
    return attrs.field(default=default, validator=check, metadata={HELP: help})


def _masked(value: Any) -> Any:
    return Sensitive(value) if isinstance(value, str) else value


def _require_secret(_: object, field: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, Sensitive) and not callable(value):
        raise TypeError("neither a text nor a function", field)


def variable(provider: str, name: str) -> str:
    """Return the environment variable of an option."""
    return f"ANYBANK_{provider}_{name}".upper().replace("-", "_")
