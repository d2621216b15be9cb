"""How broken adapters are made of Acme: a few words each."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any

from attrs import evolve
from tests.testing.conformance.acme.adapter import Acme
from tests.testing.conformance.acme.declaration import ACME
from tests.testing.conformance.acme.hooks import AcmeWebhooks
from tests.testing.conformance.acme.simulator import AcmeSimulator

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


def acme(**members: Any) -> Subject:
    """Return an Acme with other members."""
    return examined(type("Broken", (Acme,), members))


def examined(adapter: type[Acme] = Acme, **settings: Any) -> Subject:
    """Return what is examined of an adapter."""
    return Subject(adapter=adapter, **{"simulator": AcmeSimulator, **settings})


def asking(method: str, change: Callable[[Any, Request], Request]) -> Subject:
    """Return an Acme that makes another request of a question."""

    def flow(self: Acme, query: Any) -> Flow:
        inner = getattr(Acme, method)(self, query)
        answer = yield change(query, next(inner))
        try:
            while True:
                answer = yield change(query, inner.send(answer))
        except StopIteration as finished:
            return finished.value

    return acme(**{method: flow})


def sending(method: str, change: Callable[[Any], Any]) -> Subject:
    """Return an Acme that sends another body; what has none is left."""
    return asking(
        method,
        lambda query, request: evolve(
            request, query=dict(request.query), body=change(dict(request.body))
        ),
    )


def telling(method: str, change: Callable[[Any], Any]) -> Subject:
    """Return an Acme that makes something else of an answer."""

    def flow(self: Acme, query: Any) -> Flow:
        return change((yield from getattr(Acme, method)(self, query)))

    return acme(**{method: flow})


def told(method: str, **fields: Callable[[Any], Any]) -> Subject:
    """Return an Acme that reads some fields otherwise: each of the vendor's object."""
    return telling(
        method,
        lambda value: evolve(
            value, **{name: read(value.raw) for name, read in fields.items()}
        ),
    )


def aside(act: Callable[[Any], Any]) -> Subject:
    """Return an Acme that does something else while it writes a person."""

    def create(self: Acme, query: Any) -> Flow:
        act(query)
        return (yield from Acme.create_customer(self, query))

    return acme(create_customer=create)


def catching(
    method: str, error: type[Exception], otherwise: Callable[[Any], Any]
) -> Subject:
    """Return an Acme that catches an error, and goes on with the request."""

    def flow(self: Acme, query: Any) -> Flow:
        inner = getattr(Acme, method)(self, query)
        request = next(inner)
        try:
            answer = yield request
        except error:
            made = otherwise(request)
            if not isinstance(made, Request):
                return made
            answer = yield made
        try:
            inner.send(answer)
        except StopIteration as finished:
            return finished.value

    return acme(**{method: flow})


def declaring(**parts: Any) -> Subject:
    """Return an Acme that declares otherwise."""
    return acme(capabilities=evolve(ACME, **parts))


def ruling(name: str, rule: FieldRule, kind: type = NewCustomer) -> Subject:
    """Return an Acme that has another rule for a field."""
    rules = {**ACME.rules(kind), name: rule}
    return declaring(fields={**ACME.fields, kind: rules})


def ruled(kind: type, name: str, **parts: Any) -> Subject:
    """Return an Acme whose rule for a field says something else."""
    return ruling(name, evolve(ACME.rule(kind, name), **parts), kind)


def featuring(feature: Feature, **parts: Any) -> Subject:
    """Return an Acme that declares a feature otherwise."""
    rule = FeatureRule(**{"support": Support.FULL, "source": "p", **parts})
    return declaring(features={**ACME.features, feature: rule})


def repeating(feature: Feature, kind: Any, **parts: Any) -> Subject:
    """Return an Acme that declares another idempotency."""
    return featuring(feature, idempotency=Idempotency(kind, **parts))


def once_made(change: Callable[[Capabilities], Capabilities]) -> Subject:
    """Return an Acme that declares otherwise once it is made."""

    def init(self: Any, options: Any) -> None:
        self.options = options
        self.capabilities = change(ACME)

    return acme(__init__=init)


def hooked(**members: Any) -> Subject:
    """Return an Acme whose webhooks have other members."""
    return acme(webhooks=type("Hooks", (AcmeWebhooks,), members)())
