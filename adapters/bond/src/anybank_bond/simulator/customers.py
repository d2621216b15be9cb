"""Customers: create, get, list, update and delete (bond.md §3; "Managing customers")."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from attrs import field, frozen

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import answer_json, answer_text
from anybank.sensitive import Ssn

from . import schemas, views
from .addresses import merged, new_address
from .changes import Changes, locked
from .errors import refused, unknown_customer
from .records import TEXTS, Address, Customer
from .validation import Schema
from .world import World, body_of

Addresses: TypeAlias = list[Address] | None
_UUID4 = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)
_MASKED_SSN = re.compile(r"[Xx*]{3}-?[Xx*]{2}-?\d{4}")


def find_customer(world: World, request: Request, customer_id: str) -> Customer:
    """Return a customer of the caller's brand, or refuse."""
    # "Error code dictionary": customer_invalid_uuid4 and customer_dne are two codes.
    if not _UUID4.fullmatch(customer_id.lower()):
        raise refused(400, "customer_invalid_uuid4", "Not a valid UUID4.")
    if customer := world.find(world.customers, customer_id, request):
        return customer
    raise unknown_customer()


@frozen(repr=False, eq=False)
class Customers:
    """The customers of every brand."""

    world: World
    changed: Callable[[Customer], None]
    """Called with every customer that an update has changed."""
    _schema: Schema = field(init=False)

    @_schema.default
    def _schema_by_switches(self) -> Schema:
        return schemas.customer(self.world.switches)

    def create(self, request: Request) -> Response:
        """Answer POST /customers/."""
        body, brand_id = body_of(request), self.world.brand(request)
        self._refuse_faults("create_customer_schema", body)
        if (brand_id, body.get("brand_person_id")) in self.world.brand_person_ids:
            taken = {"brand_person_id": ["Already exists."]}
            raise refused(400, "person_id_dup", taken)  # row 11
        # The reference is compared first: a create that is repeated with both gets the
        # code that identifies it as a repeat.
        self._refuse_known_ssn("create_customer_schema", body, brand_id)
        customer = self.add(body, brand_id)
        return answer_json(201, views.created(customer, self.world.switches))

    def add(self, body: Mapping[str, Any], brand_id: str) -> Customer:
        """Store a new customer without validating the body."""
        world, now = self.world, self.world.clock()
        customer = Customer(
            id=world.uuid(),
            brand_id=brand_id,
            created=now,
            brand_person_id=body.get("brand_person_id") or world.uuid(),
            fields={name: body[name] for name in TEXTS if name in body},
            ssn=Ssn(body["ssn"]) if "ssn" in body else None,
            addresses=[
                new_address(world, brand_id, sent) for sent in body["addresses"]
            ],
        )
        world.brand_person_ids[brand_id, customer.brand_person_id] = customer
        return world.customers.add(customer)

    def get(self, request: Request, customer_id: str) -> Response:
        """Answer GET /customers/{id}."""
        customer = find_customer(self.world, request, customer_id)
        return answer_json(200, views.read(customer, self.world.switches))

    def list(self, request: Request) -> Response:
        """Answer a page as a bare array: 20 from the first by default (§3.5)."""
        query = {"page": "1", "per_page": "20", **dict(request.query)}
        if problems := schemas.CUSTOMER_PAGE.problems(query):
            raise refused(400, "get_customer_schema", problems)
        size = int(query["per_page"])
        start = (int(query["page"]) - 1) * size
        listed = self.world.customers.of(self.world.brand(request))
        page = listed[start : start + size]
        return answer_json(200, [views.read(one, self.world.switches) for one in page])

    def update(self, request: Request, customer_id: str) -> Response:
        """Answer PATCH /customers/{id} with the true merged customer (row 16)."""
        customer = find_customer(self.world, request, customer_id)
        body = self._without_mask(body_of(request))
        self._refuse_faults("edit_customer_schema", body, whole=False)
        if customer.passed and self.world.switches.strict_kyc:
            raise locked(body)  # row 5
        changes = Changes.between(customer, body, self._addresses(customer, body))
        if changes.ssn:
            self._refuse_known_ssn("edit_customer_schema", body, customer.brand_id)
        self.change(customer, changes)
        return answer_json(200, views.updated(customer, self.world.switches))

    def change(self, customer: Customer, changes: Changes) -> None:
        """Change a customer, unless KYC locks one of the fields (row 5)."""
        if customer.passed and changes.forbidden:
            raise locked(changes.forbidden)
        changes.apply(customer)
        if changes.names:
            self.changed(customer)

    def delete(self, request: Request, customer_id: str) -> Response:
        """Answer DELETE /customers/{id}, in plain text (row 4)."""
        customer = find_customer(self.world, request, customer_id)
        self.world.customers.remove(customer)
        # No page says whether the reference of a deleted customer can be used again.
        # Here it can.
        del self.world.brand_person_ids[customer.brand_id, customer.brand_person_id]
        return answer_text(200, "Customer resource deleted")

    def _refuse_faults(self, code: str, body: Any, *, whole: bool = True) -> None:
        strict = self.world.switches.refuse_unknown_fields
        if problems := self._schema.problems(body, whole=whole, strict=strict):
            raise refused(400, code, problems)

    def _refuse_known_ssn(
        self, code: str, body: Mapping[str, Any], brand_id: str
    ) -> None:
        """Refuse the SSN of another customer, if the switch is set (row 56)."""
        if not self.world.switches.unique_ssn or "ssn" not in body:
            return
        listed = self.world.customers.of(brand_id)
        if Ssn(body["ssn"]) in (other.ssn for other in listed):
            raise refused(400, code, {"ssn": ["Already exists."]})

    def _without_mask(self, body: Any) -> Any:
        """Drop a masked SSN, if the switch is set (row 18)."""
        if not self.world.switches.ignore_masked_ssn or not isinstance(body, dict):
            return body
        if not _MASKED_SSN.fullmatch(str(body.get("ssn"))):
            return body
        return {name: value for name, value in body.items() if name != "ssn"}

    def _addresses(self, customer: Customer, body: Mapping[str, Any]) -> Addresses:
        if "addresses" not in body:
            return None
        return merged(self.world, customer, body["addresses"])
