"""What observers, logs and raw responses cost a call that uses none; a Bank per tenant."""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

import httpx
from benchmarks.server import serving
from benchmarks.tables import Row, report
from benchmarks.timing import cpu_of, measure_in_turns

from anybank import Bank
from anybank._engine.observation import CallRecord, log
from anybank.adapter.wire import Request, Response

KEYS: dict[str, Any] = {"identity": "invented", "authorization": "invented"}
ROUNDS = 5
CALLS = 300
LARGEST_SHARE = 0.05
"""The part of a call that a feature may cost while it is not used."""
LONGEST_CREATION = 2.0
"""Milliseconds for a Bank, once a bank of this provider was created before."""
_REQUEST = Request(method="GET", path="/customers/c1")
_RESPONSE = Response(status=200, headers={}, content=b"{}")


def record_of(bank: Bank) -> None:
    """Do what a call does for observers, logs and raw responses, without any of them."""
    record = CallRecord(
        bank._engine.adapter,  # noqa: SLF001  # a part of the call is measured
        "customers.get",
        "bank.example.com",
        (),
        time.monotonic,
        None,
    )
    record.send(_REQUEST, 1)
    record.wait(0.0, "wait")
    record.request, record.result = _REQUEST, _RESPONSE
    if record.observers or log.isEnabledFor(logging.DEBUG):  # as the retry loop does
        record.receive(None, 1, 0.0)
    if record.observers:  # as the drivers do
        record.finish(None)


def measure_calls(url: str) -> list[Row]:
    """Compare the record of a call with the call over loopback."""
    with Bank("bond", base_url=url, rate_limit=None, **KEYS) as bank:
        seconds = measure_in_turns(
            {
                "call": lambda: cpu_of(lambda: bank.customers.get("c1"), CALLS),
                "record": lambda: cpu_of(lambda: record_of(bank), CALLS * 10),
            },
            ROUNDS,
        )
    call, record = seconds["call"], seconds["record"]
    return [
        Row("Bank.customers.get over loopback", f"{call * 1e3:.3f} ms"),
        Row(
            "unused observers, logs and raw responses / a call",
            f"{record * 1e3:.4f} ms",
            record / call,
            LARGEST_SHARE,
        ),
    ]


def measure_tenants() -> list[Row]:
    """Measure the creation of a Bank whose provider and certificates are loaded."""

    def create() -> None:
        with Bank("bond", **KEYS):
            pass

    def create_client() -> None:
        with httpx.Client():
            pass

    seconds = measure_in_turns(
        {
            "Bank": lambda: cpu_of(create, 100),
            "httpx.Client": lambda: cpu_of(create_client, 20),
        },
        ROUNDS,
    )
    milliseconds = seconds["Bank"] * 1e3
    return [
        Row("httpx.Client(), created and closed", _ms(seconds["httpx.Client"])),
        Row(
            "a Bank per tenant, created and closed, in milliseconds",
            _ms(seconds["Bank"]),
            milliseconds,
            LONGEST_CREATION,
        ),
    ]


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms"


def main(argv: list[str]) -> None:
    """Run this benchmark."""
    with serving() as url:
        rows = measure_calls(url)
    report(
        "Features that are not used, and many tenants",
        [*rows, *measure_tenants()],
        argv,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
