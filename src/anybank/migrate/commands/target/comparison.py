"""Compares a customer at the target with its record: all fields, or only the identity.

The journal holds keyed fingerprints of the values that the target should return, and no
values. The comparison computes the same fingerprints from the customer.
"""

from __future__ import annotations

from ....declaration.vocabulary import Capabilities
from ....model.customers import Customer
from ...certify.certificate import Certifier
from ...certify.expected_fields import FULL_NAME, returned_fields
from ...journal.keys import Key
from ...journal.records import Record

_NAMES = frozenset({"first_name", "last_name", FULL_NAME})
IDENTITY = frozenset({*_NAMES, "date_of_birth", "ssn"})
"""The fields that identify a person; of an SSN the last four digits are compared."""


def differences(
    key: Key, target: Capabilities, record: Record, customer: Customer
) -> list[str]:
    """Return the fields of a target's customer that differ from what was expected.

    Fields of a list item that the customer lacks are not compared: the number of items
    differs already.
    """
    prints = {
        name: key.fingerprint(name, record.source_id, text)
        for name, text in returned_fields(target, customer).items()
    }
    # A value that the customer lacks has a fingerprint as well. Only the fields of a missing
    # list item have none, and an SSN that the target returns as a token.
    return sorted(
        name
        for name, expected in record.promise.items()
        if prints.get(name, expected) != expected
    )


def mismatches(certifier: Certifier, record: Record, customer: Customer) -> list[str]:
    """Return the fields of a target's customer that differ from what was expected."""
    return differences(certifier.key, certifier.target.capabilities, record, customer)


def identity_differences(
    key: Key, target: Capabilities, record: Record, customer: Customer
) -> list[str]:
    """Return the identifying fields in which a customer differs from a record."""
    return [
        name for name in differences(key, target, record, customer) if name in IDENTITY
    ]


def can_compare(record: Record) -> bool:
    """Return whether the journal has a fingerprint of an identifying field."""
    return not IDENTITY.isdisjoint(record.promise)
