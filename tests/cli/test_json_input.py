"""JSON documents: every error names its field and never shows a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import PERSON, Run


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "document: is not JSON at line 1, column 2"),
        ("[]", "document: must be one JSON object"),
        ('{"first_nam": "A"}', "did you mean 'first_name'?"),
        ('{"ssn": "1", "ssn": "2"}', "ssn: appears twice"),
        ('{"ssn": "912-45"}', "ssn: pass nine digits"),
        ('{"ssn": 912456789}', "ssn"),
        ('{"date_of_birth": "4/1/90"}', "in the form YYYY-MM-DD"),
        ('{"date_of_birth": 1990}', "in the form YYYY-MM-DD"),
        ('{"emails": "ada@example.com"}', "emails"),
        ('{"phones": [5]}', "phones[0]: must be an object"),
        ('{"phones": [{"kind": "mobile"}]}', "phones[0]: lacks"),
        ('{"phones": ["12"]}', "phones[0].number"),
        ('{"addresses": {}}', "addresses: must be a list"),
        ('{"addresses": [{"lin1": "x"}]}', "addresses[0].lin1: is not a field"),
        ('{"addresses": [{"kind": "cave"}]}', "addresses[0].kind: must be one of"),
        ('{"addresses": [{"country": "U"}]}', "addresses[0].country"),
        ("[" * 100_000, "nested too deeply"),
        ('{"ssn": ' + "9" * 5000 + "}", "a number that is too long"),
        ('{"extras": []}', "extras: must be an object"),
        ('{"extras": {"bond": 1}}', "extras.bond: must be an object"),
        ('{"extras": {"bond": {"x": 1}}}', "extras.bond.x: is not a field"),
    ],
)
def test_a_bad_document_names_its_field(run: Run, document: str, message: str) -> None:
    """An error names the field of a document, and never shows its value."""
    ran = run("check", "bond", "-", stdin=document)
    assert ran.code == 1
    assert message in ran.err
    assert not any(value in ran.err for value in ("912", "ada@", "4/1/90", "cave"))


def test_a_binary_document_is_rejected(run: Run, tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are an error, which names the file."""
    path = tmp_path / "customer.json"
    path.write_bytes(b"\xff\xfe{")
    assert f"{path}: is not UTF-8 text" in run("check", "bond", str(path)).err


def test_json_as_an_argument_is_not_repeated(run: Run) -> None:
    """The error explains why FILE must be a path, and does not show the JSON."""
    ran = run("check", "bond", PERSON)
    assert ran.code == 64
    assert "other users of this machine" in ran.err
    assert "912" not in ran.err
