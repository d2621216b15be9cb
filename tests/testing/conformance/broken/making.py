"""Functions that derive broken adapters from Acme."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any

from attrs import evolve
from tests.testing.conformance.acme.adapter import Acme
from tests.testing.conformance.acme.declaration import ACME
from tests.testing.conformance.acme.hooks import AcmeWebhooks
from tests.testing.conformance.acme.seeds import AcmeConformance
from tests.testing.conformance.acme.simulator import AcmeSimulator

from anybank.adapter import Adapter
from anybank.adapter.wire import Request
from anybank.declaration import (
    Capabilities,
    Feature,
    FeatureRule,
    FieldRule,
    Idempotency,
    Support,
)
from anybank.model.customers import NewCustomer
from anybank.testing.conformance import Subject

Flow = Generator[Any, Any, Any]
Table = Mapping[str, tuple[str, Callable[[], Subject]]]


def broken_acme(**members: Any) -> Subject:
    """Return an Acme with some members replaced."""
    return subject_of(type("Broken", (Acme,), members))


def subject_of(adapter: type[Adapter] = Acme, **settings: Any) -> Subject:
    """Return the subject of an adapter, with other settings."""
    seeds = AcmeConformance()
    known = {"seed": seeds.seed, "seed_expected": seeds.seed_expected}
    return Subject(adapter=adapter, **{"simulator": AcmeSimulator, **known, **settings})


def with_request(method: str, change: Callable[[Any, Request], Request]) -> Subject:
    """Return an Acme whose method sends a changed request."""

    def flow(self: Acme, query: Any) -> Flow:
        inner = getattr(Acme, method)(self, query)
        response = yield change(query, next(inner))
        try:
            while True:
                response = yield change(query, inner.send(response))
        except StopIteration as finished:
            return finished.value

    return broken_acme(**{method: flow})


def with_body(method: str, change: Callable[[Any], Any]) -> Subject:
    """Return an Acme whose method sends a changed body."""
    return with_request(
        method,
        lambda query, request: evolve(
            request, query=dict(request.query), body=change(dict(request.body))
        ),
    )


def with_result(
    method: str, change: Callable[[Any], Any], adapter: type[Adapter] = Acme
) -> Subject:
    """Return an Acme, or another adapter, whose method returns a changed result."""

    def flow(self: Acme, query: Any) -> Flow:
        return change((yield from getattr(adapter, method)(self, query)))

    return subject_of(type("Broken", (adapter,), {method: flow}))


def with_fields(method: str, **fields: Callable[[Any], Any]) -> Subject:
    """Return an Acme whose method reads some fields from `raw` with other functions."""
    return with_result(
        method,
        lambda value: evolve(
            value, **{name: read(value.raw) for name, read in fields.items()}
        ),
    )


def doing_while_writing(act: Callable[[Any], Any]) -> Subject:
    """Return an Acme that calls a function while it creates a customer."""

    def create(self: Acme, query: Any) -> Flow:
        act(query)
        return (yield from Acme.create_customer(self, query))

    return broken_acme(create_customer=create)


def catching_error(
    method: str, error: type[Exception], otherwise: Callable[[Any], Any]
) -> Subject:
    """Return an Acme whose method handles an error itself.

    `otherwise` receives the request, and returns a request to send or a result.
    """

    def flow(self: Acme, query: Any) -> Flow:
        inner = getattr(Acme, method)(self, query)
        request = next(inner)
        try:
            response = yield request
        except error:
            replacement = otherwise(request)
            if not isinstance(replacement, Request):
                return replacement
            response = yield replacement
        try:
            inner.send(response)
        except StopIteration as finished:
            return finished.value

    return broken_acme(**{method: flow})


def with_capabilities(**parts: Any) -> Subject:
    """Return an Acme with changed capabilities."""
    return broken_acme(capabilities=evolve(ACME, **parts))


def with_rule(name: str, rule: FieldRule, kind: type = NewCustomer) -> Subject:
    """Return an Acme with another rule for a field."""
    rules = {**ACME.rules(kind), name: rule}
    return with_capabilities(fields={**ACME.fields, kind: rules})


def with_changed_rule(kind: type, name: str, **parts: Any) -> Subject:
    """Return an Acme with a changed rule for a field."""
    return with_rule(name, evolve(ACME.rule(kind, name), **parts), kind)


def with_feature(feature: Feature, **parts: Any) -> Subject:
    """Return an Acme with another rule for a feature."""
    rule = FeatureRule(**{"support": Support.FULL, "source": "p", **parts})
    return with_capabilities(features={**ACME.features, feature: rule})


def with_idempotency(feature: Feature, kind: Any, **parts: Any) -> Subject:
    """Return an Acme with another idempotency for a feature."""
    return with_feature(feature, idempotency=Idempotency(kind, **parts))


def with_instance_capabilities(
    change: Callable[[Capabilities], Capabilities],
) -> Subject:
    """Return an Acme whose instances have other capabilities than the class."""

    def init(self: Any, options: Any) -> None:
        self.options = options
        self.capabilities = change(ACME)

    return broken_acme(__init__=init)


def with_webhooks(**members: Any) -> Subject:
    """Return an Acme whose webhooks have some members replaced."""
    return broken_acme(webhooks=type("Hooks", (AcmeWebhooks,), members)())
