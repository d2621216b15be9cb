"""Masks: what stands in a cassette where a person's data stood.

A leaf of JSON is kept where its field is on the allow-list, else replaced by an invented
value of the same shape, which the adapters' readers take like the real one. Masks are their
own masks, so that what is masked already may be masked again.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from .._engine.files import read_text
from ..adapter.wire import Json
from ..errors import ConfigurationError

HIDDEN = "MASKED"
"""What stands for a credential."""

_SHAPES = tuple(
    (re.compile(pattern), mask)
    for pattern, mask in (
        (r"", ""),
        (r"null", "null"),
        (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "1970-01-01"),
        (r"[0-9]{4}-[0-9]{2}-[0-9]{2}[-T ].+", "1970-01-01T00:00:00+00:00"),
        (r"[X*0-9]{3}(-?)[X*0-9]{2}\1[0-9]{4}", "XXX-XX-0000"),
        (r"[0-9]{3}-[0-9]{3}-[0-9]{4}", "555-555-0100"),
        (r"\+[0-9]{7,15}", "+15555550100"),
        (r"[0-9]{5}", "00000"),
        (r"[0-9]{5}-[0-9]{4}", "00000-0000"),
        (r"[^@\s]+@[^@\s]+", "masked@example.com"),
        (r"tok_.+", "tok_masked"),
        (r"https?://.+", "https://example.com/masked"),
        (r"(?s)\s*<.+", "<p>Xxxx</p>"),
    )
)
_ELSE = "Xxxx"
_NAME = re.compile(r"[A-Za-z_][\w.-]*|[0-9]+")
"""What a key of an object may look like; another may hold data itself."""


def mask(value: Json) -> Json:
    """Return the invented value of a leaf's shape; true, false and null stay.

    >>> mask("James"), mask("94104-2657"), mask(123456789), mask(None)
    ('Xxxx', '00000-0000', 0, None)
    """
    if value is None or isinstance(value, bool):
        return value
    return _masked_text(value) if isinstance(value, str) else 0


def _masked_text(text: str) -> str:
    return next(
        (made for shape, made in _SHAPES if shape.fullmatch(text)),
        _ELSE,
    )


def _names(given: Any) -> frozenset[str]:
    return frozenset(given)


@frozen(kw_only=True)
class AllowList:
    """What cassettes of one vendor may show as it is.

    `fields` are names of JSON fields and query parameters whose values say nothing of
    anybody: ids, kinds, words for a status, times. `texts` are whole texts that may stand
    anywhere, `headers` the names of headers that are kept, in lower case; `credentials` are
    headers of which it is kept that they were sent. All else is masked or left out.
    """

    fields: frozenset[str] = field(default=(), converter=_names)
    texts: frozenset[str] = field(default=(), converter=_names)
    headers: frozenset[str] = field(default=(), converter=_names)
    credentials: frozenset[str] = field(default=(), converter=_names)

    @classmethod
    def load(cls, path: Path, kind: str) -> AllowList:
        """Read a list from TOML: the table `all`, and what the table of a kind adds.

        Raises ConfigurationError where there is no such file or it has other lists.
        """
        try:
            said = tomllib.loads(read_text(path))
            return cls(**said["all"]).plus(**said.get(kind, {}))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            failed = f"no allow-list can be read from {path}: {error}"
        raise ConfigurationError(failed)

    def plus(self, **more: Any) -> AllowList:
        """Return the list with more on it."""
        added = {name: getattr(self, name) | _names(more[name]) for name in more}
        return evolve(self, **added)

    def masked(self, value: Json, name: str = "") -> Json:
        """Mask what is not on the list in the value of a field."""
        if isinstance(value, dict):
            return {
                _key(each): self.masked(inner, each) for each, inner in value.items()
            }
        if isinstance(value, list):
            return [self.masked(each, name) for each in value]
        return value if name in self.fields or value in self.texts else mask(value)


def _key(name: str) -> str:
    return name if _NAME.fullmatch(name) else _ELSE
