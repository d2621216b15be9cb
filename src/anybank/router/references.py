"""By what the lost create of a key is looked up: a reference, or an idempotency key."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol, TypeAlias

from attrs import evolve

from ..errors import Effect, InvalidInput, Issue
from ..model.customers import NewCustomer
from ..model.features import Feature
from .directory import DirectoryEntry

if TYPE_CHECKING:
    from ..declaration.idempotency import Idempotency
    from ..declaration.preflight import Prepared
    from ..declaration.vocabulary import Capabilities

Loss: TypeAlias = "Collection[str]"


class _Declared(Protocol):
    """A bank of either kind."""

    @property
    def capabilities(self) -> Capabilities: ...


def with_references(
    bank: _Declared,
    new: NewCustomer | Prepared[NewCustomer],
    key: str,
    idempotency_key: str | None,
) -> tuple[NewCustomer | Prepared[NewCustomer], str | None]:
    """Return a customer and the idempotency key of its create, so that it can be found.

    They are stored before the create is sent: after a crash there is no error that names
    them.
    """
    rule = _idempotency(bank)
    if rule.takes_key and idempotency_key is None:
        idempotency_key = str(uuid.uuid4())
    # A Prepared value is sent as it is.
    if isinstance(new, NewCustomer) and rule.lookup_field is not None:
        return evolve(new, external_id=new.external_id or key), idempotency_key
    return new, idempotency_key


def reference_of(new: NewCustomer | Prepared[NewCustomer]) -> str | None:
    """Return the `external_id` of a customer, also of one that is Prepared."""
    return new.external_id if isinstance(new, NewCustomer) else new.value.external_id


def lookup_key(bank: _Declared, entry: DirectoryEntry) -> str | None:
    """Return the idempotency key by which the bank lists, or None if it does not."""
    return entry.idempotency_key if _idempotency(bank).listed_by_key else None


def require_same_reference(entry: DirectoryEntry, new: NewCustomer) -> None:
    """Raise InvalidInput for a customer with another `external_id` than the create's."""
    if new.external_id not in (None, entry.reference):
        rule = "the external_id of the create"
        message = f"must be {rule}, or another customer would be found"
        raise InvalidInput(
            [Issue("external_id", Effect.BLOCKED, rule, "anybank", message)]
        )


def _idempotency(bank: _Declared) -> Idempotency:
    return bank.capabilities.feature(Feature.CUSTOMERS_CREATE).idempotency
