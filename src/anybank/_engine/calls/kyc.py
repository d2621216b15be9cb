"""Calls about the verification of customers."""

from __future__ import annotations

from attrs import evolve

from ...adapter.wire import Course, Wait
from ...declaration.arguments import require_arguments
from ...declaration.support import Support
from ...declaration.vocabulary import FeatureRule
from ...model import operations as ask
from ...model.kyc import (
    KycCheck,
    KycDocument,
    KycStatus,
    NewKycDocument,
    StartKyc,
)
from .answer_checks import check_answer
from .call import Call, CallBuilder, argument_error, keyed

_UNDECIDED = (KycStatus.SUBMITTED, KycStatus.UNDER_REVIEW, KycStatus.UNKNOWN)
"""The statuses that change without the caller. NOT_STARTED is not among them: a
verification that nobody has started would be polled until the timeout."""
_FIRST_WAIT = 1.0
_LONGEST_WAIT = 30.0


class KycCalls(CallBuilder):
    """Calls about KYC."""

    def start(self, customer_id: str, start: StartKyc) -> Call[KycCheck]:
        """Start to verify a customer, under one idempotency key for all attempts."""
        feature, requested = ask.StartKycCheck.feature, start.idempotency_key
        rule = self.require_feature(feature)
        if rule.support is Support.EMULATED:
            # Nothing is started, so that no key can be used twice. Nothing is sent either:
            # extras would be lost without a word.
            prepared = self.prepare(start).value
            return self.ask(ask.StartKycCheck(customer_id=customer_id, start=prepared))
        key = self.key_for(feature, requested)
        prepared = evolve(self.prepare(start).value, idempotency_key=key)
        question = ask.StartKycCheck(customer_id=customer_id, start=prepared)
        return keyed(self.ask(question, start), rule, key, requested)

    def get(self, customer_id: str, program_id: str | None) -> Call[KycCheck]:
        """Read the status of a customer's verification."""
        return self.ask(ask.GetKycCheck(customer_id=customer_id, program_id=program_id))

    def upload_document(
        self,
        customer_id: str | None,
        new: NewKycDocument,
        idempotency_key: str | None = None,
    ) -> Call[KycDocument]:
        """Upload a file, and add it to a customer unless `customer_id` is None."""
        return self.ask_create(
            ask.UploadKycDocument, new, idempotency_key, customer_id=customer_id
        )

    def wait(
        self, customer_id: str, program_id: str | None, timeout: float
    ) -> Call[KycCheck]:
        """Read the status until it is decided or the waits add up to the timeout."""
        rule = self.require_feature(ask.GetKycCheck.feature)
        if not 0 <= timeout < float("inf"):
            message = "must be a finite number of seconds"
            raise argument_error("timeout", "seconds", message)
        question = ask.GetKycCheck(customer_id=customer_id, program_id=program_id)
        require_arguments(rule, question)
        return Call(question.feature, self._poll(question, rule, timeout))

    def _poll(
        self, question: ask.GetKycCheck, rule: FeatureRule, left: float
    ) -> Course[KycCheck]:
        wait, declared = _FIRST_WAIT, self.adapter.capabilities
        while True:
            value = yield from self.begin(question)
            check = check_answer(value, question, rule, capabilities=declared)
            if check.status not in _UNDECIDED or left <= 0:
                return check
            yield Wait(min(wait, left))
            left -= wait
            wait = min(2 * wait, _LONGEST_WAIT)
