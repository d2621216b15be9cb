"""Checks the output of `--json` against the documented schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import takewhile
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types
from tools.json_schemas import schemas

_MOST_WORDS = 2


@cache
def _validators() -> Mapping[str, Draft202012Validator]:
    return {name: Draft202012Validator(item) for name, item in schemas().items()}


def require_schema(arguments: Sequence[str], out: str) -> None:
    """Raise ValidationError if the JSON of a command does not match its schema."""
    words = tuple(takewhile(lambda word: not word.startswith("-"), arguments))
    names = [" ".join(words[:count]) for count in range(_MOST_WORDS, 0, -1)]
    known = [name for name in names if name in _validators()]
    for document in _documents(out):
        is_error = isinstance(document, dict) and list(document) == ["error"]
        name = "error" if is_error else known[0]
        _validators()[name].validate(document)


def _documents(out: str) -> Iterator[Any]:
    decoder, rest = json.JSONDecoder(), out.strip()
    while rest:
        document, end = decoder.raw_decode(rest)
        yield document
        rest = rest[end:].strip()
