"""A Bank for Unit over its simulator, and a person whom it accepts."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.fakes import FakeTime

from anybank import (
    AccountKind,
    Address,
    AddressKind,
    Bank,
    GovernmentId,
    GovernmentIdKind,
    NewAccount,
    NewCustomer,
    Phone,
    Ssn,
)
from anybank.sandbox.transport import SimulatorTransport
from anybank_unit.simulator import UnitSimulator

PASSPORT = GovernmentId(
    kind=GovernmentIdKind.PASSPORT, number="X12345678", country="DE"
)
TOKEN = UnitSimulator.credentials["token"]


def unit(simulator: Any, **options: Any) -> Bank:
    """Return a Bank over a simulator, with a fake clock."""
    timing = FakeTime().timing()
    transport = SimulatorTransport(simulator)
    settings = {"transport": transport, "timing": timing, "token": TOKEN, **options}
    return Bank("unit", **settings)


def home(**fields: Any) -> Address:
    """Return an address in the US."""
    defaults = {
        "kind": AddressKind.HOME,
        "line1": "33 Test St.",
        "city": "Reno",
        "state": "NV",
    }
    return Address(**{**defaults, "postal_code": "89501", "country": "US", **fields})


def ada(**fields: Any) -> NewCustomer:
    """Return a person whom Unit accepts."""
    defaults: dict[str, Any] = {
        "first_name": "Ada",
        "last_name": "Sample",
        "date_of_birth": date(1990, 4, 1),
        "ssn": Ssn("912-45-6789"),
        "emails": ["ada@example.com"],
        "phones": [Phone("+15551112222")],
        "addresses": [home()],
        "external_id": "user-1",
    }
    return NewCustomer(**{**defaults, **fields})


def deposit(*owners: str) -> NewAccount:
    """Return a deposit account to open for customers."""
    return NewAccount(
        customer_ids=list(owners), kind=AccountKind.DEPOSIT, program_id="checking"
    )
