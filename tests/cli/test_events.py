"""`anybank events`, against a simulated Increase and files of deliveries."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from anybank import webhooks
from anybank_increase.simulator import IncreaseSimulator

from .conftest import Run, widest

INCREASE = ("--bank", "increase")
SECRET = "a shared secret of the test"
EVENT = {
    "associated_object_id": "account_1",
    "associated_object_type": "account",
    "category": "account.created",
    "created_at": "2024-03-01T12:00:00Z",
    "id": "event_1",
    "type": "event",
}
REFERENCE = ("--secret", "env:HOOK_SECRET")


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)


def delivery(path: Path, *, end: str = "\r\n", request_line: str = "") -> str:
    """Write a signed delivery as HTTP sends it, and return the name of the file."""
    headers, body = webhooks.sign("increase", EVENT, secret=SECRET)
    lines = [
        *filter(None, [request_line]),
        *(f"{name}: {text}" for name, text in headers.items()),
    ]
    file = path / "delivery.http"
    file.write_bytes(end.join([*lines, "", ""]).encode() + body)
    return str(file)


def test_events_are_listed(run: Run, increase: IncreaseSimulator) -> None:
    """All events, those about one object, and those of a period."""
    account = increase.seed_account(increase.seed_entity())
    increase.clock.advance(minutes=1)  # type: ignore[attr-defined]  # the default Clock
    transaction = increase.seed_transaction(account, 100)
    list_ = ("events", "list", *INCREASE, "--json")
    (about,) = map(json.loads, run(*list_, "--object", transaction).out.splitlines())
    assert (about["kind"], about["transaction_id"]) == (
        "transaction_created",
        transaction,
    )
    late = run(*list_, "--since", "2024-03-01T12:01Z").out
    assert [json.loads(line)["id"] for line in late.splitlines()] == [about["id"]]
    table = run("events", "list", *INCREASE).out
    assert "account_opened" in table
    assert widest(table) <= 100
    shown = run("events", "get", about["id"], *INCREASE).out
    assert "2024-03-01 12:01:00Z" in shown


def test_a_bank_without_events_says_so(run: Run, bond: object) -> None:
    """Bond delivers events and stores none: the command sends nothing."""
    ran = run("events", "list", "--bank", "bond")
    assert ran.code == 1
    assert "events.list" in ran.err


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("request_line", ["", "POST /hooks HTTP/1.1"])
def test_a_delivery_is_verified(
    run: Run, tmp_path: Path, end: str, request_line: str
) -> None:
    """A file with or without the request line is verified without a request."""
    file = delivery(tmp_path, end=end, request_line=request_line)
    ran = run("events", "verify", file, *INCREASE, *REFERENCE, "--json")
    event = json.loads(ran.out)
    assert (ran.code, event["kind"], event["account_id"]) == (
        0,
        "account_opened",
        "account_1",
    )
    assert "account_opened" in run("events", "verify", file, *INCREASE, *REFERENCE).out


def test_a_delivery_is_read_from_stdin(run: Run, tmp_path: Path) -> None:
    """`-` is stdin, as for the other commands that read a file."""
    content = Path(delivery(tmp_path)).read_bytes().decode()
    verify = ("events", "verify", "-", *INCREASE, *REFERENCE, "--json")
    assert json.loads(run(*verify, stdin=content).out)["id"] == "event_1"


def test_a_table_fits_80_columns(
    run: Run, increase: IncreaseSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long ids wrap, and nothing is cut off."""
    monkeypatch.setattr("anybank.cli.output.MAX_WIDTH", 80)
    account = increase.seed_account(increase.seed_entity())
    table = run("events", "list", *INCREASE, "--object", account).out
    assert widest(table) <= 80
    last_column = (line.split()[-1] for line in table.splitlines()[2:] if line)
    assert account in "".join(last_column)


def test_a_changed_body_is_rejected(run: Run, tmp_path: Path) -> None:
    """The command exits 1, and shows neither the body nor the secret."""
    file = delivery(tmp_path)
    Path(file).write_bytes(Path(file).read_bytes().replace(b"account_1", b"account_2"))
    ran = run("events", "verify", file, *INCREASE, *REFERENCE)
    assert ran.code == 1
    assert "account_2" not in ran.out + ran.err
    assert SECRET not in ran.out + ran.err


def test_an_old_delivery_needs_any_age(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stored delivery is older than the bank retries, and --any-age accepts it."""
    monkeypatch.setattr("time.time", lambda: 1_700_000_000.0)
    file = delivery(tmp_path)
    monkeypatch.undo()
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    verify = ("events", "verify", file, *INCREASE, *REFERENCE)
    assert run(*verify).code == 1
    assert run(*verify, "--any-age").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--secret", SECRET), "env:NAME or file:PATH"),
        ((), "--secret"),
    ],
)
def test_a_secret_is_no_argument(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    """The secret itself on the command line is refused and not repeated."""
    ran = run("events", "verify", delivery(tmp_path), *INCREASE, *arguments)
    assert ran.code == 64
    assert message in " ".join(ran.err.split())
    assert SECRET not in ran.out + ran.err


@pytest.mark.parametrize("content", [b"", b"{}", b'{"a": 1}\n\n{}', b"\n\n{}"])
def test_a_file_without_headers_is_no_delivery(
    run: Run, tmp_path: Path, content: bytes
) -> None:
    """The message says what a delivery looks like."""
    file = tmp_path / "delivery.http"
    file.write_bytes(content)
    ran = run("events", "verify", str(file), *INCREASE, *REFERENCE)
    assert ran.code in {1, 64}
    assert "Traceback" not in ran.err
