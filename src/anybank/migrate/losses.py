"""The names of fields that a plan may be allowed to lose."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

import attrs

from ..errors import ConfigurationError
from ..model.addresses import Address
from ..model.customers import NewCustomer
from ..model.phones import Phone
from ..preflight import NOT_RULED, without_indexes

_PARTS: Mapping[str, type] = {"addresses": Address, "phones": Phone}


def losses(given: Collection[str] | str) -> frozenset[str]:
    """Return what may be lost; raises ConfigurationError for a name that is no field's."""
    names = frozenset([given] if isinstance(given, str) else given)
    known = {"all", *_fields()}
    for name in sorted(names):
        if without_indexes(name) not in known:
            near = get_close_matches(name, known, 1)
            raise ConfigurationError(
                f"accept_loss: {name!r} is no field of a customer"
                + (f": did you mean {near[0]}?" if near else "; `all` is every one")
            )
    return names


def _fields() -> Iterator[str]:
    yield from attrs.fields_dict(NewCustomer)
    for name, kind in _PARTS.items():
        for part in attrs.fields(kind):
            if part.name not in NOT_RULED:
                yield f"{name}.{part.name}"
