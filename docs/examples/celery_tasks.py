"""Tasks for Celery that ask a bank for a verification and process its events.

No argument of a task contains personal data: arguments lie in the broker, in logs and in
the result backend. Start a worker with `celery -A celery_tasks worker`, the broker in
CELERY_BROKER_URL and the bank's credentials in ANYBANK_BOND_IDENTITY and
ANYBANK_BOND_AUTHORIZATION.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from celery import Celery, Task

from anybank import AnybankError, Bank, Event, KycStatus, from_dict, to_dict, webhooks

app = Celery("banking", broker=os.environ.get("CELERY_BROKER_URL", "memory://"))
app.conf.task_acks_late = True  # a task whose worker was killed runs again
app.conf.task_serializer = "json"  # the values of anybank refuse to be pickled

UNDECIDED = {KycStatus.NOT_STARTED, KycStatus.SUBMITTED, KycStatus.UNDER_REVIEW}
SECONDS_BETWEEN_LOOKS = 60
on_decision: Callable[[str, str], object] = print
"""What your app does with a customer's id and the outcome; it must bear a repetition."""


@cache
def bank() -> Bank:
    """Return the bank of this worker process."""
    return Bank("bond")


@app.task(bind=True, max_retries=100)
def follow_verification(self: Task, customer_id: str, program_id: str) -> None:
    """Look at a verification until it is decided."""
    try:
        check = bank().kyc.get(customer_id, program_id=program_id)
    except AnybankError as error:
        if not error.retryable:
            raise
        # A rate limit says how long to wait.
        wait = getattr(error, "retry_after", None) or SECONDS_BETWEEN_LOOKS
        raise self.retry(countdown=wait) from None
    if check.status in UNDECIDED:
        raise self.retry(countdown=SECONDS_BETWEEN_LOOKS)
    on_decision(customer_id, check.status)


@app.task
def process_event(data: Mapping[str, Any]) -> None:
    """Process an event that the endpoint for webhooks has put on the queue."""
    event = from_dict(Event, dict(data))
    if event.customer_id:
        on_decision(event.customer_id, event.kind)


def receive(headers: Mapping[str, str], body: bytes, secret: str) -> None:
    """Verify a delivery and answer at once; a worker does the rest.

    Call it from the endpoint of your web framework. Raises WebhookRejected.
    """
    event = webhooks.verify("bond", headers, body, secret=secret)
    process_event.delay(to_dict(event))  # without `raw`, the vendor's own object
