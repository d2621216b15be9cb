"""The rules of each field at Sonder Labs, with the page that states the rule."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from anybank.declaration import (
    FieldRule,
    Implied,
    Source,
    field_rules,
    read_only,
    required,
)
from anybank.model.addresses import AddressKind
from anybank.model.phones import PhoneKind

CUSTOMERS = Source(
    "Sonder docs, Customers", address="https://dev.sonderlabs.io/customers"
)
ACCOUNTS = Source("Sonder docs, Accounts", address="https://dev.sonderlabs.io/accounts")
TRANSACTIONS = Source(
    "Sonder docs, Transactions", address="https://dev.sonderlabs.io/transactions"
)
AUTHENTICATION = Source(
    "Sonder docs, Authentication", address="https://dev.sonderlabs.io/authentication"
)


def _fixed(native: str) -> FieldRule:
    return FieldRule(create="required", update="never", native=native, source=CUSTOMERS)


def _listed(native: str) -> FieldRule:
    return FieldRule(
        create="required", items=(1, None), native=native, source=CUSTOMERS
    )


_REFUSED = FieldRule(create="refused", read="never", update="never", source=CUSTOMERS)

# "Customers" requires all ten fields on create, and lists no lengths or patterns.
CUSTOMER = field_rules(
    CUSTOMERS,
    {
        # "Update A Customer": legal names, the date of birth and the numbers cannot be updated.
        "first_name": _fixed("firstName"),
        "middle_name": evolve(
            _fixed("middleName"),
            note="add it to the customer or to the supplement, or set the option "
            "middle_name_when_absent",
        ),
        "last_name": _fixed("lastName"),
        # The sample of "Create A Customer" sends the first name as the preferred one.
        "preferred_name": required(
            native="preferredName",
            default_from="first_name",
            note="the first name is sent",
        ),
        "date_of_birth": _fixed("dateOfBirth"),
        # "Retrieve A Customer" leaves both numbers out for security.
        # "Create A Customer" shows dashes.
        "ssn": evolve(_fixed("socialSecurityNumber"), read="never"),
        # "Customers" has no other identification.
        "government_ids": _REFUSED,
        # The sentence about updates excludes this field, the list of parameters includes it.
        # The sentence is followed; the option allow_document_locator_update sends the field.
        "document_locator_number": evolve(
            _fixed("documentLocatorNumber"), read="never"
        ),
        # "Customers" has nothing about a verification.
        "kyc_evidence": _REFUSED,
        # No mark for the primary item and no id: a list is replaced as a whole.
        "emails": _listed("emails"),
        "phones": _listed("phoneNumbers"),
        "addresses": _listed("addresses"),
        # "Customers" has no reference of the caller's, no status and no times.
        "external_id": _REFUSED,
        "account_ids": read_only(native="accountIds"),
    },
    refused=("status", "created_at"),
)

# "Customers" shows HOME addresses and MOBILE phones, and lists no other types.
ADDRESS_TYPES: Mapping[AddressKind, str] = {
    AddressKind.HOME: "HOME",
    AddressKind.PHYSICAL: "HOME",
}
PHONE_TYPES: Mapping[PhoneKind, str] = {PhoneKind.MOBILE: "MOBILE"}

ADDRESS = field_rules(
    CUSTOMERS,
    {
        "kind": required(
            native="type",
            values=ADDRESS_TYPES,
            note="set Sonder's word in the option address_types",
        ),
        "line1": required(native="street"),
        # An address has one street line, no country and no mark for the primary one. The
        # samples are in the US.
        "line2": FieldRule(
            create="refused",
            read="never",
            note="the option second_line='join' appends it to line 1",
        ),
        "city": required(),
        # Two letters in the samples, without a stated rule: Sonder decides.
        "state": required(),
        "postal_code": required(native="zip"),
        "country": FieldRule(create="refused", read="never", implied="US"),
        "primary": FieldRule(create="refused", read="never", implied=Implied.FIRST),
    },
    refused=("id", "deliverability"),
)

PHONE = field_rules(
    CUSTOMERS,
    {
        "number": required(
            pattern=r"\+1[0-9]{10}",
            pattern_note="a number with country code 1, since Sonder has no country codes",
        ),
        "kind": required(
            native="type",
            values=PHONE_TYPES,
            default=PhoneKind.MOBILE,
            note="MOBILE is sent where the kind is unknown; for other kinds set Sonder's word "
            "in the option phone_types",
        ),
    },
)

ACCOUNT = field_rules(
    ACCOUNTS,
    {
        "customer_ids": required(native="associatedCustomerIds", items=(1, None)),
        # "Accounts" describes the form of a type and does not list the types.
        "kind": FieldRule(
            create="refused",
            note="pass Sonder's own word as native_kind: its docs list no types; CHECKING, "
            "SAVINGS and LOAN are read",
        ),
        "native_kind": required(
            native="type",
            pattern=r"[A-Z]+(_[A-Z]+)*",
            pattern_note="one of Sonder's types: capitals, with underscores between words",
        ),
        "name": required(),
        # An ISO 4217 code.
        "currency": required(),
    },
    refused=("program_id",),
)
