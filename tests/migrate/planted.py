"""People with unmistakable words, which must not appear outside of the banks."""

from __future__ import annotations

from anybank_bond.simulator import BondSimulator

PLANTED = {
    "ssn": "912-45-6789",
    "dob": "1961-02-03",
    "first_name": "Zerlina",
    "middle_name": "Quirina",
    "last_name": "Planted",
    "phone": "555-010-7788",
    "email": "zerlina.planted@example.com",
    "street": "77 Canary Wharf Rd.",
    "city": "Winnemucca",
    "zip": "89446",
    "document_locator_number": "7654321098",
}
FORMS = {
    *PLANTED.values(),
    PLANTED["ssn"].replace("-", ""),
    PLANTED["phone"].replace("-", ""),
    "02/03/1961",
}


def planted_bond() -> BondSimulator:
    """Return a Bond with three such people, each with another outcome."""
    bond = BondSimulator()
    address = {
        "address_type": "PHYSICAL",
        "street": PLANTED["street"],
        "city": PLANTED["city"],
        "state": "NV",
        "zip_code": PLANTED["zip"],
        "country": "US",
        "is_primary": True,
    }
    names = ("ssn", "dob", "first_name", "middle_name", "last_name", "phone", "email")
    for _ in range(3):
        bond.seed_customer(
            **{name: PLANTED[name] for name in names}, addresses=[address]
        )
    return bond
