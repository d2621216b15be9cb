"""Adapters whose extras do not arrive, or are not declared as they are."""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen
from tests.testing.conformance.acme.adapter import Acme
from tests.testing.conformance.acme.declaration import ACME
from tests.testing.conformance.acme.simulator import AcmeSimulator, refused
from tests.testing.conformance.broken.making import Flow, Table, subject_of

from anybank.adapter.wire import Json, Request, Response, present
from anybank.model.accounts import NewAccount
from anybank.model.customers import Customer
from anybank.testing.conformance import Subject


@frozen(kw_only=True)
class AcmeExtras:
    """Fields of an account that only Acme has."""

    branch: str | None = None
    adviser: str | None = None


FULL = AcmeExtras(branch="Xanthoburg", adviser="Zebedix")


class _StrictAcme(AcmeSimulator):
    """An Acme whose accounts have no adviser."""

    def admit(self, request: Request) -> Response | None:
        """Refuse an account with an adviser."""
        if "adviser" in str(request.body):
            return refused(400, "bad_input", "", adviser="is unknown")
        return super().admit(request)


def _written(extras: AcmeExtras) -> dict[str, Json]:
    return present(branch=extras.branch, adviser=extras.adviser)


def with_extras(
    write: Any = _written,
    declared: Any = None,
    sample: Any = FULL,
    simulator: Any = AcmeSimulator,
) -> Subject:
    """Return an Acme with extras of accounts."""

    def create(self: Acme, query: Any) -> Flow:
        inner = Acme.create_account(self, query)
        request = next(inner)
        own = query.new.extras.get("acme")
        body = {**request.body, **(write(own) if own else {})}
        response = yield evolve(request, query={}, body=body)
        try:
            inner.send(response)
        except StopIteration as finished:
            return finished.value

    capabilities = evolve(ACME, extras=declared or {NewAccount: AcmeExtras})
    members = {"capabilities": capabilities, "create_account": create}
    adapter = type("WithExtras", (Acme,), members)
    samples = {"NewAccount.extras": sample}
    return subject_of(adapter, samples=samples, simulator=simulator)


BROKEN: Table = {
    "drops an extra silently": (
        "declared_extras_are_sent",
        lambda: with_extras(lambda own: present(branch=own.branch)),
    ),
    "declares an extra that its vendor rejects": (
        "declared_extras_are_sent",
        lambda: with_extras(simulator=_StrictAcme),
    ),
    "declares extras of a value that it only reads": (
        "declared_extras_are_sent",
        lambda: with_extras(
            declared={NewAccount: AcmeExtras, Customer: AcmeExtras},
        ),
    ),
    "has no sample of an extra": (
        "declared_extras_are_sent",
        lambda: with_extras(sample=AcmeExtras(branch="Xanthoburg")),
    ),
}
