"""Records another URL of a bank, after a check that it is the same bank.

The other commands refuse a URL that is not the recorded one: customers would go to another
bank, or the search for a lost create would find nothing and send it again.
"""

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
from ..journal.states import WITH_TARGET_ID, State
from ..migration import SideLike, recorded_side_of, side_of
from ..side import Side
from .arguments import AnyPath
from .summaries.summary import Summary, summarise
from .target.target_check import require_known

_SAMPLE_SIZE = 20
"""How many customers are read: some may have changed or left since the plan."""
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
    """Record the new URL of a bank, after a check that it is the same bank.

    The source must return a customer of the plan exactly as before, and the target a
    customer who was moved. Raises ConfigurationError where they do not, and where nobody
    was moved but a create has an unknown outcome. `Summary.plan` changes, because the
    checksum of a plan covers the URLs.
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


def _side(journal: Journal, name: str, side: SideLike | None, url: str) -> Side:
    recorded = recorded_side_of(journal, name)
    requested = recorded if side is None else side_of(side)
    if recorded.provider != requested.provider or recorded.provider == "file":
        raise ConfigurationError(
            f"the {name} of {journal.path} is {recorded.provider}: rebase records only "
            "another URL of the same bank"
        )
    return evolve(
        requested, options={**recorded.options, **requested.options, "base_url": url}
    )


def _of_source(journal: Journal, side: Side) -> dict[str, str]:
    run(_require_source(journal, side))
    return {"source": side.record, "source_at": side.base_url}


def _of_target(journal: Journal, side: Side) -> dict[str, str]:
    counts = journal.counts()
    if any(counts[state] for state in WITH_TARGET_ID):
        run(_require_target(journal, side))
    elif any(counts[state] for state in _IN_DOUBT):
        # At another bank a look-up would find nobody and send everybody again.
        raise ConfigurationError(
            f"no customer of {journal.path} is known to be at the target, so rebase cannot "
            "check that this is the same bank, and some customers may have been sent. "
            "Record where they are with `anybank migrate resolve`; nothing was recorded."
        )
    return {"target": side.record, "target_at": side.base_url}


async def _require_target(journal: Journal, side: Side) -> None:
    async with side.open() as bank:
        await require_known(journal, bank)


async def _require_source(journal: Journal, side: Side) -> None:
    async with side.open() as bank:
        if await _has_planned_customer(journal, bank):
            return
    raise ConfigurationError(
        f"the source at {side.base_url} has no customer of {journal.path} as the plan read "
        "it: it may be another bank. Check the URL and the credentials; nothing was "
        "recorded."
    )


async def _has_planned_customer(journal: Journal, bank: AsyncBank) -> bool:
    records = journal.records(frozenset(State))
    planned = (record for record in records if record.source_print)
    for record in islice(planned, _SAMPLE_SIZE):
        try:
            customer = await bank.customers.get(record.source_id)
        except NotFound:
            continue
        if print_of_source(journal.key, customer) == record.source_print:
            return True
    return False
