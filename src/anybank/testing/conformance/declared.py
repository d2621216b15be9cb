"""Checks of the declaration: that it is whole, true of the code, and says its sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import attrs

from ... import webhooks
from ...adapter.base import Adapter
from ...declaration.vocabulary import Feature
from ...errors import AnybankError, Unsupported
from ...model.addresses import Address
from ...model.customers import Customer, NewCustomer
from ...sandbox.simulator import answer_json
from .operations import OPERATIONS, Operation, method_of
from .operations import declared as declared_operations
from .recorder import outcome_of, require
from .registry import check
from .stages import Paper, Stage
from .subject import Subject

_SAFE = ("get", "list", "check", "adverse_action", "verify")
_BESIDE: dict[type, type] = {NewCustomer: Customer, Address: Address}
"""What is read of a value's fields that a caller does not give: `created_at`."""


def _written(adapter: type[Adapter], feature: Feature) -> bool:
    if feature is Feature.WEBHOOKS_VERIFY:
        return adapter.webhooks is not None
    name = method_of(feature)
    return getattr(adapter, name) is not getattr(Adapter, name)


@check()
def what_is_declared_is_written(subject: Subject) -> None:
    """Every declared feature has its method."""
    for feature in Feature:
        if subject.supports(feature):
            require(
                _written(subject.adapter, feature),
                f"{feature.value} is declared, but {_name(feature)} is not "
                "written: write it, or declare NOT_IMPLEMENTED.",
            )


@check()
def what_is_written_is_declared(subject: Subject) -> None:
    """Every written method is declared."""
    for feature in Feature:
        if not subject.supports(feature):
            require(
                not _written(subject.adapter, feature),
                f"{_name(feature)} is written, but {feature.value} is not "
                "declared, so nobody can call it: declare it, or remove it.",
            )


def _name(feature: Feature) -> str:
    return "webhooks" if feature is Feature.WEBHOOKS_VERIFY else method_of(feature)


@check()
def what_is_declared_works(subject: Subject) -> None:
    """Every declared operation does over the simulator what it is for."""
    for operation, stage in declared_operations(subject):
        said = operation.outcome(stage, retries=0)
        require(
            not isinstance(said, AnybankError) and stage.recorder.requests,
            f"{operation.name} is declared, and gave {_told(said)} after requests: "
            f"{len(stage.recorder.requests)}. {_advice(operation, stage)}",
        )


def _told(said: object) -> str:
    code = getattr(said, "code", None)
    return type(said).__name__ + (f" {code}" if code else "")


def _advice(operation: Operation, stage: Stage) -> str:
    if failed := stage.recorder.failed:
        return f"Mend the simulator: it raised {failed}."
    return (
        f"Look at what {operation.method} asks for, and at what the simulator answers."
    )


@check()
def what_is_undeclared_is_unsupported(subject: Subject) -> None:
    """A feature that is not declared raises Unsupported and sends nothing."""
    for feature, operation in OPERATIONS.items():
        if subject.supports(feature):
            continue
        paper = Paper.of(subject)
        said = operation.outcome(paper)
        require(
            isinstance(said, Unsupported) and not paper.recorder.requests,
            f"{feature.value} is not declared, and asking for it gave "
            f"{type(said).__name__} after {len(paper.recorder.requests)} requests, "
            "where Unsupported after none is due: leave `refuse` as it is.",
        )
    if not subject.supports(Feature.WEBHOOKS_VERIFY):
        said = outcome_of(
            lambda: webhooks.sign(subject.adapter, b"{}", secret="anybank")  # noqa: S106  # invented
        )
        require(
            isinstance(said, Unsupported),
            "webhooks.verify is not declared, and a delivery was signed: remove "
            "`webhooks` from the adapter, or declare the feature.",
        )


@check()
def everything_has_a_source(subject: Subject) -> None:
    """Every rule of what works or is taken says where it comes from."""
    for feature, rule in subject.declared.features.items():
        require(
            rule.source or not rule.support.works,
            f"{feature} has no source: name the vendor's page.",
        )
    for kind, name in _rules(subject):
        each = subject.declared.rule(kind, name)
        require(
            each.source or each.create == "refused",
            f"{kind.__name__}.{name} has no source: name the vendor's page.",
        )
    limits = subject.declared.limits
    require(
        limits.calls_source or limits.calls_per_minute is None,
        "limits: calls_per_minute has no source: give `calls_source`.",
    )
    require(
        limits.page_source or not limits.page_sizes,
        "limits: page_sizes has no source: give `page_source`.",
    )


@check()
def every_rule_is_of_a_field(subject: Subject) -> None:
    """Every rule is of a field that its value has."""
    for kind, name in _rules(subject):
        known = {each.name for one in _kinds(kind) for each in attrs.fields(one)}
        require(
            name in known,
            f"{kind.__name__} has no field {name}, so its rule is kept by nobody: "
            f"mend its name; the fields are {', '.join(sorted(known))}.",
        )


def _kinds(kind: type) -> tuple[type, type]:
    return kind, _BESIDE.get(kind, kind)


def _rules(subject: Subject) -> Iterator[tuple[type, str]]:
    for kind, rules in subject.declared.fields.items():
        for name in rules:
            yield kind, name


@check()
def native_names_are_unique(subject: Subject) -> None:
    """No two fields of a value have the same name at the vendor."""
    for kind, rules in subject.declared.fields.items():
        taken = [rule.native for rule in rules.values() if rule.create != "refused"]
        for native, times in Counter(filter(None, taken)).items():
            require(
                times == 1,
                f"two fields of {kind.__name__} are called {native}: error paths "
                "could mean either; give each its own `native`.",
            )


@check()
def only_reads_are_safe(subject: Subject) -> None:
    """What only reads is declared SAFE, and nothing else is."""
    for feature, rule in subject.declared.features.items():
        if not rule.support.works:
            continue
        reads = feature.value.partition(".")[2] in _SAFE
        said = rule.idempotency.kind
        require(
            (said == "safe") == reads,
            f"{feature.value} {'only reads' if reads else 'changes something'} and is "
            f"declared {said!r}: give it idempotency="
            f"{'SAFE' if reads else 'what its page says of a repeat'}.",
        )


@check()
def the_declaration_is_one(subject: Subject) -> None:
    """Without policies, what a Bank keeps to is what the class declares."""
    bare = subject.adapter(
        subject.adapter.Options(**dict(subject.simulator().credentials))
    )
    require(
        bare.capabilities == subject.adapter.capabilities,
        "`capabilities` is another once the adapter is made, though no policy is set: "
        "`diff` and the documentation read the class's. Change it for a policy only.",
    )


@check()
def hosts_are_safe(subject: Subject) -> None:
    """Every declared host is reached by https, and `sandbox` is among them."""
    hosts = subject.declared.hosts
    require("sandbox" in hosts, "hosts has no 'sandbox', which is the default.")
    for name, url in hosts.items():
        require(
            url.startswith("https://") and not url.endswith("/"),
            f"hosts[{name!r}] must begin with https:// and end without a slash.",
        )


@check()
def credentials_are_sent(subject: Subject) -> None:
    """Each request has what lets it in, and never in its URL or where it is seen."""
    paper = Paper.of(subject)
    paper.recorder.scripted.append(answer_json(200, {}))
    with subject.bank(paper.recorder, retries=0) as bank:
        outcome_of(lambda: bank.request("GET", "/anybank"))
    given = [str(each) for each in paper.recorder.simulator.credentials.values()]
    request = paper.recorder.requests[0]
    sent = " ".join(map(str, request.headers.values()))
    require(
        all(each in sent for each in given),
        "A request left without the credentials: add them in `authenticate`.",
    )
    where = f"{request.path} {request.query}"
    require(
        not any(each in where for each in given),
        "A credential is part of a URL, which is logged: put it into a header.",
    )
