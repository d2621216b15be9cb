"""How an adapter declares what a user configures."""

from __future__ import annotations

import attrs
import pytest
from tests.fakes import ToyOptions

from anybank import Sensitive
from anybank.options import CREDENTIAL, HELP, NoOptions, variable


def test_an_option_is_named_by_its_variable() -> None:
    """Provider and option in capitals, hyphens as underscores."""
    assert variable("toy-bank", "base_url") == "ANYBANK_TOY_BANK_BASE_URL"


def test_a_credential_is_masked_and_marked() -> None:
    """A text becomes Sensitive; what is not a text is left for the driver to call."""
    assert ToyOptions(token="t").token == Sensitive("t")  # type: ignore[arg-type]
    assert callable(ToyOptions(token=lambda: "t").token)  # type: ignore[arg-type]
    marked = [
        each.name for each in attrs.fields(ToyOptions) if CREDENTIAL in each.metadata
    ]
    assert marked == ["token"]


def test_every_option_says_what_it_is_for() -> None:
    """Help is part of the declaration."""
    assert all(each.metadata[HELP] for each in attrs.fields(ToyOptions))


def test_a_policy_has_the_declared_values() -> None:
    """Another value is refused."""
    with pytest.raises(ValueError, match="mood"):
        ToyOptions(token=Sensitive("t"), mood="sad")


def test_an_adapter_may_need_nothing() -> None:
    """No options are options, too."""
    assert attrs.fields(NoOptions) == ()
