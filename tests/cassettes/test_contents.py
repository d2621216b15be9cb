"""The cassettes are masked, and match the vendors' pages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.cassettes.shared import ALL, CASSETTES, interactions
from tests.increase.document import DOCUMENT
from tests.seeds import samples
from tests.seeds.errors import REFUSALS
from tests.seeds.samples import Sample
from tests.seeds.states import TRANSCRIBED
from tools.transcribe_examples import transcribe

from anybank.plugins import find
from anybank.testing.cassette_files import CassetteFile
from anybank.testing.cassettes import CassetteKind, find_problems

EACH = pytest.mark.parametrize(
    "path", ALL, ids=lambda path: "-".join((*path.parts[-3:-1], path.stem))
)
SAMPLES = pytest.mark.parametrize(
    "sample", samples.ALL, ids=lambda item: f"{item.provider}-{item.name}"
)


@EACH
def test_a_cassette_contains_no_person(path: Path) -> None:
    """Every value is masked, and nothing looks like an SSN, an address or a secret."""
    assert find_problems(path) == []


@EACH
def test_a_cassette_names_its_kind_and_source(path: Path) -> None:
    """The metadata name the kind, the system that responded, and the source."""
    first = path.read_text("utf-8").splitlines()[:4]
    assert first[:2] == ["metadata:", f"  kind: {path.parent.name}"]
    assert first[2].startswith("  recorded_from: ")
    assert first[3].startswith("  source: ")


@EACH
def test_a_cassette_replays_against_the_declared_host(path: Path) -> None:
    """No URL points to the machine on which the cassette was recorded."""
    provider = path.parts[-3]
    host = find(provider).adapter.capabilities.hosts["sandbox"]
    uris = re.findall(r"^    uri: (\S+)", path.read_text("utf-8"), re.MULTILINE)
    assert uris
    assert all(uri.startswith(f"{host}/") for uri in uris)


@SAMPLES
def test_a_transcription_is_the_page(sample: Sample) -> None:
    """The response in the cassette is the page's, apart from the declared repairs."""
    stored = interactions(sample.provider, CassetteKind.TRANSCRIBED, sample.name)
    answer = stored[0]["response"]["body"]["string"]
    assert _read(answer) == _read(sample.answer())


@pytest.mark.parametrize("name", REFUSALS)
def test_a_transcribed_refusal_is_the_pages(name: str) -> None:
    """The error in the cassette is the page's."""
    response = interactions("bond", CassetteKind.TRANSCRIBED, name)[0]["response"]
    assert json.loads(response["body"]["string"]) == REFUSALS[name].body()
    assert response["status"]["code"] == REFUSALS[name].status


@pytest.mark.parametrize("name", TRANSCRIBED)
def test_a_transcribed_state_is_the_pages(name: str) -> None:
    """The first response in the cassette is the page's, with its status."""
    sample = TRANSCRIBED[name]
    first, *others = interactions("bond", CassetteKind.TRANSCRIBED, name)
    assert json.loads(first["response"]["body"]["string"]) == sample.body()
    assert first["response"]["status"]["code"] == sample.status
    bodies = [json.loads(item["response"]["body"]["string"]) for item in others]
    assert bodies == list(sample.then())


@pytest.mark.parametrize("name", ["kyc-start", "kyc-start-repeated-key"])
def test_a_start_has_its_key(name: str) -> None:
    """The request that starts KYC has an idempotency key."""
    first = interactions("bond", CassetteKind.TRANSCRIBED, name)[0]
    assert first["request"]["headers"]["idempotency-key"] == ["one-key"]


@SAMPLES
def test_a_transcribed_request_is_the_pages(sample: Sample) -> None:
    """The URL is the page's, and so is the method where the page shows one."""
    request = interactions(sample.provider, CassetteKind.TRANSCRIBED, sample.name)[0][
        "request"
    ]
    shown = sample.curl()
    assert request["uri"] == shown.url
    assert sample.provider == "sonder" or request["method"] == shown.method


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def test_the_examples_of_a_document_are_transcribed(tmp_path: Path) -> None:
    """The cassettes of Increase hold what its document prints today."""
    if not DOCUMENT.exists():
        pytest.skip("the vendor's document is not here: ../shared is absent")
    lines = list(transcribe("increase", DOCUMENT, tmp_path))
    written = sorted((tmp_path / "increase" / "transcribed").glob("*.yaml"))
    assert len(written) == sum("written to" in line for line in lines)
    for path in written:
        stored = CassetteFile.read(CASSETTES / path.relative_to(tmp_path))
        calls = [call.response.content for call in CassetteFile.read(path).calls]
        assert [call.response.content for call in stored.calls] == calls, path.stem
