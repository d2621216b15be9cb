"""A program that forks while a bank is in use; it exits with 0 if every response was right.

    python forking.py URL sync|multiprocessing|httpx|aiohttp|guest|imports

The server at URL answers by path. The parent and the children send requests at the same
time. The children abandon the inherited connections and end in each way that Python has.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx

from anybank import AsyncBank, Bank, HttpOptions, NotSent

CALLS = 12
CHILDREN = 3
OPTIONS: dict[str, Any] = {
    "rate_limit": None,
    "retries": 0,
    "timeout": 5,
    "identity": "i",
    "authorization": "a",
}


def main(url: str, kind: str) -> int:
    """Return the number of wrong answers and failed processes."""
    if kind in ("sync", "multiprocessing"):
        return with_threads(Bank("bond", base_url=url, **OPTIONS), kind)
    if kind == "guest":
        return with_guests(url)
    if kind == "imports":
        return modules_imported_by_requests(url)
    http = HttpOptions(engine="aiohttp" if kind == "aiohttp" else "httpx")
    bank = AsyncBank("bond", base_url=url, http=http, **OPTIONS)
    loop = asyncio.new_event_loop()
    wrong = loop.run_until_complete(with_tasks(bank))
    ends = [forked(_in_a_loop(bank, at), leave=True) for at in range(CHILDREN)]
    wrong += loop.run_until_complete(ask_async(bank, "beside"))
    wrong += sum(end() for end in ends)
    wrong += loop.run_until_complete(ask_async(bank, "after-all"))
    loop.run_until_complete(bank.aclose())
    loop.close()
    return wrong


def modules_imported_by_requests(url: str) -> int:
    """Return the number of modules that the first requests of a process import."""
    engines = [HttpOptions(engine="httpx"), HttpOptions(engine="aiohttp")]
    banks = [AsyncBank("bond", base_url=url, http=http, **OPTIONS) for http in engines]
    bank = Bank("bond", base_url=url, **OPTIONS)
    asyncio.run(asyncio.sleep(0))
    before = set(sys.modules)
    with bank:
        bank.customers.get("c1")
    for bank_of_loop in banks:
        asyncio.run(_use_once(bank_of_loop))
    imported = set(sys.modules) - before
    sys.stderr.write(" ".join(sorted(imported)))
    return len(imported)


async def _use_once(bank: AsyncBank) -> None:
    async with bank:
        await bank.customers.get("c1")


def ask(bank: Bank, name: str) -> int:
    """Return how many customers were not the requested ones."""
    names = [f"{name}-{at}" for at in range(CALLS)]
    return sum(bank.customers.get(item).id != item for item in names)


async def ask_async(bank: AsyncBank, name: str) -> int:
    """Do the same with all requests in flight."""
    names = [f"{name}-{at}" for at in range(CALLS)]
    result = await asyncio.gather(*(bank.customers.get(item) for item in names))
    return sum(
        customer.id != item for customer, item in zip(result, names, strict=True)
    )


def with_threads(bank: Bank, kind: str) -> int:
    """Fork while threads share a bank."""
    ask(bank, "before")
    wrong: list[int] = []
    threads = [
        threading.Thread(target=lambda: wrong.append(ask(bank, f"thread{len(wrong)}")))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    start = spawned if kind == "multiprocessing" else partial(forked, leave=True)
    ends = [start(partial(ask, bank, f"child{at}")) for at in range(CHILDREN)]
    wrong.append(ask(bank, "parent"))
    for thread in threads:
        thread.join()
    wrong += [end() for end in ends]
    wrong.append(ask(bank, "after"))
    bank.close()
    return sum(wrong) + (len(threads) + CHILDREN + 2 - len(wrong))


def with_guests(url: str) -> int:
    """Fork with two transports of the caller: a connecting one and a fake."""
    real = Bank("bond", base_url=url, transport=httpx.HTTPTransport(), **OPTIONS)
    answer = httpx.MockTransport(
        lambda _: httpx.Response(200, json={"customer_id": "c"})
    )
    fake = Bank("bond", base_url=url, transport=answer, **OPTIONS)
    wrong = ask(real, "before") + (fake.customers.get("c").id != "c")

    def child() -> int:
        try:
            real.customers.get("child")
        except NotSent as error:
            real.close()
            fits = "before this process was forked" in str(error)
            return int(not fits) + (fake.customers.get("c").id != "c")
        return 1

    wrong += forked(child, leave=True)()
    wrong += ask(real, "after")
    real.close()
    return wrong


async def with_tasks(bank: AsyncBank) -> int:
    """Fork while a loop has requests in flight."""
    await ask_async(bank, "before")
    flying = asyncio.ensure_future(ask_async(bank, "flying"))
    await asyncio.sleep(0.001)
    ends = [forked(_in_a_loop(bank, at), leave=False) for at in range(CHILDREN)]
    wrong = [await flying, await ask_async(bank, "parent")]
    wrong += [await asyncio.to_thread(end) for end in ends]
    wrong.append(await ask_async(bank, "after"))
    return sum(wrong)


def _in_a_loop(bank: AsyncBank, at: int) -> Callable[[], int]:
    async def child() -> int:
        wrong = await ask_async(bank, f"child{at}")
        if at % 2:
            await bank.aclose()
        return wrong

    return lambda: asyncio.run(child())


def forked(work: Callable[[], int], *, leave: bool) -> Callable[[], int]:
    """Run a function in a child of os.fork, and return a function that waits for its result.

    With `leave` the child ends through the end of the interpreter, where destructors run,
    otherwise immediately.
    """
    pid = os.fork()
    if pid:
        return lambda: os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    code = 99
    try:
        code = work()
        gc.collect()
    finally:
        # Both ways, because destructors run in one of them only: a connection that is
        # closed by a destructor of the child breaks the parent's.
        if not leave:
            os._exit(code)
        raise Leave(code)


class Leave(SystemExit):
    """The end of a child through the end of the interpreter, where destructors run."""


def spawned(work: Callable[[], int]) -> Callable[[], int]:
    """Run a function in a child of multiprocessing, as prefork servers do."""
    child = multiprocessing.get_context("fork").Process(target=_leave, args=(work,))
    child.start()

    def end() -> int:
        child.join()
        return child.exitcode or 0

    return end


def _leave(work: Callable[[], int]) -> None:
    sys.exit(work())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
