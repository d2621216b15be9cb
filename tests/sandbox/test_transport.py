"""A simulator as a transport of httpx, sync and async."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from anybank.adapter.wire import Request, Response
from anybank.sandbox.faults import AnswerLost, End, Faults, FaultyBank, NetworkFault
from anybank.sandbox.transport import SimulatorTransport

from .conftest import Counter, body


def _client(bank: Counter | FaultyBank, timeout: float = 5) -> httpx.Client:
    return httpx.Client(
        transport=SimulatorTransport(bank),
        base_url="http://bank.test/v1",
        timeout=timeout,
    )


async def _ask(bank: Counter | FaultyBank) -> httpx.Response:
    transport = SimulatorTransport(bank)
    async with httpx.AsyncClient(transport=transport) as client:
        return await client.post("http://bank.test/v1/things", json={"a": 1})


def test_a_request_arrives_whole(bank: Counter) -> None:
    """The simulator gets the method, path, query, headers and body that a server would get."""
    with _client(bank) as client:
        client.post("/a%2Fb", params={"q": "x y", "e": ""}, json={"a": 1})
    (received,) = bank.requests
    assert (received.method, received.path) == ("POST", "/v1/a%2Fb")
    assert received.query == (("q", "x y"), ("e", ""))
    assert received.headers["content-type"] == "application/json"
    assert body(received) == b'{"a":1}'


def test_a_response_arrives_whole(bank: Counter) -> None:
    """Status, headers and body are those of the simulator."""
    with _client(bank) as client:
        answer = client.get("/things")
    assert answer.json() == {"count": 1, "path": "/v1/things"}
    assert answer.headers["content-type"] == "application/json"


def test_an_async_client_works_too(bank: Counter) -> None:
    """One transport serves both clients."""
    assert asyncio.run(_ask(bank)).json()["count"] == 1
    assert body(bank.requests[0]) == b'{"a":1}'


def test_the_last_of_a_repeated_parameter_counts(bank: Counter) -> None:
    """A query parameter that is repeated has its last value."""
    with _client(bank) as client:
        client.get("/things?a=1&a=2")
    assert bank.requests[0].query == (("a", "2"),)


def test_a_transport_shows_the_simulator_only(bank: Counter) -> None:
    """The repr of a transport contains that of the simulator and nothing else."""
    assert repr(SimulatorTransport(bank)) == "<SimulatorTransport Counter(count=0)>"


def test_threads_take_turns(bank: Counter) -> None:
    """Threads that share a transport lose no call."""
    with _client(bank) as client, ThreadPoolExecutor(8) as pool:
        list(pool.map(client.get, ["/things"] * 200))
    assert bank.count == 200


@pytest.mark.parametrize(
    ("end", "error"),
    [
        ("timeout", httpx.ReadTimeout),
        ("reset", httpx.ReadError),
        ("closed", httpx.RemoteProtocolError),
    ],
)
def test_a_lost_response_raises_as_httpx_would(
    end: End, error: type[Exception]
) -> None:
    """A response that does not arrive is a timeout, a reset or a closed connection."""

    def lose(request: Request) -> Response:
        raise AnswerLost(end)

    with (
        httpx.Client(transport=SimulatorTransport(lose)) as client,
        pytest.raises(error),
    ):
        client.get("http://bank.test/")


def test_a_refused_connection_is_a_connect_error(bank: Counter) -> None:
    """Nothing has happened where no connection was opened."""
    faulty = Faults().around(bank)
    faulty.schedule("refused")
    with _client(faulty) as client, pytest.raises(httpx.ConnectError):
        client.get("/things")
    assert bank.count == 0


def test_a_truncated_response_ends_early(bank: Counter) -> None:
    """The status can be read, and the body ends too early."""
    faulty = Faults().around(bank)
    faulty.schedule("truncated", "truncated")
    with _client(faulty) as client, pytest.raises(httpx.RemoteProtocolError):
        client.get("/things")
    with pytest.raises(httpx.RemoteProtocolError):
        asyncio.run(_ask(faulty))
    assert bank.count == 2


@pytest.mark.parametrize("timeout", [2.5, None])
def test_a_slow_response_arrives_in_time(bank: Counter, timeout: float | None) -> None:
    """A client with a long timeout gets the response, without any waiting."""
    faulty = Faults().around(bank)
    faulty.schedule("slow")
    with _client(faulty) as client:
        assert client.get("/things", timeout=timeout).json()["count"] == 1


def test_a_slow_response_is_a_timeout(bank: Counter) -> None:
    """A client with a short timeout gets a timeout, although the request was executed."""
    faulty = Faults().around(bank)
    faulty.schedule("slow")
    with _client(faulty, timeout=1.5) as client, pytest.raises(httpx.ReadTimeout):
        client.get("/things")
    assert bank.count == 1


def test_other_network_faults_are_raised() -> None:
    """A NetworkFault of another class is not hidden."""

    class Invented(NetworkFault):
        pass

    def trouble(request: Request) -> Response:
        raise Invented

    transport = SimulatorTransport(trouble)
    with httpx.Client(transport=transport) as client, pytest.raises(Invented):
        client.get("http://bank.test/")
