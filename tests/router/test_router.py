"""The router itself: its settings, its health check, and what belongs to a customer."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest
from tests.router.banks import World, copy_to, email, jane
from tests.unit.banks import ada, unit

from anybank import (
    AccountKind,
    AnybankError,
    AsyncRouter,
    ConfigurationError,
    Conflict,
    InMemoryDirectory,
    InvalidInput,
    KycStatus,
    Location,
    NewAccount,
    Router,
    StartKyc,
)
from anybank_unit.simulator import UnitSimulator

both_kinds = pytest.mark.usefixtures("both_kinds")
KEY = "user-17"
PROGRAM = "66666666-6666-4666-8666-666666666666"


def test_a_router_needs_a_bank_and_a_known_default() -> None:
    """Wrong settings are refused before anything is used."""
    with pytest.raises(ConfigurationError, match="at least one bank"):
        Router({}, directory=InMemoryDirectory())
    with pytest.raises(ConfigurationError, match="default"):
        World().router(default="increase")


def test_a_router_and_its_banks_are_of_one_kind() -> None:
    """A mixture is refused by the constructor, and not by the first call."""
    world, directory = World(), InMemoryDirectory()
    asynchronous: Any = {"bond": world.async_bank("bond")}
    with pytest.raises(ConfigurationError, match="open Banks"):
        Router(asynchronous, directory=directory)
    synchronous: Any = {"bond": world.bank("bond")}
    with pytest.raises(ConfigurationError, match="open AsyncBanks"):
        AsyncRouter(synchronous, directory=directory)


@both_kinds
def test_a_new_customer_needs_a_bank() -> None:
    """Without a default the create names the bank; one bank needs no default."""
    world = World()
    with world.router(default=None) as banks:
        with pytest.raises(ConfigurationError, match="default="):
            banks.customers.create(jane(), key=KEY)
        with pytest.raises(ConfigurationError, match="no bank with this name"):
            banks.customers.create(jane(), key=KEY, provider="increase")
        banks.customers.create(jane(), key=KEY, provider="bond")
    with world.router(None, "bond", default=None) as banks:
        assert banks.customers.create(jane(), key="user-18").provider == "bond"


@both_kinds
def test_the_check_says_which_bank_is_unhealthy() -> None:
    """One bank that does not respond hides nothing about the others."""
    world = World()
    with world.router(None, "bond", "sonder", "increase") as banks:
        assert all(health.is_healthy for health in banks.check().values())
        world.networks["sonder"].schedule("refused")
        health = banks.check()
        assert [name for name in health if not health[name].is_healthy] == ["sonder"]
        assert isinstance(health["sonder"].error, AnybankError)
        assert health["bond"].error is None
        assert health["bond"].probe == "credentials.check"


@both_kinds
def test_a_customer_is_verified_by_key() -> None:
    """Verification is started and read where the customer is."""
    world = World()
    with world.router() as banks:
        customer = banks.customers.create(jane(), key=KEY)
        start = StartKyc(program_id=PROGRAM, idempotency_key="k-1")
        assert banks.kyc.start(KEY, start).customer_id == customer.id
        assert isinstance(banks.kyc.get(KEY, program_id=PROGRAM).status, KycStatus)


@both_kinds
def test_accounts_belong_to_the_customer_of_the_key() -> None:
    """An account is opened, listed and closed for its own customer only."""
    world = World()
    with world.router(None, "increase", default="increase") as banks:
        for key in (KEY, "user-18"):
            banks.customers.create(jane(), key=key, accept_loss="all")
        account = banks.accounts.create(
            NewAccount(name="Savings", kind=AccountKind.DEPOSIT), key=KEY
        )
        assert [item.id for item in banks.accounts.list(KEY)] == [account.id]
        assert banks.accounts.list("user-18").to_list() == []
        assert banks.accounts.get(account.id, key=KEY).id == account.id
        assert banks.accounts.balance(account.id, key=KEY).account_id == account.id
        listing = banks.transactions.list(KEY, account_id=account.id)
        assert listing.to_list() == []
        with pytest.raises(Conflict, match="another customer"):
            banks.accounts.get(account.id, key="user-18")
        with pytest.raises(Conflict, match="another customer"):
            banks.accounts.close(account.id, key="user-18")
        assert banks.accounts.close(account.id, key=KEY).id == account.id
        other = NewAccount(customer_ids=["x"], kind=AccountKind.CHECKING)
        with pytest.raises(InvalidInput, match="customer_ids"):
            banks.accounts.create(other, key=KEY)


def test_the_asynchronous_router_is_the_same() -> None:
    """The steps of a customer's life with `await`."""
    world = World()

    async def main() -> None:
        banks: dict[str, Any] = {n: world.async_bank(n) for n in ("bond", "sonder")}
        directory = InMemoryDirectory()
        async with AsyncRouter(banks, directory=directory, default="bond") as router:
            await router.customers.create(jane(), key=KEY)
            copy = copy_to(world, "sonder")
            await router.move(KEY, to="sonder", customer_id=copy)
            assert await router.locate(KEY) == Location("sonder", copy)
            assert await router.key_of("sonder", copy) == KEY
            await router.customers.update(KEY, email("j@example.com"))
            assert (await router.customers.get(KEY)).emails == ("j@example.com",)
            assert [item.id async for item in router.customers.list()] == [copy]
            assert len(await router.customers.list().take(1)) == 1
            assert await router.customers.list().first() is not None
            assert len(await router.customers.list().to_list()) == 1
            health = await router.check()
            assert health["sonder"].is_healthy
            await router.customers.delete(KEY)
            assert repr(router) == "<AsyncRouter bond sonder>"

    asyncio.run(main())


def test_importing_a_router_is_light() -> None:
    """Neither the engine nor a database is imported before it is used."""
    code = (
        "import sys; from anybank import AsyncRouter, Router, SqlDirectory; "
        "print(' '.join(sys.modules))"
    )
    done = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {"httpx", "sqlalchemy", "asyncio", "anybank.model.customers"}
    assert not heavy & set(done.stdout.split())


@pytest.mark.parametrize("verb", ["get", "update"])
def test_an_id_that_the_bank_replaces_is_followed(verb: str) -> None:
    """After its decision Unit has another id for the person, and the key leads to it."""
    simulator = UnitSimulator()
    simulator.choose_kyc(KycStatus.UNDER_REVIEW)
    directory = InMemoryDirectory()
    with Router({"unit": unit(simulator)}, directory=directory) as banks:
        applied = banks.customers.create(ada(), key=KEY).id
        simulator.decide(applied, KycStatus.PASSED)
        [person] = simulator.customer_ids
        account = simulator.seed_account(person)
        assert banks.accounts.get(account, key=KEY).customer_ids == (person,)
        if verb == "get":
            decided = banks.customers.get(KEY).id
        else:
            decided = banks.customers.update(KEY, email("new@example.com")).id
        assert decided != applied
        assert banks.locate(KEY) == Location("unit", decided)
        assert banks.key_of("unit", decided) == KEY
        assert [item.id for item in banks.customers.list()] == [decided]
