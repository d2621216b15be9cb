"""A neutral file as an adapter: questions and answers as any bank's, and no I/O."""

from __future__ import annotations

from ...adapter.base import Adapter
from ...adapter.problems import Problem
from ...adapter.wire import Flow, Response, get, post, segment
from ...declaration.vocabulary import Capabilities
from ...errors import AlreadyExists, NotFound, ProviderError, ProviderUnavailable
from ...model import operations as ask
from ...model.customers import Customer
from ...model.pages import Page
from .declaration import CAPABILITIES, NAME, FileOptions, with_masked_reads
from .documents import customer, document

NOWHERE = "http://127.0.0.1:0"
"""Where requests would go without the file's transport: no port, so nothing is sent."""

_PROBLEMS: dict[int, type[ProviderError]] = {404: NotFound, 409: AlreadyExists}


class NeutralFile(Adapter):
    """A neutral file of customers."""

    capabilities: Capabilities = CAPABILITIES
    Options = FileOptions

    def __init__(self, options: FileOptions) -> None:
        super().__init__(options)
        self.capabilities = with_masked_reads(CAPABILITIES, options.reads)

    def base_url(self, environment: str) -> str:  # there is but one
        """Return a host that is none: the transport of a file answers."""
        return NOWHERE

    def problem(self, response: Response) -> Problem | None:
        """Read what the transport says is wrong."""
        if response.ok:
            return None
        kind = _PROBLEMS.get(response.status, ProviderUnavailable)
        return Problem(kind=kind, message=response.text)

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        """Add a customer under your own id, or under one that is made."""
        identifier = query.new.external_id or query.idempotency_key
        body = {**document(query.new), "id": identifier, "provider": NAME}
        response = yield post("/customers", body)
        return customer(response.json())

    def get_customer(self, query: ask.GetCustomer) -> Flow[Customer]:
        """Read a customer."""
        response = yield get(f"/customers/{segment(query.id)}")
        return customer(response.json())

    def list_customers(self, query: ask.ListCustomers) -> Flow[Page[Customer]]:
        """Read a page, in the order of the file; a token is a place in it."""
        parameters = {"token": query.token, "page_size": query.page_size}
        page = (yield get("/customers", query=parameters)).json()
        return Page(tuple(map(customer, page["customers"])), page["next"])
