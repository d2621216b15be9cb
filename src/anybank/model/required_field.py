"""A field that must be given: type checkers report where it is missing.

At run time a missing one is None. The check of the field refuses that like any other
mistake, so the caller gets InvalidInput, which names the field, and not a TypeError.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from attrs import field as required
else:

    def required(*, metadata: Mapping[str, Any]) -> Any:
        """Declare a required field by its metadata."""
        return attrs.field(default=None, metadata=metadata)


__all__ = ["required"]
