"""Calls about credit applications."""

from __future__ import annotations

from collections.abc import Collection

from ...model import operations as ask
from ...model.credit import (
    AdverseAction,
    CreditApplication,
    CreditApplicationChanges,
    NewCreditApplication,
)
from ...model.pages import Page
from .call import Call, CallBuilder, argument_error
from .lookups import resolve_by_content


class CreditApplicationCalls(CallBuilder):
    """Calls about credit applications."""

    def create(
        self, new: NewCreditApplication, idempotency_key: str | None = None
    ) -> Call[CreditApplication]:
        """Create a credit application."""
        return self.ask_create(ask.CreateCreditApplication, new, idempotency_key)

    def get(self, application_id: str) -> Call[CreditApplication]:
        """Read a credit application."""
        return self.ask(ask.GetCreditApplication(id=application_id))

    def resolve(
        self,
        error: BaseException | None,
        new: NewCreditApplication,
        known: Collection[str],
    ) -> Call[CreditApplication | None]:
        """Look for the application of a failed create, by its content."""
        customer = new.customer_id
        return resolve_by_content(
            self,
            error,
            new,
            create=ask.CreateCreditApplication,
            listing=lambda token: ask.ListCreditApplications(
                customer_id=customer, token=token
            ),
            known=known,
        )

    def list(
        self,
        customer_id: str | None,
        before: str | None,
        token: str | None,
        page_size: int | None,
    ) -> Call[Page[CreditApplication]]:
        """Read a page of credit applications."""
        if before is not None and token is not None:
            message = (
                "cannot be combined with token: a page is before or after a cursor"
            )
            raise argument_error("before", "one cursor", message)
        return self.ask_page(
            ask.ListCreditApplications(
                customer_id=customer_id,
                before=before,
                token=token,
                page_size=self.page_size(page_size),
            )
        )

    def update(
        self, application_id: str, changes: CreditApplicationChanges
    ) -> Call[CreditApplication]:
        """Change a credit application that is not submitted yet."""
        self.require_feature(ask.UpdateCreditApplication.feature)
        prepared = self.prepare(changes).value
        question = ask.UpdateCreditApplication(id=application_id, changes=prepared)
        return self.ask(question, changes)

    def submit(self, application_id: str) -> Call[CreditApplication]:
        """Submit a credit application."""
        return self.ask(ask.SubmitCreditApplication(id=application_id))

    def adverse_action(self, application_id: str) -> Call[AdverseAction]:
        """Read why a credit application was denied."""
        return self.ask(ask.GetAdverseAction(application_id=application_id))
