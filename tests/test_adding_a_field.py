"""A new field of a value takes three edits: value, mapping and declaration.

Everything else follows from the field's metadata, and a step that is missing fails: either
in the conformance kit or in the types. Each step is tried in a copy of the source tree.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.proofs import PROOF

pytestmark = pytest.mark.skipif(
    not PROOF,
    reason="mypy and four runs of the kit take a minute: `make proof` tries it",
)

ROOT = Path(__file__).parents[1]
ACME = Path("tests", "testing", "conformance", "acme")
CUSTOMERS = Path("src", "anybank", "model", "customers.py")

KIT = """
import json
from tests.testing.conformance.acme.adapter import Acme
from tests.testing.conformance.acme.simulator import AcmeSimulator
from anybank.testing.conformance import Subject, run_subject
results = run_subject(Subject(adapter=Acme, simulator=AcmeSimulator))
print(json.dumps([each.check for each in results if not each.passed and not each.skipped]))
"""
DERIVED = """
import json
from anybank import NewCustomer
from anybank._engine.redact import personal_texts
from anybank.cli.customers import fields_of
from anybank.migrate.certify.supplement import COLUMNS
from anybank.migrate.neutral.declaration import CUSTOMER
from anybank.migrate.neutral.documents import FIELDS
from anybank.model.customers import Customer
customer = Customer(id="c1", provider="acme", suffix="Junior")
print(json.dumps([
    "suffix" in COLUMNS,
    "suffix" in CUSTOMER,
    "suffix" in FIELDS,
    "Junior" in personal_texts(NewCustomer(suffix="Junior")),
    fields_of(customer, reveal=True).get("suffix") == "Junior",
    "suffix" not in fields_of(customer, reveal=False),
    "Junior" not in repr(customer),
]))
"""


class Tree:
    """A copy of the source of anybank and of the tests' adapter."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        skip = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "src", folder / "src", ignore=skip)
        shutil.copytree(ROOT / ACME, folder / ACME, ignore=skip)

    def edit(self, path: Path, old: str, new: str) -> None:
        """Replace a text that a file must contain."""
        text = (self.folder / path).read_text("utf-8")
        assert old in text
        (self.folder / path).write_text(text.replace(old, new), "utf-8")

    def run(self, script: str) -> list[object]:
        """Return the JSON that a script prints."""
        result = self._python("-c", script)
        assert result.returncode == 0, result.stderr[-2000:]
        printed: list[object] = json.loads(result.stdout.splitlines()[-1])
        return printed

    def type_errors(self) -> list[str]:
        """Return the errors that mypy reports for the adapter."""
        result = self._python(
            "-m", "mypy", "--strict", "--explicit-package-bases", str(ACME)
        )
        return [line for line in result.stdout.splitlines() if "error:" in line]

    def _python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        paths = os.pathsep.join(map(str, (self.folder / "src", self.folder)))
        return subprocess.run(  # noqa: S603  # this interpreter, on the copy
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": paths, "MYPYPATH": paths},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "copy")


def add_to_values(tree: Tree) -> None:
    """Add the field to a customer as it is read, created and changed."""
    for declared in (
        "str | None = personal()",
        'str | None = personal(text, sample=samples.word("Oswinka"))',
        "str | None | Unset = personal(text, UNSET)",
    ):
        plain = declared.replace(', sample=samples.word("Oswinka")', "")
        line = f"    preferred_name: {declared}\n"
        tree.edit(CUSTOMERS, line, f"{line}    suffix: {plain}\n")


def declare(tree: Tree) -> None:
    """Declare the field in the adapter."""
    rule = '    "date_of_birth": fixed("born"),\n'
    tree.edit(ACME / "declaration.py", rule, f'{rule}    "suffix": free("suffix"),\n')


def write(tree: Tree) -> None:
    """Map the field from a new customer and from changes to the vendor."""
    new, change = "nick=new.preferred_name,\n", '"nick": changes.preferred_name,\n'
    tree.edit(ACME / "writing.py", new, f"{new}        suffix=new.suffix,\n")
    tree.edit(
        ACME / "writing.py", change, f'{change}            "suffix": changes.suffix,\n'
    )


def read(tree: Tree) -> None:
    """Map the field from the vendor to a customer."""
    line = "        preferred_name=wire.nick,\n"
    tree.edit(ACME / "reading.py", line, f"{line}        suffix=wire.suffix,\n")


def read_wire(tree: Tree) -> None:
    """Add the field to the wire class."""
    line = "    nick: str | None = None\n"
    tree.edit(ACME / "reading.py", line, f"{line}    suffix: str | None = None\n")


def test_everything_else_follows_from_the_value(tree: Tree) -> None:
    """Supplement, neutral file, redactor, CLI and repr derive the field from its metadata."""
    add_to_values(tree)

    assert all(tree.run(DERIVED))
    assert tree.run(KIT) == []


def test_a_declared_field_fails_until_it_is_mapped(tree: Tree) -> None:
    """The kit reports a field that is not written or read; mypy reports the wire class."""
    add_to_values(tree)
    declare(tree)
    assert "accepted_fields_are_sent" in tree.run(KIT)
    write(tree)
    unread = tree.run(KIT)
    assert "accepted_fields_are_sent" not in unread
    assert "customer_fields_are_read_back" in unread
    read(tree)
    assert any('has no attribute "suffix"' in line for line in tree.type_errors())
    read_wire(tree)
    assert tree.type_errors() == []
    assert tree.run(KIT) == []
