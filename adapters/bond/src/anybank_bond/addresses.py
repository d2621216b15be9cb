"""Customers' addresses at Bond: reading and writing."""

from __future__ import annotations

from attrs import frozen

from anybank.adapter.converter import named, read, read_created, read_each
from anybank.adapter.wire import Json, present, segment
from anybank.model.addresses import Address, AddressKind
from anybank.model.pages import Page
from anybank.model.values import unvalidated

from .rules import ADDRESS

_KIND = ADDRESS["kind"]
_NAMES = named(ADDRESS)


@frozen(kw_only=True)
class WireAddress:
    """An address as Bond sends it; inside a customer it may lack an id."""

    address_id: str | None = None
    address_type: str | None = None
    street: str | None = None
    street2: str | None = None
    city: str | None = None
    state: str | None = None
    zip_code: str | None = None
    country: str | None = None
    is_primary: bool | None = None
    deliverability: str | None = None


@frozen(kw_only=True)
class WireAddressId:
    """The id that a response about one address must have."""

    address_id: str


def address(raw: Json) -> Address:
    """Read the response about one address; raise UnexpectedResponse without an id."""
    read(raw, WireAddressId)
    return neutral(read(raw, WireAddress))


def created(raw: Json) -> Address:
    """Read the response to a create, whatever else in it cannot be read."""
    return read_created(raw, WireAddress, _build, _NAMES)


def addresses(raw: Json) -> Page[Address]:
    """Read the addresses of a customer."""
    # "Managing customer addresses" does not show the response: a bare list and an object
    # with the member `addresses` are both read.
    records = raw.get("addresses") if isinstance(raw, dict) else raw
    return read_each(records, WireAddress, _build, _NAMES)


def neutral(wire: WireAddress) -> Address:
    """Return the neutral address of a wire address."""
    return unvalidated(
        Address,
        id=wire.address_id,
        kind=_KIND.member(wire.address_type or "") or AddressKind.UNKNOWN,
        native_kind=wire.address_type,
        line1=wire.street,
        line2=wire.street2,
        city=wire.city,
        state=wire.state,
        postal_code=wire.zip_code,
        country=wire.country,
        primary=wire.is_primary,
        deliverability=wire.deliverability,
    )


def _build(wire: WireAddress, _: Json) -> Address:
    return neutral(wire)


def new_address(new: Address) -> Json:
    """Write an address."""
    # The later edition of "Managing customer addresses" calls is_primary deprecated; the
    # table of "Managing customers" requires it, so it is always sent.
    return present(
        address_type=_KIND.word(new.kind),
        street=new.line1,
        street2=new.line2,
        city=new.city,
        state=new.state,
        zip_code=new.postal_code,
        country=new.country,
        is_primary=bool(new.primary),
    )


def path(customer_id: str, address_id: str | None = None) -> str:
    """Return the path of a customer's addresses, or of one of them."""
    # "Managing customer addresses" lists the operations without their paths. These follow
    # the paths of business addresses in the API reference.
    addresses = f"/customers/{segment(customer_id)}/addresses"
    return addresses if address_id is None else f"{addresses}/{segment(address_id)}"
