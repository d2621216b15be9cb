"""The public names: complete, importable, and light to import."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

import anybank
from anybank.model._fields import unchecked

ROOT = Path(__file__).parents[1]
DESIGN = ROOT.parent / "shared" / "design.md"
HEAVY = ("httpx", "cattrs", "phonenumbers", "pluggy", "click", "rich", "sqlalchemy")


def test_the_names_are_sorted_and_unique() -> None:
    """`__all__` is sorted: constants, classes, functions."""

    def place(name: str) -> tuple[bool, bool, str]:
        return not name.isupper(), name.islower(), name

    assert anybank.__all__ == sorted(set(anybank.__all__), key=place)


@pytest.mark.parametrize("name", anybank.__all__)
def test_every_name_is_importable(name: str) -> None:
    """Each public name can be imported from anybank."""
    assert getattr(anybank, name) is not None
    assert name in dir(anybank)


def test_a_star_import_gives_all_names() -> None:
    """`from anybank import *` works with lazy names too."""
    namespace: dict[str, object] = {}
    exec("from anybank import *", namespace)  # noqa: S102  # the point
    assert set(anybank.__all__) <= set(namespace)


def test_an_unknown_name_raises_attribute_error() -> None:
    """An unknown name raises as in any other module."""
    with pytest.raises(
        AttributeError, match="module 'anybank' has no attribute 'nope'"
    ):
        anybank.nope  # type: ignore[attr-defined] # noqa: B018  # the point


def test_every_error_is_public() -> None:
    """Every error class can be imported from anybank."""
    errors = importlib.import_module("anybank.errors")
    raised = [
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.AnybankError)
    ]
    assert set(raised) <= set(anybank.__all__)


def test_the_version_is_that_of_the_distribution() -> None:
    """`__version__` is the installed version."""
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", anybank.__version__)


def _imported(code: str) -> set[str]:
    script = f"import sys; {code}; print(' '.join(sys.modules))"
    done = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import anybank",
        "from anybank import Ssn, NotFound, Issue, UNSET, Feature",
        "import anybank.errors, anybank.sensitive, anybank.declaration",
    ],
)
def test_importing_is_light(code: str) -> None:
    """Heavy modules are imported when they are used."""
    assert not _imported(code) & set(HEAVY)


def test_values_need_no_network_library() -> None:
    """Creating values imports no HTTP client."""
    modules = _imported("from anybank import NewCustomer, Phone")
    assert not modules & {"httpx", "pluggy", "cattrs"}


def _designed() -> list[str]:
    """Return the names that the design makes public, by their capitals."""
    text = DESIGN.read_text("utf-8")
    imported = re.search(r"from anybank import (.+)", text)
    rows = re.findall(r"^\| ([A-Z]\w+(?:, [A-Z]\w+)*) \|", text, re.MULTILINE)
    also = re.search(r"Also public: (.+?)`bank\.kyc\.wait`", text, re.DOTALL)
    tree = re.search(r"```\nAnybankError\n(.+?)```", text, re.DOTALL)
    assert imported
    assert also
    assert tree
    sections = [imported[1], *rows, re.sub(r"\([^)]*\)|`[^`]*`", "", also[1]), tree[1]]
    named = re.findall(
        r"\b[A-Z][a-z]+\w*\b|\bUNSET\b|\bAnybankError\b", " ".join(sections)
    )
    return sorted({*named, "AnybankError"} - {"also"})


@pytest.mark.skipif(
    not DESIGN.exists(), reason="the design is not beside this checkout"
)
def test_every_name_of_the_design_is_there() -> None:
    """Each name that the design makes public is public."""
    missing = [name for name in _designed() if name not in anybank.__all__]
    assert missing == []
    assert len(_designed()) > 40


WITHOUT_EXTRAS = """
import sys

EXTRAS = {extras!r}

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in EXTRAS:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
"""
EXTRAS = (
    "aiohttp click cryptography httpx2 jinja2 opentelemetry psycopg rich sqlalchemy "
    "starlette uvicorn vcr"
)


@pytest.mark.parametrize(
    "code",
    [
        "from anybank import *; print(Bank.__name__)",
        "import anybank, inspect; print(dict(inspect.getmembers(anybank))['Bank'].__name__)",
    ],
)
def test_all_public_names_need_no_extra(code: str) -> None:
    """A star import and `inspect.getmembers` work in a plain installation."""
    script = WITHOUT_EXTRAS.format(extras=EXTRAS.split()) + code
    done = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("Bank\n", "")


STATEFUL = {"Throttle"}
VALUES = [
    name
    for name in sorted({*anybank.__all__} - STATEFUL)
    if isinstance(getattr(anybank, name), type) and attrs.has(getattr(anybank, name))
]


@pytest.mark.parametrize("name", VALUES)
def test_every_public_value_hashes(name: str) -> None:
    """Equal values have equal hashes, also those that hold a mapping."""
    kind = getattr(anybank, name)
    first, second = (unchecked(kind, _content(kind)) for _ in range(2))
    assert first == second
    assert hash(first) == hash(second)


def _content(kind: Any) -> dict[str, object]:
    return {field.name: _sample(str(field.type)) for field in attrs.fields(kind)}


def _sample(annotation: str) -> object:
    """Return a value of an annotation that hashes; mappings have none."""
    return {"a": 1} if "Mapping[" in annotation else ("a",)
