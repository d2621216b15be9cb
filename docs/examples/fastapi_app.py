"""An app on FastAPI that opens customers at Bond and learns the outcome by webhook.

Run it with `uvicorn --factory fastapi_app:from_environment`, the bank's credentials in
ANYBANK_BOND_IDENTITY and ANYBANK_BOND_AUTHORIZATION, and the subscription's secret in
ANYBANK_WEBHOOK_SECRET.
"""

from __future__ import annotations

import os
from typing import Annotated
from uuid import uuid4

from attrs import evolve
from fastapi import Body, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

from anybank import (
    AsyncBank,
    InvalidInput,
    NewCustomer,
    OutcomeUnknown,
    StartKyc,
    WebhookRejected,
    webhooks,
)


def create_app(bank: AsyncBank, secret: str, program_id: str) -> FastAPI:
    """Return the app; a test passes the bank and the secret of a sandbox."""
    app = FastAPI()
    statuses: dict[str, str] = {}  # in production: tables, with dedupe_key unique
    processed: set[str] = set()

    @app.exception_handler(InvalidInput)
    async def reject(_: Request, error: InvalidInput) -> JSONResponse:
        issues = [{"field": each.field, "rule": each.rule} for each in error.issues]
        return JSONResponse({"issues": issues}, status_code=422)

    @app.post("/customers", status_code=201)
    async def sign_up(new: Annotated[NewCustomer, Body()]) -> dict[str, str]:
        # Your own id: with it the app finds a customer whose response was lost.
        new = evolve(new, external_id=new.external_id or str(uuid4()))
        try:
            customer = await bank.customers.create(new)
        except OutcomeUnknown as error:
            # The bank may have created the customer: look before anybody tries again.
            found = await bank.customers.resolve(error, new)
            if found is None:
                raise HTTPException(503, "Nothing was created. Try again.") from None
            customer = found
        await bank.kyc.start(customer.id, StartKyc(program_id=program_id))
        return {"id": customer.id}

    @app.get("/customers/{customer_id}")
    async def status(customer_id: str) -> dict[str, str]:
        return {"kyc": statuses.get(customer_id, "unknown")}

    @app.post("/webhooks/bond")
    async def receive(request: Request) -> dict[str, bool]:
        body = await request.body()  # the raw bytes: the signature is over these
        try:
            event = webhooks.verify("bond", request.headers, body, secret=secret)
        except WebhookRejected:
            raise HTTPException(400, "The signature is not valid.") from None
        if event.customer_id and event.dedupe_key not in processed:
            processed.add(event.dedupe_key)
            statuses[event.customer_id] = event.kind
        return {"received": True}

    return app


def from_environment() -> FastAPI:
    """Return the app with the bank that the environment configures."""
    secret = os.environ["ANYBANK_WEBHOOK_SECRET"]
    return create_app(AsyncBank("bond"), secret, os.environ["BOND_PROGRAM_ID"])
