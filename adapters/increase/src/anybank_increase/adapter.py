"""Increase's API as flows."""

from __future__ import annotations

from anybank.adapter import Adapter
from anybank.adapter.converter import same_id
from anybank.adapter.problems import Problem, server_time
from anybank.adapter.wire import (
    Flow,
    Json,
    Request,
    Response,
    get,
    patch,
    post,
    segment,
)
from anybank.declaration import Feature
from anybank.errors import Conflict, NotFound, UnexpectedResponse
from anybank.model import operations as ask
from anybank.model.credentials import CredentialCheck
from anybank.model.customers import Customer
from anybank.model.kyc import KycCheck
from anybank.model.pages import Page

from . import customers, kyc
from .declaration import CAPABILITIES, IncreaseOptions, with_policies
from .errors import problem

_LIVE = "active,disabled"
"""The states that are listed: archived is as good as deleted (row 4)."""


class Increase(Adapter):
    """Increase."""

    capabilities = CAPABILITIES
    Options = IncreaseOptions

    def __init__(self, options: IncreaseOptions) -> None:
        super().__init__(options)
        self.capabilities = with_policies(CAPABILITIES, options)

    def authenticate(self, request: Request, credentials: IncreaseOptions) -> Request:
        """Add the key as a bearer token."""
        token = credentials.api_key.prefixed("Bearer ")
        return request.with_headers(authorization=token)

    def problem(self, response: Response) -> Problem | None:
        """Read Increase's problems."""
        return problem(response, self.capabilities)

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        """Make an entity; the same key again answers with the same entity (§7)."""
        body = customers.new_entity(query.new)
        keyed = {"Idempotency-Key": query.idempotency_key}
        response = yield post("/entities", body, headers=keyed)
        return customers.created(response.json(), split=self._split)

    def get_customer(self, query: ask.GetCustomer) -> Flow[Customer]:
        """Read an entity; one that is archived is not there (row 4)."""
        raw = yield from _entity(query.id)
        return self._customer(raw)

    def list_customers(self, query: ask.ListCustomers) -> Flow[Page[Customer]]:
        """Read a page of all entities that are not archived, persons or not (row 5)."""
        asked = {
            "cursor": query.token,
            "limit": query.page_size,
            "status.in": _LIVE,
            "idempotency_key": query.idempotency_key,
        }
        response = yield get("/entities", query=asked)
        return customers.page(response.json(), split=self._split)

    def update_customer(self, query: ask.UpdateCustomer) -> Flow[Customer]:
        """Change a person."""
        body = customers.changes(query.changes)
        response = yield patch(_path(query.id), body)
        return self._customer(response.json())

    def delete_customer(self, query: ask.DeleteCustomer) -> Flow[None]:
        """Archive an entity; a refusal to archive it again is no refusal (row 4)."""
        try:
            response = yield post(f"{_path(query.id)}/archive")
        except Conflict:
            back = yield get(_path(query.id), feature=Feature.CUSTOMERS_GET)
            if not same_id(query.id, customers.state(back.json())).is_archived:
                raise
        else:
            if not same_id(query.id, customers.state(response.json())).is_archived:
                raise UnexpectedResponse("the entity is not archived", path="$.status")

    def get_kyc(self, query: ask.GetKycCheck) -> Flow[KycCheck]:
        """Read the validation of an entity."""
        return kyc.check((yield from _entity(query.customer_id)))

    def check_credentials(self, query: ask.CheckCredentials) -> Flow[CredentialCheck]:
        """Ask for a list of one entity."""
        response = yield get("/entities", query={"limit": 1})
        customers.page(response.json(), split=False)
        return CredentialCheck(note=_LET_IN, server_time=server_time(response))

    def _customer(self, raw: Json) -> Customer:
        return customers.customer(raw, split=self._split)

    @property
    def _split(self) -> bool:
        return bool(self.options.names == "split")


_LET_IN = "Increase has no call for this: the key was let in to a list of entities"


def _path(entity_id: str) -> str:
    return f"/entities/{segment(entity_id)}"


def _entity(entity_id: str) -> Flow[Json]:
    response = yield get(_path(entity_id))
    raw = response.json()
    if customers.state(raw).is_archived:
        raise NotFound("the entity is archived", status=response.status)
    return raw
