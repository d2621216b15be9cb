"""Extras: the vendor's names and rules of fields that it alone has."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import Factory, field, frozen

from anybank import InvalidInput
from anybank.adapter.own_fields import (
    FLAG,
    TEXT,
    ZONED,
    native,
    one_of,
    own,
    own_fields,
    texts,
    to_sensitive,
    with_own_fields,
)
from anybank.sensitive import Sensitive


@frozen(kw_only=True)
class AcmeExtras:
    """Fields that only Acme has."""

    branch: str | None = own("branchName", TEXT, source="Acme docs")
    mode: str | None = own("delivery.mode", one_of("once", "often"))
    urgent: bool | None = own("urgent", FLAG)
    signed_at: datetime | None = own("signedAt", ZONED)
    notes: dict[str, str] = own("tags", default=Factory(dict))
    device: Sensitive | None = field(
        default=None,
        converter=to_sensitive,
        metadata=native("devices", lambda device: [device]),
    )
    unwritten: str | None = None


def test_fields_are_written_under_the_names_of_the_vendor() -> None:
    """Dots lead into inner objects, and a field without a value or a name is absent."""
    extras = AcmeExtras(branch="Oslo", mode="once", urgent=False, unwritten="x")
    written = {"branchName": "Oslo", "delivery": {"mode": "once"}, "urgent": False}
    assert own_fields(extras) == written
    assert own_fields(None) == {}


def test_fields_join_those_of_the_request() -> None:
    """An inner object keeps its members, and an empty one is not written."""
    extras = AcmeExtras(mode="once", notes={"a": "b"})
    body = {"tags": {"externalId": "1"}, "delivery": 5}
    assert with_own_fields(body, extras) == {
        "tags": {"externalId": "1", "a": "b"},
        "delivery": {"mode": "once"},
    }
    assert with_own_fields({"x": 1}, AcmeExtras()) == {"x": 1}
    assert with_own_fields({"x": 1}, None) == {"x": 1}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("branch", "\t\t", "a string that is not blank"),
        ("mode", "daily", "one of once, often"),
        ("urgent", "yes", "True or False"),
        ("signed_at", datetime(2026, 1, 1), "a datetime with a time zone"),  # noqa: DTZ001  # without a zone
    ],
)
def test_a_value_that_breaks_the_rule_is_refused(
    name: str, value: Any, words: str
) -> None:
    """The error names the field and the rule, and does not quote the value."""
    with pytest.raises(InvalidInput) as caught:
        AcmeExtras(**{name: value})
    (issue,) = caught.value.issues
    assert (issue.field, issue.message) == (name, f"must be {words}")
    assert str(value) not in str(caught.value).replace(words, "")


def test_valid_values_and_secrets_pass() -> None:
    """A time with a zone is accepted, and a secret is masked and written whole."""
    extras = AcmeExtras(signed_at=datetime(2026, 1, 1, tzinfo=UTC), device="box-7")
    assert "box-7" not in repr(extras)
    (device,) = own_fields(extras)["devices"]
    assert device.reveal() == "box-7"


@pytest.mark.parametrize(
    "value",
    [{"a": ""}, {"a": "b", "c": "d"}, {"id": "x"}, {"a": 5}, ["a"], {"a": "long"}],
)
def test_a_mapping_of_texts_is_bounded(value: Any) -> None:
    """Too many or too long texts, other values and a reserved name are refused."""
    _, is_valid = texts(1, 3, without="id")
    assert is_valid({"a": "b"})
    assert is_valid({})
    assert not is_valid(value)
