"""Whether the target is the bank that a journal knows: somebody who was moved is there.

With the credentials of another brand or tenant a bank answers "not found" for everybody,
and what is only out of sight would pass for absent: recorded as deleted or as different,
or sent again.
"""

from __future__ import annotations

from itertools import islice

from ....aio import AsyncBank
from ....declaration.vocabulary import Feature
from ....errors import AnybankError, ConfigurationError, NotFound
from ...journal.journal import Journal
from ...journal.states import MOVED
from ..workers.create_errors import FATAL_ERRORS

_LOOKED_AT = 20
"""So many may have been deleted by hand before it is taken for another bank."""
_UNTOLD = 2
"""One customer who cannot be read may be broken; with two it is the bank."""


async def require_known(journal: Journal, target: AsyncBank) -> None:
    """Raise ConfigurationError where none of those moved last is at the target.

    One who is found is enough. A journal of which nobody was moved knows no bank yet.
    Raises what the target answered where it does not tell.
    """
    if not target.capabilities.supports(Feature.CUSTOMERS_GET):
        return
    absent, failed = 0, list[AnybankError]()
    for record in islice(journal.records(MOVED, newest_first=True), _LOOKED_AT):
        try:
            await target.customers.get(record.target_id or "")
        except NotFound:
            absent += 1
        except FATAL_ERRORS:
            raise
        except AnybankError as error:
            failed.append(error)
            if len(failed) == _UNTOLD:
                break
        else:
            return
    if failed:
        raise failed[-1]
    if absent:
        raise ConfigurationError(
            f"none of the {absent} looked for at {target.capabilities.title} is there: "
            "nothing was sent or recorded; look whether the credentials are those of the "
            "migration. If they were deleted there, `anybank migrate rollback --gone` "
            "records it"
        )
