"""The effective changes of a PATCH, and the fields that KYC locks (§3.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from attrs import frozen

from anybank.sensitive import Ssn

from .errors import Refused, refused
from .records import TEXTS, Address, Customer

_OPEN_AFTER_KYC = frozenset({"phone", "phone_country_code", "email"})  # rows 5 and 6
_LOCKED = "May not be changed after KYC has passed."


@frozen(kw_only=True, repr=False)
class Changes:
    """The new values that differ from the old ones."""

    texts: Mapping[str, str]
    ssn: Ssn | None
    addresses: list[Address] | None
    locks_address: bool = False

    @classmethod
    def between(
        cls,
        customer: Customer,
        body: Mapping[str, Any],
        addresses: list[Address] | None,
    ) -> Self:
        """Compare a customer with a PATCH and the addresses that result from it."""
        new = set(TEXTS) & body.keys()
        ssn = Ssn(body["ssn"]) if "ssn" in body else None
        # A PATCH may repeat the stored values. Only a difference is a change, so that a
        # client which sends all fields after KYC is refused for what it changes and
        # nothing else.
        same = addresses is None or _content(addresses) == _content(customer.addresses)
        return cls(
            texts={
                name: body[name]
                for name in new
                if customer.fields.get(name) != body[name]
            },
            ssn=None if ssn == customer.ssn else ssn,
            addresses=None if same else addresses,
            locks_address=not same
            and _primary(addresses) != _primary(customer.addresses),
        )

    @property
    def names(self) -> set[str]:
        """The fields that change."""
        others = {"ssn": self.ssn, "addresses": self.addresses}
        return {*self.texts, *(name for name in others if others[name] is not None)}

    @property
    def forbidden(self) -> set[str]:
        """The fields among them that may not change after KYC."""
        # "Managing customers": secondary addresses may change after KYC (row 5).
        secondary = set() if self.locks_address else {"addresses"}
        return self.names - _OPEN_AFTER_KYC - secondary

    def apply(self, customer: Customer) -> None:
        """Change the customer."""
        customer.fields |= self.texts
        customer.ssn = self.ssn or customer.ssn
        if self.addresses is not None:
            customer.addresses = self.addresses


def locked(names: Iterable[str]) -> Refused:
    """Return the refusal of changes after KYC, by field."""
    return refused(403, "kyc_customer", {name: [_LOCKED] for name in sorted(names)})


def _content(addresses: list[Address] | None) -> list[tuple[str, Any]]:
    return [(one.id, one.fields) for one in addresses or ()]


def _primary(addresses: list[Address] | None) -> list[tuple[str, Any]]:
    return sorted(
        _content([one for one in addresses or () if one.primary]),
        key=lambda content: content[0],
    )
