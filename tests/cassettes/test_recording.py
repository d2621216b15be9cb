"""Recording and replaying cassettes, as an adapter author does it."""

from __future__ import annotations

import builtins
import gzip
import importlib
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.canary.answers import echo, success
from tests.canary.canaries import CREDENTIALS, canaries_in
from tests.canary.operations import OPERATIONS
from tests.seeds.samples import perform

from anybank import (
    AnybankError,
    ConfigurationError,
    NotFound,
    OutcomeUnknown,
    Response,
    UnexpectedResponse,
)
from anybank.adapter import wire
from anybank.adapter.wire import Request
from anybank.testing.cassette_files import CassetteOrigin
from anybank.testing.cassette_writer import CassetteWriter
from anybank.testing.cassettes import (
    CassetteKind,
    cassette_player,
    find_problems,
    replayed,
)

BOTH = pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
ALLOWED = """
[all]
fields = ["customer_id", "page"]
headers = ["content-type"]
credentials = ["authorization", "identity"]
"""
KEY = {"identity": "i", "authorization": "a", "retries": 0}
MADE = {"customer_id": "c1", "first_name": "James", "note": ["333-52-7584"]}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Create a directory of cassettes that has only an allow-list."""
    (tmp_path / "bond").mkdir()
    (tmp_path / "bond" / "allowed.toml").write_text(ALLOWED)
    return tmp_path


def get(bank: Any) -> Any:
    return bank.customers.get("c1")


def record(
    directory: Path,
    operation: Callable[[Any], Any],
    answer: Callable[[httpx.Request], httpx.Response],
    **options: Any,
) -> Path:
    """Record an operation over a transport that vcrpy intercepts."""
    given = {**KEY, **options}
    player = cassette_player(
        directory, "bond", record_mode="all", source="a test", rewrite=REWRITE
    )
    with player.use_cassette("made.yaml"):
        transport = httpx.MockTransport(answer)
        perform("bond", operation, sync=True, transport=transport, **given)
    return directory / "bond" / "recorded" / "made.yaml"


REWRITE = {"https://elsewhere.example.com": "https://sandbox.bond.tech/api/v0.1"}


def answer(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=MADE)


@BOTH
def test_a_recording_is_replayed(directory: Path, *, sync: bool) -> None:
    """A masked response reads like the original one."""
    record(directory, get, answer)
    with replayed(directory, "bond", "made"):
        result = perform("bond", get, sync=sync, **KEY)
    assert (result.id, result.first_name) == ("c1", "Xxxx")


def test_a_rewritten_url_is_replayed_at_the_declared_host(
    directory: Path,
) -> None:
    """A recording from loopback replays with the default configuration."""
    record(directory, get, answer, base_url="https://elsewhere.example.com")
    with replayed(directory, "bond", "made"):
        assert perform("bond", get, sync=True, **KEY).id == "c1"


@pytest.mark.parametrize("operation", ["create", "update", "get", "request"])
def test_no_canary_gets_into_a_cassette(
    directory: Path, operation: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the file nor vcrpy's log contains any value of the request or response."""
    with caplog.at_level(logging.DEBUG):
        path = record(directory, OPERATIONS[operation], success, **CREDENTIALS["bond"])
    assert canaries_in(path.read_text("utf-8")) == []
    assert canaries_in(caplog.text) == []
    assert find_problems(path) == []


def test_no_canary_gets_into_a_cassette_of_an_error(directory: Path) -> None:
    """An error response that repeats the request is masked as well."""
    create, refusal = OPERATIONS["create"], echo(400)
    with pytest.raises(AnybankError):
        record(directory, create, refusal, **CREDENTIALS["bond"])
    path = directory / "bond" / "recorded" / "made.yaml"
    assert canaries_in(path.read_text("utf-8")) == []


def test_a_compressed_response_is_recorded_uncompressed(directory: Path) -> None:
    """A compressed body could not be masked."""

    def packed(request: httpx.Request) -> httpx.Response:
        content = gzip.compress(answer(request).content)
        headers = {"content-encoding": "gzip", "content-type": "application/json"}
        stream = httpx.ByteStream(content)
        return httpx.Response(200, headers=headers, stream=stream)

    path = record(directory, get, packed)
    assert '"first_name": "Xxxx"' in path.read_text("utf-8")


def test_a_text_that_is_not_listed_is_masked(directory: Path) -> None:
    """A body without fields is recorded unchanged only if the allow-list has it."""

    def text(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text="James was deleted")

    def remove(bank: Any) -> None:
        with pytest.raises(UnexpectedResponse):
            bank.customers.delete("c1")

    path = record(directory, remove, text)
    assert "James" not in path.read_text("utf-8")


@BOTH
def test_an_unrecorded_request_is_never_sent(directory: Path, *, sync: bool) -> None:
    """The Bank reports vcrpy's refusal, and the cassette its unused requests."""
    record(directory, get, answer)

    def other(bank: Any) -> Any:
        return bank.customers.get("c2")

    with (
        pytest.raises(AssertionError, match="bond/recorded/made has 1 requests"),
        replayed(directory, "bond", "made"),
        pytest.raises(OutcomeUnknown, match="CannotOverwriteExistingCassette"),
    ):
        perform("bond", other, sync=sync, **KEY)


def test_a_body_is_matched_by_its_json(directory: Path) -> None:
    """Another value of an unmasked field makes it another request."""

    def ask(page: int) -> Callable[[Any], Any]:
        return lambda bank: bank.request("POST", "/x", json={"page": page, "of": 1})

    record(directory, ask(1), answer)
    with replayed(directory, "bond", "made"):
        assert perform("bond", ask(1), sync=True, **KEY).ok
        with pytest.raises(OutcomeUnknown):
            perform("bond", ask(2), sync=True, **KEY)


def test_a_query_is_masked_by_the_same_list(directory: Path) -> None:
    """A parameter that is not on the allow-list is masked."""
    query = {"page": 1, "email": "james@example.org"}
    path = record(
        directory, lambda bank: bank.request("GET", "/x", query=query), answer
    )
    assert "page=1&email=masked%40example.com" in path.read_text("utf-8")


CHANGES = {
    "a field": ('"first_name": "Xxxx"', '"first_name": "James"', "first_name"),
    "an SSN": ("XXX-XX-0000", "333-52-7584", "an SSN"),
    "an e-mail": ("XXX-XX-0000", "james@example.org", "an e-mail address"),
    "a credential": ("- MASKED", "- Bearer secret", "the request's headers"),
    "a kind": ("kind: recorded", "kind: transcribed", "the metadata lacks"),
    "another origin": (
        "recorded_from: sandbox",
        "recorded_from: vendor page",
        "the metadata lacks recorded_from",
    ),
    "no source": ("source: a test", "source: ''", "the metadata lacks"),
    "the URL": ("customers/c1", "customers/c1?name=James", "the URL"),
}


def test_a_refused_cassette_leaves_the_earlier_one(directory: Path) -> None:
    """An unmasked result is never on disk, and does not replace what is there."""
    writer = CassetteWriter(
        directory=directory,
        vendor="bond",
        origin=CassetteOrigin.SANDBOX,
        base_url="https://sandbox.bond.tech/api/v0.1",
        source="a test",
    )

    def exchange(customer_id: str) -> tuple[Request, Response]:
        content = json.dumps({"customer_id": customer_id}).encode()
        headers = {"content-type": "application/json"}
        response = Response(status=200, headers=headers, content=content)
        return wire.get("/customers/c1"), response

    path = writer.write("customers.get", [exchange("c1")])
    before = path.read_text("utf-8")
    with pytest.raises(ConfigurationError, match="nothing was written") as raised:
        writer.write("customers.get", [exchange("ada@bank.example")])
    assert "ada@" not in str(raised.value)
    assert path.read_text("utf-8") == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("name", CHANGES)
def test_unmasked_data_is_reported(directory: Path, name: str) -> None:
    """The report names the place, and not the value."""
    path = record(directory, get, answer)
    before, after, expected = CHANGES[name]
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after))
    problems = " ".join(find_problems(path))
    assert expected in problems
    assert "James" not in problems
    assert "333-52" not in problems


@pytest.mark.parametrize("vendor", ["file", "nobody"])
def test_a_folder_without_an_allow_list_is_refused(tmp_path: Path, vendor: str) -> None:
    """Without an allow-list, there or in the adapter, nothing could be masked."""
    with pytest.raises(ConfigurationError, match=r"allow-list .* cannot be read"):
        cassette_player(tmp_path, vendor, CassetteKind.RECORDED)


def test_an_error_is_replayed_as_an_error(directory: Path) -> None:
    """The status is recorded although the message is masked."""

    def missing(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404, json={"Message": "no James", "Code": "x"})

    with pytest.raises(NotFound):
        record(directory, get, missing)
    with replayed(directory, "bond", "made"), pytest.raises(NotFound, match="Xxxx"):
        perform("bond", get, sync=True, **KEY)


def test_the_import_error_names_vcrpy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing the module without vcrpy says what to install."""
    real = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name == "vcr":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.delitem(sys.modules, "anybank.testing.cassettes")
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ConfigurationError, match="pip install vcrpy"):
        importlib.import_module("anybank.testing.cassettes")


def test_an_adapter_ships_its_allow_list(tmp_path: Path) -> None:
    """Where a directory has no list of its own, the recording is masked by the adapter's."""
    path = record(tmp_path, get, answer)
    text = path.read_text("utf-8")
    assert "c1" in text
    assert "James" not in text
    assert "333-52-7584" not in text
    assert find_problems(path) == []
