"""The rules of each field at Increase, with the page that states the rule."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from anybank.declaration import (
    Create,
    FieldRule,
    Implied,
    Source,
    field_rules,
    optional,
    read_only,
    required,
)
from anybank.model.accounts import AccountKind, AccountNumberStatus
from anybank.model.addresses import AddressKind
from anybank.model.government_ids import GovernmentIdKind

from .events import SUBSCRIBED

CREATE = Source(
    "Increase API, create an entity",
    address="https://increase.com/documentation/api/entities",
)
UPDATE = "Increase API, update an entity"
ENTITY = "Increase API, the entity"
LIST = "Increase API, list entities"
ARCHIVE = "Increase API, archive an entity"
VALIDATION = Source(
    "Increase API, the entity's validation",
    address="https://increase.com/documentation/entity-validation",
)
KEYS = Source(
    "Increase documentation, idempotency keys",
    address="https://increase.com/documentation/idempotency-keys",
)
ACCOUNTS = Source(
    "Increase API, accounts", address="https://increase.com/documentation/api/accounts"
)
ACCOUNT_NUMBERS = Source(
    "Increase API, account numbers",
    address="https://increase.com/documentation/api/account-numbers",
)
EXTERNAL_ACCOUNTS = Source(
    "Increase API, external accounts",
    address="https://increase.com/documentation/api/external-accounts",
)
WEBHOOKS = Source(
    "Increase documentation, webhooks",
    address="https://increase.com/documentation/webhooks",
)
EVENTS = Source(
    "Increase API, events", address="https://increase.com/documentation/api/events"
)
SUBSCRIPTIONS = Source(
    "Increase API, event subscriptions",
    address="https://increase.com/documentation/api/event-subscriptions",
)
TRANSACTIONS = Source(
    "Increase API, transactions",
    address="https://increase.com/documentation/api/transactions",
)
# https://increase.com/documentation/api. The document is public, and the samples,
# titles and schemas of the pages are those of the document.
FILES = Source(
    "Increase API, create a file",
    address="https://increase.com/documentation/api/files",
)
DOCUMENTS = Source(
    "Increase API, supplemental documents",
    address="https://increase.com/documentation/api/supplemental-documents",
)
OPENAPI = "Increase API, OpenAPI document"

_REFUSED = FieldRule(create="refused", read="never", update="never", source=CREATE)
# "Create an entity" allows 200 characters for the name: three parts and two spaces.
_PART = FieldRule(
    read="never",
    update="never",
    length=(1, 66),
    note="sent as part of one name, which is returned as full_name; the option "
    "names='split' guesses the parts",
    source=CREATE,
)

# "Create an entity": a person has one `identification`, with a method and a number.
_ONE_ID = ("ssn", "government_ids")

CUSTOMER = field_rules(
    CREATE,
    {
        "first_name": evolve(_PART, create="required"),
        "middle_name": _PART,
        "last_name": evolve(_PART, create="required"),
        # The schema of a person has no other names than `name`.
        "preferred_name": _REFUSED,
        # The schema of an entity has one `name`, without parts.
        "full_name": read_only(native="name", source=ENTITY),
        # "Update an entity" has no date of birth.
        "date_of_birth": required(update="never"),
        # The API returns the last four digits of the number, as `number_last4`.
        "ssn": required(read="masked", native="identification", one_of=_ONE_ID),
        "government_ids": optional(
            items=(0, 1),
            one_of=_ONE_ID,
            note="an SSN is read as ssn, any other id as a government id",
        ),
        # Only Sonder Labs asks for this number.
        "document_locator_number": _REFUSED,
        # "Create an entity": one object `third_party_verification`.
        "kyc_evidence": optional(native="third_party_verification", items=(0, 1)),
        # A natural person has neither e-mail nor phone; a corporation has an e-mail.
        "emails": _REFUSED,
        # One object `address`, not a list.
        "addresses": required(native="address", items=(1, 1)),
        # An entity has no field for the caller's own id: `description` is for display, and
        # `third_party_verification` names another vendor's check.
        "external_id": evolve(
            _REFUSED,
            note="pass an idempotency key instead: it makes a create repeatable",
        ),
        # An account has an entity_id. The accounts of an entity are listed by it.
        "account_ids": _REFUSED,
        "status": read_only(
            note="the status of the entity and, while it is active, of its validation",
            source=f"{ENTITY}; {VALIDATION}",
        ),
        "created_at": read_only(source=ENTITY),
    },
    refused=("phones",),
)

# "Create an Entity": every text of an address has 1 to 200 characters.
_TEXT = FieldRule(length=(1, 200), source=CREATE)
# A PO box is refused here, and makes the validation fail at Increase.
_LINE = evolve(_TEXT, po_box="refused")
_SOMETIMES = evolve(
    _TEXT,
    when="required in some countries, which the API reference does not name",
    pattern_in={"US": "[A-Z]{2}"},
    pattern_note="two capital letters in the US",
)

# "Create an entity" asks for the person's physical address and disallows places that
# receive mail, such as PO boxes: a home or a place of work is accepted, a mailing address
# is not.
ADDRESS_TYPES: Mapping[AddressKind, str] = dict.fromkeys(
    (AddressKind.PHYSICAL, AddressKind.HOME, AddressKind.WORK), "physical"
)

ADDRESS = field_rules(
    CREATE,
    {
        "kind": evolve(
            _REFUSED,
            implied=AddressKind.PHYSICAL,
            values=ADDRESS_TYPES,
            note="Increase does not accept mailing addresses",
        ),
        # The schema `address` of a natural person: line1, city and country are required.
        "line1": evolve(_LINE, create="required"),
        "line2": _LINE,
        "city": evolve(_TEXT, create="required"),
        "state": _SOMETIMES,
        "postal_code": evolve(_SOMETIMES, native="zip", pattern_in={}, pattern_note=""),
        # ISO 3166-1 alpha-2.
        "country": required(),
        # A single address is the primary one.
        "primary": evolve(_REFUSED, implied=Implied.FIRST),
    },
    refused=("id", "deliverability"),
)

# "Create an entity", `identification.method`. An SSN is written from the field ssn.
METHODS: Mapping[GovernmentIdKind, str] = {
    GovernmentIdKind.SSN: "social_security_number",
    GovernmentIdKind.ITIN: "individual_taxpayer_identification_number",
    GovernmentIdKind.PASSPORT: "passport",
    GovernmentIdKind.DRIVERS_LICENSE: "drivers_license",
    GovernmentIdKind.OTHER: "other",
}
_PAPERS = (
    GovernmentIdKind.PASSPORT,
    GovernmentIdKind.DRIVERS_LICENSE,
    GovernmentIdKind.OTHER,
)
# "The identification method for an individual can only be a passport, driver's license, or
# other document if you've confirmed the individual does not have a US tax id."
_CONFIRMED = "confirmed_no_us_tax_id"


def _of(**kinds: Create) -> FieldRule:
    """Return the rule of a detail that some kinds of documents have, and others not.

    Only the method and the end of the number are returned ("The entity").
    """
    named = {GovernmentIdKind[name.upper()]: create for name, create in kinds.items()}
    return evolve(_REFUSED, create_for=named)


GOVERNMENT_ID = field_rules(
    CREATE,
    {
        "kind": required(
            native="method",
            values=METHODS,
            confirmed_by=dict.fromkeys(_PAPERS, _CONFIRMED),
        ),
        "number": required(read="masked", length=(4, 200)),
        "country": _of(passport="required", other="required"),
        "state": evolve(_of(drivers_license="required"), length=(2, 2)),
        "expires": evolve(
            _of(passport="required", drivers_license="required", other="optional"),
            native="expiration_date",
        ),
        "description": evolve(_of(other="required"), length=(1, 200)),
        "document_id": evolve(
            _of(passport="required", drivers_license="required", other="required"),
            native="file_id",
            note="upload the document with kyc.upload_document, and pass its id",
        ),
    },
)

# "The vendor that was used to perform the verification."
_ELSEWHERE = evolve(
    _REFUSED, changed="not stored: the verifier has it under the reference"
)
EVIDENCE = field_rules(
    CREATE,
    {
        "verifier": required(
            native="vendor",
            pattern="alloy|middesk|oscilar|persona|taktile",
            pattern_note="one of alloy, middesk, oscilar, persona, taktile",
        ),
        "reference": required(length=(1, 200)),
        "method": _ELSEWHERE,
        "outcome": _ELSEWHERE,
        "verified_at": _ELSEWHERE,
    },
)

# "Create a file" names neither media types nor a largest size: both limits are anybank's.
DOCUMENT = field_rules(
    FILES,
    {
        "kind": required(native="description", length=(1, 200)),
        "content": required(
            read="never",
            native="file",
            length=(1, 10_000_000),
            note="anybank's own limit, because Increase publishes none",
        ),
        "media_type": required(
            read="never",
            pattern=r"image/(jpeg|png|heic)|application/pdf",
            pattern_note="image/jpeg, image/png, image/heic or application/pdf",
        ),
    },
)

# A phone has no place in an entity. The two rules make a refusal name the field.
PHONE = {"number": _REFUSED, "kind": _REFUSED}

# The schema account: the currency is USD.
DOLLARS = "USD"

ACCOUNT = field_rules(
    ACCOUNTS,
    {
        # "Create an account": entity_id is optional, and the group's own entity owns an
        # account without it. An account of a customer names the customer.
        "customer_ids": required(native="entity_id", items=(1, 1), update="never"),
        # An account that is funded by a loan needs the terms of the loan as well.
        "kind": required(
            native="funding",
            values={AccountKind.DEPOSIT: "deposits"},
            update="never",
            note="use bank.request for an account that is funded by a loan",
        ),
        "name": required(length=(1, 200)),
        "currency": FieldRule(create="refused", implied=DOLLARS),
        "program_id": optional(
            update="never", when="required for a group with more than one program"
        ),
    },
)

# "Create an Account Number" also has `inbound_ach` and `inbound_checks`, which have no
# neutral field.
ACCOUNT_NUMBER = field_rules(
    ACCOUNT_NUMBERS,
    {"account_id": required(update="never"), "name": required(length=(1, 200))},
)

# "Update an account number": a canceled number is never active again.
ACCOUNT_NUMBER_CHANGES = field_rules(
    ACCOUNT_NUMBERS,
    {
        "name": optional(length=(1, 200)),
        "status": optional(
            values={
                AccountNumberStatus.ACTIVE: "active",
                AccountNumberStatus.DISABLED: "disabled",
                AccountNumberStatus.CANCELED: "canceled",
            }
        ),
    },
)

# "Update an Event Subscription" has no such field.
_NO_CHANGE = FieldRule(
    create="refused",
    note="create another subscription, and delete this one",
    source=SUBSCRIPTIONS,
)

# "Create an Event Subscription": without categories a subscription receives all events.
SUBSCRIPTION = field_rules(
    SUBSCRIPTIONS,
    {
        "url": required(),
        "events": optional(native="selected_event_categories", values=SUBSCRIBED),
        "description": FieldRule(create="refused", read="never"),
        "secret": optional(
            native="shared_secret",
            note="anybank draws one if you pass none, and the create returns it; Increase "
            "itself never does",
        ),
    },
)
# "Update an Event Subscription" has the status only.
SUBSCRIPTION_CHANGES = field_rules(
    SUBSCRIPTIONS,
    {
        "url": _NO_CHANGE,
        "events": _NO_CHANGE,
        "description": _NO_CHANGE,
        "enabled": optional(native="status"),
    },
)
