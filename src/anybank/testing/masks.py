"""Masks: invented values that replace personal data in a cassette.

A JSON leaf stays where its field is on the allow-list. Any other leaf is replaced by an
invented value of the same shape, which the adapters read like the original. The mask of a
mask is the same mask, so data may be masked twice.
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
"""The value that replaces a credential."""

# The first match wins, so dates come before phone numbers and both before texts. A mask
# keeps the shape that the adapters parse: a masked cassette replays like the original.
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
_OTHER_TEXT = "Xxxx"
_NAME = re.compile(r"[A-Za-z_][\w.-]*|[0-9]+")
"""The pattern of an object's keys; any other key may itself be personal data."""


def mask(value: Json) -> Json:
    """Return the invented value that has a leaf's shape; true, false and null stay.

    >>> mask("James"), mask("94104-2657"), mask(123456789), mask(None)
    ('Xxxx', '00000-0000', 0, None)
    """
    if value is None or isinstance(value, bool):
        return value
    return _masked_text(value) if isinstance(value, str) else 0


def _masked_text(text: str) -> str:
    return next(
        (masked for shape, masked in _SHAPES if shape.fullmatch(text)),
        _OTHER_TEXT,
    )


def _names(names: Any) -> frozenset[str]:
    return frozenset(names)


@frozen(kw_only=True)
class AllowList:
    """The values that the cassettes of one vendor may show unmasked.

    `fields` are the names of JSON fields and query parameters without personal data: ids,
    kinds, statuses, times. `texts` are complete texts that may occur anywhere. `headers`
    are the names of headers to record, in lower case. `credentials` are the names of
    headers that are recorded with a mask as their value. Everything else is masked or
    omitted.
    """

    fields: frozenset[str] = field(default=(), converter=_names)
    texts: frozenset[str] = field(default=(), converter=_names)
    headers: frozenset[str] = field(default=(), converter=_names)
    credentials: frozenset[str] = field(default=(), converter=_names)

    @classmethod
    def load(cls, path: Path, kind: str) -> AllowList:
        """Read an allow-list from TOML: the table `all`, extended by the table *kind*.

        Raises ConfigurationError if the file does not exist or has other names.
        """
        try:
            tables = tomllib.loads(read_text(path))
            return cls(**tables["all"]).plus(**tables.get(kind, {}))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            # Raised outside of the `except`, so that the traceback has one exception.
            message = f"the allow-list {path} cannot be read: {error}"
        raise ConfigurationError(message)

    def plus(self, **more: Any) -> AllowList:
        """Return an allow-list extended by more names."""
        added = {name: getattr(self, name) | _names(more[name]) for name in more}
        return evolve(self, **added)

    def masked(self, value: Json, name: str = "") -> Json:
        """Mask everything in the value of a field that is not on the allow-list."""
        if isinstance(value, dict):
            return {_key(key): self.masked(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.masked(item, name) for item in value]
        # An allow-list and not a list of what to hide: a field that a vendor adds is
        # masked until somebody has looked at it.
        return value if name in self.fields or value in self.texts else mask(value)


def _key(name: str) -> str:
    return name if _NAME.fullmatch(name) else _OTHER_TEXT
