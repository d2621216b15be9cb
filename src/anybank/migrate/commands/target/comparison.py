"""Whether a customer at the target is the person of a record, by name, birth date and SSN.

The journal holds keyed fingerprints of what the target should return, and no values: a
customer is compared by the same fingerprints.
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
"""The fields by which a person is recognised; of an SSN its last four digits count."""


def differences(
    key: Key, target: Capabilities, record: Record, customer: Customer
) -> list[str]:
    """Return the fields of a target's customer that are not as was promised.

    A part of an item that is not there is not compared: the number of items says it.
    """
    prints = {
        name: key.fingerprint(name, record.source_id, text)
        for name, text in returned_fields(target, customer).items()
    }
    return sorted(
        name
        for name, promised in record.promise.items()
        if prints.get(name, promised) != promised
    )


def mismatches(certifier: Certifier, record: Record, customer: Customer) -> list[str]:
    """Return the fields of a target's customer that are not as was promised."""
    return differences(certifier.key, certifier.target.capabilities, record, customer)


def identity_differences(
    key: Key, target: Capabilities, record: Record, customer: Customer
) -> list[str]:
    """Return by which fields a customer is another person than a record's."""
    return [
        name for name in differences(key, target, record, customer) if name in IDENTITY
    ]


def can_compare(record: Record) -> bool:
    """Tell whether the journal knows the name or the birth date of a record's person."""
    return not IDENTITY.isdisjoint(record.promise)
