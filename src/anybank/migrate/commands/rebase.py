"""A bank at another URL: the journal goes on with it, once it is seen to be the same."""

from __future__ import annotations

from itertools import islice

from attrs import evolve

from ..._engine.error_boundary import guarded
from ...aio import AsyncBank
from ...errors import ConfigurationError, NotFound
from ..certify.certificate import print_of_source
from ..event_loop import run
from ..journal.journal import Journal
from ..journal.plan_checksum import checksum_of, is_whole
from ..journal.run_log import run_logged
from ..journal.states import MOVED, State
from ..migration import SideLike, recorded_side_of, side_of
from ..side import Side
from .arguments import AnyPath
from .summaries.summary import Summary, summarise
from .target.target_check import require_known

_LOOKED_AT = 20
_IN_DOUBT = (State.IN_FLIGHT, State.UNKNOWN, State.QUARANTINED)


@guarded
@run_logged
def rebase(
    *,
    journal: AnyPath,
    source_url: str | None = None,
    target_url: str | None = None,
    source: SideLike | None = None,
    target: SideLike | None = None,
) -> Summary:
    """Record the URL that a bank has now, once it is seen to be the same bank.

    The source must show a customer of the plan exactly as before, the target a customer
    who was moved. Raises ConfigurationError where they do not, and where nobody was moved
    and somebody is in doubt. `Summary.plan` is a new checksum: it is of the URLs too.
    """
    if source_url is None and target_url is None:
        raise ConfigurationError("rebase needs source_url or target_url")
    with Journal.open_locked(journal) as opened:
        facts: dict[str, str] = {}
        if source_url is not None:
            facts |= _of_source(opened, _side(opened, "source", source, source_url))
        if target_url is not None:
            facts |= _of_target(opened, _side(opened, "target", target, target_url))
        opened.set_metadata(**facts)
        if is_whole(opened.metadata()):
            opened.set_metadata(plan_checksum=checksum_of(opened))
        return summarise(opened, "rebase")


def _side(journal: Journal, name: str, given: SideLike | None, url: str) -> Side:
    recorded = recorded_side_of(journal, name)
    asked = recorded if given is None else side_of(given)
    if recorded.provider != asked.provider or recorded.provider == "file":
        raise ConfigurationError(
            f"the {name} of {journal.path} is {recorded.provider}: rebase records another "
            "URL of the same bank"
        )
    return evolve(asked, options={**recorded.options, **asked.options, "base_url": url})


def _of_source(journal: Journal, side: Side) -> dict[str, str]:
    run(_require_source(journal, side))
    return {"source": side.record, "source_at": side.base_url}


def _of_target(journal: Journal, side: Side) -> dict[str, str]:
    counts = journal.counts()
    if any(counts[state] for state in MOVED):
        run(_require_target(journal, side))
    elif any(counts[state] for state in _IN_DOUBT):
        raise ConfigurationError(
            f"nobody of {journal.path} is known to be at the target, so it cannot be seen "
            "whether this is the same bank, and some may have been sent: `anybank migrate "
            "resolve` records where they are; nothing was recorded"
        )
    return {"target": side.record, "target_at": side.base_url}


async def _require_target(journal: Journal, side: Side) -> None:
    async with side.open() as bank:
        await require_known(journal, bank)


async def _require_source(journal: Journal, side: Side) -> None:
    async with side.open() as bank:
        if await _shows_somebody(journal, bank):
            return
    raise ConfigurationError(
        f"the source at {side.base_url} shows nobody of {journal.path} as the plan read "
        "them: it may be another bank; nothing was recorded"
    )


async def _shows_somebody(journal: Journal, bank: AsyncBank) -> bool:
    known = (each for each in journal.records(frozenset(State)) if each.source_print)
    for record in islice(known, _LOOKED_AT):
        try:
            customer = await bank.customers.get(record.source_id)
        except NotFound:
            continue
        if print_of_source(journal.key, customer) == record.source_print:
            return True
    return False
