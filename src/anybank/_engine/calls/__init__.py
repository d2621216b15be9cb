"""Build the calls of a bank: check the arguments, prepare the values, choose the key.

A Call is the same for Bank and AsyncBank; they differ only in how they run it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from typing import Any

import attrs

from ...adapter.base import Adapter
from ...adapter.wire import Flow, Json, Query, Request, Response, is_path
from ...declaration.preflight import prepare
from ...errors import Issue
from ...sensitive import Sensitive
from .accounts import (
    AccountCalls,
    AccountNumberCalls,
    ExternalAccountCalls,
)
from .arguments import validate_calls
from .call import Call, Loss, argument_error
from .credentials import CredentialCalls
from .credit_applications import CreditApplicationCalls
from .customers import AddressCalls, CustomerCalls
from .events import EventCalls
from .kyc import KycCalls
from .transactions import TransactionCalls
from .webhook_subscriptions import WebhookSubscriptionCalls

__all__ = ["Call", "Calls", "Loss"]

_METHOD = re.compile(r"[A-Za-z]{1,20}")


@validate_calls
class Calls:
    """The calls of one adapter, by resource."""

    def __init__(self, adapter: Adapter, today: Callable[[], date]) -> None:
        self.adapter, self._today = adapter, today

    @cached_property
    def customers(self) -> CustomerCalls:
        """Calls about the customers."""
        return CustomerCalls(self.adapter, self._today)

    @cached_property
    def customer_addresses(self) -> AddressCalls:
        """Calls about the single addresses of a customer."""
        return AddressCalls(self.adapter, self._today)

    @cached_property
    def kyc(self) -> KycCalls:
        """Calls about the verification of customers."""
        return KycCalls(self.adapter, self._today)

    @cached_property
    def credit_applications(self) -> CreditApplicationCalls:
        """Calls about the credit applications."""
        return CreditApplicationCalls(self.adapter, self._today)

    @cached_property
    def webhook_subscriptions(self) -> WebhookSubscriptionCalls:
        """Calls about the subscriptions to events."""
        return WebhookSubscriptionCalls(self.adapter, self._today)

    @cached_property
    def events(self) -> EventCalls:
        """Calls about the events."""
        return EventCalls(self.adapter, self._today)

    @cached_property
    def accounts(self) -> AccountCalls:
        """Calls about the accounts."""
        return AccountCalls(self.adapter, self._today)

    @cached_property
    def account_numbers(self) -> AccountNumberCalls:
        """Calls about the account numbers."""
        return AccountNumberCalls(self.adapter, self._today)

    @cached_property
    def external_accounts(self) -> ExternalAccountCalls:
        """Calls about the accounts at other banks."""
        return ExternalAccountCalls(self.adapter, self._today)

    @cached_property
    def transactions(self) -> TransactionCalls:
        """Calls about the transactions."""
        return TransactionCalls(self.adapter, self._today)

    @cached_property
    def credentials(self) -> CredentialCalls:
        """Calls about the bank's own credentials."""
        return CredentialCalls(self.adapter, self._today)

    def check(self, value: object, *, kyc_passed: bool | None = None) -> list[Issue]:
        """Return the issues of a value: each field that will not arrive unchanged."""
        if not attrs.has(type(value)):
            text = f"must be a value such as NewCustomer, not {type(value).__name__}"
            raise argument_error("value", "a value of the library", text)
        declared, today = self.adapter.capabilities, self._today()
        prepared = prepare(declared, value, kyc_passed=kyc_passed, today=today)
        return list(prepared.issues)

    def request(
        self,
        method: str,
        path: str,
        query: Query,
        headers: Mapping[str, str],
        body: Json,
    ) -> Call[Response]:
        """Send a raw request to a path below the base URL."""
        # The path is appended to the base URL: `@host/` would turn the declared host
        # into a user name, and the credentials would go to another host.
        if not is_path(path):
            text = "must start with one slash and have no host, query or fragment"
            raise argument_error("path", "path", text)
        if not _METHOD.fullmatch(method):
            raise argument_error(
                "method", "an HTTP method", "must be a method such as GET"
            )
        _require_texts("query", query, (str, int, type(None)))
        _require_texts("headers", headers, (str, Sensitive))
        request = Request(
            method=method.upper(), path=path, query=query, headers=headers, body=body
        )
        _require_json(request)
        return Call(None, _send(request), (list(headers.values()), body))


def _send(request: Request) -> Flow[Response]:
    return (yield request)


def _require_texts(
    name: str, items: Mapping[Any, object], kinds: tuple[type, ...]
) -> None:
    """Raise InvalidInput unless the names are text and the values of the given types."""
    if all(isinstance(key, str) and isinstance(items[key], kinds) for key in items):
        return
    names = " or ".join(kind.__name__ for kind in kinds).replace("NoneType", "None")
    raise argument_error(name, names, f"must map texts to {names}")


def _require_json(request: Request) -> None:
    """Raise InvalidInput if a body is not JSON; the error does not contain the body."""
    try:
        request.encoded()
    except (TypeError, ValueError, RecursionError, AttributeError):
        pass
    else:
        return
    text = "must be JSON: texts, numbers, lists, dicts with text keys"
    raise argument_error("json", "JSON", text)
