"""How an adapter declares the settings of a user."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import ToyOptions

from anybank import Sensitive
from anybank.adapter.options import (
    CREDENTIAL,
    HELP,
    NoOptions,
    secret_problem,
    variable,
)


def test_an_option_is_named_by_its_variable() -> None:
    """A variable has the provider and the option in capitals, with underscores."""
    assert variable("toy-bank", "base_url") == "ANYBANK_TOY_BANK_BASE_URL"


def test_a_credential_is_masked_and_marked() -> None:
    """A text becomes Sensitive, and a callable stays as it is."""
    assert ToyOptions(token="t").token == Sensitive("t")  # type: ignore[arg-type]
    assert callable(ToyOptions(token=lambda: "t").token)  # type: ignore[arg-type]
    marked = [
        field.name for field in attrs.fields(ToyOptions) if CREDENTIAL in field.metadata
    ]
    assert marked == ["token"]


def test_every_option_says_what_it_is_for() -> None:
    """Each option of each vendor has a help text."""
    assert all(field.metadata[HELP] for field in attrs.fields(ToyOptions))


def test_a_policy_has_the_declared_values() -> None:
    """A value that is not permitted is rejected."""
    with pytest.raises(ValueError, match="mood"):
        ToyOptions(token=Sensitive("t"), mood="sad")


def test_an_adapter_may_need_nothing() -> None:
    """An adapter may have no options."""
    assert attrs.fields(NoOptions) == ()


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1))
def test_printable_text_is_a_credential(text: str) -> None:
    """Printable ASCII with spaces inside is a valid credential."""
    assert secret_problem(text) is None
    assert secret_problem(f"{text} {text}") is None


@given(st.text(min_size=1), st.text())
def test_an_unusable_secret_has_a_problem(odd: str, rest: str) -> None:
    """A text that no header can carry has a problem, which does not quote the text."""
    text = rest + odd
    problem = secret_problem(text)
    sound = text.isascii() and text.isprintable() and text == text.strip() != ""
    assert (problem is None) is sound
    if len(odd) > 8:
        assert odd not in (problem or "")
