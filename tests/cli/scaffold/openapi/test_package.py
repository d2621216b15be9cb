"""`anybank new-adapter --from` writes a package that loads, and that the kit can judge."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Run
from tests.proofs import PROOF, THOROUGH

from anybank import Address, NewCustomer
from anybank.adapter.converter import read, words_of
from anybank.cli.scaffold import Names
from anybank.cli.scaffold.openapi import Generator
from anybank.testing.conformance.registry import CHECKS, judge

from . import zebra

ROOT = Path(__file__).parents[4]
SPECS = ROOT.parent / "shared" / "specs"


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the files that the invented document gives."""
    path = zebra.write(tmp_path_factory.mktemp("zebra"), zebra.document())
    return dict(Generator(path, []).texts(Names.new("zebra")))


@pytest.fixture(scope="module")
def package(
    texts: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Return the written package, which can be imported."""
    root = tmp_path_factory.mktemp("package")
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    sys.path.insert(0, str(root / "src"))
    yield root
    sys.path.remove(str(root / "src"))
    for name in [it for it in sys.modules if it.startswith("anybank_zebra")]:
        del sys.modules[name]


def test_the_command_lists_what_it_guesses(run: Run, tmp_path: Path) -> None:
    """Each operation is printed with its feature, and the package is created."""
    path = zebra.write(tmp_path, zebra.document())
    ran = run("new-adapter", "zebra", "--from", str(path), "--to", str(tmp_path))
    assert ran.code == 0
    assert "customers.create  POST /people (createPerson)" in ran.out
    assert (tmp_path / "anybank-zebra" / "openapi.json").exists()


def test_operations_need_a_document(run: Run, tmp_path: Path) -> None:
    """--operations without --from is refused, and nothing is written."""
    ran = run(
        "new-adapter", "zebra", "--operations", "getPerson", "--to", str(tmp_path)
    )
    assert ran.code == 1
    assert "--operations needs --from" in ran.err
    assert not [*tmp_path.iterdir()]


def test_the_text_is_the_same_every_time(texts: dict[str, str], tmp_path: Path) -> None:
    """Two runs write the same files."""
    path = zebra.write(tmp_path, zebra.document())
    assert texts == Generator(path, []).texts(Names.new("zebra"))


def test_a_record_is_read_by_the_wire_class(package: Path) -> None:
    """Names that Python does not allow, recursion, dates and alternatives are read."""
    wire: Any = importlib.import_module("anybank_zebra.wire")
    person = read(
        {
            "id": "p-1",
            "class": "a",
            "2fa-enabled": True,
            "list": ["x"],
            "dateOfBirth": "1990-04-01",
            "guardian": {"id": "p-2", "name": {"first": "Ada"}},
            "payout": {"type": "iban", "iban": "none"},
            "extra": {"any": 1},
        },
        wire.WirePerson,
    )
    assert (person.class_, person.n2fa_enabled, person.list_) == ("a", True, ["x"])
    assert person.dateOfBirth.isoformat() == "1990-04-01"
    assert person.guardian.name.first == "Ada"
    assert (person.payout.iban, person.payout.number) == ("none", None)


_TELLING = (
    "declared_operations_succeed",
    "declared_texts_are_complete",
    "document_values_are_declared",
    "implemented_methods_are_declared",
    "native_names_are_unique",
    "requests_match_the_document",
    "responses_match_the_document",
    "rules_name_existing_fields",
    "undeclared_features_raise_unsupported",
)
"""The checks that a mistake of the generator breaks; `make proof` runs all of them."""


def test_the_kit_says_what_is_left(package: Path) -> None:
    """Nothing fails but what is marked TODO, and the message lists it."""
    module: Any = importlib.import_module("anybank_zebra.conformance")
    subject = module.ZebraConformance.subject()
    results = [judge(subject, name) for name in (CHECKS if PROOF else _TELLING)]
    failed = {it.check: it.message for it in results if not it.passed}
    assert [*failed] == ["declared_texts_are_complete"]
    assert "customers.create: TODO: POST /people (createPerson)" in failed.popitem()[1]


def test_the_rules_have_the_document_as_their_source(package: Path) -> None:
    """Required members, lengths and patterns of the document are rules."""
    declaration: Any = importlib.import_module("anybank_zebra.declaration")
    fields = declaration.ZEBRA.fields
    first = fields[NewCustomer]["first_name"]
    assert (first.create, first.length, first.native) == ("required", (1, 40), "first")
    assert first.source == "Zebra 7, OpenAPI document"
    assert fields[Address]["postal_code"].pattern == "[0-9]{5}"
    assert fields[NewCustomer]["addresses"].items == (0, 1)


def test_the_bodies_have_the_names_of_the_document(
    package: Path, texts: dict[str, str]
) -> None:
    """A body has its constants, and what no field of ours is stands in a comment."""
    records: Any = importlib.import_module("anybank_zebra.records")
    address = Address(line1="1 Test St.", city="Reno", postal_code="89501")
    new = NewCustomer(first_name="Ada", last_name="Sample", addresses=[address])
    assert records.new_customer(new) == {
        "type": "person",
        "name": {"first": "Ada", "last": "Sample"},
        "address": {"street": "1 Test St.", "city": "Reno", "zip": "89501"},
    }
    text = texts["src/anybank_zebra/records.py"]
    assert (
        "# TODO: it also requires what no field of ours is: occupation (string)."
        in text
    )


def test_words_become_a_table(package: Path) -> None:
    """Each word of an enum is in the table, also those that no member has the name of."""
    wire: Any = importlib.import_module("anybank_zebra.wire")
    words = words_of(wire.WirePerson, "status")
    table = {word: str(it) for word, it in words.items()}
    assert table == {"active": "active", "denied": "denied", "odd": "unknown"}


def test_a_field_stands_once_with_its_name_and_rule(texts: dict[str, str]) -> None:
    """A class of requests and responses has the rule; another person's fields are apart."""
    wire = texts["src/anybank_zebra/wire.py"]
    assert 'neutral("first_name", required(length=(1, 40)))' in wire
    assert "guardian: WirePerson | None = separate()" in wire
    assert "src/anybank_zebra/rules.py" not in texts
    assert "src/anybank_zebra/values.py" not in texts


def test_flows_and_features_are_those_of_the_builders(texts: dict[str, str]) -> None:
    """A flow is that of a Resource where it is a usual one, and a feature takes one line."""
    package = "src/anybank_zebra"
    assert "return CUSTOMERS.get(query.id)" in texts[f"{package}/adapter.py"]
    skeletons = texts[f"{package}/skeletons.py"]
    assert "return CUSTOMERS.create(new_customer(query.new))" in skeletons
    assert '"customers.get": full(PAGE),' in texts[f"{package}/declaration.py"]


def test_names_that_clash_are_numbered(texts: dict[str, str]) -> None:
    """Two schemas whose names differ in their spelling only have two classes."""
    wire = texts["src/anybank_zebra/wire.py"]
    assert wire.count("class WirePersonName:") == 1
    assert wire.count("class WirePersonName2:") == 1


def test_its_style_is_checked(package: Path) -> None:
    """The linter and the formatter find nothing to change."""
    _python(package, "ruff", "check", "--no-cache", ".")
    _python(package, "ruff", "format", "--no-cache", "--check", ".")


@pytest.mark.skipif(not PROOF, reason="mypy takes its time: `make proof` asks it")
def test_its_types_are_strict(package: Path) -> None:
    """The package passes mypy --strict."""
    _python(package, "mypy", "--strict", "--cache-dir", os.devnull, "src")


@pytest.mark.skipif(not THOROUGH, reason="large documents: `make proof` reads them")
@pytest.mark.parametrize("vendor", ["increase", "unit"])
def test_published_documents_are_written(vendor: str, tmp_path: Path) -> None:
    """The documents of two vendors give packages that pass ruff and mypy --strict."""
    path = SPECS / f"{vendor}-openapi.json"
    if not path.exists():
        pytest.skip("the vendor's document is not here: ../shared is absent")
    for name, text in Generator(path, []).texts(Names.new("zebra")).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    _python(tmp_path, "ruff", "check", "--no-cache", ".")
    _python(tmp_path, "ruff", "format", "--no-cache", "--check", ".")
    _python(tmp_path, "mypy", "--strict", "--cache-dir", os.devnull, "src")


def _python(where: Path, *arguments: str) -> None:
    ran = subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-m", *arguments],
        cwd=where,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
