"""Simulators over real HTTP on loopback."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from anybank import Bank
from anybank.adapter.wire import Request, Response
from anybank.errors import ConfigurationError
from anybank.sandbox.faults import Faults, FaultyBank
from anybank.sandbox.server import Running, run_forever, serve
from anybank_sonder import Sonder
from anybank_sonder.simulator import SonderSimulator

from .conftest import Broken, Counter, body


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """Return a client that uses no proxy."""
    with httpx.Client(trust_env=False) as client:
        yield client


@pytest.fixture
def faulty(bank: Counter) -> FaultyBank:
    """Return a bank behind a faulty network."""
    return Faults(slow_seconds=0.01).around(bank)


def test_each_simulator_has_a_port(client: httpx.Client) -> None:
    """Two simulators have two base URLs, each with its own path."""
    banks = {"one": Counter(), "two": Counter()}
    with serve(banks) as running:
        urls = [running.base_url(name) for name in banks]
        for url in (*urls, urls[1]):
            assert client.get(url + "/things").json()["path"] == "/v1/things"
    assert urls[0] != urls[1]
    assert [bank.count for bank in banks.values()] == [1, 2]


def test_a_request_arrives_whole(bank: Counter, client: httpx.Client) -> None:
    """Method, raw path, query, headers and body are those of the client."""
    with serve({"bank": bank}) as running:
        url = running.base_url("bank") + "/a%2Fb"
        client.put(url, params={"q": "x y"}, content=b"[1]", headers={"X-Name": "n"})
    (received,) = bank.requests
    assert (received.method, received.path, received.query) == (
        "PUT",
        "/v1/a%2Fb",
        (("q", "x y"),),
    )
    assert (received.headers["x-name"], body(received)) == ("n", b"[1]")


def test_a_long_body_arrives_in_parts(bank: Counter, client: httpx.Client) -> None:
    """A body that arrives in many chunks is put together."""
    with serve({"bank": bank}) as running:
        parts = iter([b"a" * 70_000] * 3)
        client.post(running.base_url("bank"), content=parts)
    assert body(bank.requests[0]) == b"a" * 210_000


def test_many_async_requests_are_all_answered(bank: Counter) -> None:
    """With 32 requests in flight none is lost, over connections that are reused."""

    async def hammer(url: str) -> set[int]:
        async with httpx.AsyncClient(trust_env=False) as client:
            answers = [
                asyncio.gather(*(client.get(url) for _ in range(32))) for _ in "ab"
            ]
            return {item.json()["count"] for many in answers for item in await many}

    with serve({"bank": bank}) as running:
        assert asyncio.run(hammer(running.base_url("bank"))) == set(range(1, 65))


def test_a_bank_talks_to_a_served_simulator() -> None:
    """A Bank works against the sandbox as it does against the vendor."""
    simulator = SonderSimulator()
    customer_id = simulator.seed_customer()
    with serve({"sonder": simulator}) as running:
        url = running.base_url("sonder")
        with Bank(Sonder, base_url=url, token=simulator.credentials["token"]) as bank:
            assert bank.customers.get(customer_id).preferred_name == "Mina"


@pytest.mark.parametrize(("name", "acted"), [("lost", 1), ("refused", 0)])
def test_a_response_may_be_lost(
    faulty: FaultyBank, bank: Counter, client: httpx.Client, name: str, acted: int
) -> None:
    """The connection closes without a response, and the next request gets one."""
    faulty.schedule(name)
    with serve({"bank": faulty}) as running:
        url = running.base_url("bank")
        with pytest.raises(httpx.RemoteProtocolError, match="without sending"):
            client.get(url)
        assert bank.count == acted
        assert client.get(url).json()["count"] == acted + 1


def test_a_response_may_be_truncated(faulty: FaultyBank, client: httpx.Client) -> None:
    """The connection closes in the middle of the body."""
    faulty.schedule("truncated")
    with (
        serve({"bank": faulty}) as running,
        pytest.raises(httpx.RemoteProtocolError, match="complete message"),
    ):
        client.get(running.base_url("bank"))


def test_a_response_may_be_slow(faulty: FaultyBank, client: httpx.Client) -> None:
    """A slow response arrives complete."""
    faulty.schedule("slow")
    with serve({"bank": faulty}) as running:
        assert client.get(running.base_url("bank")).json()["count"] == 1


@pytest.mark.parametrize(("name", "status"), [("503", 503), ("html", 502)])
def test_an_error_status_is_a_response(
    faulty: FaultyBank, client: httpx.Client, name: str, status: int
) -> None:
    """A fault that a response can express is sent as one."""
    faulty.schedule(name)
    with serve({"bank": faulty}) as running:
        assert client.get(running.base_url("bank")).status_code == status


def test_network_faults_are_not_logged(
    faulty: FaultyBank, client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    """A closed connection leaves no traceback in the log."""
    caplog.set_level(logging.DEBUG)
    faulty.schedule("lost", "truncated")
    with serve({"bank": faulty}) as running:
        for _ in range(2):
            with pytest.raises(httpx.RemoteProtocolError):
                client.get(running.base_url("bank") + "/secret-path")
    served = [item for item in caplog.records if item.name.startswith("uvicorn")]
    assert [item for item in served if item.levelno >= logging.WARNING] == []
    assert "secret-path" not in "".join(item.getMessage() for item in served)


def test_a_bug_of_a_simulator_shows_its_class_only(client: httpx.Client) -> None:
    """A simulator that raises responds with 500 and the exception's class, without its text."""
    with serve({"bank": Broken()}) as running:
        answer = client.get(running.base_url("bank"))
    assert (answer.status_code, answer.text) == (
        500,
        "the simulator failed: LookupError",
    )


def test_options_apply_to_every_simulator(bank: Counter, client: httpx.Client) -> None:
    """Latency, faults and the rate limit apply to each simulator."""
    options = {"latency": 0.001, "faults": Faults(), "rate_limit": 2}
    with serve({"bank": bank}, **options) as running:  # type: ignore[arg-type] # of many types
        url = running.base_url("bank")
        assert [client.get(url).status_code for _ in range(3)] == [200, 200, 429]


def test_a_port_may_be_chosen(bank: Counter) -> None:
    """A simulator listens on the requested port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with serve({"bank": bank}, ports={"bank": port}) as running:
        assert running.base_url("bank") == f"http://127.0.0.1:{port}/v1"


def test_a_port_in_use_is_refused(bank: Counter) -> None:
    """Two servers cannot listen on one port."""
    with serve({"bank": bank}) as running:
        port = urlsplit(running.base_url("bank")).port
        with pytest.raises(ConfigurationError, match=f"cannot listen on .*:{port}"):
            serve({"bank": bank}, ports={"bank": port or 0}).__enter__()


def test_a_port_of_an_unknown_simulator_is_refused(bank: Counter) -> None:
    """A port for a simulator that is not served raises."""
    with pytest.raises(ConfigurationError, match="no simulator is named bond"):
        serve({"bank": bank}, ports={"bond": 8000}).__enter__()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "bank.test"])  # noqa: S104  # what is refused
def test_only_loopback_is_bound(bank: Counter, host: str) -> None:
    """A simulator cannot be served to other machines."""
    with pytest.raises(ConfigurationError, match="is not a loopback address"):
        serve({"bank": bank}, host=host).__enter__()


def test_loopback_of_ipv6_is_bound(bank: Counter, client: httpx.Client) -> None:
    """The IPv6 address of loopback is written in brackets."""
    if not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    with serve({"bank": bank}, host="::1") as running:
        assert running.base_url("bank").startswith("http://[::1]:")
        assert client.get(running.base_url("bank")).status_code == 200


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def test_a_stopped_server_is_gone(bank: Counter, client: httpx.Client) -> None:
    """After the block the port is closed, although a client kept its connection open."""
    with serve({"bank": bank}) as running:
        client.get(running.base_url("bank"))
    with pytest.raises(httpx.TransportError):
        client.get(running.base_url("bank"))


def test_a_server_stops_under_waiting_requests(bank: Counter) -> None:
    """Requests that are half sent or wait for a response do not delay the end."""
    with serve({"bank": bank}, latency=3600) as running:
        address = urlsplit(running.base_url("bank"))
        place = (str(address.hostname), address.port or 0)
        whole, half = (socket.create_connection(place) for _ in range(2))
        whole.sendall(b"GET /v1 HTTP/1.1\r\nhost: bank.test\r\n\r\n")
        half.sendall(
            b"PUT /v1 HTTP/1.1\r\nhost: bank.test\r\ncontent-length: 9\r\n\r\n"
        )
        probe = socket.create_connection(place)
        probe.sendall(b"nonsense\r\n\r\n")
        assert probe.recv(12) == b"HTTP/1.1 400"
    for connection in (whole, half, probe):
        connection.close()
    assert bank.count == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_a_server_that_runs_forever(
    bank: Counter, client: httpx.Client, number: signal.Signals
) -> None:
    """Ctrl-C and SIGTERM end it without an error, and the former handlers are restored."""
    former = signal.getsignal(number)

    def announce(running: Running) -> None:
        assert client.get(running.base_url("bank")).status_code == 200
        signal.raise_signal(number)

    run_forever(serve({"bank": bank}), announce)
    assert bank.count == 1
    assert signal.getsignal(number) is former


def test_the_extra_is_imported_on_use() -> None:
    """Importing the sandbox does not import the server."""
    code = (
        "import sys, anybank.sandbox.server, anybank.sandbox.transport;"
        "print(sorted({'uvicorn', 'starlette'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # our own code
    assert run.stdout == "[]\n"


def test_a_missing_extra_is_named(
    bank: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without uvicorn the error says what to install."""
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "anybank.sandbox._uvicorn", raising=False)
    monkeypatch.delattr("anybank.sandbox._uvicorn", raising=False)
    with pytest.raises(ConfigurationError, match=r'pip install "anybank\[sandbox\]"'):
        serve({"bank": bank}).__enter__()


def test_other_exceptions_pass_through_the_block(bank: Counter) -> None:
    """An exception of the caller stops the server and is raised again."""
    with pytest.raises(KeyError), serve({"bank": bank}):
        raise KeyError


def test_a_request_is_not_shown(bank: Counter) -> None:
    """The repr of a bank shows no request."""
    bank(Request(method="GET", path="/v1/secret"))
    assert "secret" not in repr(bank)
    assert isinstance(bank(bank.requests[0]), Response)
