"""What the kit found of an installed plugin is kept, and bound to the plugin's code."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest
from attrs import evolve

import anybank_sonder
from anybank import ConfigurationError
from anybank.testing.attestations import (
    SHIPPED,
    Attestation,
    Mode,
    Origin,
    Verdict,
    attest,
    keep,
    standing,
)

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def sonder() -> Attestation:
    """What is found of the installed Sonder."""
    return attest("sonder", now=NOW)


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory of the test's own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def shipped(sonder: Attestation) -> Path:
    """A place in the plugin's package for an attestation, empty again afterwards."""
    return Path(str(anybank_sonder.__file__)).parent / SHIPPED


def test_it_says_of_what_and_when(sonder: Attestation) -> None:
    """Plugin, version, code, kit, mode and date are in it."""
    assert sonder.distribution == "anybank-sonder"
    assert sonder.version == version("anybank-sonder")
    assert sonder.kit == version("anybank")
    assert (sonder.mode, sonder.made_at) == (Mode.SIMULATED, NOW)
    assert len(sonder.digest) == 64


def test_it_says_what_came_of_each_check(sonder: Attestation) -> None:
    """What is not declared is inapplicable, with the reason, and not a skip."""
    assert sonder.passed
    assert not sonder.skipped
    results = {each.check: each for each in sonder.verdicts}
    assert results["flows_are_pure"].result == "passed"
    paging = results["page_sizes_are_kept"]
    assert paging == Verdict(
        "page_sizes_are_kept", "inapplicable", "customers.list is not declared"
    )


def test_it_is_the_same_after_a_round_trip(sonder: Attestation) -> None:
    """JSON holds all of it."""
    assert Attestation.from_json(sonder.to_json()) == sonder


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"format": 2}', '{"format": 1, "verdicts": [7]}']
)
def test_another_text_is_no_attestation(text: str) -> None:
    """A file that is something else is refused, and not half read."""
    with pytest.raises(ValueError, match=r"."):
        Attestation.from_json(text)


def test_there_is_none_at_first() -> None:
    """A plugin that nobody examined has no standing."""
    assert standing("sonder") is None


def test_what_is_kept_counts(sonder: Attestation, own_data: Path) -> None:
    """It is found again, as the user's own, until something is another."""
    path = keep(sonder)
    assert path.is_relative_to(own_data)
    found = standing("sonder")
    assert found is not None
    assert (found.attestation, found.origin, found.stale) == (sonder, Origin.YOURS, "")


@pytest.mark.parametrize("name", ["digest", "version", "kit", "distribution"])
def test_what_is_of_another_code_is_stale(sonder: Attestation, name: str) -> None:
    """It is shown, with what is another by now."""
    keep(evolve(sonder, **{name: "another"}))  # type: ignore[arg-type] # a name of a text
    found = standing("sonder")
    assert found is not None
    assert found.stale.startswith("made of another")


def test_a_fresh_one_goes_before_a_stale_one(
    sonder: Attestation, shipped: Path
) -> None:
    """What the plugin ships counts where the user's own is of an older version."""
    keep(evolve(sonder, version="0.0.1"))
    keep(sonder, shipped)
    try:
        found = standing("sonder")
    finally:
        shipped.unlink()
    assert found is not None
    assert (found.origin, found.stale) == (Origin.SHIPPED, "")


@pytest.mark.parametrize("text", ["no JSON", "{}"])
def test_a_damaged_file_does_not_count(sonder: Attestation, text: str) -> None:
    """It is as if it were not there."""
    keep(sonder).write_text(text, "utf-8")
    assert standing("sonder") is None


def test_an_attestation_of_another_provider_does_not_count(sonder: Attestation) -> None:
    """A file that was copied from one name to another says nothing."""
    path = keep(sonder)
    path.write_text(evolve(sonder, provider="bond").to_json(), "utf-8")
    assert standing("sonder") is None


def test_nobody_attests_what_is_not_installed() -> None:
    """A name that is no provider's is refused by name."""
    with pytest.raises(ConfigurationError, match="no provider 'acme'"):
        attest("acme")
    with pytest.raises(ConfigurationError, match="no provider 'acme'"):
        standing("acme")


@pytest.mark.parametrize("mode", [Mode.RECORDED, Mode.LIVE])
def test_only_a_simulator_is_asked(mode: Mode) -> None:
    """An attestation never claims what was not run."""
    with pytest.raises(ConfigurationError, match="over its simulator"):
        attest("sonder", mode=mode)
