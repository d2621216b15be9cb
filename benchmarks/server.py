"""A minimal ASGI server in another process, which returns the same customer always."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import uvicorn

Message = MutableMapping[str, Any]

CUSTOMER = {
    "customer_id": "c1",
    "brand_person_id": "person-1",
    "date_created": "2021-02-02T00:50:58.484840+00:00",
    "dob": "1997-12-25",
    "first_name": "Ada",
    "middle_name": "Herbert",
    "last_name": "Sample",
    "ssn": "XXX-XX-7584",
    "phone": "555-111-2222",
    "phone_country_code": "1",
    "email": "ada.sample@example.com",
    "addresses": [
        {
            "address_id": "b6a1c3f0-8a74-4f8e-8f0e-0a6d7d0f6d11",
            "address_type": "PHYSICAL",
            "street": "345 California Ave.",
            "street2": "Suite 600",
            "city": "San Francisco",
            "state": "CA",
            "zip_code": "94103",
            "country": "US",
            "is_primary": True,
        }
    ],
}
ENTITY: dict[str, Any] = {
    "id": "entity_1",
    "type": "entity",
    "structure": "natural_person",
    "status": "active",
    "created_at": "2021-02-02T00:50:58+00:00",
    "natural_person": {
        "name": "Ada Sample",
        "date_of_birth": "1997-12-25",
        "address": {
            "line1": "345 California Ave.",
            "line2": "Suite 600",
            "city": "San Francisco",
            "state": "CA",
            "zip": "94103",
            "country": "US",
        },
        "identification": {
            "method": "social_security_number",
            "country": "US",
            "number_last4": "7584",
        },
    },
    "supplemental_documents": [],
    "third_party_verification": None,
    "details_confirmed_at": None,
    "corporation": None,
    "joint": None,
    "trust": None,
    "government_authority": None,
    "risk_rating": None,
    "terms_agreements": [],
    "validation": None,
    "description": None,
    "idempotency_key": None,
}
_CUSTOMER = json.dumps(CUSTOMER).encode()
_ENTITY = json.dumps(ENTITY).encode()


async def app(
    scope: Message,
    _: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """Return an entity below `/entities`, and a customer elsewhere."""
    body = _ENTITY if scope["path"].startswith("/entities") else _CUSTOMER
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(module: str = "benchmarks.server", *arguments: str) -> Iterator[str]:
    """Serve from another process while the context lasts, and yield the base URL.

    *module* is run with the number of a listening socket, followed by *arguments*.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # The socket listens before the other process starts, so no request is too
        # early.
        listening.set_inheritable(True)
        command = [sys.executable, "-m", module, str(listening.fileno()), *arguments]
        child = subprocess.Popen(  # noqa: S603 # our own command
            command, pass_fds=[listening.fileno()]
        )
        host, port = listening.getsockname()
    try:
        yield f"http://{host}:{port}"
    finally:
        child.terminate()
        child.wait()


def run(served: Any, fileno: int) -> None:
    """Serve an application on an inherited socket."""
    config = uvicorn.Config(served, lifespan="off", log_level="error", access_log=False)
    with socket.socket(fileno=fileno) as listening:  # uvicorn's option `fd` adds delays
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    run(app, int(sys.argv[1]))
