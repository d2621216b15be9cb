"""The metadata of a journal: its banks, options, files and policies, signed.

The key of the journal signs all of it except the version of the tables. Somebody who can
write to the journal but does not have the key cannot change a host, an option or a
supplement unnoticed: the signature is checked whenever metadata is read.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from .keys import Key
from .tables import META

_SIGNATURE = "signature"
_UNSIGNED = frozenset({_SIGNATURE, "schema"})
"""An upgrade changes the version of the tables without the key."""

ALL_METADATA = sa.select(META.c.name, META.c.value)
_TOUCH = sa.update(META).where(META.c.name == _SIGNATURE).values(value=META.c.value)
"""Starts the transaction with a write, so that two writers sign one after the other."""


def is_signed(facts: Mapping[str, str], key: Key) -> bool:
    """Tell whether the key has signed this metadata."""
    signature = facts.get(_SIGNATURE, "").encode()
    # In constant time. As bytes, because an edited signature may not be ASCII.
    return hmac.compare_digest(signature, _signature(facts, key).encode())


def write_metadata(
    connection: sa.Connection, upsert: Any, facts: Mapping[str, object], key: Key
) -> bool:
    """Write metadata and sign all of it, in the current transaction.

    Returns False, and writes nothing, where the key has not signed the existing metadata.
    """
    connection.execute(_TOUCH)
    # Checked within the transaction: to sign the rest along with a new value would approve
    # what another program has changed since this journal was opened.
    before = {row.name: row.value for row in connection.execute(ALL_METADATA)}
    if before and not is_signed(before, key):
        return False
    after = {**before, **{name: str(value) for name, value in facts.items()}}
    after[_SIGNATURE] = _signature(after, key)
    rows = [{"name": name, "value": after[name]} for name in (*facts, _SIGNATURE)]
    connection.execute(upsert, rows)
    return True


def _signature(facts: Mapping[str, str], key: Key) -> str:
    return key.signature({name: facts[name] for name in facts if name not in _UNSIGNED})
