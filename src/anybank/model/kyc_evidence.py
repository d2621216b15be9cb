"""Evidence about a person's identity that another party has established."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from ..sensitive import Personal, shielded_class
from . import samples
from ._fields import (
    NEVER_NULL,
    field_metadata,
    masked,
    personal_metadata,
    plain,
    text,
    validate,
)
from .pydantic_support import PydanticSupport
from .required_field import required
from .spellings import TIME


def _aware(value: object) -> str | None:
    """Check for a time with its zone."""
    is_time = isinstance(value, datetime) and value.tzinfo is not None
    return None if is_time else "a datetime with a time zone"


@shielded_class
@frozen(kw_only=True)
class KycEvidence(PydanticSupport, Personal):
    """A verification of a person by another party, and where it can be looked up.

    `verifier` is the party, such as `alloy`, and `reference` its id of the verification,
    which is personal. `method` and `outcome` say in the verifier's words what was checked
    and found, at the time `verified_at`. Which parts a vendor stores differs (`bank.check`).
    Raises InvalidInput.
    """

    verifier: str = required(metadata={**field_metadata(text), NEVER_NULL: True})
    reference: str = required(
        repr=masked,
        metadata={
            **personal_metadata(text, sample=samples.word("quillref")),
            NEVER_NULL: True,
        },
    )
    method: str | None = plain(text)
    outcome: str | None = plain(text)
    verified_at: datetime | None = plain(_aware, spelling=TIME)

    def __attrs_post_init__(self) -> None:
        validate(self)
