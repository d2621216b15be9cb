"""`anybank portability`: what an application uses that not every bank has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Run

from anybank import providers

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "onboarding.py"
HEAD = "from anybank import Bank, NewCustomer\nbank = Bank('bond')\n"


def found(run: Run, path: Path, *banks: str) -> tuple[int, dict[str, Any]]:
    """Return the exit code and the JSON of a comparison with some banks."""
    chosen = [word for bank in banks for word in ("--bank", bank)]
    ran = run("portability", str(path), *chosen, "--json")
    return ran.code, json.loads(ran.out)


def gaps(run: Run, directory: Path, source: str, *banks: str) -> dict[str, Any]:
    """Return the gaps of one file by their names."""
    (directory / "app.py").write_text(source, "utf-8")
    _, document = found(run, directory, *(banks or ("bond", "sonder")))
    return {gap["name"]: gap for gap in document["gaps"]}


def test_what_sonder_lacks_of_the_onboarding_is_said_before_it_is_tried(
    run: Run,
) -> None:
    """Each operation that the example would miss is listed, and each required field."""
    code, document = found(run, EXAMPLE, "sonder")
    names = {gap["name"] for gap in document["gaps"] if not gap["handled"]}
    assert code == 2
    assert names >= {
        *("kyc.start", "kyc.get", "webhooks.verify", "accounts.close"),
        *("webhook_subscriptions.create", "transactions.list"),
        *("NewCustomer.document_locator_number", "NewCustomer.middle_name"),
    }
    (kyc,) = (gap for gap in document["gaps"] if gap["name"] == "kyc.start")
    lines = EXAMPLE.read_text("utf-8").splitlines()
    used = [lines[int(place.rpartition(":")[2]) - 1] for place in kyc["places"]]
    assert all("kyc.start" in line for line in used)
    assert "does not describe KYC" in kyc["lacking"]["sonder"]


def test_the_onboarding_runs_at_the_two_banks_that_its_guide_names(run: Run) -> None:
    """What one of them lacks, the example asks for first or does without."""
    code, document = found(run, EXAMPLE, "bond", "increase")
    assert (code, document["portable"]) == (0, True)
    assert {gap["name"] for gap in document["gaps"]} == {
        *("account_numbers.create", "NewCustomer.emails"),
        *("NewCustomer.external_id", "NewCustomer.phones"),
    }


def test_the_text_names_the_line_and_the_reason(run: Run, tmp_path: Path) -> None:
    """People read a table; the last line says what to do."""
    app = tmp_path / "app.py"
    app.write_text(HEAD + "bank.customers.list()\n", "utf-8")
    output = run("portability", str(app), "--bank", "sonder").out
    assert "customers.list" in output
    assert "bank.capabilities.supports" in output.replace("\n", " ")


@pytest.mark.parametrize(
    "source",
    [
        "bank.kyc.start('c', s)",
        "bank.with_options(timeout=3).kyc.start('c', s)",
        "bank.with_raw_response.kyc.start('c', s)",
        "start = bank.kyc.start",
        "kyc = bank.kyc\nkyc.start('c', s)",
        "bank.capabilities.require('kyc.start')",
        "NEEDED = ('kyc.start',)",
        "def verify(client: Bank) -> None:\n    client.kyc.start('c', s)",
        "def verify(client: 'Bank | None') -> None:\n    client.kyc.start('c', s)",
        "def current() -> Bank: ...\ncurrent().kyc.start('c', s)",
        "with Bank('bond') as client:\n    client.kyc.start('c', s)",
        "class App:\n    client: Bank\n    def go(self):\n        self.client.kyc.start()",
    ],
)
def test_a_feature_is_recognised(run: Run, tmp_path: Path, source: str) -> None:
    """The ways in which apps reach an operation."""
    assert gaps(run, tmp_path, HEAD + source)["kyc.start"]["handled"] is False


def test_a_feature_that_the_app_asks_for_is_handled(run: Run, tmp_path: Path) -> None:
    """`supports` shows that the app knows of banks without the feature."""
    source = (
        HEAD + "if bank.capabilities.supports('kyc.start'):\n    bank.kyc.start('c')\n"
    )
    assert gaps(run, tmp_path, source)["kyc.start"]["handled"] is True


@pytest.mark.parametrize(
    "source",
    [
        "import queue\ninbox.events.get()",
        "from django.db import models\nself.accounts.create(name='x')",
        "requests.request('GET', 'https://example.com')",
        "text = 'kyc.start'",
    ],
)
def test_other_code_is_not_mistaken_for_a_bank(
    run: Run, tmp_path: Path, source: str
) -> None:
    """The names of resources are everyday words."""
    assert gaps(run, tmp_path, source) == {}


@pytest.mark.parametrize(
    ("source", "kind", "name", "lacking"),
    [
        ("bank.request('GET', '/auth/key/abc')", "raw", "request", {"bond", "sonder"}),
        (
            "bank.with_options(extra_body={'x': 1})",
            "raw",
            "extra_body",
            {"bond", "sonder"},
        ),
        ("customer.raw['tier']", "raw", "raw", {"bond", "sonder"}),
        (
            "NewCustomer(**data, extras={'bond': 1})",
            "extras",
            "bond",
            {"sonder"},
        ),
        ("from anybank_bond import BondExtras", "extras", "bond", {"sonder"}),
        (
            "NewAccount(customer_ids=ids, extras={'increase': own})",
            "extras",
            "increase",
            {"bond", "sonder"},
        ),
        (
            "from anybank_increase import IncreaseAccountNumberExtras",
            "extras",
            "increase",
            {"bond", "sonder"},
        ),
        (
            "NewCustomer(**data, preferred_name='A')",
            "field",
            "NewCustomer.preferred_name",
            {"bond"},
        ),
    ],
)
def test_what_belongs_to_one_vendor_is_listed(  # noqa: PLR0917  # pytest passes names
    run: Run, tmp_path: Path, source: str, kind: str, name: str, lacking: set[str]
) -> None:
    """Extras, raw requests and fields, with the banks that lack them."""
    gap = gaps(run, tmp_path, HEAD + source)[name]
    assert (gap["kind"], set(gap["lacking"])) == (kind, lacking)


def test_a_field_whose_loss_is_accepted_is_handled(run: Run, tmp_path: Path) -> None:
    """The consent of a call shows that the app can do without the field."""
    source = (
        "new = NewCustomer(**data, external_id='1')\n"
        "bank.customers.create(new, accept_loss={'external_id'})\n"
    )
    assert gaps(run, tmp_path, HEAD + source)["NewCustomer.external_id"]["handled"]


def test_a_call_that_passes_more_than_it_writes_out_lacks_nothing(
    run: Run, tmp_path: Path
) -> None:
    """Whether `**data` has a required field is not known, so nothing is claimed."""
    assert gaps(run, tmp_path, HEAD + "NewCustomer(**data)", "sonder") == {}


def test_no_text_of_the_source_is_repeated(run: Run, tmp_path: Path) -> None:
    """Paths, ids and test data stay in the file."""
    source = HEAD + "bank.request('GET', '/people/912-45-6789')\nx = 'kyc.start' +\n"
    app = tmp_path / "app.py"
    app.write_text(source, "utf-8")
    ran = run("portability", str(app), "--bank", "bond", "--bank", "sonder")
    assert ran.code == 2
    assert "does not parse" in ran.out
    assert "6789" not in ran.out + ran.err


def test_files_that_cannot_be_examined_are_named(run: Run, tmp_path: Path) -> None:
    """Nothing is claimed of them, and the command does not exit 0."""
    (tmp_path / "nul.py").write_bytes(b"x = 1\x00")
    (tmp_path / "deep.py").write_text("x = " + "(" * 5000, "utf-8")
    (tmp_path / "fine.py").write_text("x = 1", "utf-8")
    code, document = found(run, tmp_path, "bond")
    assert (code, document["files"]) == (2, 1)
    assert {Path(it["path"]).name for it in document["unread"]} == {"nul.py", "deep.py"}


def test_folders_of_other_code_are_skipped(run: Run, tmp_path: Path) -> None:
    """Virtual environments and caches are not the application."""
    for folder in (".venv", "node_modules", "__pycache__"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "app.py").write_text(HEAD + "bank.kyc.start()", "utf-8")
    code, document = found(run, tmp_path, "sonder")
    assert (code, document["files"], document["gaps"]) == (0, 0, [])


def test_the_configured_banks_are_the_default(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those whose credentials are in the environment, or else all that are installed."""
    for name in ("BOND_IDENTITY", "BOND_AUTHORIZATION", "INCREASE_API_KEY"):
        monkeypatch.delenv(f"ANYBANK_{name}", raising=False)
    monkeypatch.delenv("ANYBANK_SONDER_TOKEN", raising=False)
    installed = [info.name for info in providers()]
    assert found(run, tmp_path)[1]["banks"] == installed
    monkeypatch.setenv("ANYBANK_SONDER_TOKEN", "t")
    assert found(run, tmp_path)[1]["banks"] == ["sonder"]
