"""Checks of the declaration: that it is whole, true of the code, and says its sources."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from ...adapter import Adapter
from ...capabilities import Feature
from ...errors import ProviderError, Unsupported
from ...model import operations as ask
from ...preflight import settle
from ...problems import by_status
from ...wire import Request
from .registry import check
from .subject import NotApplicable, Subject, require

_IRREGULAR = {
    Feature.CREDIT_APPLICATIONS_ADVERSE_ACTION: "get_adverse_action",
    Feature.KYC_START: "start_kyc",
    Feature.KYC_GET: "get_kyc",
    Feature.CREDENTIALS_CHECK: "check_credentials",
    Feature.CREDENTIALS_CREATE_TEMPORARY: "create_temporary_credentials",
}


def method_of(feature: Feature) -> str:
    """Return the name of the Adapter's method for a feature."""
    if feature in _IRREGULAR:
        return _IRREGULAR[feature]
    resource, action = feature.value.split(".")
    singular = resource.removesuffix("s")
    if resource == "customer_addresses":
        singular = "customer_address"
    return f"{action}_{resource if action == 'list' else singular}"


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
                f"{feature.value} is declared, but {method_of(feature)} is not "
                "written: write it, or declare NOT_IMPLEMENTED.",
            )


@check()
def what_is_written_is_declared(subject: Subject) -> None:
    """Every written method is declared."""
    for feature in Feature:
        if not subject.supports(feature):
            require(
                not _written(subject.adapter, feature),
                f"{method_of(feature)} is written, but {feature.value} is not "
                "declared, so nobody can call it: declare it, or remove it.",
            )


@check()
def what_is_undeclared_is_unsupported(subject: Subject) -> None:
    """A feature that is not declared raises Unsupported and sends nothing."""
    for feature in Feature:
        if subject.supports(feature) or feature is Feature.WEBHOOKS_VERIFY:
            continue
        require(
            isinstance(subject.instance().refuse(feature), Unsupported),
            f"{feature.value} is not declared, and refusing it gives something "
            "other than Unsupported: leave `refuse` as it is.",
        )


@check()
def everything_has_a_source(subject: Subject) -> None:
    """Every rule of what works or is taken says where it comes from."""
    for feature, rule in subject.declared.features.items():
        require(
            rule.source or not rule.support.works,
            f"{feature} has no source: name the vendor's page.",
        )
    for kind, rules in subject.declared.fields.items():
        for name, each in rules.items():
            place = f"{kind.__name__}.{name}"
            require(
                each.source or each.create == "refused",
                f"{place} has no source: name the vendor's page.",
            )


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
def error_codes_have_classes(subject: Subject) -> None:
    """Every declared code is a ProviderError, and another code goes by its status."""
    adapter = subject.instance()
    for code, kind in subject.declared.errors.items():
        require(
            isinstance(kind, type) and issubclass(kind, ProviderError),
            f"the error code {code} is not given a subclass of ProviderError.",
        )
        require(
            adapter.problem_kind(400, code) is kind,
            f"the error code {code} does not become its declared class: leave "
            "`problem_kind` as it is, or let it read the declaration.",
        )
    for status in (400, 401, 404, 409, 429, 500):
        require(
            adapter.problem_kind(status, "anybank-no-such-code") is by_status(status),
            f"an unknown code under HTTP {status} does not go by its status.",
        )


@check()
def the_same_question_is_the_same_request(subject: Subject) -> None:
    """Fresh adapters ask the same of the same question, and look at nothing else."""
    for question, feature in _questions(subject):
        name = method_of(feature)
        adapter = subject.instance()
        first = _first(adapter, name, question)
        again = [_first(adapter, name, question) for _ in range(2)]
        again.append(_first(subject.instance(), name, question))
        require(
            all(each == first for each in again),
            f"{name} makes different requests of the same question: keep no state, "
            "and take what is random or timed from the question.",
        )


@check()
def flows_are_pure(subject: Subject) -> None:
    """A flow opens no socket, reads no clock, draws no lots, prints and sleeps not."""
    for question, feature in _questions(subject):
        name = method_of(feature)
        adapter = subject.instance()
        _first(adapter, name, question)
        used = _outside(lambda: _first(adapter, name, question))  # noqa: B023  # called at once
        require(
            not used,
            f"{name} calls {', '.join(sorted(used))}: what is random or timed is in "
            "the question already, and the library does all I/O.",
        )


def _questions(subject: Subject) -> Iterator[tuple[Any, Feature]]:
    new = settle(subject.declared, subject.person)
    every = {
        Feature.CUSTOMERS_CREATE: ask.CreateCustomer(new=new, idempotency_key="k-1"),
        Feature.CUSTOMERS_GET: ask.GetCustomer(id="c-1"),
        Feature.CUSTOMERS_LIST: ask.ListCustomers(),
        Feature.CUSTOMERS_DELETE: ask.DeleteCustomer(id="c-1"),
    }
    asked = [(q, feature) for feature, q in every.items() if subject.supports(feature)]
    if not asked:
        raise NotApplicable("no operation on customers is declared")
    yield from asked


def _first(adapter: Adapter, method: str, question: Any) -> Request:
    flow = getattr(adapter, method)(question)
    request: Request = next(flow)
    flow.close()
    return request


_OUTSIDE = {"time", "socket", "_socket", "random", "_random", "uuid", "secrets", "ssl"}
_CLOCKS = {"datetime.now", "datetime.utcnow", "date.today", "datetime.today"}
_DRAWS = {"Random.random", "Random.getrandbits", "Random.seed", "urandom", "print"}


def _outside(act: Callable[[], Any]) -> set[str]:
    """Return the functions of the world outside that an act calls."""
    used: set[str] = set()

    def watch(_frame: Any, event: str, called: Any) -> None:
        if event != "c_call":
            return
        name = str(getattr(called, "__qualname__", ""))
        module = getattr(called, "__module__", None) or ""
        if name in _CLOCKS | _DRAWS or module in _OUTSIDE:
            used.add(name)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        act()
    finally:
        sys.setprofile(before)
    return used
