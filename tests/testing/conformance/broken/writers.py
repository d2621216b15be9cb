"""Adapters that write or read back other values than they declare."""

from __future__ import annotations

from typing import Any

from attrs import evolve
from tests.testing.conformance.acme import reading
from tests.testing.conformance.acme.adapter import Acme
from tests.testing.conformance.broken.making import (
    Flow,
    Table,
    broken_acme,
    with_body,
    with_changed_rule,
    with_fields,
    with_request,
    with_result,
)

from anybank.adapter.wire import get, segment
from anybank.model.addresses import AddressKind
from anybank.model.customers import NewCustomer


def without(method: str, name: str) -> Any:
    """Return an Acme that omits a field of the vendor from a request."""
    return with_body(method, lambda body: {k: v for k, v in body.items() if k != name})


def homes(**fields: Any) -> Any:
    """Return an Acme that reads other values in every address."""
    return with_result(
        "get_customer",
        lambda result: evolve(
            result, addresses=[evolve(item, **fields) for item in result.addresses]
        ),
    )


def _first_home(_self: Any, query: Any) -> Flow:
    if not query.new.addresses:
        raise IndexError("there is no first address")
    return (yield from Acme.create_customer(_self, query))


def _as_before(self: Any, query: Any) -> Flow:
    before = yield get(f"/people/{segment(query.id)}")
    yield from Acme.update_customer(self, query)
    return reading.customer(before.json())


def _hook_as_before(self: Any, query: Any) -> Flow:
    before = yield get(f"/hooks/{segment(query.id)}")
    yield from Acme.update_webhook_subscription(self, query)
    return reading.hook(before.json())


def _never_deletes(_self: Any, query: Any) -> Flow:
    yield get(f"/people/{segment(query.id)}")


def _with_the_mask(self: Any, query: Any) -> Flow:
    customer = yield from Acme.get_customer(self, _get_customer(query.id))
    inner = Acme.update_customer(self, query)
    request = next(inner)
    body = {**request.body, "ssn": customer.raw["ssn"]}
    response = yield evolve(request, query={}, body=body)
    return reading.customer(response.json())


def _get_customer(identifier: str) -> Any:
    from anybank.model.operations import GetCustomer  # noqa: PLC0415  # for this alone

    return GetCustomer(id=identifier)


def _always_read_back(self: Any, query: Any) -> Flow:
    created = yield from Acme.create_customer(self, query)
    return (yield from Acme.get_customer(self, _get_customer(created.id)))


def _defaultless(query: Any, request: Any) -> Any:
    same = query.new.preferred_name == query.new.first_name
    body = {k: v for k, v in request.body.items() if k != "nick" or not same}
    return evolve(request, query={}, body=body)


def _without_street(body: dict[str, Any]) -> dict[str, Any]:
    homes = [
        {name: part for name, part in home.items() if name != "street"}
        for home in body.get("homes") or ()
    ]
    return {**body, "homes": homes}


BROKEN: Table = {
    "omits a field that the vendor requires": (
        "valid_values_are_accepted",
        lambda: without("create_customer", "family"),
    ),
    "requires a field that it declares optional": (
        "optional_fields_may_be_absent",
        lambda: broken_acme(create_customer=_first_home),
    ),
    "declares a greater length than the vendor accepts": (
        "boundary_values_are_accepted",
        lambda: with_changed_rule(NewCustomer, "last_name", length=(2, 60)),
    ),
    "drops a required field silently": (
        "accepted_fields_are_sent",
        lambda: without("create_customer", "born"),
    ),
    "drops an optional field silently": (
        "accepted_fields_are_sent",
        lambda: without("create_customer", "mails"),
    ),
    "drops the street of an address silently": (
        "accepted_fields_are_sent",
        lambda: with_body("create_customer", _without_street),
    ),
    "drops a field of an account silently": (
        "accepted_fields_are_sent",
        lambda: without("create_account", "label"),
    ),
    "does not send external_id": (
        "client_reference_is_sent",
        lambda: without("create_customer", "reference"),
    ),
    "swaps two names": (
        "customer_fields_are_read_back",
        lambda: with_fields(
            "get_customer",
            first_name=lambda raw: raw["family"],
            last_name=lambda raw: raw["given"],
        ),
    ),
    "does not read a returned field": (
        "customer_fields_are_read_back",
        lambda: with_fields("get_customer", date_of_birth=lambda raw: None),
    ),
    "does not read an optional field": (
        "customer_fields_are_read_back",
        lambda: with_fields("get_customer", emails=lambda raw: ()),
    ),
    "reads the customer back although only the id is requested": (
        "id_only_creates_read_nothing",
        lambda: broken_acme(create_customer=_always_read_back),
    ),
    "does not read an account's name": (
        "other_fields_are_read_back",
        lambda: with_fields("create_account", name=lambda raw: None),
    ),
    "reads every address as HOME": (
        "enum_values_are_read_back",
        lambda: homes(kind=AddressKind.HOME),
    ),
    "does not send the default": (
        "defaults_are_sent_and_reported",
        lambda: with_request("create_customer", _defaultless),
    ),
    "does not set an implied value when reading": (
        "implied_values_are_read",
        lambda: homes(country=None),
    ),
    "does not send a change": (
        "updates_change_only_their_fields",
        lambda: without("update_customer", "mails"),
    ),
    "changes another field as well": (
        "updates_change_only_their_fields",
        lambda: with_body("update_customer", lambda body: {"nick": "Al", **body}),
    ),
    "returns a customer's state before the update": (
        "updates_return_the_new_customer",
        lambda: broken_acme(update_customer=_as_before),
    ),
    "returns a subscription's state before the update": (
        "other_updates_return_the_new_value",
        lambda: broken_acme(update_webhook_subscription=_hook_as_before),
    ),
    "does not clear a field that it declares clearable": (
        "clearable_fields_are_cleared",
        lambda: with_body(
            "update_customer", lambda body: {k: v for k, v in body.items() if v}
        ),
    ),
    "sends the mask as the SSN": (
        "masked_ssns_are_never_sent",
        lambda: broken_acme(update_customer=_with_the_mask),
    ),
    "reports a deletion that it did not send": (
        "deleted_records_cannot_be_read",
        lambda: broken_acme(delete_customer=_never_deletes),
    ),
}
