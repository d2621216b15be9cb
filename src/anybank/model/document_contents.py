"""The masked type of the content of a file."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from ..errors import Effect, InvalidInput, Issue
from ..sensitive import Sensitive

_RUN = re.compile(rb"[\x20-\x7e]{8,}")
_SEARCHED = 4096
"""The bytes at the start of a file whose texts the scrubber knows. A vendor that repeats a
file in an error would repeat its start."""
_ISSUE = Issue(
    "content",
    Effect.BLOCKED,
    "bytes",
    "anybank",
    "pass the bytes of the file, which must not be empty",
)


def _encoded(content: object) -> str:
    """Return bytes in base64, and nothing for any other type."""
    return base64.b64encode(content).decode() if isinstance(content, bytes) else ""


class DocumentContent(Sensitive):
    """The bytes of a file, which are masked wherever they are displayed.

    >>> DocumentContent(b"scan")
    ***
    """

    __slots__ = ()

    def __init__(self, content: bytes) -> None:
        encoded = _encoded(content)
        del content  # an error report shows the arguments of this frame
        super().__init__(encoded)
        if not encoded:
            raise InvalidInput([_ISSUE])

    @classmethod
    def read(cls, text: str) -> DocumentContent:
        """Read the base64 that `unmasked` returned."""
        try:
            return cls(base64.b64decode(text, validate=True))
        except (binascii.Error, ValueError):
            pass
        raise InvalidInput([_ISSUE])

    def unmasked(self) -> Sensitive:
        """Return the content in base64 for storage; `read` reads it again."""
        return Sensitive(self._text)

    def reveal(self) -> Any:
        """Return the bytes."""
        return base64.b64decode(self._text)

    @property
    def size(self) -> int:
        """The number of bytes."""
        padding = len(self._text) - len(self._text.rstrip("="))
        return len(self._text) // 4 * 3 - padding

    def forms(self) -> frozenset[str]:
        """Return the texts at the start of the file, which the scrubber must remove."""
        runs = _RUN.findall(self.reveal()[:_SEARCHED])
        return frozenset(run.decode("ascii").strip() for run in runs) - {""}
