"""The names of fields that a plan may be allowed to lose."""

from __future__ import annotations

from collections.abc import Collection

from ...declaration.consent import accepted_names
from ...errors import ConfigurationError, InvalidInput
from ...model.customers import NewCustomer


def parse_accept_loss(accept_loss: Collection[str] | str) -> frozenset[str]:
    """Return what may be lost; raises ConfigurationError for a name that is no field's."""
    try:
        return accepted_names(NewCustomer, accept_loss)
    except InvalidInput as unknown:
        raise ConfigurationError(str(unknown)) from None
