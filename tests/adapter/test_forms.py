"""Forms: encoded the same each time, and masked until then."""

from __future__ import annotations

from email.parser import BytesParser
from email.policy import HTTP

from hypothesis import given
from hypothesis import strategies as st

from anybank.adapter.forms import Form, FormFile
from anybank.adapter.wire import post
from anybank.model.document_contents import DocumentContent
from anybank.sensitive import Sensitive


def form(content: bytes = b"scan", **texts: str) -> Form:
    file = FormFile(
        filename="a.png", media_type="image/png", content=DocumentContent(content)
    )
    return Form({"file": file, **texts})


@given(st.binary(min_size=1, max_size=200), st.text("ab \r\n-", max_size=20))
def test_every_part_is_read_back(content: bytes, purpose: str) -> None:
    """Content with line breaks, dashes and boundaries of other forms stays whole."""
    inner = form(content, purpose=purpose).encoded()
    outer = form(inner, purpose=purpose)
    head = f"Content-Type: {outer.media_type}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + outer.encoded())
    file, text = message.iter_parts()
    assert file.get_payload(decode=True) == inner
    assert file.get_filename() == "a.png"
    assert text.get_payload(decode=True) == purpose.encode()


def test_the_same_form_is_the_same_request() -> None:
    """A repeated request under one key has one body and one boundary."""
    first, second = post("/files", form()), post("/files", form())
    assert first.encoded() == second.encoded()
    assert first.prepared().headers == second.prepared().headers
    assert form(b"other").media_type != form().media_type


def test_a_prepared_request_says_its_type() -> None:
    """The header has the boundary, and the body is bytes."""
    prepared = post("/files", form(), headers={"Idempotency-Key": "k"}).prepared()
    assert prepared.headers["content-type"] == form().media_type
    assert prepared.headers["idempotency-key"] == "k"
    assert isinstance(prepared.body, bytes)


def test_the_content_is_masked_and_known_to_the_scrubber() -> None:
    """No repr shows it, and the request yields it as a Sensitive."""
    request = post("/files", form(b"Canary scan", note=""))
    assert "Canary" not in f"{request!r} {form(b'Canary scan')!r}"
    (content,) = request.sensitive()
    assert isinstance(content, Sensitive)
    assert "Canary scan" in content.forms()


def test_a_name_cannot_end_its_header() -> None:
    """Quotes and line breaks in a name are percent-encoded."""
    encoded = Form({'a"b\r\nX: y': "1"}).encoded()
    assert b'name="a%22b%0D%0AX: y"' in encoded
