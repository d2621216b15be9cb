"""The switches of the simulator, for questions that Increase's document leaves open."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen
from attrs.validators import in_


@frozen(kw_only=True)
class IncreaseSwitches:
    """The switches; "row" is a row of the table in docs/vendors/increase.md, §12."""

    validates: bool = True
    """§8: validations run for eligible programs; False leaves every entity without."""
    archive_again: Literal["refuse", "accept"] = field(
        default="refuse", validator=in_(("refuse", "accept"))
    )
    """Row 4: the response to a second archiving; the document is silent."""
    state_and_zip_required_in: tuple[str, ...] = ()
    """Row 2: the countries whose addresses need both; the document says "certain"."""
