"""Attestations are stored, found again, and bound to the plugin's code."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest
from attrs import evolve

from anybank import ConfigurationError
from anybank.testing.attestations import (
    Attestation,
    AttestationOrigin,
    AttestedCheck,
    KitSettings,
    Mode,
    attest,
    find_attestation,
    find_attestations,
    save_attestation,
    shipped_name,
)

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
PLUGIN = """
from anybank.adapter import Adapter
from anybank.adapter.hookspecs import Provider, hookimpl
from anybank.declaration import Capabilities
from anybank.sandbox.simulator import Simulator

class Example(Adapter):
    capabilities = Capabilities(
        provider="tempbank", title="Example", hosts={"sandbox": "https://example.com"}
    )

class ExampleSimulator(Simulator):
    routes = ()

@hookimpl
def anybank_provider():
    return Provider(adapter=Example, simulator=lambda: ExampleSimulator)
"""
"""A plugin without operations, so that the kit is done with it in no time."""


@pytest.fixture(scope="module")
def sonder() -> Attestation:
    """The attestation of the installed Sonder plugin."""
    return attest("sonder", now=NOW)


@pytest.fixture(autouse=True)
def data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary directory in place of the user's data directory."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package of a plugin `tempbank`, installed in a temporary directory."""
    package = tmp_path / "anybank_tempbank"
    package.mkdir()
    (package / "__init__.py").write_text(PLUGIN, "utf-8")
    metadata = tmp_path / "anybank_tempbank-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: anybank-tempbank\nVersion: 1.0\n", "utf-8"
    )
    (metadata / "entry_points.txt").write_text(
        "[anybank]\ntempbank = anybank_tempbank\n", "utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    return package


def test_an_attestation_names_plugin_kit_and_time(sonder: Attestation) -> None:
    """It has the distribution, version, code digest, kit version, mode and time."""
    assert sonder.distribution == "anybank-sonder"
    assert sonder.version == version("anybank-sonder")
    assert sonder.kit == version("anybank")
    assert (sonder.mode, sonder.created_at) == (Mode.SIMULATED, NOW)
    assert len(sonder.digest) == 64


def test_an_attestation_has_the_result_of_each_check(sonder: Attestation) -> None:
    """A check of undeclared features is inapplicable, with the reason, not skipped."""
    assert sonder.passed
    assert not sonder.skipped
    results = {check.check: check for check in sonder.checks}
    assert results["flows_perform_no_io"].result == "passed"
    paging = results["page_size_is_capped"]
    assert paging == AttestedCheck(
        "page_size_is_capped", "inapplicable", "customers.list is not declared"
    )


def test_json_preserves_an_attestation(sonder: Attestation) -> None:
    """Writing and reading an attestation gives an equal one."""
    assert Attestation.from_json(sonder.to_json()) == sonder


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"format": 2}', '{"format": 1, "checks": [7]}']
)
def test_other_text_is_not_an_attestation(text: str) -> None:
    """A file with other content raises ValueError."""
    with pytest.raises(ValueError, match=r"."):
        Attestation.from_json(text)


def test_a_plugin_has_no_attestation_at_first() -> None:
    """A plugin without an attestation has None."""
    assert find_attestation("sonder") is None


def test_a_saved_attestation_is_valid(
    sonder: Attestation, data_directory: Path
) -> None:
    """It is found as the user's own, and is not stale."""
    path = save_attestation(sonder)
    assert path.is_relative_to(data_directory)
    stored = find_attestation("sonder")
    assert stored is not None
    assert (stored.attestation, stored.origin, stored.stale) == (
        sonder,
        AttestationOrigin.YOURS,
        "",
    )


@pytest.mark.parametrize("name", ["digest", "version", "kit", "distribution"])
def test_an_attestation_of_changed_code_is_stale(
    sonder: Attestation, name: str
) -> None:
    """It is still returned, with the reason."""
    save_attestation(evolve(sonder, **{name: "another"}))  # type: ignore[arg-type] # a name of a text
    stored = find_attestation("sonder")
    assert stored is not None
    assert "has changed" in stored.stale


def test_a_valid_attestation_is_preferred_to_a_stale_one(package: Path) -> None:
    """The shipped attestation counts if the user's own is of an older version."""
    attestation = attest("tempbank", now=NOW)
    save_attestation(evolve(attestation, version="0.0.1"))
    save_attestation(attestation, package / shipped_name(Mode.SIMULATED))
    stored = find_attestation("tempbank")
    assert stored is not None
    assert (stored.origin, stored.stale) == (AttestationOrigin.SHIPPED, "")
    assert stored.path.parent == package


@pytest.mark.parametrize("text", ["no JSON", "{}"])
def test_a_damaged_file_is_ignored(sonder: Attestation, text: str) -> None:
    """It is treated as if it did not exist."""
    save_attestation(sonder).write_text(text, "utf-8")
    assert find_attestation("sonder") is None


def test_an_attestation_of_another_provider_is_ignored(sonder: Attestation) -> None:
    """A file that was copied from one provider to another has no effect."""
    path = save_attestation(sonder)
    path.write_text(evolve(sonder, provider="bond").to_json(), "utf-8")
    assert find_attestation("sonder") is None


def test_an_unknown_provider_is_refused_by_name() -> None:
    """A name without an installed provider raises ConfigurationError."""
    with pytest.raises(ConfigurationError, match="no provider 'acme'"):
        attest("acme")
    with pytest.raises(ConfigurationError, match="no provider 'acme'"):
        find_attestation("acme")


@pytest.mark.parametrize(
    ("mode", "problem"),
    [
        (Mode.RECORDED, "`recorded` needs cassettes"),
        (Mode.LIVE, "set ANYBANK_SONDER_TOKEN"),
    ],
)
def test_an_impossible_mode_is_refused(mode: Mode, problem: str) -> None:
    """An attestation never claims a run that did not happen."""
    with pytest.raises(ConfigurationError, match=problem):
        attest("sonder", mode=mode)


def test_each_mode_has_an_attestation_of_its_own(sonder: Attestation) -> None:
    """A file of one mode that lies in the place of another one does not count."""
    save_attestation(sonder)
    path = save_attestation(evolve(sonder, mode=Mode.RECORDED))
    assert set(find_attestations("sonder")) == {Mode.SIMULATED, Mode.RECORDED}
    path.write_text(sonder.to_json(), "utf-8")
    assert set(find_attestations("sonder")) == {Mode.SIMULATED}


def test_a_missing_document_is_refused(tmp_path: Path) -> None:
    """A path that is no file raises before any check runs."""
    settings = KitSettings(document=tmp_path / "none.json")
    with pytest.raises(ConfigurationError, match=r"none\.json is not a file"):
        attest("sonder", settings=settings)
