"""Customers' addresses at Bond: reading and writing."""

from __future__ import annotations

from attrs import frozen

from anybank.adapter.converter import Reader, neutral, read, words_of, write, writes
from anybank.adapter.wire import Json, segment
from anybank.declaration import optional, read_only, required
from anybank.model.addresses import Address, AddressKind
from anybank.model.pages import Page
from anybank.model.values import unvalidated

from .sources import MANAGING


@writes(Address, MANAGING)
@frozen(kw_only=True)
class WireAddress:
    """An address as Bond sends it; inside a customer it may lack an id."""

    address_id: str | None = neutral("id", read_only())
    # Bond has two types of address: a home is written as PHYSICAL and read back as such.
    address_type: str | None = neutral(
        "kind",
        required(
            values={
                AddressKind.PHYSICAL: "PHYSICAL",
                AddressKind.MAILING: "MAILING",
                AddressKind.HOME: "PHYSICAL",
            }
        ),
    )
    street: str | None = neutral(
        "line1",
        required(
            length=(1, 40),
            pattern=r"[\w .,#-]+",
            pattern_note="letters, digits, spaces and . , _ - #",
        ),
    )
    # An empty `street2` occurs in the samples and means that there is none.
    street2: str | None = neutral("line2", optional(length=(1, 40)))
    city: str | None = neutral("city", required(length=(2, 40)))
    # "Managing customers" allows 20 characters outside the US, "Managing customer
    # addresses" 40. The shorter limit is safe on both endpoints.
    state: str | None = neutral(
        "state",
        required(
            pattern=r".{1,20}",
            pattern_in={"US": r"[A-Z]{2}"},
            pattern_note="two capital letters in the US, elsewhere up to 20 characters",
        ),
    )
    zip_code: str | None = neutral(
        "postal_code",
        required(
            pattern=r".{2,20}",
            pattern_in={"US": r"[0-9]{5}(-[0-9]{4})?"},
            pattern_note="NNNNN or NNNNN-NNNN in the US, elsewhere 2 to 20 characters",
        ),
    )
    country: str | None = neutral("country", required())
    # The later edition calls is_primary deprecated. This edition requires it.
    is_primary: bool | None = neutral("primary", required())
    # The samples of "Managing customers" have deliverable, undeliverable and
    # deliverable_missing_unit; some addresses have none.
    deliverability: str | None = neutral("deliverability", read_only())


@frozen(kw_only=True)
class WireAddressId:
    """The id that a response about one address must have."""

    address_id: str


def address(raw: Json) -> Address:
    """Read the response about one address; raise UnexpectedResponse without an id."""
    read(raw, WireAddressId)
    return ADDRESSES.read(raw)


def created(raw: Json) -> Address:
    """Read the response to a create, whatever else in it cannot be read."""
    return ADDRESSES.created(raw)


def addresses(raw: Json) -> Page[Address]:
    """Read the addresses of a customer."""
    # "Managing customer addresses" does not show the response: a bare list and an object
    # with the member `addresses` are both read.
    records = raw.get("addresses") if isinstance(raw, dict) else raw
    return ADDRESSES.each(records)


def neutral_address(wire: WireAddress) -> Address:
    """Return the neutral address of a wire address.

    It is written out, as is that of a customer: `build` takes a half longer, and a listing
    has many addresses.
    """
    return unvalidated(
        Address,
        id=wire.address_id,
        kind=_KINDS.get(wire.address_type or "", AddressKind.UNKNOWN),
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
    return neutral_address(wire)


_KINDS = words_of(WireAddress, "kind")
ADDRESSES = Reader(WireAddress, Address, _build)


def new_address(new: Address) -> Json:
    """Write an address."""
    # The later edition of "Managing customer addresses" calls is_primary deprecated; the
    # table of "Managing customers" requires it, so it is always sent.
    return {"is_primary": False, **write(WireAddress, new)}


def path(customer_id: str, address_id: str | None = None) -> str:
    """Return the path of a customer's addresses, or of one of them."""
    # "Managing customer addresses" lists the operations without their paths. These follow
    # the paths of business addresses in the API reference.
    addresses = f"/customers/{segment(customer_id)}/addresses"
    return addresses if address_id is None else f"{addresses}/{segment(address_id)}"
