"""Customers at Bond: reading and writing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from attrs import evolve, frozen

from anybank.adapter.converter import Reader, neutral, neutral_id, reads, write, writes
from anybank.adapter.wire import Json, segment
from anybank.declaration import (
    Capabilities,
    FieldRule,
    field_rules,
    optional,
    read_only,
    refuse,
    required,
)
from anybank.errors import (
    Effect,
    FieldNotUpdatable,
    Issue,
    Outcome,
    ProviderError,
)
from anybank.model.addresses import Address
from anybank.model.customers import Customer, CustomerChanges, NewCustomer
from anybank.model.phones import Phone
from anybank.model.unset import UNSET
from anybank.sensitive import Ssn

from .addresses import WireAddress, neutral_address, new_address
from .sources import CREATING, MANAGING

# "Managing customers" says "letters". Whether that includes accented letters is not
# stated, so letters of any script are sent and Bond decides.
_NAME = required(
    update="before_kyc",
    length=(2, 50),
    pattern=r"[^\W\d_](?:[^\W\d_]|[ '])*",
    pattern_note="letters, spaces and apostrophes, starting with a letter (no hyphens)",
)
# "Managing customers" has one `email` and one `phone`, both optional. A second value would
# be lost, so it is refused.
_ONE = optional(items=(0, 1))
PHONE = field_rules(
    MANAGING,
    {
        "number": required(note="read with country code 1 where Bond returns none"),
        # Bond has no types of phone.
        "kind": FieldRule(create="refused", read="never"),
    },
)


def national(phone: Phone) -> str:
    """Write the number of a phone without its country code."""
    number = phone.national
    # "Managing customers" allows digits with or without dashes; its samples have dashes.
    if phone.country_code == "1":
        number = f"{number[:3]}-{number[3:6]}-{number[6:]}"
    return number


COUNTRY_CODE = attrgetter("country_code")


@writes(
    NewCustomer,
    MANAGING,
    {
        # No page has a name by which the customer wants to be called.
        "preferred_name": refuse(source=CREATING),
        # No page has a field for another id: where Bond wants one, the person uploads it
        # to Bond during the verification ("KYC").
        "government_ids": refuse(
            "Bond collects other ids itself, during the verification", source=CREATING
        ),
        # Only Sonder Labs asks for this number.
        "document_locator_number": refuse(source=CREATING),
        # Bond verifies a person itself ("KYC").
        "kyc_evidence": refuse(source=CREATING),
        # Accounts name their customer, not the other way round.
        "account_ids": refuse(source=CREATING),
        # No page shows a status of a customer: a verification belongs to a program.
        "status": refuse(source=CREATING),
    },
)
# "Creating a customer" and "Managing customers" show every field of a customer.
@reads(
    Customer,
    MANAGING,
    full_name="a customer has the parts of a name",
    status="a customer has no status: use kyc.get",
    native_status="a customer has no status: use kyc.get",
    account_ids="use accounts.list",
)
@frozen(kw_only=True)
class WireCustomer:
    """A customer as Bond sends it.

    Source: "Managing customers" and "Creating a customer", whose samples differ in the
    fields that they have. Only the id is in all of them.
    """

    customer_id: str = neutral_id()
    first_name: str | None = neutral("first_name", _NAME)
    # The table of "Managing customers" says 2 to 50 characters; its sample has "J".
    middle_name: str | None = neutral(
        "middle_name",
        evolve(_NAME, create="optional", misfit="dropped", length=(1, 50)),
    )
    last_name: str | None = neutral("last_name", _NAME)
    dob: date | None = neutral("date_of_birth", required(update="before_kyc"))
    # Returned as XXX-XX-NNNN. "Creating a customer" calls it optional and unique. The
    # sample of an update sends a masked SSN. A mask is never sent: Bond would store it in
    # place of the number.
    ssn: str | None = neutral(
        "ssn", optional(read="masked", update="before_kyc"), write=Ssn.dashed
    )
    email: str | None = neutral("emails", _ONE)
    phone: str | None = neutral("phones", _ONE, write=national)
    phone_country_code: str | None = neutral("phones", _ONE, write=COUNTRY_CODE)
    # "Managing customers": at least one address, of which one is primary. After KYC only
    # the secondary ones may change; "Performing KYC" allows no change at all.
    addresses: list[WireAddress] | None = neutral(
        "addresses",
        required(
            update="before_kyc",
            when="secondary addresses: always",
            items=(1, None),
            note="after KYC pass kyc_passed=True to change secondary addresses alone",
        ),
        write=new_address,
    )
    # "Creating a customer": an id in use is rejected, so one id never names two customers.
    # It is the means to find a lost create, and is returned even where none was sent.
    brand_person_id: str | None = neutral(
        "external_id",
        optional(
            update="never",
            note="Bond assigns one if you send none",
            source=CREATING,
        ),
    )
    bond_brand_id: str | None = neutral("brand_id")
    date_created: datetime | None = neutral("created_at", read_only())


def _customer(wire: WireCustomer, raw: dict[str, Any]) -> Customer:
    return Customer(
        id=wire.customer_id,
        provider="bond",
        first_name=wire.first_name,
        # Absent, "", null and the text "null" all occur for a missing middle name.
        middle_name=wire.middle_name,
        last_name=wire.last_name,
        date_of_birth=wire.dob,
        ssn=Ssn.read(wire.ssn) if wire.ssn else None,
        emails=(wire.email,) if wire.email else (),
        phones=_phones(wire),
        addresses=tuple(map(neutral_address, wire.addresses or ())),
        external_id=wire.brand_person_id,
        brand_id=wire.bond_brand_id,
        created_at=wire.date_created,
        raw=raw,
    )


def _phones(wire: WireCustomer) -> tuple[Phone, ...]:
    # A country code without a number is not a phone; it stays in `raw`.
    if not wire.phone:
        return ()
    # "Creating a customer" returns phone_country_code, the list of "Managing customers"
    # does not. Its samples are US numbers.
    return (Phone.read(wire.phone, country_code=wire.phone_country_code or "1"),)


CUSTOMERS = Reader(WireCustomer, Customer, _customer)


def new_customer(new: NewCustomer) -> Json:
    """Write a customer to create."""
    return write(WireCustomer, new, extras="bond")


def changes(changes: CustomerChanges) -> Json:
    """Write the changed fields of a customer, and no others."""
    # "Managing customers": a PATCH changes the fields that it names. A field that is UNSET
    # or absent is left out; null would be read as a removal.
    return write(WireCustomer, changes)


def with_primary(
    current: Customer, secondary: Sequence[Address]
) -> tuple[Address, ...]:
    """Return secondary addresses together with the customer's primary one.

    A PATCH replaces the whole list, and the primary address is fixed after KYC.
    """
    primary = current.address
    return (*((primary,) if primary else ()), *secondary)


def not_updatable(
    error: ProviderError, changes: CustomerChanges, capabilities: Capabilities
) -> FieldNotUpdatable:
    """Return the refusal of a change after KYC, by field.

    The fields are those that Bond names; else the changed ones that KYC fixes; else all.
    """
    rules = capabilities.rules(NewCustomer)
    changed = [name for name in rules if getattr(changes, name, UNSET) is not UNSET]
    fixed = [name for name in changed if rules[name].update == "before_kyc"]
    return fixed_by_kyc(error.field_errors or fixed or changed)


def fixed_by_kyc(fields: Iterable[str]) -> FieldNotUpdatable:
    """Return the refusal of a change of fields that are fixed after KYC."""
    return FieldNotUpdatable(map(_after_kyc, fields), outcome=Outcome.REFUSED)


def _after_kyc(field: str) -> Issue:
    message = "Bond refused the change: the customer has passed KYC. Contact Bond."
    return Issue(field, Effect.BLOCKED, "update=before_kyc", MANAGING, message)


def path(customer_id: str) -> str:
    """Return the path of a customer."""
    return f"/customers/{segment(customer_id)}"
