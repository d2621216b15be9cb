"""Limits of a date of birth."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from tests.fakes import FakeTime, Script, james
from tests.increase.banks import KEY
from tests.sonder.banks import sarah

from anybank import (
    AsyncBank,
    Bank,
    CustomerChanges,
    InvalidInput,
    NewCustomer,
    Outcome,
)
from anybank._engine.timing import Timing
from anybank.declaration.preflight import prepare
from anybank.plugins import find

OPTIONS: dict[str, dict[str, Any]] = {
    "bond": {"identity": "i", "authorization": "a"},
    "sonder": {"token": "t"},
    "increase": {"api_key": KEY},
}
NOW = 1_700_000_000.0  # 14 November 2023, 22:13 UTC: the 15th in the east
WRONG = [date(2023, 11, 16), date(2100, 1, 1), date(1899, 12, 31), date(1, 1, 1)]
RIGHT = [date(2023, 11, 15), date(1900, 1, 1)]


def test_today_is_the_latest_date_anywhere() -> None:
    """The limit is the date in the earliest time zone."""
    assert Timing(wall=lambda: NOW).today() == date(2023, 11, 15)


@pytest.mark.parametrize("vendor", OPTIONS)
@pytest.mark.parametrize("birth", [*WRONG, *RIGHT])
def test_an_impossible_birth_is_found(vendor: str, birth: date) -> None:
    """`check` reports an impossible date of birth at every vendor."""
    timing = FakeTime(now=NOW).timing()
    with Bank(vendor, timing=timing, transport=Script(), **OPTIONS[vendor]) as bank:
        issues = [item.field for item in bank.check(sarah(date_of_birth=birth))]
    assert ("date_of_birth" in issues) is (birth in WRONG)


@pytest.mark.parametrize("vendor", OPTIONS)
@pytest.mark.parametrize("birth", WRONG)
@pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
def test_an_impossible_birth_is_not_sent(
    vendor: str, birth: date, *, sync: bool
) -> None:
    """A create with an impossible date of birth is rejected without repeating the date."""
    script, new = Script(), sarah(date_of_birth=birth)
    arguments: dict[str, Any] = {
        "timing": FakeTime(now=NOW).timing(),
        "transport": script,
    }

    async def main() -> None:
        async with AsyncBank(vendor, **arguments, **OPTIONS[vendor]) as bank:
            await bank.customers.create(new, accept_loss="all")

    def one() -> Any:
        bank = Bank(vendor, **arguments, **OPTIONS[vendor])
        return bank.customers.create(new, accept_loss="all")

    with pytest.raises(InvalidInput, match="date_of_birth: must not be") as refused:
        one() if sync else asyncio.run(main())
    assert refused.value.outcome is Outcome.NOT_SENT
    assert birth.isoformat() not in str(refused.value)
    assert script.requests == []


def test_a_change_has_a_possible_birth() -> None:
    """A change of the date of birth is checked as well."""
    bank = Bank("bond", transport=Script(), **OPTIONS["bond"])
    with bank, pytest.raises(InvalidInput, match="must not be before 1900"):
        bank.customers.update("c1", CustomerChanges(date_of_birth=date(1899, 1, 1)))


def test_a_value_that_was_read_is_not_refused_for_its_birth() -> None:
    """A value that was read may have any date of birth."""
    old: NewCustomer = james(date_of_birth=date(1850, 1, 1))
    assert prepare(find("bond").adapter.capabilities, old).issues == ()
