"""Fields of an application that only Unit has."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from anybank.adapter.wire import Json, present
from anybank.sensitive import Sensitive


def _to_sensitive(value: Any) -> Any:
    return Sensitive(value) if isinstance(value, str) else value


@frozen(kw_only=True)
class UnitExtras:
    """Fields of a customer that only Unit has; pass them as `extras["unit"]`.

    Unit's partner banks differ in which of them they require. The words are those of
    "Create Individual Application": `GigWorker`, `UpTo10k`, `EmploymentOrPayrollIncome`.
    `ip` is the person's address when they applied. A create accepts them, and an update
    raises InvalidInput.

    Source: https://unit.co/docs/api/applications/
    """

    occupation: str | None = None
    annual_income: str | None = field(default=None, repr=False)
    source_of_income: str | None = field(default=None, repr=False)
    ip: Sensitive | None = field(default=None, converter=_to_sensitive)


def written(extras: object) -> dict[str, Json]:
    """Write the extras that have a value, as attributes of an application."""
    if not isinstance(extras, UnitExtras):
        return {}
    return present(
        occupation=extras.occupation,
        annualIncome=extras.annual_income,
        sourceOfIncome=extras.source_of_income,
        ip=extras.ip,
    )
