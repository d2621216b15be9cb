"""The checksum of a plan, so that `apply` sends the plan that a person has reviewed.

It covers the two sides, the consents, the supplement, and each record's id and the
fingerprint of its certified request. A new plan of unchanged data has the same checksum,
also in the middle of an apply.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256

import sqlalchemy as sa

from ...errors import ConfigurationError
from .journal import Journal
from .tables import RECORDS

# Limits on the rate or on the number of customers are not included: they change no request.
_FACTS = (
    "migration_id",
    "source",
    "source_at",
    "target",
    "target_at",
    "accept_loss",
    "accept_quality",
    "supplement",
    "supplement_sha256",
    "supplement_layout",
)
_LENGTH = 16


def checksum_of(journal: Journal) -> str:
    """Return the checksum of a journal's plan: 16 hexadecimal digits."""
    digest, metadata = sha256(), journal.metadata()
    for fact in facts_of(metadata):
        digest.update(f"{fact}\n".encode("utf-8", "surrogatepass"))
    columns = (RECORDS.c.number, RECORDS.c.source_id, RECORDS.c.request_print)
    for row in journal.walk(sa.select(*columns)):
        digest.update(
            f"{row.source_id}\0{row.request_print}\n".encode("utf-8", "surrogatepass")
        )
    return digest.hexdigest()[:_LENGTH]


def facts_of(metadata: Mapping[str, str]) -> Iterator[str]:
    """Yield the metadata on which the certificates of a plan depend, as text."""
    for name in _FACTS:
        yield f"{name}={metadata.get(name)}"


def is_whole(metadata: Mapping[str, str]) -> bool:
    """Tell whether the last plan has read the whole source."""
    return metadata.get("planned") == metadata.get("plan")


def require_plan(
    journal: Journal, metadata: Mapping[str, str], expected: str | None
) -> None:
    """Raise ConfigurationError unless the plan has the checksum that the caller expects."""
    checksum = metadata.get("plan_checksum")
    if expected is not None and expected.lower() != checksum:
        raise ConfigurationError(
            f"the plan in {journal.path} is {checksum}, not {expected}: it was planned again "
            "since; look at it with `anybank migrate status`, then apply that one"
        )
