"""The response of each endpoint with a customer (bond.md §3.4; rows 1, 3, 22)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from .records import Address, Customer
from .stamps import Stamp, naive, offset
from .switches import BondSwitches

# Every form in which the samples show a missing middle name.
_MIDDLE_NAMES: dict[str, dict[str, Any]] = {
    "absent": {},
    "empty": {"middle_name": ""},
    "null": {"middle_name": None},
    "text": {"middle_name": "null"},
}


@frozen
class _View:
    stamp: Stamp
    is_read: bool = False
    shows_attempts: bool = True
    extra: Mapping[str, Any] = {}
    ssn_mask: str = "XXX-XX-{}"


# Each endpoint shows a customer in its own way: times with or without an offset,
# `business_id` as text, null or not at all. The pages are the sources of each.
_CREATED = _View(
    offset, shows_attempts=False, extra={"business_id": "null"}
)  # "Creating a customer"
_UPDATED = _View(offset)  # "Managing customers"
_READ = _View(naive, is_read=True)  # "Managing customers"
_EVENT = _View(offset, extra={"business_id": None}, ssn_mask="XXXXX{}")  # §7.5, row 19


def created(customer: Customer, switches: BondSwitches) -> dict[str, Any]:
    """Return a customer as in the response to POST."""
    return _customer(customer, switches, _CREATED)


def updated(customer: Customer, switches: BondSwitches) -> dict[str, Any]:
    """Return a customer as in the response to PATCH."""
    return _customer(customer, switches, _UPDATED)


def read(customer: Customer, switches: BondSwitches) -> dict[str, Any]:
    """Return a customer as in the responses to GET."""
    return _customer(customer, switches, _READ)


def in_event(customer: Customer, switches: BondSwitches) -> dict[str, Any]:
    """Return a customer as in the event `customer.updated`."""
    return _customer(customer, switches, _EVENT)


def address(shown: Address, stamp: Stamp) -> dict[str, Any]:
    """Return an address with the members that Bond adds (§3.3)."""
    return {
        "address_id": shown.id,
        **shown.fields,
        "deliverability": shown.deliverability,
        "date_created": stamp(shown.created),
    }


def masked_ssn(customer: Customer, mask: str) -> dict[str, str]:
    """Return the last four digits of an SSN, and no member without one."""
    if customer.ssn is None:
        return {}
    return {"ssn": mask.format(customer.ssn.last_four)}


def middle_name(customer: Customer, switches: BondSwitches) -> dict[str, Any]:
    """Return a middle name, or the switch's form of a missing one (row 3)."""
    if name := customer.fields.get("middle_name"):
        return {"middle_name": name}
    return _MIDDLE_NAMES[switches.absent_middle_name]


def _customer(
    customer: Customer, switches: BondSwitches, view: _View
) -> dict[str, Any]:
    shown = {
        "customer_id": customer.id,
        "brand_person_id": customer.brand_person_id,
        "bond_brand_id": customer.brand_id,
        **view.extra,
        **customer.fields,
        **middle_name(customer, switches),
        **masked_ssn(customer, view.ssn_mask),
        "kyc_requests_available": customer.kyc_attempts,
        "addresses": [address(one, view.stamp) for one in customer.addresses],
        "date_created": view.stamp(customer.created),
    }
    for name in _hidden(customer, switches, view):
        shown.pop(name, None)
    return shown


def _hidden(customer: Customer, switches: BondSwitches, view: _View) -> list[str]:
    """Return the members that the samples of an endpoint leave out (row 22)."""
    code = customer.fields.get("phone_country_code")
    shows_code = {"always": True, "never": False, "foreign": code != "1"}
    hidden = []
    if view.is_read and not shows_code[switches.country_code_on_read]:
        hidden.append("phone_country_code")
    if not view.shows_attempts:
        hidden.append("kyc_requests_available")
    return hidden
