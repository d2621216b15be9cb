"""Customers by key: never two for a key, never the wrong one, and none lost in a move."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from attrs import evolve
from tests.router.banks import World, copy_to, email, jane

from anybank import (
    AlreadyExists,
    AnybankError,
    AsyncRouter,
    ConfigurationError,
    Conflict,
    Directory,
    DirectoryEntry,
    EntryState,
    InMemoryDirectory,
    InvalidInput,
    Location,
    NotFound,
    Outcome,
    SqlDirectory,
    Unsupported,
)
from anybank.router.directory import new_version
from anybank.sandbox.transport import SimulatorTransport

pytestmark = pytest.mark.usefixtures("both_kinds")

KEY = "user-17"


class Interfering(InMemoryDirectory):
    """A directory that runs a function before its next change or look-up."""

    blocks = True

    def __init__(self) -> None:
        super().__init__()
        self.before: dict[str, Callable[[], object]] = {}

    def _run(self, name: str) -> None:
        if action := self.before.pop(name, None):
            action()

    def insert(self, entry: DirectoryEntry, /) -> bool:
        self._run("insert")
        return super().insert(entry)

    def replace(self, old: DirectoryEntry, new: DirectoryEntry, /) -> bool:
        self._run("replace")
        return super().replace(old, new)

    def remove(self, old: DirectoryEntry, /) -> bool:
        self._run("remove")
        return super().remove(old)


def _fail() -> None:
    raise ConfigurationError("the directory's database cannot be used")


def test_an_app_works_with_its_own_keys(directory: Directory) -> None:
    """A customer is created, read, changed, listed and deleted by a key."""
    world = World()
    with world.router(directory) as banks:
        customer = banks.customers.create(jane(), key=KEY)
        assert banks.locate(KEY) == Location("bond", customer.id)
        assert banks.key_of("bond", customer.id) == KEY
        assert banks.customers.get(KEY).id == customer.id
        changed = banks.customers.update(KEY, email("jane@example.com"))
        assert changed.emails == ("jane@example.com",)
        assert [item.id for item in banks.customers.list()] == [customer.id]
        banks.customers.delete(KEY)
        with pytest.raises(NotFound):
            banks.customers.get(KEY)
    assert world.count("bond") == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda banks: banks.customers.get(KEY),
        lambda banks: banks.customers.update(KEY, email("j@example.com")),
        lambda banks: banks.customers.delete(KEY),
        lambda banks: banks.kyc.get(KEY),
        lambda banks: banks.accounts.list(KEY).to_list(),
        lambda banks: banks.locate(KEY),
        lambda banks: banks.move(KEY, to="sonder", customer_id="s1"),
        lambda banks: banks.forget(KEY),
    ],
)
def test_an_unknown_key_is_not_found(call: Callable[[Any], object]) -> None:
    """Nothing is sent for a key that the directory does not have."""
    with World().router() as banks, pytest.raises(NotFound) as caught:
        call(banks)
    assert caught.value.outcome is Outcome.NOT_SENT


@pytest.mark.parametrize("key", ["", " ", "\ud800", "x" * 256, "a\0b", 17, None])
def test_an_unusable_key_is_refused(key: Any) -> None:
    """A key is a text of 1 to 255 characters."""
    world = World()
    with world.router() as banks:
        with pytest.raises(InvalidInput, match="key: must be a text"):
            banks.customers.create(jane(), key=key)
        with pytest.raises(InvalidInput):
            banks.locate(key)
    assert world.count("bond") == 0


def test_a_key_in_use_is_refused() -> None:
    """A second create of a key sends nothing."""
    world = World()
    with world.router() as banks:
        banks.customers.create(jane(), key=KEY)
        with pytest.raises(AlreadyExists) as caught:
            banks.customers.create(jane(), key=KEY)
    assert caught.value.outcome is Outcome.NOT_SENT
    assert world.count("bond") == 1


def test_two_processes_create_one_customer(
    open_directory: Callable[[], Directory],
) -> None:
    """Of eight that create one key at the same time, one succeeds."""
    world = World()
    routers = [world.router(open_directory()) for _ in range(8)]

    def create(banks: Any) -> str | None:
        try:
            return str(banks.customers.create(jane(), key=KEY).id)
        except Conflict:
            return None

    with ThreadPoolExecutor(8) as pool:
        ids = [item for item in pool.map(create, routers) if item]
    assert len(ids) == 1
    assert routers[0].locate(KEY).customer_id == ids[0]
    assert world.count("bond") == 1
    for banks in routers:
        banks.close()


def test_a_refused_create_frees_its_key() -> None:
    """After an error that proves that nothing was created, the key can be used."""
    world = World()
    with world.router() as banks:
        with pytest.raises(InvalidInput):
            banks.customers.create(jane(addresses=[]), key=KEY)
        world.networks["bond"].schedule("refused")
        with pytest.raises(AnybankError):
            banks.customers.create(jane(), key=KEY)
        banks.customers.create(jane(), key=KEY)
    assert world.count("bond") == 1


@pytest.mark.parametrize("name", ["bond", "increase"])
def test_a_lost_create_is_resolved(name: str, directory: Directory) -> None:
    """The key stays reserved until `resolve` has found the customer."""
    world = World()
    loss = "all" if name == "increase" else ()
    with world.router(directory, name, default=name) as banks:
        world.networks[name].schedule("lost")
        with pytest.raises(AnybankError) as caught:
            banks.customers.create(jane(), key=KEY, accept_loss=loss)
        assert caught.value.outcome is Outcome.UNKNOWN
        assert not caught.value.retryable
        with pytest.raises(Conflict, match="resolve"):
            banks.customers.create(jane(), key=KEY, accept_loss=loss)
        with pytest.raises(Conflict, match="resolve"):
            banks.customers.get(KEY)
        customer = banks.customers.resolve(caught.value, jane(), key=KEY)
        assert customer is not None
        assert banks.locate(KEY) == Location(name, customer.id)
    assert world.count(name) == 1


@pytest.mark.parametrize("name", ["bond", "increase"])
def test_a_create_that_did_not_arrive_frees_its_key(name: str) -> None:
    """`resolve` returns None, and the key can be created again."""
    world = World()
    loss = "all" if name == "increase" else ()
    with world.router(None, name, default=name) as banks:
        network = world.networks[name]
        # a server error that happened before the create was executed
        network.dice.seed(next(_seeds_that_skip()))
        network.schedule("500")
        with pytest.raises(AnybankError) as caught:
            banks.customers.create(jane(), key=KEY, accept_loss=loss)
        assert banks.customers.resolve(caught.value, jane(), key=KEY) is None
        banks.customers.create(jane(), key=KEY, accept_loss=loss)
    assert world.count(name) == 1


def _seeds_that_skip() -> Any:
    dice = ((seed, random.Random(seed)) for seed in range(99))  # noqa: S311  # a dice
    return (seed for seed, die in dice if die.random() >= 0.5)


def test_an_unresolved_create_without_a_look_up_waits_for_a_person() -> None:
    """Sonder has no listing: `assign` records what a person has found there."""
    world = World()
    locator = {"document_locator_number": "12345"}
    with world.router(default="sonder") as banks:
        world.networks["sonder"].schedule("lost")
        with pytest.raises(AnybankError) as caught:
            banks.customers.create(jane(**locator), key=KEY)
        with pytest.raises(Unsupported, match="a person must check"):
            banks.customers.resolve(caught.value, jane(**locator), key=KEY)
        [customer_id] = world.simulators["sonder"].world.customers
        banks.assign(KEY, to="sonder", customer_id=customer_id)
        assert banks.customers.get(KEY).id == customer_id


def test_a_crashed_create_is_resolved_after_it_must_have_ended() -> None:
    """Until then another process may still be sending it."""
    world, directory = World(), InMemoryDirectory()
    reserved = DirectoryEntry(
        key=KEY,
        provider="bond",
        state=EntryState.RESERVED,
        reference=KEY,
        changed_at=world.clock.now,
    )
    directory.insert(reserved)
    with world.router(directory, settle_after=600) as banks:
        with pytest.raises(Conflict, match="in 600 seconds") as caught:
            banks.customers.resolve(None, jane(), key=KEY)
        assert caught.value.retry_after == 600
        world.clock.now += 600
        assert banks.customers.resolve(None, jane(), key=KEY) is None
        assert directory.find(KEY) is None


def test_a_crashed_create_that_arrived_is_found_immediately() -> None:
    """A customer who is there is nobody else's, however fresh the reservation is."""
    world, directory = World(), InMemoryDirectory()
    customer_id = copy_to(world, "bond", external_id=KEY)
    directory.insert(
        DirectoryEntry(
            key=KEY,
            provider="bond",
            state=EntryState.RESERVED,
            reference=KEY,
            changed_at=world.clock.now,
        )
    )
    with world.router(directory) as banks:
        customer = banks.customers.resolve(None, jane(), key=KEY)
        assert customer is not None
        assert customer.id == customer_id
        assert banks.locate(KEY).customer_id == customer_id


def test_another_customer_is_not_looked_for() -> None:
    """`resolve` refuses a customer with another reference than the create's."""
    world = World()
    copy_to(world, "bond", external_id="other")
    with world.router() as banks:
        world.networks["bond"].schedule("lost")
        with pytest.raises(AnybankError) as caught:
            banks.customers.create(jane(), key=KEY)
        with pytest.raises(InvalidInput, match="external_id"):
            banks.customers.resolve(caught.value, jane(external_id="other"), key=KEY)


def test_a_key_that_is_not_reserved_resolves_to_none() -> None:
    """A create that was refused has left nothing to resolve."""
    with World().router() as banks:
        assert banks.customers.resolve(None, jane(), key=KEY) is None


def test_a_directory_that_fails_after_the_create_says_that_it_is_done() -> None:
    """The customer exists; `resolve` gives it the key."""
    world, directory = World(), Interfering()
    with world.router(directory) as banks:
        directory.before["replace"] = _fail
        with pytest.raises(ConfigurationError) as caught:
            banks.customers.create(jane(), key=KEY)
        assert caught.value.outcome is Outcome.DONE
        customer = banks.customers.resolve(caught.value, jane(), key=KEY)
        assert customer is not None
        assert banks.locate(KEY).customer_id == customer.id
    assert world.count("bond") == 1


def test_a_directory_that_fails_before_the_create_sends_nothing() -> None:
    """A key that cannot be reserved is not created."""
    world, directory = World(), Interfering()
    directory.before["insert"] = _fail
    with world.router(directory) as banks, pytest.raises(ConfigurationError):
        banks.customers.create(jane(), key=KEY)
    assert world.count("bond") == 0


def test_a_create_that_another_process_resolved_is_no_error() -> None:
    """Both found the same customer."""
    world, directory = World(), Interfering()
    other = world.router(directory, is_async=False)
    with world.router(directory) as banks:

        def resolve() -> None:
            customer = other.customers.resolve(None, jane(), key=KEY)
            assert customer is not None

        directory.before["replace"] = resolve
        customer = banks.customers.create(jane(), key=KEY)
        assert banks.locate(KEY).customer_id == customer.id


def test_a_deletion_with_a_lost_answer_is_repeated() -> None:
    """The key stays until the deletion is certain, and the repetition succeeds."""
    world = World()
    with world.router() as banks:
        banks.customers.create(jane(), key=KEY)
        world.networks["bond"].schedule("lost")
        with pytest.raises(AnybankError):
            banks.customers.delete(KEY)
        with pytest.raises(Conflict, match="deletion"):
            banks.move(KEY, to="sonder", customer_id="s1")
        banks.customers.delete(KEY)
        with pytest.raises(NotFound):
            banks.locate(KEY)


def test_a_refused_deletion_leaves_the_customer() -> None:
    """A customer whom the bank does not have keeps the key: it may be the wrong bank."""
    world = World()
    with world.router() as banks:
        banks.assign(KEY, to="bond", customer_id="00000000-0000-4000-8000-000000000000")
        for _ in range(2):
            with pytest.raises(NotFound):
                banks.customers.delete(KEY)
        assert banks.locate(KEY).provider == "bond"
        banks.forget(KEY)
        assert banks.key_of("bond", "00000000-0000-4000-8000-000000000000") is None


def test_a_deletion_goes_on_after_an_update() -> None:
    """An update changes the version of the entry before and during the deletion."""
    world, directory = World(), Interfering()
    other = world.router(directory, is_async=False)

    def touch() -> None:
        stored = directory.find(KEY)
        assert stored is not None
        assert directory.replace(stored, evolve(stored, version=new_version()))

    with world.router(directory) as banks:
        banks.customers.create(jane(), key=KEY)
        directory.before["replace"] = lambda: other.customers.update(
            KEY, email("late@example.com")
        )
        directory.before["remove"] = touch
        banks.customers.delete(KEY)
        assert directory.find(KEY) is None
    assert world.count("bond") == 0


def test_a_deletion_leaves_a_new_customer_of_the_key() -> None:
    """Another process has ended the deletion, and created the key again."""
    world, directory = World(), Interfering()
    other = world.router(directory, is_async=False)

    def create_again() -> None:
        other.forget(KEY)
        other.customers.create(jane(), key=KEY)

    with world.router(directory) as banks:
        banks.customers.create(jane(), key=KEY)
        directory.before["remove"] = create_again
        banks.customers.delete(KEY)
        assert banks.customers.get(KEY).external_id == KEY
    assert world.count("bond") == 1


def test_a_moved_customer_is_served_by_the_new_bank(directory: Directory) -> None:
    """The key stays the same, and the copy at the old bank has none."""
    world = World()
    with world.router(directory) as banks:
        old = banks.customers.create(jane(), key=KEY)
        copy = copy_to(world, "sonder")
        banks.move(KEY, to="sonder", customer_id=copy)
        assert banks.locate(KEY) == Location("sonder", copy)
        assert banks.customers.get(KEY).provider == "sonder"
        assert [item.id for item in banks.customers.list()] == [copy]
        assert banks.key_of("bond", old.id) is None
        assert banks.key_of("sonder", copy) == KEY


def test_a_move_expects_what_was_copied() -> None:
    """An update since the copy was made stops the move, so that it is not lost."""
    world = World()
    with world.router() as banks:
        banks.customers.create(jane(), key=KEY)
        before = banks.locate(KEY)
        copy = copy_to(world, "sonder")
        banks.customers.update(KEY, email("late@example.com"))
        with pytest.raises(Conflict, match="has changed"):
            banks.move(KEY, to="sonder", customer_id=copy, expected=before)
        assert banks.locate(KEY).provider == "bond"
        now = banks.locate(KEY)
        moved = banks.move(KEY, to="sonder", customer_id=copy, expected=now)
        assert moved == banks.locate(KEY)


def test_a_repeated_move_changes_nothing() -> None:
    """A customer who is already there stays."""
    with World().router() as banks:
        banks.assign(KEY, to="bond", customer_id="b1")
        first = banks.move(KEY, to="sonder", customer_id="s1")
        assert banks.move(KEY, to="sonder", customer_id="s1") == first
        assert banks.locate(KEY).version == first.version


def test_of_two_moves_one_succeeds() -> None:
    """A move that another one has overtaken is refused."""
    directory = Interfering()
    other = World().router(directory, is_async=False)
    with World().router(directory) as banks:
        banks.assign(KEY, to="bond", customer_id="b1")
        directory.before["replace"] = lambda: other.move(
            KEY, to="sonder", customer_id="s1"
        )
        with pytest.raises(Conflict, match="has changed"):
            banks.move(KEY, to="sonder", customer_id="s2")
        assert banks.locate(KEY) == Location("sonder", "s1")


def test_a_move_goes_on_after_an_update() -> None:
    """An update changes the version of the entry, and not the location."""
    world, directory = World(), Interfering()
    other = world.router(directory, is_async=False)
    with world.router(directory) as banks:
        banks.customers.create(jane(), key=KEY)
        directory.before["replace"] = lambda: other.customers.update(
            KEY, email("late@example.com")
        )
        banks.move(KEY, to="sonder", customer_id="s1")
        assert banks.locate(KEY) == Location("sonder", "s1")


@pytest.mark.parametrize("customer_id", ["", " ", "..", "\ud800"])
def test_a_move_to_nowhere_is_refused(customer_id: str) -> None:
    """The bank is one of the router's, and the id could be a customer's."""
    with World().router() as banks:
        banks.assign(KEY, to="bond", customer_id="b1")
        with pytest.raises(ConfigurationError, match="no bank with this name"):
            banks.move(KEY, to="increase", customer_id="i1")
        with pytest.raises(InvalidInput):
            banks.move(KEY, to="sonder", customer_id=customer_id)


def test_an_assigned_key_keeps_its_customer() -> None:
    """`assign` does not move a customer, and gives no customer a second key."""
    with World().router() as banks:
        first = banks.assign(KEY, to="bond", customer_id="b1")
        assert banks.assign(KEY, to="bond", customer_id="b1") == first
        with pytest.raises(Conflict, match="another customer"):
            banks.assign(KEY, to="bond", customer_id="b2")
        with pytest.raises(Conflict, match="another key"):
            banks.assign("user-18", to="bond", customer_id="b1")


def during_next_request(world: World, name: str, action: Callable[[], object]) -> None:
    """Run a function once a bank has executed its next request."""
    network = world.networks[name]
    bank = network.bank

    class Interrupted:
        base_path = bank.base_path

        def __call__(self, request: Any, /) -> Any:
            response = bank(request)
            object.__setattr__(network, "bank", bank)
            action()
            return response

    object.__setattr__(network, "bank", Interrupted())


def test_an_update_during_a_move_is_made_at_both_banks() -> None:
    """The copy was made before the update, so the new bank gets it too."""
    world, directory = World(), InMemoryDirectory()
    other = world.router(directory, is_async=False)
    with world.router(directory) as banks:
        banks.customers.create(jane(), key=KEY)
        copy = copy_to(world, "sonder")
        during_next_request(
            world,
            "bond",
            lambda: other.move(KEY, to="sonder", customer_id=copy),
        )
        changed = banks.customers.update(KEY, email("late@example.com"))
        assert changed.provider == "sonder"
        assert banks.customers.get(KEY).emails == ("late@example.com",)


def test_a_call_during_a_move_follows_the_customer() -> None:
    """A customer who left the old bank during the call is read at the new one."""
    world, shared = World(), InMemoryDirectory()
    other = world.router(shared, is_async=False)
    with world.router(shared) as banks:
        old = banks.customers.create(jane(), key=KEY)
        copy = copy_to(world, "sonder")

        class Moving(InMemoryDirectory):
            def find(self, key: str, /) -> DirectoryEntry | None:
                found = shared.find(key)
                if found and found.provider == "bond":
                    other.move(KEY, to="sonder", customer_id=copy)
                    with world.bank("bond") as bank:
                        bank.customers.delete(old.id)
                return found

        with world.router(Moving()) as reader:
            assert reader.customers.get(KEY).id == copy


def test_each_customer_is_listed_once() -> None:
    """Copies are left out, and so are customers without a key; no move hides anyone."""
    world = World()
    with world.router() as banks:
        ids = [
            banks.customers.create(
                jane(ssn=f"123-45-67{number:02}"), key=f"user-{number}"
            ).id
            for number in range(6)
        ]
        copy = copy_to(world, "sonder", ssn="123-45-6700")
        stray = copy_to(world, "bond", ssn="123-45-6799")
        listed: list[str] = []
        for customer in banks.customers.list():
            if not listed:
                banks.move("user-0", to="sonder", customer_id=copy)
            listed.append(customer.id)
        assert len(listed) == len(set(listed)) == 6
        assert stray not in listed
        assert set(ids[1:]) < set(listed)
        assert len(banks.customers.list().take(2)) == 2
        assert banks.customers.list().first() is not None
        assert {item.id for item in banks.customers.list().to_list()} == {
            copy,
            *ids[1:],
        }


def test_a_customer_who_is_gone_at_the_bank_is_not_hidden() -> None:
    """A key without a customer is an error, and not a shorter list."""
    with World().router() as banks:
        banks.assign(KEY, to="sonder", customer_id="SU00000000000000000000000000000000")
        with pytest.raises(NotFound):
            banks.customers.list().to_list()


def test_a_bank_that_the_router_lacks_is_named() -> None:
    """A directory may know more banks than a router has."""
    directory = InMemoryDirectory()
    directory.insert(
        DirectoryEntry(
            key=KEY, provider="other", customer_id="o1", state=EntryState.LOCATED
        )
    )
    with World().router(directory) as banks, pytest.raises(Conflict, match="other"):
        banks.customers.get(KEY)


class Silent(httpx.AsyncBaseTransport):
    """A network on which the first answer never arrives."""

    def __init__(self, inner: SimulatorTransport) -> None:
        self.inner = inner
        self.executed = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self.inner.handle_async_request(request)
        if not self.executed.is_set():
            self.executed.set()
            await asyncio.Event().wait()
        return response


def test_a_cancelled_create_is_resolved(tmp_path: Any) -> None:
    """A task that is cancelled while the bank creates the customer leaves a reservation."""
    world = World()

    async def main() -> None:
        directory = SqlDirectory(f"sqlite:///{tmp_path}/where.db")
        transport = Silent(SimulatorTransport(world.networks["bond"]))
        bank = world.async_bank("bond", transport=transport)
        async with AsyncRouter({"bond": bank}, directory=directory) as router:
            task = asyncio.ensure_future(router.customers.create(jane(), key=KEY))
            await transport.executed.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            with pytest.raises(Conflict):
                await router.locate(KEY)
            customer = await router.customers.resolve(None, jane(), key=KEY)
            assert customer is not None
            assert (await router.locate(KEY)).customer_id == customer.id

    asyncio.run(main())
    assert world.count("bond") == 1


def test_a_create_that_is_cancelled_while_its_key_is_reserved_frees_it() -> None:
    """The thread of the directory is awaited, and its reservation removed again."""
    world = World()

    class Slow(InMemoryDirectory):
        blocks = True

        def insert(self, entry: DirectoryEntry, /) -> bool:
            loop.call_soon_threadsafe(started.set)
            assert asyncio.run_coroutine_threadsafe(cancelled.wait(), loop).result(10)
            return super().insert(entry)

    async def main() -> None:
        directory = Slow()
        transport = Silent(SimulatorTransport(world.networks["bond"]))
        bank = world.async_bank("bond", transport=transport)
        async with AsyncRouter({"bond": bank}, directory=directory) as router:
            task = asyncio.ensure_future(router.customers.create(jane(), key=KEY))
            await started.wait()
            task.cancel()
            loop.call_soon(cancelled.set)
            with pytest.raises(asyncio.CancelledError):
                await task
            assert directory.find(KEY) is None

    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        started, cancelled = asyncio.Event(), asyncio.Event()
        runner.run(main())
    assert world.count("bond") == 0
