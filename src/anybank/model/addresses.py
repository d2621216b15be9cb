"""Postal addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from attrs import frozen

from ..sensitive import Personal, shielded_class
from . import samples
from ._fields import (
    assigned,
    boolean,
    hidden,
    instance_of,
    personal,
    plain,
    provider_extras,
    text,
    validate,
)
from .countries import country
from .pydantic_support import PydanticSupport
from .spellings import COUNTRY, member_of


class AddressKind(StrEnum):
    """What an address is for."""

    PHYSICAL = "physical"
    MAILING = "mailing"
    HOME = "home"
    WORK = "work"
    OTHER = "other"
    UNKNOWN = "unknown"


@shielded_class
@frozen(kw_only=True)
class Address(PydanticSupport, Personal):
    """A postal address.

    `country` is ISO 3166-1 alpha-2. With `primary=None` the other addresses decide, and a
    single address is the primary one. `id` is the vendor's and is not sent by a create.
    `native_kind` is the vendor's word for `kind`. `deliverability` is the vendor's word for
    whether mail arrives at the address, and is never sent. `unreadable` names the fields
    that could not be read. Required fields differ by vendor (`bank.check`). Raises InvalidInput.
    """

    id: str | None = assigned(text)
    kind: AddressKind = plain(
        instance_of(AddressKind), AddressKind.PHYSICAL, spelling=member_of(AddressKind)
    )
    line1: str | None = personal(text, sample=samples.street)
    line2: str | None = personal(text, sample=samples.word("Suite Yarrow"))
    city: str | None = personal(text, sample=samples.word("Xanthoburg"))
    state: str | None = plain(text)
    postal_code: str | None = personal(text, sample=samples.postal_code)
    country: str | None = plain(country, spelling=COUNTRY)
    primary: bool | None = plain(boolean)
    deliverability: str | None = assigned(text)
    native_kind: str | None = hidden()
    unreadable: Sequence[str] = hidden(default=())
    extras: Mapping[str, object] = provider_extras()

    def __attrs_post_init__(self) -> None:
        validate(self)
