"""A Bank for Increase over its simulator, and a person whom it accepts."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.fakes import FakeTime

from anybank import Address, Bank, NewCustomer, Ssn
from anybank.sandbox.transport import SimulatorTransport
from anybank_increase.simulator import IncreaseSimulator

KEY = IncreaseSimulator.credentials["api_key"]


def increase(simulator: Any, **options: Any) -> Bank:
    """Return a Bank over a simulator, with a fake clock."""
    timing = FakeTime().timing()
    transport = SimulatorTransport(simulator)
    settings = {"transport": transport, "timing": timing, "api_key": KEY, **options}
    return Bank("increase", **settings)


def home(**fields: Any) -> Address:
    """Return an address in the US."""
    defaults = {"line1": "33 Test St.", "city": "Reno", "state": "NV"}
    return Address(**{**defaults, "postal_code": "89501", "country": "US", **fields})


def ada(**fields: Any) -> NewCustomer:
    """Return a person whom Increase accepts."""
    defaults: dict[str, Any] = {
        "first_name": "Ada",
        "middle_name": "May",
        "last_name": "Sample",
        "date_of_birth": date(1990, 4, 1),
        "ssn": Ssn("912-45-6789"),
        "addresses": [home()],
    }
    return NewCustomer(**{**defaults, **fields})


def entity(client: Any) -> Any:
    """Create a person with Increase's own client, and return the entity."""
    return client.entities.create(
        structure="natural_person",
        natural_person={
            "name": "Ada May Sample",
            "date_of_birth": date(1990, 4, 1),
            "address": {
                "line1": "33 Test St.",
                "city": "Reno",
                "state": "NV",
                "zip": "89501",
                "country": "US",
            },
            "identification": {
                "method": "social_security_number",
                "number": "912456789",
            },
        },
    )
