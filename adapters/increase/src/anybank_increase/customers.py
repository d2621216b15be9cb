"""Customers at Increase, which are entities: reading and writing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial

from attrs import frozen

from anybank.adapter.converter import Reader, named
from anybank.adapter.own_fields import with_own_fields
from anybank.adapter.wire import Json, present
from anybank.model.addresses import Address, AddressKind
from anybank.model.customers import (
    Customer,
    CustomerChanges,
    CustomerStatus,
    NewCustomer,
)
from anybank.model.government_id_numbers import GovernmentIdNumber
from anybank.model.government_ids import GovernmentId, GovernmentIdKind
from anybank.model.kyc_evidence import KycEvidence
from anybank.model.unset import UNSET
from anybank.model.values import unvalidated
from anybank.sensitive import Ssn

from .pages import Resource
from .rules import ADDRESS, CUSTOMER, EVIDENCE, GOVERNMENT_ID, METHODS

_SSN = METHODS[GovernmentIdKind.SSN]
ARCHIVED = "archived"
_OF_ENTITY = ("created_at", "status", "kyc_evidence")
"""The fields that Increase has next to the person and not inside."""
# The three statuses of an entity.
# https://increase.com/documentation/api/entities, the schema `entity`.
STATUSES: Mapping[str, CustomerStatus] = {
    "active": CustomerStatus.ACTIVE,
    "disabled": CustomerStatus.DISABLED,
    ARCHIVED: CustomerStatus.ARCHIVED,
}
# https://increase.com/documentation/entity-validation
# An entity is active from the start. Its validation says whether Increase accepts it: an
# invalid one cannot open accounts until an update corrects it.
VALIDATIONS: Mapping[str, CustomerStatus] = {
    "pending": CustomerStatus.PENDING,
    "valid": CustomerStatus.ACTIVE,
    "invalid": CustomerStatus.DENIED,
}
_NAMES = {
    **named(
        {name: rule for name, rule in CUSTOMER.items() if name not in _OF_ENTITY},
        "natural_person.",
    ),
    **named(ADDRESS, "natural_person.address.", "addresses[0]."),
    "created_at": "created_at",
    "status": "status",
    "third_party_verification": "kyc_evidence",
    **named(EVIDENCE, "third_party_verification.", "kyc_evidence[0]."),
    "validation": "status",
    # A field that cannot be read is reported under its neutral name: of these four
    # structures the name alone is read.
    "corporation": "full_name",
    "joint": "full_name",
    "trust": "full_name",
    "government_authority": "full_name",
}
"""The neutral name of each field in Increase's entities."""


@frozen(kw_only=True)
class WireAddress:
    """An address as Increase sends it."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None


@frozen(kw_only=True)
class WireIdentification:
    """The document that identifies a person, with the end of its number."""

    method: str | None = None
    # The whole number is never returned.
    number_last4: str | None = None


@frozen(kw_only=True)
class WirePerson:
    """A natural person as Increase sends it."""

    name: str | None = None
    date_of_birth: date | None = None
    address: WireAddress | None = None
    identification: WireIdentification | None = None


@frozen(kw_only=True)
class WireNamed:
    """An entity that is not a natural person. Only the name is read."""

    name: str | None = None


@frozen(kw_only=True)
class WireDecision:
    """The validation of an entity, without its issues."""

    status: str | None = None


@frozen(kw_only=True)
class WireVerification:
    """The verification of an entity by another vendor."""

    vendor: str | None = None
    reference: str | None = None


@frozen(kw_only=True)
class WireEntity:
    """An entity as Increase sends it.

    Source: https://increase.com/documentation/api/entities
    """

    id: str
    created_at: datetime | None = None
    status: str | None = None
    # Null for an entity of a program without validation.
    validation: WireDecision | None = None
    third_party_verification: WireVerification | None = None
    # One of these five is set, by the structure of the entity.
    natural_person: WirePerson | None = None
    corporation: WireNamed | None = None
    joint: WireNamed | None = None
    trust: WireNamed | None = None
    government_authority: WireNamed | None = None

    @property
    def name(self) -> str | None:
        """The name of the person, corporation, joint owners, trust or authority."""
        others = (self.corporation, self.joint, self.trust, self.government_authority)
        parties = (self.natural_person, *others)
        return next((party.name for party in parties if party is not None), None)


@frozen(kw_only=True)
class WireState:
    """The status of an entity: active, disabled or archived."""

    id: str
    status: str

    @property
    def is_archived(self) -> bool:
        """True where the entity is archived, which is Increase's form of deletion."""
        return self.status == ARCHIVED


def entities(*, split: bool) -> Resource[Customer]:
    """Return the entities as customers; one that is no person has an id and a name only.

    `split` guesses the parts of a name.
    """
    build = partial(_customer, split=split)
    return Resource("/entities", Reader(WireEntity, Customer, build, names=_NAMES))


STATES = Resource("/entities", Reader(WireState, WireState, lambda wire, _: wire))
"""The entities, of which the status alone is read."""


def _customer(wire: WireEntity, raw: Json, *, split: bool) -> Customer:
    person = wire.natural_person
    status, word = _status(wire)
    # A person without the option has a full_name and no parts, rather than wrong ones.
    first, middle, last = _split(person.name if person and split else None)
    return Customer(
        id=wire.id,
        provider="increase",
        # An entity has one name of up to 200 characters.
        full_name=wire.name,
        first_name=first,
        middle_name=middle,
        last_name=last,
        date_of_birth=person.date_of_birth if person else None,
        ssn=_ssn(person),
        government_ids=_government_ids(person),
        kyc_evidence=_evidence(wire.third_party_verification),
        addresses=_addresses(person),
        status=status,
        native_status=word,
        created_at=wire.created_at,
        raw=raw,
    )


def _status(wire: WireEntity) -> tuple[CustomerStatus | None, str | None]:
    """Return the status of an entity, and the word of Increase that decides it."""
    word = wire.status
    if word is None:
        return None, None
    status = STATUSES.get(word, CustomerStatus.UNKNOWN)
    # The status of the entity wins unless it is active: a disabled or archived entity
    # stays so whatever its validation says.
    decision = wire.validation.status if wire.validation else None
    if status is not CustomerStatus.ACTIVE or decision is None:
        return status, word
    decided = VALIDATIONS.get(decision, CustomerStatus.UNKNOWN)
    return decided, word if decided is CustomerStatus.ACTIVE else decision


def _split(name: str | None) -> tuple[str | None, str | None, str | None]:
    # An entity has one name without parts. The first and the last word are a guess, which
    # is made only with the option names="split".
    words = (name or "").split() or [""]
    last = words.pop() if len(words) > 1 else None
    return words[0] or None, " ".join(words[1:]) or None, last


def _ssn(person: WirePerson | None) -> Ssn | None:
    # The number of an ITIN, of a passport or of another document is not an SSN.
    wire = person.identification if person else None
    if wire is None or wire.method != _SSN or not wire.number_last4:
        return None
    return Ssn.read(f"XXX-XX-{wire.number_last4}")


def _government_ids(person: WirePerson | None) -> tuple[GovernmentId, ...]:
    wire = person.identification if person else None
    if wire is None or wire.method is None or wire.method == _SSN:
        return ()
    known = GOVERNMENT_ID["kind"].member(wire.method)
    government_id = unvalidated(
        GovernmentId,
        kind=known or GovernmentIdKind.UNKNOWN,
        native_kind=wire.method,
        number=GovernmentIdNumber.masked(wire.number_last4 or ""),
    )
    return (government_id,)


def _evidence(wire: WireVerification | None) -> tuple[KycEvidence, ...]:
    if wire is None or not wire.vendor or not wire.reference:
        return ()
    evidence = unvalidated(KycEvidence, verifier=wire.vendor, reference=wire.reference)
    return (evidence,)


def _addresses(person: WirePerson | None) -> tuple[Address, ...]:
    if person is None or person.address is None:
        return ()
    wire = person.address
    address = unvalidated(
        Address,
        # "The person's physical address": Increase has no other kind.
        kind=AddressKind.PHYSICAL,
        line1=wire.line1,
        line2=wire.line2,
        city=wire.city,
        state=wire.state,
        postal_code=wire.zip,
        country=wire.country,
        primary=True,
    )
    return (address,)


def new_customer(new: NewCustomer) -> Json:
    """Write a customer to create, as a natural person."""
    body = {
        # "Create an entity": the structure decides which of five objects is required.
        "structure": "natural_person",
        "natural_person": {
            "name": new.name,
            # The schema of an update does not have the date of birth.
            "date_of_birth": new.date_of_birth,
            "identification": _identification(new.ssn, new.government_ids),
            "address": _new_address(new.addresses[0]),
        },
        **_verification(new.kyc_evidence),
    }
    return with_own_fields(body, new.extras.get("increase"))


def changes(changes: CustomerChanges) -> Json:
    """Write the changed fields of a person, and no others."""
    person: dict[str, Json] = {}
    if changes.ssn is not UNSET or changes.government_ids is not UNSET:
        person["identification"] = _identification(
            changes.ssn or None, changes.government_ids or ()
        )
    if changes.addresses is not UNSET:
        person["address"] = _new_address(changes.addresses[0])
    evidence = () if changes.kyc_evidence is UNSET else changes.kyc_evidence
    body = {**present(natural_person=person or None), **_verification(evidence)}
    # An update of the extras alone sends no person: an empty object would be a change
    # of the person.
    own = with_own_fields(body, changes.extras.get("increase"))
    return own or {"natural_person": {}}


def _verification(evidence: Sequence[KycEvidence]) -> dict[str, Json]:
    # "Associate this Entity with the identifier that represents them in that service."
    if not evidence:
        return {}
    verified = {"vendor": evidence[0].verifier, "reference": evidence[0].reference}
    return {"third_party_verification": verified}


def _identification(ssn: Ssn | None, ids: Sequence[GovernmentId]) -> Json:
    # "Create an entity": nine digits without separators, or the number of a document whose
    # details stand under the name of its method.
    # https://increase.com/documentation/api/entities, `natural_person.identification`.
    if ssn is not None or not ids:
        return {"method": _SSN, "number": ssn}
    method = METHODS[ids[0].kind]
    details = present(
        country=ids[0].country,
        state=ids[0].state,
        expiration_date=ids[0].expires,
        description=ids[0].description,
        file_id=ids[0].document_id,
    )
    identification = {"method": method, "number": ids[0].number}
    return {**identification, method: details} if details else identification


def _new_address(address: Address) -> Json:
    return present(
        line1=address.line1,
        line2=address.line2,
        city=address.city,
        state=address.state,
        zip=address.postal_code,
        country=address.country,
    )
