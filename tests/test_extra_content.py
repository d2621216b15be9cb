"""What one call sends that no adapter foresaw: `extra_headers=` and `extra_body=`."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
from typing import Any

import pytest
from tests.fakes import Script, james, json_response

from anybank import (
    AsyncBank,
    Bank,
    ConfigurationError,
    CustomerChanges,
    NewKycDocument,
    ProviderError,
    Sensitive,
)
from anybank._engine import aio_account_resources, aio_event_resources, aio_resources
from anybank.adapter.wire import Request, Response
from anybank.sandbox.transport import SimulatorTransport
from anybank_increase.simulator import IncreaseSimulator

TIER = {"tier": "gold"}


def bank(*answers: Any) -> tuple[Bank, Script]:
    """Return a Bond over scripted responses."""
    script = Script(*answers)
    return Bank(
        "bond", identity="i", authorization="a", transport=script, retries=0
    ), script


def created() -> Any:
    """Return the response to a create or an update."""
    return json_response(customer_id="c1", first_name="James")


def test_extra_content_belongs_to_one_call() -> None:
    """A create and an update send it; the calls of the same bank before and after do not."""
    own, script = bank(created(), created(), created())
    own.customers.create(james(), extra_body=TIER, extra_headers={"X-Tenant": "t1"})
    own.customers.update("c1", CustomerChanges(first_name="Jim"), extra_body=TIER)
    own.customers.create(james())
    bodies = [json.loads(request.content) for request in script.requests]
    assert [body.get("tier") for body in bodies] == ["gold", "gold", None]
    tenants = [request.headers.get("x-tenant") for request in script.requests]
    assert tenants == ["t1", None, None]


def test_an_asynchronous_call_and_a_raw_response_have_it_too() -> None:
    """All ways to call an operation take the same keywords."""

    async def ask(script: Script) -> None:
        async with AsyncBank(
            "bond", identity="i", authorization="a", transport=script
        ) as own:
            await own.customers.create(james(), extra_body=TIER)
            await own.with_raw_response.customers.create(james(), extra_body=TIER)

    script = Script(created(), created())
    asyncio.run(ask(script))
    assert all(json.loads(it.content)["tier"] == "gold" for it in script.requests)


def test_it_is_added_to_the_content_of_the_bank() -> None:
    """`with_options` holds for every call, and a call adds its own."""
    own, script = bank(created())
    wide = own.with_options(extra_body={"region": "west"})
    wide.customers.create(james(), extra_body=TIER)
    body = json.loads(script.requests[0].content)
    assert (body["region"], body["tier"]) == ("west", "gold")


@pytest.mark.parametrize(
    "extra",
    [
        {"extra_headers": {"Authorization": "x"}},
        {"extra_headers": {"Idempotency-Key": "x"}},
        {"extra_headers": ["X"]},
        {"extra_body": "text"},
        {"extra_body": {"first_name": "Eve"}},
    ],
)
def test_what_anybank_sends_itself_is_refused(extra: dict[str, Any]) -> None:
    """Nothing that the adapter writes is replaced, and nothing is sent."""
    own, script = bank()
    with pytest.raises(ConfigurationError):
        own.customers.create(james(), **extra)
    assert script.requests == []


def test_an_upload_takes_texts() -> None:
    """The fields of a form are texts, and none replaces one of the adapter."""
    simulator = IncreaseSimulator()
    sent: list[bytes] = []

    def record(request: Request) -> Response:
        sent.append(request.body if isinstance(request.body, bytes) else b"")
        return simulator(request)

    new = NewKycDocument(kind="passport", content=b"scan", media_type="image/png")
    transport = SimulatorTransport(record)
    with Bank("increase", transport=transport, **simulator.credentials) as own:
        own.kyc.upload_document(None, new, extra_body={"batch": "b1"})
        assert b'name="batch"\r\n\r\nb1' in sent[-1]
        for extra in ({"purpose": "other"}, {"batch": 7}):
            with pytest.raises(ConfigurationError, match=r"purpose|batch"):
                own.kyc.upload_document(None, new, extra_body=extra)
    assert len(sent) == 1


def test_an_unknown_keyword_is_a_mistake() -> None:
    """A misspelt `extra_body` is not ignored."""
    own, script = bank()
    with pytest.raises(TypeError, match="unexpected keyword"):
        own.customers.create(james(), extra_bodey=TIER)  # type: ignore[call-arg]
    assert script.requests == []


def test_a_vendors_echo_of_the_content_is_masked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither the error nor the log repeats what the extra content held."""
    caplog.set_level(logging.DEBUG)
    secret = "Vanterpool-Quillow"
    echo = {"Message": f"{secret} is wrong", "Status": 400}
    own, _ = bank(json_response(400, **echo))
    with pytest.raises(ProviderError) as caught:
        own.customers.create(
            james(),
            extra_body={"nickname": Sensitive(secret)},
            extra_headers={"X-Name": Sensitive(secret)},
        )
    shown = f"{caught.value!r} {caught.value} {caught.value.message} {caplog.text}"
    assert secret not in shown
    assert secret not in repr(caught.value.field_errors)


def test_the_declaration_says_that_it_is_unportable() -> None:
    """The notes name the fields and headers of a bank, and never their content."""
    own, _ = bank()
    wide = own.with_options(extra_body=TIER, extra_headers={"X-Tenant": "t1"})
    (note,) = set(wide.capabilities.notes) - set(own.capabilities.notes)
    assert note.startswith("unportable: extra_headers (x-tenant) and extra_body (tier)")
    assert "gold" not in note
    again = wide.with_options(extra_body={"region": "west"})
    (note,) = set(again.capabilities.notes) - set(own.capabilities.notes)
    assert "tier" not in note
    assert "region" in note


def test_every_create_and_update_takes_it() -> None:
    """An app finds the way out wherever it writes a value."""
    modules = (aio_resources, aio_account_resources, aio_event_resources)
    writes = [
        (kind.__name__, name)
        for module in modules
        for kind in vars(module).values()
        if inspect.isclass(kind) and kind.__module__ == module.__name__
        for name in ("create", "update", "start", "upload_document")
        if hasattr(kind, name)
        and "extra" not in inspect.signature(getattr(kind, name)).parameters
    ]
    assert writes == []
