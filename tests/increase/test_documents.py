"""Documents at Increase: uploaded as a form, over every transport, and never shown."""

from __future__ import annotations

import asyncio
import json
from email.parser import BytesParser
from email.policy import HTTP
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from tests.fakes import Script

from anybank import (
    AsyncBank,
    Bank,
    HttpOptions,
    InvalidInput,
    KycDocument,
    NewKycDocument,
    NotFound,
    UnexpectedResponse,
)
from anybank.cli import main
from anybank.sandbox.faults import Faults
from anybank.sandbox.server import serve
from anybank.testing.cassettes import CassetteMasking
from anybank.testing.masks import AllowList
from anybank_increase import documents
from anybank_increase.simulator import IncreaseSimulator

from .banks import KEY, ada, increase
from .document import Watched, schema_words

CONTENT = b"\x89PNG\r\n\x1a\n--anybank-\r\n\x00\xff scan of Canarypassport"


def scan(**fields: Any) -> NewKycDocument:
    defaults = {"kind": "passport", "content": CONTENT, "media_type": "image/png"}
    return NewKycDocument(**{**defaults, **fields})


def stored(simulator: IncreaseSimulator, file_id: str | None) -> bytes:
    text: str = simulator.files.contents[str(file_id)].reveal()
    return text.encode("latin-1")


def test_a_document_becomes_a_file_and_belongs_to_the_entity() -> None:
    """The entity lists it, and `kyc.get` returns it with its id."""
    simulator = IncreaseSimulator()
    with increase(Watched(simulator)) as bank:
        customer = bank.customers.create(ada())
        uploaded = bank.kyc.upload_document(customer.id, scan())
        check = bank.kyc.get(customer.id)
    row = simulator.files.table.rows[str(uploaded.id)]
    assert uploaded.kind == row["description"] == "passport"
    assert row["purpose"] == "entity_supplemental_document"
    assert row["mime_type"] == "image/png"
    assert stored(simulator, uploaded.id) == CONTENT
    assert uploaded.id in [document.id for document in check.documents]


def test_without_a_customer_it_is_a_file_for_an_identification() -> None:
    """The id of the result is that of the file, which a government id takes."""
    simulator = IncreaseSimulator()
    with increase(Watched(simulator)) as bank:
        uploaded = bank.kyc.upload_document(None, scan(media_type="Application/PDF"))
    row = simulator.files.table.rows[str(uploaded.id)]
    assert row["purpose"] == "identity_document"
    assert row["filename"] == "document.pdf"
    assert simulator.files.documents.rows == {}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"media_type": "image/gif"}, "media_type"),
        ({"content": b"x" * 10_000_001}, "content"),
        ({"kind": "x" * 201}, "kind"),
    ],
)
def test_what_increase_does_not_accept_is_not_sent(
    fields: dict[str, Any], field: str
) -> None:
    """A refused media type and a file that is too large are InvalidInput."""
    script = Script()
    with (
        Bank("increase", transport=script, api_key=KEY) as bank,
        pytest.raises(InvalidInput) as caught,
    ):
        bank.kyc.upload_document("entity_1", scan(**fields))
    assert [issue.field for issue in caught.value.issues] == [field]
    assert script.requests == []


def test_an_unknown_entity_is_an_error_after_the_file() -> None:
    """The file stays at Increase; the error is that of the document."""
    simulator = IncreaseSimulator()
    with increase(simulator) as bank, pytest.raises(NotFound) as caught:
        bank.kyc.upload_document("entity_unknown", scan())
    assert len(simulator.files.table.rows) == 1
    assert "Canarypassport" not in str(caught.value)


@pytest.mark.parametrize("fault", ["lost", "500", "truncated"])
def test_a_lost_response_uploads_once(fault: str) -> None:
    """The same form is sent again under the same key, and so is the document."""
    simulator = IncreaseSimulator()
    faults = Faults().around(simulator)
    with increase(faults) as bank:
        customer = bank.customers.create(ada())
        faults.schedule(fault, None, fault)
        uploaded = bank.kyc.upload_document(customer.id, scan())
    assert list(simulator.files.table.rows) == [uploaded.id]
    assert len(simulator.files.documents.rows) == 1


def test_the_callers_key_is_that_of_the_file() -> None:
    """A second call under it returns the first file, and adds no second document."""
    simulator = IncreaseSimulator()
    with increase(simulator) as bank:
        customer = bank.customers.create(ada())
        first, second = (
            bank.kyc.upload_document(customer.id, scan(), idempotency_key="k-1")
            for _ in range(2)
        )
    assert first == second
    assert len(simulator.files.documents.rows) == 1


def test_the_form_is_read_by_a_parser_of_mail() -> None:
    """Every byte of the file is in one part, whatever the file holds."""
    script = Script(httpx.Response(200, json={"id": "file_1"}))
    with Bank("increase", transport=script, api_key=KEY) as bank:
        assert bank.kyc.upload_document(None, scan()) == KycDocument(
            kind="passport", id="file_1", status="submitted"
        )
    (request,) = script.requests
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.content)
    parts = {
        part.get_param("name", header="content-disposition"): part
        for part in message.iter_parts()
    }
    assert parts["file"].get_payload(decode=True) == CONTENT
    assert parts["file"].get_content_type() == "image/png"
    assert parts["purpose"].get_payload() == "identity_document"


def test_another_entity_in_the_response_is_unexpected() -> None:
    """The document of somebody else is no success."""
    script = Script(
        httpx.Response(200, json={"id": "file_1"}),
        httpx.Response(200, json={"file_id": "file_1", "entity_id": "entity_2"}),
    )
    with (
        Bank("increase", transport=script, api_key=KEY) as bank,
        pytest.raises(UnexpectedResponse),
    ):
        bank.kyc.upload_document("entity_1", scan())


@pytest.mark.parametrize("engine", ["httpx", "aiohttp"])
def test_a_form_arrives_whole_over_http(engine: str) -> None:
    """Both engines send the same bytes to the sandbox on loopback."""
    simulator = IncreaseSimulator()

    async def upload(base_url: str) -> KycDocument:
        http = HttpOptions(engine=engine)  # type: ignore[arg-type] # one of the two
        options = {"base_url": base_url, "api_key": KEY, "http": http}
        async with AsyncBank("increase", **options) as bank:
            return await bank.kyc.upload_document(None, scan(content=CONTENT * 50_000))

    with serve({"increase": simulator}) as running:
        uploaded = asyncio.run(upload(running.base_url("increase")))
    assert stored(simulator, uploaded.id) == CONTENT * 50_000


def test_the_synchronous_client_sends_the_same() -> None:
    """The file is stored under the id of the result."""
    simulator = IncreaseSimulator()
    with (
        serve({"increase": simulator}) as running,
        Bank("increase", base_url=running.base_url("increase"), api_key=KEY) as bank,
    ):
        uploaded = bank.kyc.upload_document(None, scan())
        row = json.loads(bank.request("GET", f"/files/{uploaded.id}").content)
    assert row["id"] == uploaded.id
    assert stored(simulator, uploaded.id) == CONTENT


def test_the_words_are_those_of_the_document() -> None:
    """Both purposes are in the enum of "Create a file"."""
    words = schema_words("create_a_file_parameters", "purpose")
    assert {documents.OF_ENTITY, documents.OF_IDENTIFICATION} <= words


def test_no_cassette_has_the_content() -> None:
    """The whole form is masked before a recording is written."""
    form = documents.new_file(scan(), documents.OF_ENTITY)
    recorded = httpx.Request("POST", "https://api.increase.com/files")
    request = SimpleNamespace(
        uri=str(recorded.url), body=form.encoded(), headers=dict(recorded.headers)
    )
    masked = CassetteMasking(AllowList()).request(request)
    assert b"Canarypassport" not in masked.body
    assert b"passport" not in masked.body


@pytest.mark.parametrize("revealed", [(), ("--reveal",)])
def test_the_command_line_shows_the_end_of_a_number(
    revealed: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also with --reveal a government id stays masked."""
    simulator = IncreaseSimulator()
    itin = "individual_taxpayer_identification_number"
    identification = {"method": itin, "number": "912705678"}
    customer_id = simulator.seed_entity(identification=identification)
    with serve({"increase": simulator}) as running:
        monkeypatch.setenv("ANYBANK_INCREASE_BASE_URL", running.base_url("increase"))
        monkeypatch.setenv("ANYBANK_INCREASE_API_KEY", KEY)
        arguments = ("customers", "get", customer_id, "--bank", "increase", "--json")
        assert main([*arguments, *revealed]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert "912705678" not in str(shown)
    if revealed:
        (government_id,) = shown["government_ids"]
        assert (government_id["kind"], government_id["number"]) == ("itin", "****5678")
    else:
        assert shown["government_ids"] == 1
