"""Python is written so that it reads as the same value, in the formatter's layout."""

from __future__ import annotations

import ast
import keyword
import re

from hypothesis import example, given
from hypothesis import strategies as st

from anybank.cli.scaffold.openapi.identifiers import (
    RESERVED,
    attribute_name,
    class_name,
    variable_name,
)
from anybank.cli.scaffold.openapi.python_text import comment, literal, safe, text
from anybank.cli.scaffold.openapi.rules_text import whole_pattern

# The characters that end or continue a string are too rare among all of Unicode.
TEXTS = st.text(st.sampled_from("\\\"'\n{}a") | st.characters())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)


@given(VALUES)
@example("\\'")
@example("\\\"'")
def test_a_literal_reads_as_its_value(value: object) -> None:
    """Quotes, backslashes and characters outside ASCII are written as they are read."""
    written = literal(value)
    assert ast.literal_eval(written) == value
    assert written.isascii()


@given(TEXTS)
@example("\\\"'")
def test_a_text_is_one_string(value: str) -> None:
    """A text of a document cannot end the string that it stands in."""
    assert ast.literal_eval(text(value)) == value
    module = ast.parse(f'"""{safe(value)}."""\n{comment(f"TODO: {safe(value)}")}\n')
    assert len(module.body) == 1


@given(st.lists(TEXTS, max_size=8))
def test_names_are_identifiers_and_differ(names: list[str]) -> None:
    """Any names become attributes of one class, classes of one module, and variables."""
    attributes: list[str] = []
    classes: list[str] = []
    for name in names:
        attributes.append(attribute_name(name, attributes))
        classes.append(class_name(name, classes))
    for created in (*attributes, *classes, *map(variable_name, names)):
        assert created.isidentifier()
        assert not keyword.iskeyword(created)
    assert not RESERVED & set(attributes)
    assert len({*attributes}) == len({*classes}) == len(names)


def test_a_pattern_matches_the_whole_value() -> None:
    """A pattern of JSON Schema may match anywhere; ours match the whole value."""
    assert whole_pattern("^[0-9]{5}$") == "[0-9]{5}"
    assert whole_pattern("[0-9]") == ".*(?:[0-9]).*"
    inner = whole_pattern(r"^\d{9}|\d{4}$")
    assert re.fullmatch(inner, "123456789")
    assert re.fullmatch(inner, "a1234")


def test_a_pattern_that_says_nothing_is_left_out() -> None:
    """Everything matches `.*`, and Python knows no property of Unicode."""
    assert whole_pattern("^.*$") == ""
    assert whole_pattern(r"^\p{L}+$") == ""
    assert whole_pattern("(") == ""
