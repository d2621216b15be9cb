"""Unmistakable values of personal fields, which the conformance kit searches for as leaks.

Each sample is a function from a number to a value. A generated value may equal a word of
the library by chance, and a sample may not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeAlias

Sample: TypeAlias = Callable[[int], Any]

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def word(stem: str) -> Sample:
    """Return a sample of words that begin with a stem."""
    return lambda index: stem + _LETTERS[index // 26 % 26] + _LETTERS[index % 26]


def birth_date(index: int) -> date:
    """Return a date of birth."""
    return date(1951 + index % 40, 4, 10 + index % 17)


def ssn(index: int) -> str:
    """Return a social security number of an area that is never issued."""
    return f"{900_12_3400 + index}"


def document_number(index: int) -> str:
    """Return the number of a government id that has nine digits, as all kinds accept it."""
    return f"{900_70_5100 + index}"


def expiry_date(index: int) -> date:
    """Return the last day on which a document is valid."""
    return date(2091 + index % 8, 5, 11 + index % 17)


def file_content(index: int) -> bytes:
    """Return the bytes of a file."""
    return f"anybank scan {word('Quillscan')(index)}".encode()


def locator(index: int) -> int:
    """Return a document locator number."""
    return 204_518_830 + index


def email(stem: str) -> Sample:
    """Return a sample of e-mail addresses that begin with a stem."""
    return lambda index: f"{word(stem)(index)}@example.com"


def emails(index: int) -> list[str]:
    """Return a list of one e-mail address."""
    return [email("quillow")(index)]


def phone_number(index: int) -> str:
    """Return a telephone number in E.164."""
    return f"+1212555{1400 + index:04}"


def reference(index: int) -> str:
    """Return an external id."""
    return f"anybank-reference-{index + 100}"


def street(index: int) -> str:
    """Return the first line of an address."""
    return f"{4100 + index} {word('Quixwood')(index)} Way"


def postal_code(index: int) -> str:
    """Return an American postal code."""
    return f"{94100 + index}"


def ip_address(index: int) -> str:
    """Return an address of the documentation range 192.0.2.0/24 (RFC 5737)."""
    return f"192.0.2.{index % 200 + 1}"
