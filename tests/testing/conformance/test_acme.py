"""The adapter of the tutorial passes the conformance kit."""

import re
from pathlib import Path
from typing import Any

from tests.testing.conformance.people import people

from anybank import AddressKind, NewCustomer
from anybank.testing import AdapterConformance

_PAGE = Path(__file__).parents[3] / "docs" / "adding-a-vendor.md"


def _tutorial() -> dict[str, Any]:
    """Return the names of the tutorial's code up to its simulator."""
    text, _, _ = _PAGE.read_text("utf-8").partition("## 5.")
    names: dict[str, Any] = {"__name__": "tutorial"}
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(block, names)  # noqa: S102  # the page is ours
    return names


_NAMES = _tutorial()
_PEOPLE = people(AddressKind.HOME, "external_id")


class TestAcme(AdapterConformance):
    adapter = _NAMES["Acme"]
    simulator = _NAMES["AcmeSimulator"]

    def customer(self) -> NewCustomer:
        return next(_PEOPLE)
