"""The fields that a plan may drop."""

from __future__ import annotations

from collections.abc import Collection

from ...declaration.consent import accepted_names
from ...errors import ConfigurationError, InvalidInput
from ...model.customers import NewCustomer


def parse_accept_loss(accept_loss: Collection[str] | str) -> frozenset[str]:
    """Return the names in accept_loss; raises ConfigurationError for an unknown name."""
    try:
        return accepted_names(NewCustomer, accept_loss)
    except InvalidInput as unknown:
        raise ConfigurationError(str(unknown)) from None
