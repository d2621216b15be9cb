"""Ids of records that a vendor has below others, such as a wallet below its account.

A call of ours has one id (`accounts.get`), and the vendor's path needs several. Our id then
joins the vendor's ids from the outside in: `account.wallet`.
"""

from __future__ import annotations

from ..errors import NotFound

_SEPARATOR = "."


def join_ids(*ids: str) -> str:
    """Return one id for the ids of a record and of the records above it.

    >>> join_ids("acc-1", "wallet-7")
    'acc-1.wallet-7'
    """
    # A dot inside of an id is escaped, so that no two records share an id of ours.
    return _SEPARATOR.join(id.replace("%", "%25").replace(".", "%2E") for id in ids)


def split_ids(identifier: str, count: int) -> list[str]:
    """Return the *count* ids that an id of ours joins, from the outside in.

    Raises NotFound for an id of another form: the vendor has no such record.

    >>> split_ids("acc-1.wallet-7", 2)
    ['acc-1', 'wallet-7']
    """
    ids = identifier.split(_SEPARATOR)
    if len(ids) != count or not all(ids):
        raise NotFound(f"the id does not join {count} ids of the vendor")
    return [id.replace("%2E", ".").replace("%25", "%") for id in ids]
