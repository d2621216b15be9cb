"""Ids of records below others are joined and split again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anybank.adapter.compound_ids import join_ids, split_ids
from anybank.errors import NotFound

IDS = st.lists(st.text(st.sampled_from("a7.%2E5-"), min_size=1), min_size=1)


@given(IDS)
def test_joined_ids_are_split_again(ids: list[str]) -> None:
    """Whatever the vendor's ids contain, dots too."""
    assert split_ids(join_ids(*ids), len(ids)) == ids


@pytest.mark.parametrize("identifier", ["", "a", "a.b.c", "a.", ".b", "."])
def test_an_id_of_another_form_is_not_found(identifier: str) -> None:
    """The vendor cannot have a record with such an id, so that nobody is asked."""
    with pytest.raises(NotFound, match="does not join 2 ids"):
        split_ids(identifier, 2)
