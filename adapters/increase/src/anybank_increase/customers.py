"""Customers at Increase, which are entities: reading and writing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial

from attrs import evolve, frozen

from anybank.adapter.converter import Reader, build, neutral, reads, write, writes
from anybank.adapter.wire import Json
from anybank.declaration import (
    FieldRule,
    Implied,
    optional,
    read_only,
    refuse,
    required,
)
from anybank.model.addresses import Address, AddressKind
from anybank.model.customers import (
    Customer,
    CustomerChanges,
    CustomerStatus,
    NewCustomer,
)
from anybank.model.kyc_evidence import KycEvidence
from anybank.model.phones import Phone

from .identification import WireIdentification
from .pages import Resource
from .sources import CREATE, ENTITY, VALIDATION

ARCHIVED = "archived"
_PERSON = "natural_person"
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

# "Create an entity" allows 200 characters for the name: three parts and two spaces.
_PART = FieldRule(
    read="never",
    update="never",
    length=(1, 66),
    note="sent as part of one name, which is returned as full_name; the option "
    "names='split' guesses the parts",
)
# "Create an entity": a person has one `identification`, with a method and a number.
_ONE_ID = ("ssn", "government_ids")
_SOMETIMES = "required in some countries, which the API reference does not name"
_ELSEWHERE = refuse(changed="not stored: the verifier has it under the reference")


@writes(
    Address,
    CREATE,
    {
        # "Create an entity" asks for the person's physical address and disallows places
        # that receive mail, such as PO boxes: a home or a place of work is accepted, a
        # mailing address is not.
        "kind": refuse(
            "Increase does not accept mailing addresses",
            implied=AddressKind.PHYSICAL,
            values=dict.fromkeys(
                (AddressKind.PHYSICAL, AddressKind.HOME, AddressKind.WORK), "physical"
            ),
        ),
        # A single address is the primary one.
        "primary": refuse(implied=Implied.FIRST),
    },
    refused=["id", "deliverability"],
)
@frozen(kw_only=True)
class WireAddress:
    """An address as Increase sends it.

    "Create an Entity": every text has 1 to 200 characters; line1, city and country are
    required. A PO box is refused here, and makes the validation fail at Increase.
    """

    line1: str | None = neutral("line1", required(length=(1, 200), po_box="refused"))
    line2: str | None = neutral("line2", optional(length=(1, 200), po_box="refused"))
    city: str | None = neutral("city", required(length=(1, 200)))
    state: str | None = neutral(
        "state",
        optional(
            length=(1, 200),
            when=_SOMETIMES,
            pattern_in={"US": "[A-Z]{2}"},
            pattern_note="two capital letters in the US",
        ),
    )
    zip: str | None = neutral("postal_code", optional(length=(1, 200), when=_SOMETIMES))
    # ISO 3166-1 alpha-2.
    country: str | None = neutral("country", required())


@frozen(kw_only=True)
class WirePerson:
    """A natural person as Increase sends it."""

    # An entity has one name of up to 200 characters, without parts.
    name: str | None = neutral("full_name", read_only(source=ENTITY))
    # "Update an entity" has no date of birth.
    date_of_birth: date | None = neutral("date_of_birth", required(update="never"))
    # One object, not a list.
    address: WireAddress | None = neutral("addresses", required(items=(1, 1)))
    identification: WireIdentification | None = neutral(
        "ssn",
        required(read="masked", one_of=_ONE_ID),
        read=WireIdentification.ssn,
        write=WireIdentification.of_ssn,
    )


@frozen(kw_only=True)
class WireNamed:
    """An entity that is not a natural person. Only the name is read."""

    name: str | None = neutral("full_name")


@frozen(kw_only=True)
class WireDecision:
    """The validation of an entity, without its issues."""

    status: str | None = None


@writes(
    KycEvidence,
    CREATE,
    dict.fromkeys(("method", "outcome", "verified_at"), _ELSEWHERE),
)
@frozen(kw_only=True)
class WireVerification:
    """The verification of an entity by another vendor.

    "Associate this Entity with the identifier that represents them in that service."
    """

    # "The vendor that was used to perform the verification."
    vendor: str | None = neutral(
        "verifier",
        required(
            pattern="alloy|middesk|oscilar|persona|taktile",
            pattern_note="one of alloy, middesk, oscilar, persona, taktile",
        ),
    )
    reference: str | None = neutral("reference", required(length=(1, 200)))

    def evidence(self) -> KycEvidence | None:
        """Return the evidence, or None where a part of it is absent."""
        return build(KycEvidence, self) if self.vendor and self.reference else None


@writes(
    NewCustomer,
    CREATE,
    {
        "first_name": evolve(_PART, create="required"),
        "middle_name": _PART,
        "last_name": evolve(_PART, create="required"),
        "government_ids": optional(
            items=(0, 1),
            one_of=_ONE_ID,
            note="an SSN is read as ssn, any other id as a government id",
        ),
        # An entity has no field for the caller's own id: `description` is for display, and
        # `third_party_verification` names another vendor's check.
        "external_id": refuse(
            "pass an idempotency key instead: it makes a create repeatable"
        ),
    },
    # The schema of a person has no other names than `name`, and neither e-mail nor phone;
    # a corporation has an e-mail. Only Sonder Labs asks for a document locator number. An
    # account has an entity_id: the accounts of an entity are listed by it.
    refused=[
        "preferred_name",
        "document_locator_number",
        "emails",
        "phones",
        "account_ids",
    ],
)
# A phone has no place in an entity. The two rules make a refusal name the field.
@writes(Phone, CREATE, refused=["number", "kind"])
@reads(
    Customer,
    ENTITY,
    account_ids="use accounts.list with customer_id",
    brand_id="an entity has no brand",
)
@frozen(kw_only=True)
class WireEntity:
    """An entity as Increase sends it.

    Source: https://increase.com/documentation/api/entities
    """

    id: str
    created_at: datetime | None = neutral("created_at", read_only(source=ENTITY))
    status: str | None = neutral(
        "status",
        read_only(
            note="the status of the entity and, while it is active, of its validation",
            source=f"{ENTITY}; {VALIDATION}",
        ),
    )
    # Null for an entity of a program without validation.
    validation: WireDecision | None = neutral("status")
    # "Create an entity": one object.
    third_party_verification: WireVerification | None = neutral(
        "kyc_evidence", optional(items=(0, 1)), read=WireVerification.evidence
    )
    # One of these five is set, by the structure of the entity.
    natural_person: WirePerson | None = None
    corporation: WireNamed | None = None
    joint: WireNamed | None = None
    trust: WireNamed | None = None
    government_authority: WireNamed | None = None


@frozen(kw_only=True)
class WireState:
    """The status of an entity: active, disabled or archived."""

    id: str
    status: str

    @property
    def is_archived(self) -> bool:
        """True where the entity is archived, which is Increase's form of deletion."""
        return self.status == ARCHIVED


# The identification of a person who cannot be read may be any of the two.
_NAMES = {
    **Reader(WireEntity, Customer).names,
    f"{_PERSON}.government_ids": "government_ids",
}
"""The neutral name of each field in Increase's entities."""


def entities(*, split: bool) -> Resource[Customer]:
    """Return the entities as customers; one that is no person has an id and a name only.

    `split` guesses the parts of a name.
    """
    build = partial(_customer, split=split)
    return Resource("/entities", Reader(WireEntity, Customer, build, names=_NAMES))


STATES = Resource("/entities", Reader(WireState, WireState, lambda wire, _: wire))
"""The entities, of which the status alone is read."""


def _customer(wire: WireEntity, raw: Json, *, split: bool) -> Customer:
    person = wire.natural_person or WirePerson()
    identification = person.identification
    status, word = _status(wire)
    # A person without the option has a full_name and no parts, rather than wrong ones.
    first, middle, last = _parts(person.name) if split and person.name else _NO_PARTS
    return build(
        Customer,
        wire,
        raw,
        provider="increase",
        first_name=first,
        middle_name=middle,
        last_name=last,
        government_ids=identification.government_ids() if identification else (),
        status=status,
        native_status=word,
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


_NO_PARTS = (None, None, None)


def _parts(name: str) -> tuple[str | None, str | None, str | None]:
    # The first and the last word are a guess, which is made only with the option
    # names="split".
    words = name.split() or [""]
    last = words.pop() if len(words) > 1 else None
    return words[0] or None, " ".join(words[1:]) or None, last


def new_customer(new: NewCustomer) -> Json:
    """Write a customer to create, as a natural person."""
    body = write(WireEntity, new, extras="increase")
    person = {"name": new.name, **_document(new), **body[_PERSON]}
    # "Create an entity": the structure decides which of five objects is required.
    return {**body, "structure": _PERSON, _PERSON: person}


def changes(changes: CustomerChanges) -> Json:
    """Write the changed fields of a person, and no others."""
    body = write(WireEntity, changes, extras="increase")
    person = {**_document(changes), **body.get(_PERSON, {})}
    # An update of the extras alone sends no person: an empty object would be a change
    # of the person.
    return {**body, _PERSON: person} if person or not body else body


def _document(value: NewCustomer | CustomerChanges) -> dict[str, Json]:
    """Write the id of a person without an SSN; an SSN replaces it."""
    ids = [
        WireIdentification.of_id(document) for document in value.government_ids or ()
    ]
    return {"identification": ids[0]} if ids else {}
