"""Customers: as a vendor returns them, new ones, and changes to existing ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from ..errors import Issue
from ..sensitive import DocumentLocatorNumber, Personal, Sensitive, Ssn, shielded_class
from . import samples
from ._fields import (
    calendar_date,
    email,
    hidden,
    instance_of,
    masked,
    masks_itself,
    personal,
    personal_metadata,
    plain,
    provider_extras,
    sequence_of,
    text,
    validate,
)
from .addresses import Address
from .government_ids import GovernmentId
from .kyc_evidence import KycEvidence
from .missing import ExplainsMissing
from .phones import Phone
from .pydantic_support import PydanticSupport
from .spellings import Spelling, read_text, read_texts
from .unset import UNSET, Unset


class Origin(StrEnum):
    """Where the fields of a Customer come from: a response, or the create request."""

    READ = "read"
    COMPOSED = "composed"


class CustomerStatus(StrEnum):
    """Whether the vendor has accepted a customer and still serves this customer."""

    PENDING = "pending"
    """The vendor has not decided yet: `customers.get` with the same id follows it."""
    ACTIVE = "active"
    DENIED = "denied"
    """The vendor has refused the person. `KycCheck.documents` says what it objects to."""
    DISABLED = "disabled"
    ARCHIVED = "archived"
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class Customer(ExplainsMissing, PydanticSupport, Personal):
    """A customer as the vendor returns it. Fields that it never returns are None or empty.

    `status` is None if the vendor has no status of a customer; a create that the vendor
    denies returns a customer with the status DENIED. `native_status` is the vendor's word.
    `full_name` is set if the vendor returns the name as one string. `brand_id` is the
    vendor's id of your brand, under which the customer was created. `raw` is the vendor's
    own object with all its members. A social security number is in `ssn`, and the other
    ids that the vendor returns are in `government_ids`. `origin` is COMPOSED if the
    response to a create contained only an id and the customer was not read back; the other
    fields are then those that were sent. `issues` lists the changes of a create or update.
    `unreadable` names the fields whose values could not be read (`date_of_birth`,
    `addresses[0].postal_code`); these are None or empty. A listing and a create return
    such a customer, and `get` raises UnexpectedResponse. `never_returned` names the fields
    that the vendor's API never returns; `why_missing` tells the three cases apart.
    """

    id: str
    provider: str
    first_name: str | None = personal()
    middle_name: str | None = personal()
    last_name: str | None = personal()
    preferred_name: str | None = personal()
    full_name: str | None = personal()
    date_of_birth: date | None = personal()
    ssn: Ssn | None = masks_itself()
    government_ids: Sequence[GovernmentId] = masks_itself(default=())
    document_locator_number: DocumentLocatorNumber | None = masks_itself()
    kyc_evidence: Sequence[KycEvidence] = masks_itself(default=())
    emails: Sequence[str] = personal(default=())
    phones: Sequence[Phone] = masks_itself(default=())
    addresses: Sequence[Address] = masks_itself(default=())
    account_ids: Sequence[str] = ()
    external_id: str | None = None
    brand_id: str | None = None
    status: CustomerStatus | None = None
    native_status: str | None = None
    created_at: datetime | None = None
    origin: Origin = field(default=Origin.READ, eq=False)
    issues: Sequence[Issue] = hidden(default=())
    unreadable: Sequence[str] = ()
    never_returned: Sequence[str] = hidden(default=())
    # An empty dict by default, not None: COMPOSED customers have no record of the
    # vendor.
    raw: Mapping[str, Any] = field(factory=dict, repr=False, eq=False)

    @property
    def name(self) -> str | None:
        """The full name as the vendor returns it, or first, middle and last name joined."""
        return self.full_name or _joined(self)

    @property
    def email(self) -> str | None:
        """The first e-mail address."""
        return self.emails[0] if self.emails else None

    @property
    def phone(self) -> Phone | None:
        """The first phone."""
        return self.phones[0] if self.phones else None

    @property
    def address(self) -> Address | None:
        """The address that is marked as primary, or the first one."""
        marked = (address for address in self.addresses if address.primary)
        return next(marked, self.addresses[0] if self.addresses else None)


def _joined(person: Customer | NewCustomer) -> str | None:
    parts = (person.first_name, person.middle_name, person.last_name)
    return " ".join(filter(None, parts)) or None


def to_ssn(value: Ssn | str | None) -> Any:
    """Convert a string to an Ssn, so that it is masked from now on."""
    return Ssn(value) if isinstance(value, str) else value


def _to_ssn_or_unset(value: Ssn | str | None | Unset) -> Any:
    return Ssn(value) if isinstance(value, str) else value


def _to_locator(value: DocumentLocatorNumber | int | str | None) -> Any:
    return _to_locator_or_unset(value)


def _to_locator_or_unset(
    value: DocumentLocatorNumber | int | str | None | Unset,
) -> Any:
    if isinstance(value, DocumentLocatorNumber) or value is None or value is UNSET:
        return value
    content: Any = value
    return DocumentLocatorNumber(
        content.reveal() if isinstance(content, Sensitive) else content
    )


_address_list = sequence_of(instance_of(Address))


def _addresses(value: object) -> str | None:
    if rule := _address_list(value):
        return rule
    primaries = [address for address in _as_addresses(value) if address.primary]
    return "a list with at most one primary address" if len(primaries) > 1 else None


def _as_addresses(value: Any) -> tuple[Address, ...]:
    return tuple(value)


_emails = sequence_of(email)
_phones = sequence_of(instance_of(Phone))


def read_full_ssn(value: object) -> Ssn:
    """Read a full number from a file; raises ValueError for a mask or token."""
    ssn = Ssn(read_text(value))
    if ssn.is_masked:
        raise ValueError
    return ssn


def _read_emails(value: object) -> Sequence[str]:
    texts = read_texts(value)
    if _emails(texts):
        raise ValueError
    return texts


def _read_phones(value: object) -> Sequence[Phone]:
    return tuple(map(Phone, read_texts(value)))


SSN = personal_metadata(
    instance_of(Ssn),
    sample=samples.ssn,
    spelling=Spelling(read_full_ssn, "nine digits, with or without dashes"),
)
"""The metadata of a social security number, wherever a value has one."""
_LOCATOR = personal_metadata(
    None,
    sample=samples.locator,
    spelling=Spelling(DocumentLocatorNumber, "a whole number without a leading zero"),
)
_EMAILS = personal_metadata(
    _emails,
    sample=samples.emails,
    spelling=Spelling(_read_emails, "e-mail addresses, separated by semicolons"),
)
_PHONES = personal_metadata(
    _phones,
    spelling=Spelling(
        _read_phones, "numbers such as +15551112222, separated by semicolons"
    ),
)
_ADDRESSES = personal_metadata(_addresses)
"""The fields of an address have their own metadata, because a file spells each one."""
_GOVERNMENT_IDS = personal_metadata(sequence_of(instance_of(GovernmentId)))
_EVIDENCE = personal_metadata(sequence_of(instance_of(KycEvidence)))


@shielded_class
@frozen(kw_only=True)
class NewCustomer(PydanticSupport, Personal):
    """A person to create as a customer.

    `ssn` is the short way to pass a social security number; `government_ids` takes every
    kind of id, and an SSN there is written as `ssn`. Required fields differ by vendor;
    `bank.check(new)` lists what is missing. `external_id` is your own id, by which a create
    without a response can be looked up. Raises InvalidInput with an issue for every
    ill-formed field.
    """

    first_name: str | None = personal(text, sample=samples.word("Quillow"))
    middle_name: str | None = personal(text, sample=samples.word("Zebedix"))
    last_name: str | None = personal(text, sample=samples.word("Vanterpo"))
    preferred_name: str | None = personal(text, sample=samples.word("Oswinka"))
    date_of_birth: date | None = personal(calendar_date, sample=samples.birth_date)
    ssn: Ssn | None = field(default=None, converter=to_ssn, metadata=SSN)
    government_ids: Sequence[GovernmentId] = field(default=(), metadata=_GOVERNMENT_IDS)
    document_locator_number: DocumentLocatorNumber | None = field(
        default=None, converter=_to_locator, metadata=_LOCATOR
    )
    kyc_evidence: Sequence[KycEvidence] = field(default=(), metadata=_EVIDENCE)
    emails: Sequence[str] = field(default=(), repr=masked, metadata=_EMAILS)
    phones: Sequence[Phone] = field(default=(), metadata=_PHONES)
    addresses: Sequence[Address] = field(default=(), metadata=_ADDRESSES)
    external_id: str | None = plain(text, sample=samples.reference)
    extras: Mapping[str, object] = provider_extras()

    def __attrs_post_init__(self) -> None:
        validate(self)

    @property
    def name(self) -> str | None:
        """First, middle and last name joined."""
        return _joined(self)


@shielded_class
@frozen(kw_only=True)
class CustomerChanges(PydanticSupport, Personal):
    """Changes to a customer. UNSET leaves a field alone, and None clears it.

    `emails`, `phones`, `addresses`, `government_ids` and `kyc_evidence` replace the whole
    list. Raises InvalidInput with an issue for every ill-formed field.
    """

    first_name: str | None | Unset = personal(text, UNSET)
    middle_name: str | None | Unset = personal(text, UNSET)
    last_name: str | None | Unset = personal(text, UNSET)
    preferred_name: str | None | Unset = personal(text, UNSET)
    date_of_birth: date | None | Unset = personal(calendar_date, UNSET)
    ssn: Ssn | None | Unset = field(
        default=UNSET, converter=_to_ssn_or_unset, metadata=SSN
    )
    government_ids: Sequence[GovernmentId] | Unset = field(
        default=UNSET, metadata=_GOVERNMENT_IDS
    )
    document_locator_number: DocumentLocatorNumber | None | Unset = field(
        default=UNSET, converter=_to_locator_or_unset, metadata=_LOCATOR
    )
    kyc_evidence: Sequence[KycEvidence] | Unset = field(
        default=UNSET, metadata=_EVIDENCE
    )
    emails: Sequence[str] | Unset = field(default=UNSET, repr=masked, metadata=_EMAILS)
    phones: Sequence[Phone] | Unset = field(default=UNSET, metadata=_PHONES)
    addresses: Sequence[Address] | Unset = field(default=UNSET, metadata=_ADDRESSES)
    external_id: str | None | Unset = plain(text, UNSET)
    extras: Mapping[str, object] = provider_extras()

    def __attrs_post_init__(self) -> None:
        validate(self)
