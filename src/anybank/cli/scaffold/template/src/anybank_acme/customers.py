"""The JSON of a person at Acme: each field with its neutral name and its rule."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from anybank.adapter.converter import Reader, build, neutral, reads, writes
from anybank.adapter.wire import Json
from anybank.declaration import required
from anybank.model.customers import Customer, NewCustomer
from anybank.sensitive import Ssn

# Put the title of the vendor's page here and its address in a comment. A rule without a
# source fails the conformance kit.
PAGE = "Acme docs, People"


# The fields that the vendor never returns, each with the reason: callers read it, and the
# kit asks for every other field.
@reads(
    Customer,
    PAGE,
    full_name="a person has a first and a last name",
    account_ids="a person does not name its accounts",
    status="a person has no status",
    created_at="a person has no time",
    brand_id="Acme has no brands",
)
@writes(NewCustomer, PAGE)
@frozen(kw_only=True)
class WirePerson:
    """A person as Acme returns it."""

    # Only the id is required: a record in which another field cannot be read is still
    # one record, and is returned with the names of what is missing.
    id: str
    given: str | None = neutral("first_name", required())
    family: str | None = neutral("last_name", required())
    born: date | None = neutral("date_of_birth", required())
    # `masked`: the vendor returns the last four digits only.
    ssn: str | None = neutral("ssn", required(read="masked"), read=Ssn.read)


def _build(wire: WirePerson, raw: Json) -> Customer:
    # `raw` keeps everything that Acme sent, for the fields that have no neutral name.
    return build(Customer, wire, raw, provider="acme")


PEOPLE = Reader(WirePerson, Customer, _build)
"""Reads a person (`read`), the response to a create (`created`) and a listing (`each`)."""
