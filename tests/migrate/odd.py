"""A bank that executes requests and then responds oddly, by chance or on demand."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from attrs import define, evolve, field

from anybank.adapter.wire import Request, Response

Oddity: TypeAlias = Callable[[Request, Response], Response]

PORTAL = b"<!doctype html><title>Sign in to the network</title>"
LATER = "Wed, 21 Oct 99999999999999999999 07:28:00 GMT"
ANOTHER = {"object": "person", "uuid": "5f0c", "attributes": {"state": "complete"}}


def _busy(_: Request, __: Response) -> Response:
    return Response(status=503, headers={"retry-after": LATER}, content=b"busy")


def _portal(_: Request, __: Response) -> Response:
    return Response(status=200, headers={"content-type": "text/html"}, content=PORTAL)


def _another_vendor(_: Request, __: Response) -> Response:
    return _answered(200, ANOTHER)


def _redirect(_: Request, __: Response) -> Response:
    return Response(status=302, headers={"location": "https://login.example/"})


def _empty(_: Request, answer: Response) -> Response:
    return evolve(answer, content=b"")


def _half(_: Request, answer: Response) -> Response:
    """Omit half of the fields of the first record in the response."""
    return _changed(answer, lambda record: dict(list(record.items())[::2]))


def _wrong_id(request: Request, answer: Response) -> Response:
    """Respond to a read with another customer; a create has no id to get wrong."""
    if request.method != "GET":
        return answer
    return _changed(answer, lambda record: _with_id(record, "somebody-else"))


def _with_id(record: dict[str, Any], identifier: str) -> dict[str, Any]:
    ids = {name for name in record if name in ("id", "customer_id", "customerId")}
    return {**record, **dict.fromkeys(ids, identifier)}


ODDITIES: Mapping[str, Oddity] = {
    "an impossible Retry-After": _busy,
    "a portal's page": _portal,
    "another vendor's JSON": _another_vendor,
    "a redirect": _redirect,
    "an empty body": _empty,
    "half a record": _half,
    "a wrong id": _wrong_id,
}


def _answered(status: int, body: object) -> Response:
    headers = {"content-type": "application/json"}
    return Response(status=status, headers=headers, content=json.dumps(body).encode())


def _changed(
    answer: Response, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> Response:
    """Change the first record of a response, in a list or an envelope."""
    try:
        body = json.loads(answer.content)
    except ValueError:
        return answer
    holder, key = body, None
    if isinstance(body, dict) and isinstance(body.get("data"), (dict, list)):
        holder, key = body["data"], "data"
    if isinstance(holder, list):
        is_record = bool(holder) and isinstance(holder[0], dict)
        changed: Any = [change(holder[0]), *holder[1:]] if is_record else holder
    else:
        changed = change(holder) if isinstance(holder, dict) else holder
    return _answered(answer.status, {**body, key: changed} if key else changed)


@define(eq=False)
class Misnaming:
    """A simulator that responds to its first create with an unknown id."""

    bank: Any
    is_due: bool = True

    @property
    def base_path(self) -> str:
        return str(self.bank.base_path)

    def __call__(self, request: Request) -> Response:
        answer: Response = self.bank(request)
        if request.method != "POST" or not self.is_due:
            return answer
        self.is_due = False
        return _changed(answer, lambda record: _with_id(record, "somebody-else"))


@define(eq=False)
class Odd:
    """A simulator whose responses are odd by chance, after it has acted."""

    bank: Any
    names: tuple[str, ...]
    chance: float
    seed: int = 0
    is_odd: bool = True
    dice: random.Random = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.dice = random.Random(self.seed)  # noqa: S311  # a dice, not a secret

    @property
    def base_path(self) -> str:
        return str(self.bank.base_path)

    def __call__(self, request: Request) -> Response:
        answer: Response = self.bank(request)
        if not self.is_odd or self.dice.random() >= self.chance:
            return answer
        return ODDITIES[self.dice.choice(self.names)](request, answer)
