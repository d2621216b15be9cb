"""Files to upload: their content is masked, and an empty one is refused."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anybank import InvalidInput, NewKycDocument, from_dict, to_dict

CONTENT = b"scan of a Canarypassport"


def scan(**fields: Any) -> NewKycDocument:
    defaults = {"kind": "passport", "content": CONTENT, "media_type": "image/png"}
    return NewKycDocument(**{**defaults, **fields})


@given(st.binary(min_size=1, max_size=300))
def test_a_file_keeps_its_bytes(content: bytes) -> None:
    """The bytes and their number are those that were passed."""
    new = scan(content=content)
    assert new.content.reveal() == content
    assert new.content.size == len(content)
    assert from_dict(NewKycDocument, to_dict(new, reveal=True)) == new


def test_the_content_is_shown_nowhere() -> None:
    """Neither a repr nor a dictionary has it, as bytes or as base64."""
    new = scan()
    shown = f"{new!r} {new.content} {new.content!r} {to_dict(new)}"
    assert "Canarypassport" not in shown
    assert base64.b64encode(CONTENT).decode() not in shown
    assert to_dict(new, reveal=True)["content"] == base64.b64encode(CONTENT).decode()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"content": b""}, "content"),
        ({"content": "text"}, "content"),
        ({"content": None}, "content"),
        ({"media_type": "png"}, "media_type"),
        ({"media_type": None}, "media_type"),
        ({"kind": " "}, "kind"),
    ],
)
def test_an_ill_formed_file_is_refused(fields: dict[str, Any], field: str) -> None:
    """The issue names the field, and an empty file is one of them."""
    with pytest.raises(InvalidInput) as caught:
        scan(**fields)
    assert [issue.field for issue in caught.value.issues] == [field]


def test_a_media_type_is_written_in_lower_case() -> None:
    """Media types do not depend on case (RFC 9110, section 8.3.1)."""
    assert scan(media_type="IMAGE/PNG").media_type == "image/png"
