"""Calls about credit applications."""

from __future__ import annotations

from ..capabilities import Feature
from ..model import operations as ask
from ..model.credit import (
    AdverseAction,
    CreditApplication,
    CreditApplicationChanges,
    NewCreditApplication,
)
from ..model.pages import Page
from .call import Asker, Call, blocked, mint


class CreditApplicationCalls(Asker):
    """Calls about credit applications."""

    def create(self, new: NewCreditApplication) -> Call[CreditApplication]:
        """Make an application."""
        feature = Feature.CREDIT_APPLICATIONS_CREATE
        self.require_feature(feature)
        settled = self.settled(new).value
        key = mint()
        question = ask.CreateCreditApplication(new=settled, idempotency_key=key)
        flow = self.adapter.create_credit_application
        return self.ask_keyed(feature, flow, question, key, about=new)

    def get(self, application_id: str) -> Call[CreditApplication]:
        """Read an application."""
        question = ask.GetCreditApplication(id=application_id)
        flow = self.adapter.get_credit_application
        return self.ask(Feature.CREDIT_APPLICATIONS_GET, flow, question)

    def list(
        self,
        customer_id: str | None,
        before: str | None,
        token: str | None,
        page_size: int | None,
    ) -> Call[Page[CreditApplication]]:
        """Read a page of applications."""
        if before is not None and token is not None:
            said = (
                "cannot be given together with token: a page lies after or before one"
            )
            raise blocked("before", "one cursor", said)
        question = ask.ListCreditApplications(
            customer_id=customer_id, before=before, token=token, page_size=page_size
        )
        flow = self.adapter.list_credit_applications
        return self.ask(Feature.CREDIT_APPLICATIONS_LIST, flow, question)

    def update(
        self, application_id: str, changes: CreditApplicationChanges
    ) -> Call[CreditApplication]:
        """Change an application that is not yet submitted."""
        feature = Feature.CREDIT_APPLICATIONS_UPDATE
        self.require_feature(feature)
        settled = self.settled(changes).value
        question = ask.UpdateCreditApplication(id=application_id, changes=settled)
        flow = self.adapter.update_credit_application
        return self.ask(feature, flow, question, changes)

    def submit(self, application_id: str) -> Call[CreditApplication]:
        """Submit an application."""
        question = ask.SubmitCreditApplication(id=application_id)
        flow = self.adapter.submit_credit_application
        return self.ask(Feature.CREDIT_APPLICATIONS_SUBMIT, flow, question)

    def adverse_action(self, application_id: str) -> Call[AdverseAction]:
        """Read why an application was denied."""
        question = ask.GetAdverseAction(application_id=application_id)
        flow = self.adapter.get_adverse_action
        return self.ask(Feature.CREDIT_APPLICATIONS_ADVERSE_ACTION, flow, question)
