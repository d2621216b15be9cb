"""The rules of each field at Unit, with the page that states the rule."""

from __future__ import annotations

from attrs import evolve

from anybank.declaration import FieldRule, Implied
from anybank.model.accounts import AccountKind
from anybank.model.addresses import AddressKind
from anybank.model.government_ids import GovernmentIdKind

from .events import SUBSCRIBED
from .extras import TAG

# https://unit.co/docs/api/applications/. The schemas are those of Unit's OpenAPI document,
# https://github.com/unit-finance/openapi-unit-sdk.
CREATE = "Unit API, create individual application"
APPLICATION = "Unit API, individual application"
DOCUMENTS = "Unit API, application documents"
# https://unit.co/docs/api/customers/
CUSTOMER = "Unit API, individual customer"
UPDATE = "Unit API, update individual customer"
# https://unit.co/docs/api/tags/
TAGS = "Unit API, tags"
# https://unit.co/docs/api/deposit-accounts/
ACCOUNTS = "Unit API, deposit accounts"
TRANSACTIONS = "Unit API, transactions"
# https://unit.co/docs/api/events
EVENTS = "Unit API, events"
# https://unit.co/docs/api/webhooks
WEBHOOKS = "Unit API, webhooks"
OPENAPI = "Unit API, OpenAPI document"

DOLLARS = "USD"

_REFUSED = FieldRule(create="refused", read="never", update="never", source=CREATE)
_READ = FieldRule(create="refused", update="never", source=CUSTOMER)
_NAME = FieldRule(
    create="required",
    update="never",
    length=(1, 255),
    note="Unit's support changes a name",
    source=CREATE,
)
# "Either ssn or passport will be populated."
_ONE_ID = ("ssn", "government_ids")

PERSON = {
    "first_name": evolve(_NAME, native="first"),
    "middle_name": _REFUSED,
    "last_name": evolve(_NAME, native="last"),
    "preferred_name": _REFUSED,
    "full_name": evolve(_REFUSED, note="a name has two parts"),
    "date_of_birth": FieldRule(
        create="required", update="never", native="dateOfBirth", source=CREATE
    ),
    "ssn": FieldRule(
        create="required",
        read="masked",
        update="never",
        one_of=_ONE_ID,
        note="a token with the permission to read numbers gets the whole one",
        source=f"{CREATE}; {CUSTOMER}",
    ),
    "government_ids": FieldRule(
        items=(0, 1),
        update="never",
        one_of=_ONE_ID,
        note="a passport; an SSN is read as ssn",
        source=CREATE,
    ),
    "document_locator_number": _REFUSED,
    "kyc_evidence": evolve(_REFUSED, note="Unit verifies every applicant itself"),
    "emails": FieldRule(create="required", native="email", items=(1, 1), source=CREATE),
    "phones": FieldRule(create="required", native="phone", items=(1, 1), source=CREATE),
    "addresses": FieldRule(
        create="required", native="address", items=(1, 1), source=CREATE
    ),
    # A tag of an application is copied to its customer ("Tags"). An update would have to
    # write all tags, and so could remove one that another program has added.
    "external_id": FieldRule(
        native=TAG,
        update="never",
        length=(1, 255),
        note=f"stored as the tag {TAG}",
        source=TAGS,
    ),
    "account_ids": _REFUSED,
    "status": evolve(
        _READ,
        note="of the application, and from its approval on of the customer",
        source=f"{APPLICATION}; {CUSTOMER}",
    ),
    "created_at": _READ,
}

# The document's schema Address. Its pattern accepts the postal codes of the US only.
_TEXT = FieldRule(length=(1, 255), source=CREATE)
ADDRESS = {
    "id": _REFUSED,
    "kind": evolve(
        _REFUSED,
        implied=AddressKind.HOME,
        values=dict.fromkeys((AddressKind.HOME, AddressKind.PHYSICAL), "home"),
        note="an individual has one address, of residence",
    ),
    "line1": evolve(_TEXT, create="required", native="street"),
    "line2": evolve(_TEXT, native="street2"),
    "city": evolve(_TEXT, create="required"),
    "state": evolve(
        _TEXT,
        create="required",
        pattern_in={"US": "[A-Z]{2}"},
        pattern_note="two capital letters in the US",
    ),
    "postal_code": FieldRule(
        create="required",
        native="postalCode",
        pattern="[0-9]{5}(-[0-9]{4})?",
        pattern_note="five digits, or nine with a dash",
        source=CREATE,
    ),
    "country": FieldRule(create="required", source=CREATE),
    "primary": evolve(_REFUSED, implied=Implied.FIRST),
}

# Two members, `countryCode` and `number`. There are no kinds of phones.
PHONE = {"number": FieldRule(create="required", source=CREATE), "kind": _REFUSED}

GOVERNMENT_ID = {
    # An SSN is written from the field ssn.
    "kind": FieldRule(
        create="required",
        values={GovernmentIdKind.SSN: "ssn", GovernmentIdKind.PASSPORT: "passport"},
        source=CREATE,
    ),
    "number": FieldRule(
        create="required", read="masked", length=(4, 255), source=CREATE
    ),
    # "Required if a passport is used as the main ID."
    "country": FieldRule(
        create="refused",
        create_for={GovernmentIdKind.PASSPORT: "required"},
        native="nationality",
        note="sent as the nationality of the person",
        source=CREATE,
    ),
    "state": _REFUSED,
    "expires": _REFUSED,
    "description": _REFUSED,
    "document_id": _REFUSED,
}

# "Upload an application document file. Supports PDF, PNG and JPG files." No size is
# published: the largest is anybank's own limit.
DOCUMENT = {
    "kind": FieldRule(
        create="required",
        native="documentType",
        note="a document that kyc.get names as required, such as IdDocument",
        source=DOCUMENTS,
    ),
    "content": FieldRule(
        create="required",
        read="never",
        native="file",
        length=(1, 10_000_000),
        source=DOCUMENTS,
    ),
    "media_type": FieldRule(
        create="required",
        read="never",
        native="fileType",
        pattern=r"image/(jpeg|png)|application/pdf",
        pattern_note="image/jpeg, image/png or application/pdf",
        source=DOCUMENTS,
    ),
}

ACCOUNT = {
    "customer_ids": FieldRule(
        create="required", native="customers", items=(1, None), source=ACCOUNTS
    ),
    "kind": FieldRule(
        create="required",
        native="type",
        values={AccountKind.DEPOSIT: "depositAccount"},
        note="use bank.request for credit accounts",
        source=ACCOUNTS,
    ),
    "name": FieldRule(
        create="refused", note="an account has the name of its owner", source=ACCOUNTS
    ),
    "currency": FieldRule(create="refused", implied=DOLLARS, source=ACCOUNTS),
    # Each organisation has deposit products of its own.
    "program_id": FieldRule(
        create="required",
        native="depositProduct",
        note="the name of one of your deposit products",
        source=ACCOUNTS,
    ),
}

SUBSCRIPTION = {
    "url": FieldRule(create="required", source=WEBHOOKS),
    "events": FieldRule(
        create="refused",
        read="never",
        values=SUBSCRIBED,
        changed="a webhook receives all events",
        source=WEBHOOKS,
    ),
    "description": FieldRule(
        native="label",
        default="anybank",
        note="a webhook needs a label",
        source=WEBHOOKS,
    ),
    "secret": FieldRule(
        native="token",
        note="anybank draws one if you pass none",
        source=WEBHOOKS,
    ),
}
# "Update a Webhook" changes tags only; two other calls enable and disable it.
_NO_CHANGE = FieldRule(create="refused", note="create another webhook", source=WEBHOOKS)
SUBSCRIPTION_CHANGES = {
    "url": _NO_CHANGE,
    "events": _NO_CHANGE,
    "description": _NO_CHANGE,
    "enabled": FieldRule(native="status", source=WEBHOOKS),
}
