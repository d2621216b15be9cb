"""Request an access token from a simulator, outside of what the kit records."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from attrs import evolve

from ...adapter.base import Adapter
from ...adapter.credentials import AccessToken
from ...adapter.wire import Request, Response
from ...errors import AnybankError
from .recorder import CheckFailed


def grant(adapter: Adapter, simulator: Any) -> AccessToken:
    """Request a token from a simulator; raises CheckFailed if it issues none."""
    flow: Generator[Request, Response, AccessToken] = adapter.request_token(
        adapter.options
    )
    try:
        request = next(flow)
        while True:
            prepared = request.prepared()
            path = f"{simulator.base_path}{prepared.path}"
            sent = evolve(prepared, path=path, query=dict(prepared.query))
            request = flow.send(simulator(sent))
    except StopIteration as finished:
        token: AccessToken = finished.value
        return token
    except AnybankError as error:
        raise CheckFailed(
            f"`request_token` gave {type(error).__name__} for the simulator's response. "
            "Let the simulator issue a token without one (`admit`), and read its response."
        ) from None
