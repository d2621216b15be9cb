"""Adapters that write a government id as another one, derived from Increase."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import evolve
from tests.testing.conformance.broken.making import Flow, Table

from anybank.adapter.forms import Form
from anybank.model.customers import Customer
from anybank.model.government_id_numbers import GovernmentIdNumber
from anybank.testing.conformance import Subject
from anybank_increase import Increase
from anybank_increase.simulator import IncreaseSimulator

_METHODS = {"individual_taxpayer_identification_number": "social_security_number"}


def _subject(**members: Any) -> Subject:
    broken: Any = type("Broken", (Increase,), members)
    return Subject(adapter=broken, simulator=IncreaseSimulator)


def _writing(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Subject:
    """Return an Increase that writes another identification."""

    def create(self: Any, query: Any) -> Flow:
        inner = Increase.create_customer(self, query)
        request = next(inner)
        person = request.body["natural_person"]
        changed = {**person, "identification": change(person["identification"])}
        body = {**request.body, "natural_person": changed}
        try:
            inner.send((yield evolve(request, query={}, body=body)))
        except StopIteration as finished:
            return finished.value

    return _subject(create_customer=create)


def _as_ssn(identification: dict[str, Any]) -> dict[str, Any]:
    method = identification["method"]
    return {**identification, "method": _METHODS.get(method, method)}


def _without_country(identification: dict[str, Any]) -> dict[str, Any]:
    details = dict(identification.get("passport") or {})
    details.pop("country", None)
    return {**identification, **({"passport": details} if details else {})}


def _without_description(identification: dict[str, Any]) -> dict[str, Any]:
    details = identification.get("other")
    constant = {"other": {**details, "description": "-"}} if details else {}
    return {**identification, **constant}


def _with_another_end(customer: Customer) -> Customer:
    masked = GovernmentIdNumber.masked("0000")
    ids = [evolve(each, number=masked) for each in customer.government_ids]
    return evolve(customer, government_ids=ids)


def _misread(self: Any, query: Any) -> Flow:
    return _with_another_end((yield from Increase.get_customer(self, query)))


def _upload_without_kind(self: Any, query: Any) -> Flow:
    inner = Increase.upload_kyc_document(self, query)
    request = next(inner)
    parts = {**request.body.parts, "description": "document"}
    try:
        inner.send((yield evolve(request, query={}, body=Form(parts))))
    except StopIteration as finished:
        return finished.value


BROKEN: Table = {
    "writes one description for every uploaded file": (
        "accepted_fields_are_sent",
        lambda: _subject(upload_kyc_document=_upload_without_kind),
    ),
    "writes a taxpayer number as a social security number": (
        "customer_fields_are_read_back",
        lambda: _writing(_as_ssn),
    ),
    "omits the country of a passport": (
        "valid_values_are_accepted",
        lambda: _writing(_without_country),
    ),
    "writes one description for every document": (
        "accepted_fields_are_sent",
        lambda: _writing(_without_description),
    ),
    "reads another end of a government id": (
        "customer_fields_are_read_back",
        lambda: _subject(get_customer=_misread),
    ),
}
