"""The vendor's document says which word stands for a social security number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from tests.testing.conformance.acme.seeds import DOCUMENT
from tests.testing.conformance.broken.making import with_body

from anybank.testing.conformance import run_check


@pytest.mark.parametrize("sent", ["SSN", "TIN"])
def test_an_ssn_is_sent_beside_its_own_word(tmp_path: Path, sent: str) -> None:
    """A taxpayer number is another kind where the vendor has a word for an SSN."""
    document: Any = json.loads(DOCUMENT.read_text("utf-8"))
    person = document["components"]["schemas"]["new_person"]
    person["properties"]["number_type"] = {"type": "string", "enum": ["SSN", "TIN"]}
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(document), "utf-8")
    subject = with_body("create_customer", lambda body: {**body, "number_type": sent})
    judged = evolve(subject, openapi=file)
    result = run_check(judged, "ssns_stand_beside_no_other_kind")
    assert result.passed is (sent == "SSN")
    assert ("Send SSN." in result.message) is (sent == "TIN")
