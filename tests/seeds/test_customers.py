"""The samples on the vendors' pages: the requests that we send and the values we read."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from attrs import evolve
from tests.seeds import samples
from tests.seeds.samples import RecordedCall, Sample, ask

from anybank import CustomerChanges, InvalidInput, Ssn

BOTH = pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
EACH = pytest.mark.parametrize(
    "sample", samples.ALL, ids=lambda item: f"{item.provider}-{item.name}"
)
BOND = pytest.mark.parametrize("sample", samples.BOND, ids=lambda item: item.name)
SONDER = pytest.mark.parametrize("sample", samples.SONDER, ids=lambda item: item.name)

VERBS = {
    "customers-create": "POST",
    "customers-get": "GET",
    "customers-update": "PUT",
    "customers-delete": "DELETE",
}
"""The page's `curl -G` would send a GET for each (sonder.md §12 rows 1 and 5)."""


def asked_for(sample: Sample, *, sync: bool) -> RecordedCall:
    """Run a sample's operation with the page's response; Sonder's create reads back."""
    answers = [sample.response()]
    if sample is samples.SONDER_CREATE:
        answers.append(samples.SONDER_GET.response())
    return ask(
        sample.provider,
        sample.operation,
        *answers,
        sync=sync,
        **sample.credentials(),
    )


@EACH
@BOTH
def test_the_request_goes_where_the_page_sends_it(
    sample: Sample, *, sync: bool
) -> None:
    """The full URL is the page's, including the query and a trailing slash."""
    assert str(asked_for(sample, sync=sync).request.url) == sample.curl().url


@BOND
@BOTH
def test_the_verb_is_the_pages(sample: Sample, *, sync: bool) -> None:
    """The HTTP method is the one on Bond's page."""
    assert asked_for(sample, sync=sync).request.method == sample.curl().method


@SONDER
@BOTH
def test_no_customer_goes_into_a_url_as_curl_g_would_have_it(
    sample: Sample, *, sync: bool
) -> None:
    """Sonder's samples use `-G`, which puts the SSN into the URL; we send a body instead."""
    request = asked_for(sample, sync=sync).request
    assert request.method == VERBS[sample.name]
    assert not request.url.query


@EACH
@BOTH
def test_the_headers_of_the_page_are_sent(sample: Sample, *, sync: bool) -> None:
    """Our request has every header of the page, with its value."""
    headers = asked_for(sample, sync=sync).request.headers
    shown = sample.curl().headers
    assert {name: headers.get(name) for name in shown} == shown


@EACH
@BOTH
def test_a_body_is_announced_where_there_is_one(sample: Sample, *, sync: bool) -> None:
    """Only a request with a body has a `Content-Type` (bond.md §13 row 53)."""
    request = asked_for(sample, sync=sync).request
    expected = "application/json" if request.content else None
    assert request.headers.get("content-type") == expected


@BOTH
def test_bond_is_sent_the_body_of_its_create_sample(*, sync: bool) -> None:
    """The body of a create equals the page's JSON, field by field."""
    sample = samples.BOND_CREATE
    assert asked_for(sample, sync=sync).body == sample.curl().data


@BOTH
def test_bond_is_sent_the_body_of_its_update_sample_without_the_mask(
    *, sync: bool
) -> None:
    """The page sends a masked SSN in an update; we never send a mask (row 18)."""
    sample = samples.BOND_UPDATE
    shown = sample.curl().data
    assert shown.pop("ssn") == "XXX-XX-9999"
    assert asked_for(sample, sync=sync).body == shown


@BOTH
def test_a_masked_ssn_is_refused_before_anything_is_sent(*, sync: bool) -> None:
    """The page's update of the SSN is refused, and the error names the field."""
    changes = CustomerChanges(ssn=Ssn("XXX-XX-9999"))
    with pytest.raises(InvalidInput, match="ssn"):
        ask(
            "bond",
            lambda bank: bank.customers.update("5fec3f30", changes),
            sync=sync,
            identity="i",
            authorization="a",
        )


@BOTH
def test_sonder_is_sent_the_fields_of_its_create_sample_as_json(*, sync: bool) -> None:
    """The page's form fields are sent as one JSON object, its quoted lists as arrays."""
    sample = samples.SONDER_CREATE
    shown = sample.curl().data
    shown["emails"] = json.loads(
        json.dumps(shown["emails"]).replace("sonderlabs.io", "example.com")
    )
    assert asked_for(sample, sync=sync).body == shown


@BOTH
def test_sonder_is_sent_preferred_name_for_chosen_name(*, sync: bool) -> None:
    """The sample has `chosen_name`, the page's table and response have `preferredName`."""
    sample = samples.SONDER_UPDATE
    shown = sample.curl().data
    assert asked_for(sample, sync=sync).body == {"preferredName": shown["chosen_name"]}


@BOTH
def test_sonders_create_is_read_back_as_its_retrieve_sample(*, sync: bool) -> None:
    """The response has only an id, so the second request is the page's retrieve."""
    requests = asked_for(samples.SONDER_CREATE, sync=sync).requests
    read_back = samples.SONDER_GET.curl()
    assert [(item.method, str(item.url)) for item in requests[1:]] == [
        ("GET", read_back.url)
    ]


@EACH
@BOTH
def test_the_response_of_the_page_is_read(sample: Sample, *, sync: bool) -> None:
    """Our value has every field of the page's response."""
    assert asked_for(sample, sync=sync).value == sample.means


@EACH
def test_raw_is_the_response_of_the_page(sample: Sample) -> None:
    """`raw` has the vendor's own object, including unknown fields."""
    result = asked_for(sample, sync=True).value
    stored = [item.raw for item in result] if isinstance(result, list) else result
    expected = None if sample.means is None else _result(sample)
    assert (stored.raw if hasattr(stored, "raw") else stored) == expected


def _result(sample: Sample) -> Any:
    if sample is samples.SONDER_CREATE:
        return _result(samples.SONDER_GET)
    document = json.loads(sample.answer())
    return document["data"] if sample.provider == "sonder" else document


def test_sonders_request_id_is_in_every_response() -> None:
    """All four samples have both spellings of the field, with equal values (row 20)."""
    document = [json.loads(sample.answer()) for sample in samples.SONDER]
    assert {item["requestId"] == item["log_ref_id"] for item in document} == {True}


@pytest.mark.parametrize(
    "sample",
    [item for item in samples.ALL if not item.text],
    ids=lambda item: item.name,
)
def test_a_repair_is_needed_where_one_is_made(sample: Sample) -> None:
    """A sample with repairs to its JSON is not valid JSON without them."""
    grammar = [item for item in sample.repairs if "example.com" not in item[1]]
    others = [item for item in sample.repairs if item not in grammar]
    text = evolve(sample, repairs=others).answer()
    assert _is_json(text) == (not grammar)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def test_the_responses_have_their_media_type() -> None:
    """Bond responds to a delete with text and otherwise with JSON (row 4)."""
    answers: list[httpx.Response] = [item.response() for item in samples.BOND]
    kinds = [item.headers["content-type"].partition(";")[0] for item in answers]
    assert kinds == [*["application/json"] * 4, "text/plain"]
