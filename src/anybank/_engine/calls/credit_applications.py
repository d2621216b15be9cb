"""Calls about credit applications."""

from __future__ import annotations

from collections.abc import Collection

from ...adapter.wire import Flow
from ...model import operations as ask
from ...model.credit import (
    AdverseAction,
    CreditApplication,
    CreditApplicationChanges,
    NewCreditApplication,
)
from ...model.features import Feature
from ...model.pages import Page
from .call import Call, begun, blocked
from .lookups import ContentAsker, never_happened, nothing, require_lookup


class CreditApplicationCalls(ContentAsker):
    """Calls about credit applications."""

    def create(
        self, new: NewCreditApplication, idempotency_key: str | None = None
    ) -> Call[CreditApplication]:
        """Make an application."""
        feature = Feature.CREDIT_APPLICATIONS_CREATE
        self.require_feature(feature)
        key = self.key_for(feature, idempotency_key)
        settled = self.settled(new).value
        question = ask.CreateCreditApplication(new=settled, idempotency_key=key)
        flow = self.adapter.create_credit_application
        return self.ask_keyed(
            feature, flow, question, key, requested=idempotency_key, about=new
        )

    def get(self, application_id: str) -> Call[CreditApplication]:
        """Read an application."""
        question = ask.GetCreditApplication(id=application_id)
        flow = self.adapter.get_credit_application
        return self.ask(Feature.CREDIT_APPLICATIONS_GET, flow, question)

    def resolve(
        self,
        error: BaseException | None,
        new: NewCreditApplication,
        known: Collection[str],
    ) -> Call[CreditApplication | None]:
        """Look for what a create may have created, by its content."""
        create, listing = (
            Feature.CREDIT_APPLICATIONS_CREATE,
            Feature.CREDIT_APPLICATIONS_LIST,
        )
        self.require_feature(create)
        if never_happened(error, create):
            return Call(listing, nothing())
        require_lookup(self, create, listing)
        sent = self.settled(new).value

        def pages(token: str | None) -> Flow[Page[CreditApplication]]:
            question = ask.ListCreditApplications(
                customer_id=sent.customer_id, token=token
            )
            return begun(self.adapter.list_credit_applications, question)

        return Call(listing, self.by_content(pages, sent, known), new)

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
            customer_id=customer_id,
            before=before,
            token=token,
            page_size=self.page_size(page_size),
        )
        flow = self.adapter.list_credit_applications
        return self.ask_page(Feature.CREDIT_APPLICATIONS_LIST, flow, question)

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
