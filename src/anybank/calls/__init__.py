"""What a Bank does for each call before the flow starts: refuse, settle, mint.

A Call is the same for Bank and AsyncBank; they differ only in how they run it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from ..adapter import Adapter
from ..errors import Issue
from ..preflight import check
from ..wire import Flow, Json, Query, Request, Response, is_path
from .accounts import AccountCalls, TransactionCalls
from .call import Call, Loss, blocked
from .credentials import CredentialCalls
from .credit import CreditApplicationCalls
from .customers import AddressCalls, CustomerCalls
from .kyc import KycCalls
from .subscriptions import WebhookSubscriptionCalls

__all__ = ["Call", "Calls", "Loss"]


class Calls:
    """The calls of one adapter, by resource."""

    def __init__(self, adapter: Adapter, today: Callable[[], date]) -> None:
        self.adapter, self._today = adapter, today
        self.customers = CustomerCalls(adapter, today)
        self.customer_addresses = AddressCalls(adapter, today)
        self.kyc = KycCalls(adapter, today)
        self.credit_applications = CreditApplicationCalls(adapter, today)
        self.webhook_subscriptions = WebhookSubscriptionCalls(adapter, today)
        self.accounts = AccountCalls(adapter, today)
        self.transactions = TransactionCalls(adapter, today)
        self.credentials = CredentialCalls(adapter, today)

    def check(self, value: object, *, kyc_passed: bool | None = None) -> list[Issue]:
        """Find what the vendor would not take and keep of a value."""
        declared, today = self.adapter.capabilities, self._today()
        return check(declared, value, kyc_passed=kyc_passed, today=today)

    def request(
        self,
        method: str,
        path: str,
        query: Query,
        headers: Mapping[str, str],
        body: Json,
    ) -> Call[Response]:
        """Ask for a path below the base URL, past the adapter's vocabulary."""
        if not is_path(path):
            said = "must start with one slash and have no host, query or fragment"
            raise blocked("path", "path", said)
        request = Request(
            method=method.upper(), path=path, query=query, headers=headers, body=body
        )
        return Call(None, _once(request), (list(headers.values()), body))


def _once(request: Request) -> Flow[Response]:
    return (yield request)
