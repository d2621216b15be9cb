"""Customers: create, retrieve, update and delete ("Customers"; sonder.md §7, §11)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import json_of
from anybank.sensitive import Sensitive

from .answers import Refused
from .records import Customer
from .switches import SonderSwitches
from .validation import (
    Check,
    Fields,
    calendar_date,
    integer,
    items,
    matching,
    objects,
    text,
    text_or_empty,
)
from .world import World, find_record, refuse_faults

_SSN = "socialSecurityNumber"
_LOCATOR = "documentLocatorNumber"
_SECRETS = frozenset({_SSN, _LOCATOR})
_FORBIDDEN = (_SSN, "dateOfBirth", "firstName", "middleName", "lastName", _LOCATOR)
"""The fields that cannot be updated, by the sentence of "Customers"."""
_MISNAMED = {"chosen_name": "preferredName"}
"""Row 4: the name in the update sample; its response shows `preferredName` changed."""
_SSN_FORMATS: Mapping[str, Check] = {
    "digits": matching(r"[0-9]{3}-?[0-9]{2}-?[0-9]{4}", "nine digits"),
    "dashed": matching(r"[0-9]{3}-[0-9]{2}-[0-9]{4}", "nine digits with dashes"),
    "any": text,
}


@frozen
class Schemas:
    """The schemas of create and update, by the switches."""

    create: Fields
    update: Fields

    @classmethod
    def by(cls, switches: SonderSwitches) -> Schemas:
        """Return the schemas."""
        create = _checks(switches)
        unchanged = set(_FORBIDDEN)
        if switches.allow_document_locator_update:
            unchanged.remove(_LOCATOR)  # row 3
        update = {
            name: check for name, check in create.items() if name not in unchanged
        }
        # row 6: the text calls the id a parameter of the update, the sample has it in
        # the path; the path decides
        return cls(Fields(create), Fields(update, tolerated=frozenset({"customerId"})))


def _checks(switches: SonderSwitches) -> dict[str, Check]:
    lenient = switches.empty_middle_name == "accept"  # row 12
    return {
        _SSN: _SSN_FORMATS[switches.ssn_format],
        "dateOfBirth": calendar_date,
        _LOCATOR: integer,
        "preferredName": text,  # row 13
        "firstName": text,
        "middleName": text_or_empty if lenient else text,
        "lastName": text,
        **_lists(switches),
    }


def _lists(switches: SonderSwitches) -> dict[str, Check]:
    """Return the checks of the three lists; types are not limited (row 16)."""
    strict = switches.unknown_fields == "reject"
    empty = switches.empty_lists == "accept"  # row 15
    phone = Fields(dict.fromkeys(PHONE, text))
    address = Fields(dict.fromkeys(ADDRESS, text))
    return {
        "emails": items(text, empty=empty),
        "phoneNumbers": items(objects(phone, strict=strict), empty=empty),
        "addresses": items(objects(address, strict=strict), empty=empty),
    }


PHONE = ("type", "number")
ADDRESS = ("type", "street", "city", "state", "zip")
"""An address has one street line and no country (row 18)."""
_ITEMS = {"phoneNumbers": PHONE, "addresses": ADDRESS}


@frozen(repr=False, eq=False)
class Customers:
    """The customers of one Sonder."""

    world: World
    schemas: Schemas = field(init=False)

    @schemas.default
    def _schemas(self) -> Schemas:
        return Schemas.by(self.world.switches)

    def create(self, request: Request) -> Response:
        """Answer `POST /customer` with the id only."""
        body = _cleaned(self.world.body(request, self.schemas.create))
        # No page describes a second customer with one SSN. By default it is accepted:
        # the case in which a repeated create duplicates a customer without an error.
        known = Sensitive(body[_SSN]) in self.world.ssns
        if known and self.world.switches.duplicate_ssn == "reject":
            raise Refused(409, f"{_SSN} is in use")
        return self.world.answer({"customerId": self.add(body).id})

    def add(self, body: Mapping[str, Any]) -> Customer:
        """Store a new customer without validating the body."""
        # A seed may share its lists with other customers.
        fields = copy.deepcopy(dict(body))
        customer = Customer(
            id=self.world.customer_id(),
            ssn=Sensitive(fields.pop(_SSN)),
            document_locator_number=Sensitive(str(fields.pop(_LOCATOR))),
            fields=fields,
        )
        self.world.ssns.add(customer.ssn)
        self.world.customers[customer.id] = customer
        return customer

    def get(self, request: Request, customer_id: str) -> Response:  # noqa: ARG002  # a GET has no body
        """Answer `GET /customer/{id}`."""
        customer = self.find(customer_id)
        return self.world.answer(self.view(customer))

    def update(self, request: Request, customer_id: str) -> Response:
        """Answer `PUT` or `PATCH /customer/{id}` with the whole customer (row 5)."""
        if request.method not in self.world.switches.update_verbs:
            raise Refused(405, "the method is not allowed here")
        customer = self.find(customer_id)
        changes = self._changes(request)
        if _LOCATOR in changes:
            number = Sensitive(str(changes.pop(_LOCATOR)))
            customer.document_locator_number = number
        customer.fields |= changes
        return self.world.answer(self.view(customer))

    def _changes(self, request: Request) -> dict[str, Any]:
        """Return the changes of an update; a list replaces the whole list (§7)."""
        body = self._permitted(json_of(request))
        refuse_faults(
            self.schemas.update.problems(
                body, whole=False, strict=self.world.switches.unknown_fields == "reject"
            )
        )
        return _cleaned(self.schemas.update.known(body))

    def _permitted(self, body: Any) -> Any:
        """Return a body under the documented names, without the fixed fields."""
        if not isinstance(body, dict):
            return body
        # The documented name wins if a body has both.
        body = {_MISNAMED.get(name, name): body[name] for name in body} | body
        named = [
            name
            for name in _FORBIDDEN
            if name in body and name not in self.schemas.update.checks
        ]
        if named and self.world.switches.forbidden_updates == "refuse":
            raise Refused(400, f"{', '.join(named)} cannot be updated")
        return {name: body[name] for name in body.keys() - {*named, *_MISNAMED}}

    def delete(self, request: Request, customer_id: str) -> Response:  # noqa: ARG002  # a DELETE has no body
        """Answer `DELETE /customer/{id}`; every account must be gone first."""
        customer = self.find(customer_id)
        if customer.account_ids:
            raise Refused(409, "the customer still has accounts: delete them first")
        self.world.ssns.remove(customer.ssn)
        del self.world.customers[customer_id]
        return self.world.answer({})

    def find(self, customer_id: str) -> Customer:
        """Return a customer, or refuse."""
        return find_record(self.world.customers, customer_id, "customer")

    def view(self, customer: Customer) -> dict[str, Any]:
        """Return a customer as responses show it: without the two secrets (row 8).

        The order of the keys is that of the samples.
        """
        shown: dict[str, Any] = {"customerId": customer.id}
        shown[self.world.switches.account_ids_name] = customer.account_ids  # row 7
        return shown | dict(sorted(customer.fields.items()))


def _cleaned(body: dict[str, Any]) -> dict[str, Any]:
    """Drop the unknown members of phones and addresses."""
    return {
        name: [{key: item[key] for key in _ITEMS[name]} for item in value]
        if name in _ITEMS
        else value
        for name, value in body.items()
    }
