"""Reads and repairs the samples on the vendors' pages, which `excerpts` transcribes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import Factory, frozen

EXCERPTS = Path(__file__).parent / "excerpts"
LEFT_OUT = "\n[…]\n"
"""The separator after the title and between two passages of a page."""

Repair = tuple[str, str]
"""The text on the page, and the text to read instead."""

_OPENING, _CLOSING = "{[", "}]"


def page(number: str) -> str:
    """Return the passages of a page that contain its samples, unchanged."""
    [path] = EXCERPTS.glob(f"{number}_*.txt")
    return path.read_text("utf-8")


def after(text: str, *phrases: str) -> str:
    """Return the text after some phrases, each searched for after the one before."""
    for phrase in phrases:
        _, result, text = text.partition(phrase)
        assert result, f"the page does not say {phrase!r}"
    return text


def repaired(text: str, repairs: Sequence[Repair]) -> str:
    """Apply a repair; raise if its text is no longer on the page."""
    for old, new in repairs:
        assert old in text, f"nothing to repair: {old!r}"
        text = text.replace(old, new)
    return text


def literal(text: str) -> str:
    """Return the first object or array of a text, up to its closing bracket."""
    start = min(text.find(item) for item in _OPENING if item in text)
    depth = 0
    for end, bracket in _brackets(text, start):
        depth += 1 if bracket in _OPENING else -1
        if depth == 0:
            return text[start : end + 1]
    raise AssertionError("the sample is not closed")


def _brackets(text: str, start: int) -> Iterator[tuple[int, str]]:
    for result in re.compile(r"[][{}]").finditer(text, start):
        yield result.start(), result[0]


@frozen
class Curl:
    """A request that a page shows as a curl command."""

    url: str
    method: str = "GET"
    headers: dict[str, str] = Factory(dict)
    data: Any = None


def curl(text: str, repairs: Sequence[Repair] = ()) -> Curl:
    """Parse the first curl command of a text in the format of Bond's pages."""
    command = after(text, "curl ").partition(LEFT_OUT)[0]
    data = re.search(r"--data '(.*?)'", command, re.DOTALL)
    return Curl(
        url=_first(r"--url '?([^'\s]+)", command),
        method=_first(r"--request (\w+)", command),
        headers=dict(re.findall(r"--header '([^:]+): ([^']+)'", command)),
        data=json.loads(repaired(data[1], repairs)) if data else None,
    )


def curl_g(text: str) -> Curl:
    """Read the first curl command of a text, as Sonder's page writes them.

    `-d "name": value` is no form of curl's (row 2); lists stand in one more pair of
    quotes (row 10).
    """
    command = after(text, "curl -G ").partition("\nResponse")[0]
    pairs = re.findall(r'-d "(\w+)": (.+?)(?: \\)?$', command, re.MULTILINE)
    pairs += re.findall(r'-d (\w+)=(".+")', command)
    return Curl(
        url=command.split()[0],
        headers=dict(re.findall(r'-H "([^:]+): ([^"]+)"', command)),
        data={name: json.loads(_unquoted(value)) for name, value in pairs} or None,
    )


def _unquoted(value: str) -> str:
    return value[1:-1] if value.startswith('"[') else value


def _first(pattern: str, text: str) -> str:
    result = re.search(pattern, text)
    assert result, f"the page's command has no {pattern}"
    return result[1]
