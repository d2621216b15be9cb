"""Masks and allow-lists: which values stay, and which masks replace the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anybank import ConfigurationError
from anybank.testing.masks import AllowList, mask

SHAPES = [
    ("James", "Xxxx"),
    ("345 California Ave.", "Xxxx"),
    ("", ""),
    ("null", "null"),
    ("1997-12-25", "1970-01-01"),
    ("2020-10-26T21:48:57.287919", "1970-01-01T00:00:00+00:00"),
    ("2021-02-02-00:50:58.484840+00:00", "1970-01-01T00:00:00+00:00"),
    ("333-52-7584", "XXX-XX-0000"),
    ("333527584", "XXX-XX-0000"),
    ("XXX-XX-6789", "XXX-XX-0000"),
    ("XXXXX6789", "XXX-XX-0000"),
    ("650-123-4567", "555-555-0100"),
    ("+16501234567", "+15555550100"),
    ("94104", "00000"),
    ("94104-2657", "00000-0000"),
    ("james@example.com", "masked@example.com"),
    ("tok_sandbox_xoZz", "tok_masked"),
    ("https://example.com/?token=abc", "https://example.com/masked"),
    ("  <html><b>James</b>\n</html>", "<p>Xxxx</p>"),
    (204518837, 0),
    (12.5, 0),
    (True, True),
    (None, None),
]
LEAVES = st.none() | st.booleans() | st.integers() | st.text()
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@pytest.mark.parametrize(("value", "masked"), SHAPES)
def test_a_mask_has_the_shape_of_the_value(value: Any, masked: Any) -> None:
    """A reader accepts a mask wherever it accepts the original value."""
    assert mask(value) == masked


@given(JSON)
def test_a_mask_may_be_masked_again(value: Any) -> None:
    """Masking a mask gives the same mask, at every depth."""
    once = AllowList().masked(value)
    assert AllowList().masked(once) == once


@given(st.text(min_size=1))
def test_no_text_comes_through(text: str) -> None:
    """Any value of a field that is not on the allow-list is replaced by a mask."""
    stored = AllowList().masked({"note": [{"deep": text}]})["note"][0]["deep"]
    assert stored == mask(text)
    assert mask(stored) == stored


def test_a_field_on_the_list_stays() -> None:
    """The allow-list names fields; the fields of a nested object have their own names."""
    allowed = AllowList(fields=["id", "owner"])
    body = {"id": "c1", "owner": {"id": "c2", "name": "James"}, "ids": ["c3"]}
    masked = {"id": "c1", "owner": {"id": "c2", "name": "Xxxx"}, "ids": ["Xxxx"]}
    assert allowed.masked(body) == masked


def test_a_list_in_a_field_on_the_list_stays() -> None:
    """The items of a list have the name of the list."""
    assert AllowList(fields=["ids"]).masked({"ids": ["c3"]}) == {"ids": ["c3"]}


def test_a_whole_text_on_the_list_stays_anywhere() -> None:
    """A listed text stays only where it is the whole value."""
    allowed = AllowList(texts=["Not found."])
    body = {"message": "Not found.", "last_name": ["Not found. James"]}
    assert allowed.masked(body) == {"message": "Not found.", "last_name": ["Xxxx"]}


def test_a_name_that_is_data_is_masked() -> None:
    """A key that does not look like a name is masked, because it may be a value."""
    assert AllowList().masked({"james@example.com": 1, "a b": 2}) == {"Xxxx": 0}


def test_a_list_is_read_with_what_a_kind_adds(tmp_path: Path) -> None:
    """The table `all` and the table of a kind form one allow-list."""
    path = tmp_path / "allowed.toml"
    path.write_text('[all]\nfields = ["id"]\n[transcribed]\nfields = ["name"]\n')
    assert AllowList.load(path, "transcribed").fields == {"id", "name"}
    assert AllowList.load(path, "recorded").fields == {"id"}


@pytest.mark.parametrize(
    "text", ["[all]\nfeilds = []", "all = 1", "fields = []", "[all", None]
)
def test_a_list_that_cannot_be_read_is_refused(
    text: str | None, tmp_path: Path
) -> None:
    """A mistake in the file raises, instead of allowing nothing or everything."""
    path = tmp_path / "allowed.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigurationError, match=r"allowed\.toml"):
        AllowList.load(path, "recorded")
