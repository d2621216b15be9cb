"""The tables of codes are those of ISO."""

from __future__ import annotations

import pycountry

from anybank.model.countries import COUNTRIES, country
from anybank.model.currencies import CURRENCIES, currency


def test_the_countries_are_those_of_iso_3166() -> None:
    """The countries are exactly the assigned codes of ISO 3166-1."""
    assert {item.alpha_2 for item in pycountry.countries} == COUNTRIES


def test_the_currencies_are_those_of_iso_4217() -> None:
    """The currencies are exactly the codes of ISO 4217."""
    assert {item.alpha_3 for item in pycountry.currencies} == CURRENCIES


def test_a_code_is_in_capitals() -> None:
    """Codes in lower case are rejected."""
    assert country("US") is None
    assert country("us") is not None
    assert country(None) is not None
    assert currency("USD") is None
    assert currency("usd") is not None
