"""The adapter: the request for each operation, and how to read the response."""

from __future__ import annotations

from anybank.adapter import Adapter
from anybank.adapter.problems import (
    Problem,
    field_errors,
    token,
    unreadable,
    words,
    written_type,
)
from anybank.adapter.wire import Flow, Request, Response, get, segment
from anybank.errors import UnexpectedResponse
from anybank.model.customers import Customer
from anybank.model.operations import GetCustomer

from .customers import PEOPLE
from .declaration import ACME, AcmeOptions


class Acme(Adapter):
    """The API of Acme."""

    capabilities = ACME
    Options = AcmeOptions

    def authenticate(self, request: Request, credentials: AcmeOptions) -> Request:
        """Add the API key to a request."""
        return request.with_headers(x_key=credentials.api_key)

    def problem(
        self, response: Response, request: Request | None = None
    ) -> Problem | None:
        """Return the error in a response, or None if there is none."""
        if response.ok:
            return None
        try:
            error = response.json()["error"]
            code, message = token(error["code"]), words(error["message"])
            fields = error.get("fields", {})
        # A proxy may answer in HTML: a body that is not in the vendor's format is
        # reported without its text.
        except (UnexpectedResponse, LookupError, TypeError, AttributeError):
            return unreadable(response)
        return Problem(
            kind=self.problem_kind(response.status, code),
            code=code,
            message=message or "",
            field_errors=field_errors(self.capabilities, written_type(request), fields),
        )

    def get_customer(self, query: GetCustomer) -> Flow[Customer]:
        """Read a person."""
        # `segment` quotes the id, so that it stays one part of the path.
        response = yield get(f"/people/{segment(query.id)}")
        return PEOPLE.read(response.json())
