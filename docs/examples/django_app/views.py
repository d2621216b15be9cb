"""Sign a customer up, show the state of the verification, receive the bank's events."""

import json
from typing import Any
from uuid import UUID

from attrs import evolve
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from anybank import (
    Bank,
    InvalidInput,
    NewCustomer,
    OutcomeUnknown,
    StartKyc,
    WebhookRejected,
    from_dict,
    webhooks,
)

from .models import Customer, ProcessedEvent


def the_bank() -> Bank:
    """Return the bank of this process."""
    bank: Bank = apps.get_app_config("django_app").bank
    return bank


@csrf_exempt  # an API without cookies
@require_POST
def sign_up(request: HttpRequest) -> HttpResponse:
    """Create a customer at the bank and start the verification."""
    bank = the_bank()
    try:
        new = from_dict(NewCustomer, json.loads(request.body))
    except InvalidInput as error:
        return rejected(error)
    # The row comes first: its key finds the customer if the response is lost.
    row = Customer.objects.create(provider=bank.provider)
    try:
        customer_id = create(bank, evolve(new, external_id=str(row.key)))
    except InvalidInput as error:  # nothing was sent
        row.delete()
        return rejected(error)
    if customer_id is None:
        return JsonResponse({"detail": "Nothing was created. Try again."}, status=503)
    row.bank_customer_id = customer_id
    row.save()
    bank.kyc.start(customer_id, StartKyc(program_id=settings.BANK_PROGRAM_ID))
    return JsonResponse({"key": str(row.key)}, status=201)


def create(bank: Bank, new: NewCustomer) -> str | None:
    """Return the customer's id at the bank, or None if nothing was created."""
    try:
        return bank.customers.create(new).id
    except OutcomeUnknown as error:
        # The bank may have created the customer: look before anybody tries again.
        found = bank.customers.resolve(error, new)
        return found.id if found else None


def rejected(error: InvalidInput) -> HttpResponse:
    """Return the fields that the bank would not accept, and why."""
    issues = [{"field": each.field, "rule": each.rule} for each in error.issues]
    return JsonResponse({"issues": issues}, status=422)


@require_GET
def status(_: HttpRequest, key: UUID) -> HttpResponse:
    """Return the state of a customer's verification."""
    return JsonResponse({"kyc": Customer.objects.get(key=key).kyc})


@csrf_exempt  # the signature proves who sent the request
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Process an event of the bank once, however often it is delivered."""
    secret: Any = settings.BANK_WEBHOOK_SECRET
    try:
        # request.body has the raw bytes: the signature is over these.
        event = webhooks.verify(
            settings.BANK, request.headers, request.body, secret=secret
        )
    except WebhookRejected:
        return JsonResponse({"detail": "The signature is not valid."}, status=400)
    with transaction.atomic():
        _, is_new = ProcessedEvent.objects.get_or_create(dedupe_key=event.dedupe_key)
        if is_new and event.customer_id:
            rows = Customer.objects.filter(bank_customer_id=event.customer_id)
            rows.update(kyc=event.kind)
    return JsonResponse({"received": True})
