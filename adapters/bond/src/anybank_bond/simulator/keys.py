"""API keys: authentication, and the calls about keys (bond.md §2)."""

from __future__ import annotations

from datetime import timedelta

from attrs import frozen

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import answer_json

from .errors import (
    another_brands,
    refused,
    unauthorized,
    unknown_customer,
)
from .validation import UUID_TEXT, Schema, required
from .world import Key, World, body_of, header

_TEMPORARY = Schema({"customer_id": required(UUID_TEXT)})
_LIFE = timedelta(minutes=5)
_CALLS = 5


@frozen(repr=False, eq=False)
class Keys:
    """The check of a key, temporary keys, and authentication."""

    world: World

    def admit(self, request: Request) -> None:
        """Refuse a request whose two headers are not a known key (row 33)."""
        key = self.world.keys.get(header(request, "identity") or "")
        known = key and key.secret == header(request, "authorization")
        if not (key and known and key.admits(self.world.clock())):
            raise unauthorized()

    def check(self, request: Request, identity: str) -> Response:
        """Answer with the public data of a key; its fields are not documented."""
        key = self.world.keys.get(identity)
        if key is None or key.brand_id != self.world.brand(request):
            raise another_brands()
        return answer_json(200, {"identity": identity, "bond_brand_id": key.brand_id})

    def lend(self, request: Request) -> Response:
        """Create a key for five calls or five minutes; businesses are not simulated."""
        body = body_of(request)
        if problems := _TEMPORARY.problems(body):
            raise refused(400, "input_error", problems)
        world = self.world
        if world.find(world.customers, body["customer_id"], request) is None:
            raise unknown_customer()
        identity = world.uuid()
        key = Key(world.brand(request), world.base64(64), world.clock() + _LIFE, _CALLS)
        world.keys[identity] = key
        return answer_json(201, {"Identity": identity, "Authorization": key.secret})
