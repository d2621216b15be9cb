"""The declaration of a neutral file: it stores and returns every field.

A masked value is stored as the mask. The fields that the exporting bank masked or did not
return are in the header of the file, so that a plan asks for them in a supplement.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from attrs import Factory, evolve, field, frozen
from attrs.validators import instance_of

from ...adapter.options import HELP, credential
from ...declaration.idempotency import SAFE, Idempotency
from ...declaration.support import Support
from ...declaration.vocabulary import (
    NOT_RULED,
    Capabilities,
    FeatureRule,
    FieldRule,
)
from ...model.addresses import Address
from ...model.customers import NewCustomer
from ...model.features import Feature
from ...model.government_ids import GovernmentId
from ...model.kyc_evidence import KycEvidence
from ...model.phones import Phone
from ...sensitive import Sensitive

NAME = "file"
_SOURCE = "docs, Migrating: A neutral file"


@frozen(kw_only=True)
class FileOptions:
    """The key of a neutral file, and the fields that its bank did not return."""

    key: Sensitive = credential(
        "file:PATH or env:NAME of 64 hexadecimal digits; "
        "`anybank export --new-key FILE` creates one"
    )
    reads: Mapping[str, Any] = field(
        default=Factory(dict),
        validator=instance_of(dict),
        metadata={HELP: "the header's list of fields that are masked or not returned"},
    )


def _accepted(**more: Any) -> FieldRule:
    return FieldRule(source=_SOURCE, **more)


_REFUSED = _accepted(create="refused")
_FREE = _accepted()


def _rules(kind: type, /, **special: FieldRule) -> dict[str, FieldRule]:
    """Return a rule for each field of a value: it is free unless it has a special one."""
    names = (field.name for field in attrs.fields(kind) if field.name not in NOT_RULED)
    return {**dict.fromkeys(names, _FREE), **special}


CUSTOMER = _rules(
    NewCustomer,
    ssn=_accepted(masks=True, note="a mask or token is stored as it is"),
    external_id=_accepted(
        pattern=r"(?!\.+$).+",
        pattern_note="an id that does not consist of dots only",
        note="the customer's id in the file",
    ),
    account_ids=_REFUSED,
    created_at=_REFUSED,
    status=_REFUSED,
    native_status=_REFUSED,
)

ADDRESS = _rules(Address, id=_REFUSED)

PHONE = _rules(Phone, number=_accepted(create="required"))

GOVERNMENT_ID = _rules(
    GovernmentId,
    kind=_accepted(create="required"),
    number=_accepted(create="required", masks=True, note="a mask is stored as it is"),
)

_WORKS = FeatureRule(support=Support.FULL, source=_SOURCE, idempotency=SAFE)
_FINAL = FeatureRule(
    support=Support.UNSUPPORTED,
    note="lines cannot be changed: remove the file, and migrate into a new one",
    source=_SOURCE,
)

_CUSTOMERS_ONLY = FeatureRule(
    support=Support.UNSUPPORTED, note="a file contains only customers", source=_SOURCE
)

CAPABILITIES = Capabilities(
    provider=NAME,
    title="Neutral file",
    hosts={},
    features={
        **dict.fromkeys(Feature, _CUSTOMERS_ONLY),
        Feature.CUSTOMERS_CREATE: evolve(
            _WORKS,
            idempotency=Idempotency(
                "client_reference", scope="file", reference="external_id"
            ),
        ),
        Feature.CUSTOMERS_GET: _WORKS,
        Feature.CUSTOMERS_LIST: evolve(_WORKS, stable_listing=True),
        Feature.CUSTOMERS_UPDATE: _FINAL,
        Feature.CUSTOMERS_DELETE: _FINAL,
    },
    fields={
        NewCustomer: CUSTOMER,
        Address: ADDRESS,
        Phone: PHONE,
        GovernmentId: GOVERNMENT_ID,
        KycEvidence: _rules(KycEvidence),
    },
)


def with_masked_reads(declared: Capabilities, reads: Mapping[str, Any]) -> Capabilities:
    """Return the declaration of a file whose bank masks fields or never returns them."""
    rules = dict(declared.fields[NewCustomer])
    for name in rules.keys() & reads.keys():
        rules[name] = evolve(rules[name], read=reads[name])
    return evolve(declared, fields={**declared.fields, NewCustomer: rules})
