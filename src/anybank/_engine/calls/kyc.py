"""Calls about the verification of customers."""

from __future__ import annotations

from attrs import evolve

from ...adapter.wire import Course, Wait
from ...model import operations as ask
from ...model.features import Feature
from ...model.kyc import KycCheck, KycStatus, StartKyc
from .call import Asker, Call, blocked

_UNDECIDED = (KycStatus.SUBMITTED, KycStatus.UNDER_REVIEW, KycStatus.UNKNOWN)
_FIRST_WAIT = 1.0
_LONGEST_WAIT = 30.0


class KycCalls(Asker):
    """Calls about KYC."""

    def start(self, customer_id: str, start: StartKyc) -> Call[KycCheck]:
        """Start verifying a customer, under one idempotency key however often sent."""
        feature = Feature.KYC_START
        self.require_feature(feature)
        requested = start.idempotency_key
        key = self.key_for(feature, requested)
        settled = self.settled(start).value
        keyed = evolve(settled, idempotency_key=key)
        question = ask.StartKycCheck(customer_id=customer_id, start=keyed)
        flow = self.adapter.start_kyc
        return self.ask_keyed(
            feature, flow, question, key, requested=requested, about=start
        )

    def get(self, customer_id: str, program_id: str | None) -> Call[KycCheck]:
        """Read how far a verification has come."""
        question = ask.GetKycCheck(customer_id=customer_id, program_id=program_id)
        return self.ask(Feature.KYC_GET, self.adapter.get_kyc, question)

    def wait(
        self, customer_id: str, program_id: str | None, timeout: float
    ) -> Call[KycCheck]:
        """Read until something is decided or wanted, or the waits add up to a deadline."""
        self.require_feature(Feature.KYC_GET)
        if not 0 <= timeout < float("inf"):
            raise blocked("timeout", "seconds", "must be a finite number of seconds")
        question = ask.GetKycCheck(customer_id=customer_id, program_id=program_id)
        return Call(Feature.KYC_GET, self._decided(question, timeout))

    def _decided(self, question: ask.GetKycCheck, left: float) -> Course[KycCheck]:
        wait = _FIRST_WAIT
        while True:
            flow = self.answered(Feature.KYC_GET, self.adapter.get_kyc, question)
            found = yield from flow
            if found.status not in _UNDECIDED or left <= 0:
                return found
            yield Wait(min(wait, left))
            left -= wait
            wait = min(2 * wait, _LONGEST_WAIT)
