"""Calls about the bank's own credentials."""

from __future__ import annotations

from ...model import operations as ask
from ...model.credentials import CredentialCheck, TemporaryCredentials
from .call import Call, CallBuilder


class CredentialCalls(CallBuilder):
    """Calls about credentials."""

    def check(self) -> Call[CredentialCheck]:
        """Check whether the credentials are valid."""
        return self.ask(ask.CheckCredentials())

    def create_temporary(self, customer_id: str) -> Call[TemporaryCredentials]:
        """Create short-lived credentials for one customer."""
        return self.ask(ask.CreateTemporaryCredentials(customer_id=customer_id))
