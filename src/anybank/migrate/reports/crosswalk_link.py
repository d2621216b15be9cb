"""The crosswalk inside the page: a link that holds the file, byte for byte.

A page that loads nothing can still give a file away: the link's address is the file. It
has the ids of both banks and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import sqlalchemy as sa

from ..commands.crosswalk import lines
from ..journal.journal import Journal
from ..journal.states import MOVED
from ..journal.tables import RECORDS

MOST_ROWS = 20_000
"""How many customers a page carries: with two UUIDs each that is 1.6 MB."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def crosswalk_url(journal: Journal) -> Iterator[str]:
    """Yield the pieces of a `data:` address that is the crosswalk."""
    yield "data:text/csv;charset=utf-8,"
    for line in lines(journal):
        yield quote(line, safe=",")


def count_formula_ids(journal: Journal) -> int:
    """Count the customers with an id that a spreadsheet would calculate."""
    columns = (RECORDS.c.source_id, RECORDS.c.target_id)
    begins = (sa.func.substr(each, 1, 1).in_(_FORMULA) for each in columns)
    query = sa.select(sa.func.count()).where(
        RECORDS.c.state.in_(MOVED), sa.or_(*begins)
    )
    return int(journal.query(query)[0][0])
