"""Simulated payments over HTTP, for users of a simulator in another process.

No vendor has this path. It is outside every base path, needs no credentials, and faults
and rate limits do not apply to it.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from attrs import frozen

from ..adapter.wire import Request, Response
from ..errors import ConfigurationError, InvalidInput
from ..model.money import Money
from .faults import SimulatedBank
from .simulator import NotJson, answer_json, json_of

PATH = "/_sandbox/payments"
"""The path of a payment: `POST` with `{"account_id": "...", "amount": "250.00"}`."""
_FIELDS = {"account_id", "amount"}


@runtime_checkable
class PayableBank(Protocol):
    """A simulator into whose accounts money can be paid."""

    def simulate_payment(self, account_id: str, amount: Money) -> str:
        """Move money into an account, or out of it; return the transaction's id."""
        ...


@frozen(eq=False)
class WithPayments:
    """A simulator as it is served, with the path for payments next to the vendor's paths."""

    bank: SimulatedBank
    payable: PayableBank

    @property
    def base_path(self) -> str:
        """The part of the path before the vendor's resources."""
        return self.bank.base_path

    def __call__(self, request: Request) -> Response:
        """Return the response to a payment, or that of the simulator."""
        return self._pay(request) if request.path == PATH else self.bank(request)

    def _pay(self, request: Request) -> Response:
        if request.method != "POST":
            return answer_json(405, {"error": "use POST"})
        try:
            account_id, amount = _payment(json_of(request))
            transaction_id = self.payable.simulate_payment(account_id, amount)
        except (ConfigurationError, InvalidInput) as error:
            return answer_json(400, {"error": str(error)})
        except NotJson:
            return answer_json(400, {"error": "the body is not JSON"})
        return answer_json(201, {"transaction_id": transaction_id})


def _payment(body: Any) -> tuple[str, Money]:
    """Read a payment; the amount is a text in dollars, negative for money out."""
    is_complete = isinstance(body, dict) and body.keys() == _FIELDS
    if not is_complete or not all(isinstance(text, str) for text in body.values()):
        raise ConfigurationError(
            'a payment has an account and an amount in dollars, both as text: {"account_id": '
            '"...", "amount": "250.00"}'
        )
    return body["account_id"], Money.from_decimal(body["amount"])
