"""The facts of a journal, signed: what it is of, with which options, files and policies.

The key of the journal signs them all, but for the version of the tables. Whoever can write
to the journal and has not its key cannot change a host, an option or a supplement
unnoticed: the signature is checked whenever a fact is read.
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
"""An upgrade changes the version of the tables, and needs no key for it."""

_ALL = sa.select(META.c.name, META.c.value)
_TOUCH = sa.update(META).where(META.c.name == _SIGNATURE).values(value=META.c.value)
"""Begins to write without a change, so that two writers sign one after the other."""


def read_metadata(connection: sa.Connection) -> Mapping[str, str]:
    """Return all facts as they are written, whoever wrote them."""
    return {row.name: row.value for row in connection.execute(_ALL)}


def is_signed(facts: Mapping[str, str], key: Key) -> bool:
    """Return whether the key has signed these facts."""
    signature = facts.get(_SIGNATURE, "").encode()
    return hmac.compare_digest(signature, _signature(facts, key).encode())


def write_metadata(
    connection: sa.Connection, upsert: Any, facts: Mapping[str, object], key: Key
) -> bool:
    """Write facts and sign them with the others, in the transaction that has begun.

    Returns False, and writes nothing, where the others are not signed by the key.
    """
    connection.execute(_TOUCH)
    before = read_metadata(connection)
    if before and not is_signed(before, key):
        return False
    after = {**before, **{name: str(value) for name, value in facts.items()}}
    after[_SIGNATURE] = _signature(after, key)
    rows = [{"name": name, "value": after[name]} for name in (*facts, _SIGNATURE)]
    connection.execute(upsert, rows)
    return True


def _signature(facts: Mapping[str, str], key: Key) -> str:
    return key.signature({name: facts[name] for name in facts if name not in _UNSIGNED})
