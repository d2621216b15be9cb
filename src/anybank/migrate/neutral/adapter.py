"""The adapter of a neutral file: requests and responses like those of a bank, and no I/O."""

from __future__ import annotations

from ...adapter.base import Adapter
from ...adapter.problems import Problem
from ...adapter.wire import Flow, Request, Response, get, post, segment
from ...declaration.vocabulary import Capabilities
from ...errors import AlreadyExists, NotFound, ProviderError, ProviderUnavailable
from ...model import operations as ask
from ...model.customers import Customer
from ...model.pages import Page
from .declaration import CAPABILITIES, NAME, FileOptions, with_masked_reads
from .documents import customer, document

NOWHERE = "http://127.0.0.1:0"
"""The base URL without the file's transport: nothing can be sent to port 0."""

_PROBLEMS: dict[int, type[ProviderError]] = {404: NotFound, 409: AlreadyExists}


class NeutralFile(Adapter):
    """A neutral file of customers."""

    capabilities: Capabilities = CAPABILITIES
    Options = FileOptions

    def __init__(self, options: FileOptions) -> None:
        super().__init__(options)
        self.capabilities = with_masked_reads(CAPABILITIES, options.reads)

    def base_url(self, environment: str) -> str:  # a file has only one
        """Return an address that nobody can reach: the transport of a file answers."""
        return NOWHERE

    def problem(
        self, response: Response, request: Request | None = None
    ) -> Problem | None:
        """Return the problem that the transport reports."""
        if response.ok:
            return None
        kind = _PROBLEMS.get(response.status, ProviderUnavailable)
        return Problem(kind=kind, message=response.text)

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        """Add a customer under the caller's external id, or else under the create's key."""
        identifier = query.new.external_id or query.idempotency_key
        body = {**document(query.new), "id": identifier, "provider": NAME}
        response = yield post("/customers", body)
        return customer(response.json())

    def get_customer(self, query: ask.GetCustomer) -> Flow[Customer]:
        """Read a customer."""
        response = yield get(f"/customers/{segment(query.id)}")
        return customer(response.json())

    def list_customers(self, query: ask.ListCustomers) -> Flow[Page[Customer]]:
        """Read a page, in the order of the file; a token is an offset in the file."""
        parameters = {"token": query.token, "page_size": query.page_size}
        page = (yield get("/customers", query=parameters)).json()
        return Page(tuple(map(customer, page["customers"])), page["next"])
