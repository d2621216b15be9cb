"""Calls about the credentials themselves."""

from __future__ import annotations

from ...model import operations as ask
from ...model.credentials import CredentialCheck, TemporaryCredentials
from ...model.features import Feature
from .call import Asker, Call


class CredentialCalls(Asker):
    """Calls about credentials."""

    def check(self) -> Call[CredentialCheck]:
        """Ask whether the credentials are good."""
        flow = self.adapter.check_credentials
        return self.ask(Feature.CREDENTIALS_CHECK, flow, ask.CheckCredentials())

    def create_temporary(self, customer_id: str) -> Call[TemporaryCredentials]:
        """Make short-lived credentials for one customer."""
        question = ask.CreateTemporaryCredentials(customer_id=customer_id)
        flow = self.adapter.create_temporary_credentials
        return self.ask(Feature.CREDENTIALS_CREATE_TEMPORARY, flow, question)
