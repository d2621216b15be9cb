"""The crosswalk as a `data:` URL, so that the page can offer it for download.

The page loads nothing, so the link itself contains the file. The file has the ids of both
banks and nothing else. An id is never changed to make it harmless, because no bank would
know the changed id: where a spreadsheet would evaluate one, the page has a warning instead.
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
"""The most customers in a page's link: with two UUIDs each, they take 1.6 MB."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""The characters with which a spreadsheet begins a formula.

https://owasp.org/www-community/attacks/CSV_Injection
"""


def crosswalk_url(journal: Journal) -> Iterator[str]:
    """Yield the pieces of the `data:` URL that contains the crosswalk."""
    yield "data:text/csv;charset=utf-8,"
    for line in lines(journal):
        yield quote(line, safe=",")


def count_formula_ids(journal: Journal) -> int:
    """Count the customers with an id that a spreadsheet would evaluate as a formula."""
    columns = (RECORDS.c.source_id, RECORDS.c.target_id)
    begins = (sa.func.substr(column, 1, 1).in_(_FORMULA) for column in columns)
    query = sa.select(sa.func.count()).where(
        RECORDS.c.state.in_(MOVED), sa.or_(*begins)
    )
    return int(journal.query(query)[0][0])
