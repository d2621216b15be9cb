"""Names of a document as Python names: of classes, attributes, constants and parameters."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Collection

RESERVED = frozenset(
    {"Any", "Decimal", "bool", "dict", "dt", "frozen", "int", "list", "native", "str"}
)
"""Names that the annotations of a class use, so that no attribute may have them."""
_ACRONYM = re.compile(r"([A-Z]+)([A-Z][a-z])")
_HUMP = re.compile(r"([a-z0-9])([A-Z])")


def words_of(name: str) -> list[str]:
    """Return the lower-case words of a name: postalCode, postal_code and postal-code."""
    spaced = _HUMP.sub(r"\1 \2", _ACRONYM.sub(r"\1 \2", name))
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", spaced) if word]


def joined(name: str) -> str:
    """Return a name without case and separators, for comparisons."""
    return "".join(words_of(name))


def class_name(name: str, used: Collection[str]) -> str:
    """Return the name of a wire class that is not in use."""
    # Only the first letter is changed, so that names such as IBANAccount stay readable.
    parts = [part for part in re.split(r"[^A-Za-z0-9]+", name) if part]
    base = "Wire" + "".join(part[0].upper() + part[1:] for part in parts)
    return _unused(base, used, "")


def attribute_name(name: str, used: Collection[str]) -> str:
    """Return a name as an attribute: unchanged where Python allows it."""
    clean = re.sub(r"\W", "_", name, flags=re.ASCII).lstrip("_") or "value"
    if clean[0].isdigit():
        clean = f"n{clean}"
    if keyword.iskeyword(clean) or clean in RESERVED:
        clean = f"{clean}_"
    return _unused(clean, used, "_")


def variable_name(name: str) -> str:
    """Return a name in snake case, for variables and parameters."""
    snake = "_".join(words_of(name)) or "value"
    snake = f"n{snake}" if snake[0].isdigit() else snake
    # A variable called `type` would hide the builtin.
    is_taken = keyword.iskeyword(snake) or hasattr(builtins, snake)
    return f"{snake}_" if is_taken else snake


def constant_name(*names: str) -> str:
    """Return names as one constant."""
    return "_".join("_".join(words_of(name)) for name in names).upper()


def _unused(base: str, used: Collection[str], separator: str) -> str:
    name, number = base, 2
    while name in used:
        name, number = f"{base}{separator}{number}", number + 1
    return name
