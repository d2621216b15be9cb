"""Required fields: a type checker reports a call that omits one.

At run time an omitted field is None. Its check rejects None like any other mistake, so that
the caller gets InvalidInput, which names the field, and not a TypeError.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from attrs import field as required
else:

    def required(*, metadata: Mapping[str, Any], **more: Any) -> Any:
        """Declare a required field by its metadata."""
        return attrs.field(default=None, metadata=metadata, **more)


__all__ = ["required"]
