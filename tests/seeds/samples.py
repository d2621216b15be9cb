"""The literal samples of the vendors' pages, and what they are in our values.

The same table is held against the passages of the pages in `excerpts`, and against the
cassettes that were transcribed from them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import httpx
from attrs import evolve, frozen
from tests.fakes import Script
from tests.seeds import pages
from tests.seeds.pages import Curl, Repair
from tests.seeds.people import (
    CHRISTINE,
    CREATED,
    JAMES,
    JAMES_CHANGES,
    NEW_JAMES,
    NEW_SARAH,
    SAM,
    SARAH,
    SARAH_ID,
)

from anybank import AsyncBank, Bank, CustomerChanges

Operation = Callable[[Any], Any]

INVENTED: Repair = ("mi6.gov.uk", "example.com")
"""Not an error of the page: our tests use only addresses at example.com."""
ELIDED: Repair = ("[email protected]", "james@example.com")
"""The stored page hides the e-mail address (bond.md §13 row 55)."""


@frozen(kw_only=True)
class Sample:
    """A request and its answer as a page shows them.

    `asked` and `answered` are the phrases that lead to each, `repairs` what of the answer
    is not JSON or not ours to write to. `about` replaces the id of an answer that shows
    another customer than the one asked for. `means` is the answer in our values.
    """

    name: str
    provider: str
    number: str
    asked: Sequence[str]
    answered: Sequence[str]
    operation: Operation
    means: Any
    status: int = 200
    request_repairs: Sequence[Repair] = ()
    repairs: Sequence[Repair] = ()
    about: Sequence[Repair] = ()
    text: bool = False

    def curl(self) -> Curl:
        """Return the page's request."""
        text = pages.after(pages.page(self.number), *self.asked)
        if self.provider == "sonder":
            return pages.curl_g(text)
        return pages.curl(text, self.request_repairs)

    def answer(self) -> str:
        """Return the page's response, repaired."""
        text = pages.after(pages.page(self.number), *self.answered)
        result = text.splitlines()[0] if self.text else pages.literal(text)
        return pages.repaired(result, [*self.repairs, *self.about])

    def response(self) -> httpx.Response:
        """Return the page's response as a transport would deliver it."""
        kind = "text/plain" if self.text else "application/json"
        return httpx.Response(
            self.status, headers={"content-type": kind}, text=self.answer()
        )

    def credentials(self) -> dict[str, str]:
        """Return the credentials in the page's own headers."""
        headers = self.curl().headers
        if self.provider == "sonder":
            return {"token": headers["Authorization"].removeprefix("Bearer ")}
        return {
            "identity": headers["Identity"],
            "authorization": headers["Authorization"],
        }


@frozen
class RecordedCall:
    """The outcome of an operation, and its requests."""

    value: Any
    requests: Sequence[httpx.Request]

    @property
    def request(self) -> httpx.Request:
        """The first request."""
        return self.requests[0]

    @property
    def body(self) -> Any:
        """The body of the first request, None without one."""
        return json.loads(self.request.content) if self.request.content else None


def ask(
    provider: str,
    operation: Operation,
    *answers: httpx.Response,
    sync: bool,
    **options: Any,
) -> RecordedCall:
    """Run an operation over scripted responses."""
    script = Script(*answers)
    given = {"transport": script, "retries": 0, **options}
    value = perform(provider, operation, sync=sync, **given)
    return RecordedCall(value, script.requests)


def perform(provider: str, operation: Operation, *, sync: bool, **options: Any) -> Any:
    """Run an operation of a Bank or an AsyncBank; a listing is read to its end."""
    if not sync:
        return asyncio.run(_perform(provider, operation, options))
    with Bank(provider, **options) as bank:
        result = operation(bank)
        return list(result) if hasattr(result, "pages") else result


async def _perform(provider: str, operation: Operation, options: Any) -> Any:
    async with AsyncBank(provider, **options) as bank:
        result = operation(bank)
        if hasattr(result, "pages"):
            return [item async for item in result]
        return await result


def _create_james(bank: Any) -> Any:
    return bank.customers.create(NEW_JAMES)


def _get_james(bank: Any) -> Any:
    return bank.customers.get("931e2341-c3eb-4681-97d4-f6e09d90da14")


def _list_bond(bank: Any) -> Any:
    return bank.customers.list(page_size=20)


def _update_james(bank: Any) -> Any:
    return bank.customers.update("5fec3f30-dc2e-4b20-9e07-53c31400bbe3", JAMES_CHANGES)


def _delete_james(bank: Any) -> Any:
    return bank.customers.delete("931e2341-c3eb-4681-97d4-f6e09d90da14")


def _create_sarah(bank: Any) -> Any:
    return bank.customers.create(NEW_SARAH)


def _get_sarah(bank: Any) -> Any:
    return bank.customers.get(SARAH_ID)


def _update_sarah(bank: Any) -> Any:
    return bank.customers.update(SARAH_ID, CustomerChanges(preferred_name="John"))


def _delete_sarah(bank: Any) -> Any:
    return bank.customers.delete(SARAH_ID)


_SUCCESS = "An example of a response to a successful request to "

BOND_CREATE = Sample(
    name="customers-create",
    provider="bond",
    number="001",
    asked=["To create an instance of a customer object"],
    answered=[_SUCCESS + "create a customer"],
    operation=_create_james,
    means=CREATED,
    status=201,  # bond.md §3.1
    request_repairs=[ELIDED],
    repairs=[ELIDED],
)
BOND_GET = Sample(
    name="customers-get",
    provider="bond",
    number="000",
    asked=["To retrieve a single customer"],
    answered=[_SUCCESS + "retrieve a customer"],
    operation=_get_james,
    means=evolve(JAMES, id="931e2341-c3eb-4681-97d4-f6e09d90da14"),
    repairs=[INVENTED],
    about=[(JAMES.id, "931e2341-c3eb-4681-97d4-f6e09d90da14")],  # row 17
)
BOND_LIST = Sample(
    name="customers-list",
    provider="bond",
    number="000",
    asked=["An example of a request to retrieve all customers"],
    answered=[_SUCCESS + "retrieve all customers"],
    operation=_list_bond,
    means=[JAMES, CHRISTINE],
    repairs=[INVENTED],
)
BOND_UPDATE = Sample(
    name="customers-update",
    provider="bond",
    number="000",
    asked=["An example of a request to update a customer's state"],
    answered=[_SUCCESS + "update a customer"],
    operation=_update_james,
    means=evolve(SAM, id="5fec3f30-dc2e-4b20-9e07-53c31400bbe3"),
    about=[(SAM.id, "5fec3f30-dc2e-4b20-9e07-53c31400bbe3")],  # row 16
    request_repairs=[INVENTED],
    repairs=[('+00:00" "dob"', '+00:00", "dob"'), ("[...]", "[]")],  # row 15
)
BOND_DELETE = Sample(
    name="customers-delete",
    provider="bond",
    number="000",
    asked=["To delete a customer"],
    answered=["you receive the following response:\n"],
    operation=_delete_james,
    means=None,
    text=True,
)

_TRAILING: Sequence[Repair] = [(",\n}", "\n}")]
_SPELT: Repair = ("sonderlabs.io", "example.com")

SONDER_GET = Sample(
    name="customers-get",
    provider="sonder",
    number="002",
    asked=["Retrieve A Customer"],
    answered=["Retrieve A Customer", "\nResponse\n"],
    operation=_get_sarah,
    means=SARAH,
    repairs=[('"data" {', '"data": {'), *_TRAILING, _SPELT],  # row 9
)
SONDER_CREATE = Sample(
    name="customers-create",
    provider="sonder",
    number="002",
    asked=["Create A New Customer"],
    answered=["Create A New Customer", "\nResponse\n"],
    operation=_create_sarah,
    means=SARAH,  # read back: the answer is an id
)
SONDER_UPDATE = Sample(
    name="customers-update",
    provider="sonder",
    number="002",
    asked=["Update A Customer"],
    answered=["Update A Customer", "\nResponse\n"],
    operation=_update_sarah,
    means=evolve(SARAH, preferred_name="John", emails=("sarah@example.com",)),
    repairs=[*_TRAILING, _SPELT],  # row 9
)
SONDER_DELETE = Sample(
    name="customers-delete",
    provider="sonder",
    number="002",
    asked=["Delete A Customer"],
    answered=["Delete A Customer", "\nResponse\n"],
    operation=_delete_sarah,
    means=None,
)

BOND = (BOND_CREATE, BOND_GET, BOND_LIST, BOND_UPDATE, BOND_DELETE)
SONDER = (SONDER_CREATE, SONDER_GET, SONDER_UPDATE, SONDER_DELETE)
ALL = (*BOND, *SONDER)
