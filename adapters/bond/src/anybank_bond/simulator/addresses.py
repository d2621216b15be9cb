"""Addresses, inside customers and as a resource of their own (bond.md §3.1, §3.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import answer_json

from . import schemas, views
from .changes import Changes, locked
from .errors import refused
from .records import Address, Customer
from .stamps import naive, offset
from .world import World, body_of

_NO_PRIMARY = "At least one primary address is required."


def new_address(world: World, brand_id: str, sent: Mapping[str, Any]) -> Address:
    """Create an address from the members sent."""
    return Address(
        id=world.uuid(),
        brand_id=brand_id,
        created=world.clock(),
        fields=_fields(sent),
        deliverability=world.switches.deliverability,
    )


def merged(
    world: World, customer: Customer, sent: list[Mapping[str, Any]]
) -> list[Address]:
    """Replace all addresses; an unchanged address keeps its id (§3.6)."""
    old = list(customer.addresses)
    addresses = []
    for item in sent:
        # A PATCH has no address ids, so equal content identifies an address.
        same = [one for one in old if one.fields == _fields(item)]
        old = [one for one in old if one not in same[:1]]
        addresses.append(
            same[0] if same else new_address(world, customer.brand_id, item)
        )
    return addresses


def _fields(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the known fields; an absent second line is shown as "" ("Managing customers")."""
    fields = {"street2": "", **sent}
    return {name: fields[name] for name in schemas.ADDRESS.rules}


@frozen(repr=False, eq=False)
class Addresses:
    """The addresses of a customer as a resource of its own."""

    world: World
    find: Callable[[Request, str], Customer]
    change: Callable[[Customer, Changes], None]

    def create(self, request: Request, customer_id: str) -> Response:
        """Answer POST /customers/{id}/addresses."""
        customer = self.find(request, customer_id)
        body = body_of(request)
        self._refuse_faults(body)
        address = new_address(self.world, customer.brand_id, body)
        self._replace(customer, [*customer.addresses, address])
        return answer_json(201, views.address(address, offset))

    def list(self, request: Request, customer_id: str) -> Response:
        """Answer GET /customers/{id}/addresses."""
        customer = self.find(request, customer_id)
        return answer_json(
            200, [views.address(one, naive) for one in customer.addresses]
        )

    def get(self, request: Request, customer_id: str, address_id: str) -> Response:
        """Answer GET /customers/{id}/addresses/{address_id}."""
        customer = self.find(request, customer_id)
        return answer_json(200, views.address(_address(customer, address_id), naive))

    def update(self, request: Request, customer_id: str, address_id: str) -> Response:
        """Answer PATCH /customers/{id}/addresses/{address_id}, which may be partial."""
        customer = self.find(request, customer_id)
        address, body = _address(customer, address_id), body_of(request)
        if isinstance(body, Mapping):
            # The page does not say whether the update of an address is partial. Merging
            # serves a client that sends the whole address and one that sends a part.
            body = {**address.fields, **body}
        self._refuse_faults(body)
        new = evolve(address, fields=_fields(body))
        self._replace(
            customer, [new if one is address else one for one in customer.addresses]
        )
        return answer_json(200, views.address(new, offset))

    def delete(self, request: Request, customer_id: str, address_id: str) -> Response:
        """Answer DELETE /customers/{id}/addresses/{address_id} with the deleted address."""
        customer = self.find(request, customer_id)
        address = _address(customer, address_id)
        self._replace(
            customer, [one for one in customer.addresses if one is not address]
        )
        return answer_json(200, views.address(address, naive))

    def _refuse_faults(self, body: Any) -> None:
        strict = self.world.switches.refuse_unknown_fields
        if problems := schemas.ADDRESS.problems(body, strict=strict):
            raise refused(400, "edit_customer_schema", problems)

    def _replace(self, customer: Customer, addresses: Sequence[Address]) -> None:
        if customer.passed and self.world.switches.strict_kyc:
            raise locked(["addresses"])  # row 5
        # "Managing customers": at least one primary address is required.
        if not any(address.primary for address in addresses):
            raise refused(400, "edit_customer_schema", {"addresses": [_NO_PRIMARY]})
        self.change(customer, Changes.between(customer, {}, [*addresses]))


def _address(customer: Customer, address_id: str) -> Address:
    for address in customer.addresses:
        if address.id == address_id:
            return address
    raise refused(404, "address_dne", "Address does not exist.")
