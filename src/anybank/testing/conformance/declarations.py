"""Checks of the declaration: complete, consistent with the code, and with sources."""

from __future__ import annotations

from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import attrs

from ... import webhooks
from ...adapter.base import Adapter
from ...errors import AnybankError, InvalidInput, Unsupported
from ...model.addresses import Address
from ...model.customers import Customer, NewCustomer
from ...model.features import Feature
from ...model.operations import QUESTIONS
from ...sandbox.simulator import answer_json
from .operations import OPERATIONS, READING_VERBS, Operation, declared_operations
from .recorder import outcome_of, require
from .registry import check
from .scenarios import OfflineScenario, Scenario
from .subject import Subject

_MOST_UNFINISHED = 5
"""The number of marks that one message lists."""
_READ_TYPES: dict[type, type] = {NewCustomer: Customer, Address: Address}
"""The type that is read, where rules may also name fields that only it has: created_at."""


def _is_implemented(adapter: type[Adapter], feature: Feature) -> bool:
    if feature is Feature.WEBHOOKS_VERIFY:
        return adapter.webhooks is not None
    name = QUESTIONS[feature].method
    return getattr(adapter, name) is not getattr(Adapter, name)


def _implementation(feature: Feature) -> str:
    return (
        "webhooks" if feature is Feature.WEBHOOKS_VERIFY else QUESTIONS[feature].method
    )


@check()
def declared_features_are_implemented(subject: Subject) -> None:
    """Every declared feature has its method."""
    for feature in Feature:
        if subject.supports(feature):
            require(
                _is_implemented(subject.adapter, feature),
                f"{feature.value} is declared, but the adapter has no "
                f"{_implementation(feature)}. Write it, or declare NOT_IMPLEMENTED.",
            )


@check()
def implemented_methods_are_declared(subject: Subject) -> None:
    """Every implemented method has its feature declared."""
    for feature in Feature:
        if not subject.supports(feature):
            require(
                not _is_implemented(subject.adapter, feature),
                f"The adapter has {_implementation(feature)}, but {feature.value} is not "
                "declared, so no caller can use it. Declare the feature, or remove the "
                "method.",
            )


@check()
def declared_operations_succeed(subject: Subject) -> None:
    """Every declared operation succeeds over the simulator, with a request."""
    mistakes = []
    for operation, scenario in declared_operations(subject):
        outcome = operation.outcome(scenario, retries=0)
        count = len(scenario.recorder.requests)
        if isinstance(outcome, AnybankError) or not count:
            mistakes.append(
                f"{operation.name} is declared, but gave {_describe(outcome)} after "
                f"{count} requests. {_advice(operation, scenario)}"
            )
    # All of them in one message: an author mends them in one round.
    require(not mistakes, "\n".join(mistakes))


def _describe(outcome: object) -> str:
    """Return the class of an error, and its code, path and fields, which show no value."""
    parts = [type(outcome).__name__]
    if code := getattr(outcome, "code", None):
        parts.append(str(code))
    if path := getattr(outcome, "path", None):
        parts.append(f"at {path}")
    if isinstance(outcome, InvalidInput):
        parts.append(f"for {', '.join(issue.field for issue in outcome.issues)}")
    if fields := getattr(outcome, "field_errors", None):
        parts.append(f"with errors of {', '.join(fields)}")
    return " ".join(parts)


def _advice(operation: Operation, scenario: Scenario) -> str:
    if crash := scenario.recorder.crash:
        return f"Fix the simulator: it raised {crash}."
    exchanges = scenario.recorder.exchanges
    if not exchanges:
        return (
            f"Let {operation.method} yield a request. If the listing needs an argument, "
            "such as customer_id, declare it: `partial(PAGE, NOTE, requires={...})`."
        )
    last = exchanges[-1]
    return (
        f"The last exchange of {operation.method} was {last.request.method} "
        f"{last.request.path} with HTTP {last.response.status}: compare the request with "
        "what the simulator expects, and the response with the wire class."
    )


@check()
def undeclared_features_raise_unsupported(subject: Subject) -> None:
    """A feature that is not declared raises Unsupported without a request."""
    for feature, operation in OPERATIONS.items():
        if subject.supports(feature):
            continue
        scenario = OfflineScenario.of(subject)
        outcome = operation.outcome(scenario)
        count = len(scenario.recorder.requests)
        require(
            isinstance(outcome, Unsupported) and not count,
            f"{feature.value} is not declared, but calling it gave "
            f"{type(outcome).__name__} after {count} requests instead of Unsupported. "
            "Do not override `refuse`.",
        )
    if not subject.supports(Feature.WEBHOOKS_VERIFY):
        outcome = outcome_of(
            lambda: webhooks.sign(subject.adapter, b"{}", secret="anybank")  # noqa: S106  # invented
        )
        require(
            isinstance(outcome, Unsupported),
            "webhooks.verify is not declared, but a delivery can be signed. Remove "
            "`webhooks` from the adapter, or declare the feature.",
        )


@check()
def rules_cite_their_source(subject: Subject) -> None:
    """Every supported feature, accepted field and limit names its source."""
    for feature, rule in subject.declared.features.items():
        require(
            rule.source or not rule.support.works,
            f"{feature} has no source. Name the vendor's page.",
        )
    for kind, name in _ruled_fields(subject):
        field_rule = subject.declared.rule(kind, name)
        require(
            field_rule.source or field_rule.create == "refused",
            f"{kind.__name__}.{name} has no source. Name the vendor's page.",
        )
    limits = subject.declared.limits
    require(
        limits.calls_source or limits.calls_per_minute is None,
        "limits.calls_per_minute has no source. Set `calls_source`.",
    )
    require(
        limits.page_source or not limits.page_sizes,
        "limits.page_sizes has no source. Set `page_source`.",
    )


@check()
def declared_texts_are_complete(subject: Subject) -> None:
    """No reason, note or source of the declaration is marked TODO."""
    left = list(_unfinished(subject))
    more = len(left) - _MOST_UNFINISHED
    rest = f"; and {more} more" if more > 0 else ""
    require(
        not left,
        f"{'; '.join(left[:_MOST_UNFINISHED])}{rest}. Write what it says, or declare "
        "what the vendor does not have as UNSUPPORTED.",
    )


def _unfinished(subject: Subject) -> Iterator[str]:
    """Yield the place and the text of each mark."""
    declared = subject.declared
    texts = [("limits", declared.limits.calls_source)]
    if declared.status is not None:
        texts.append(("status", declared.status.reason))
    for feature, rule in declared.features.items():
        texts += [(feature.value, rule.note), (feature.value, rule.source)]
    for kind, rules in declared.fields.items():
        for name, field in rules.items():
            place = f"{kind.__name__}.{name}"
            texts += [(place, field.note), (place, field.source)]
    for place, text in texts:
        if str(text).startswith("TODO"):
            yield f"{place}: {text}"


@check()
def rules_name_existing_fields(subject: Subject) -> None:
    """Every field rule names a field of its type, and each condition an argument that exists."""
    for kind, name in _ruled_fields(subject):
        types = (kind, _READ_TYPES.get(kind, kind))
        known = {field.name for cls in types for field in attrs.fields(cls)}
        require(
            name in known,
            f"{kind.__name__} has no field {name}, so the rule has no effect. Correct "
            f"its name; the fields are {', '.join(sorted(known))}. A field that is read "
            "and never written needs no rule.",
        )
    for feature, condition in subject.declared.features.items():
        question = QUESTIONS.get(feature)
        arguments = attrs.fields_dict(question).keys() if question else set()
        for name in (*condition.requires, *condition.refuses, *condition.only):
            require(
                name in arguments,
                f"The rule of {feature.value} names {name}, which is no argument of it. The "
                f"arguments are {', '.join(sorted(arguments))}.",
            )


def _ruled_fields(subject: Subject) -> Iterator[tuple[type, str]]:
    for kind, rules in subject.declared.fields.items():
        for name in rules:
            yield kind, name


@check()
def native_names_are_unique(subject: Subject) -> None:
    """No two fields of a type have the same native name."""
    for kind, rules in subject.declared.fields.items():
        names = [rule.native for rule in rules.values() if rule.create != "refused"]
        for name, count in Counter(filter(None, names)).items():
            require(
                count == 1,
                f"{count} fields of {kind.__name__} have the native name {name}, so an "
                "error path is ambiguous. Give each its own `native`.",
            )


@check()
def only_reads_are_declared_safe(subject: Subject) -> None:
    """Operations that only read are declared SAFE, and no others are."""
    for feature, rule in subject.declared.features.items():
        if not rule.support.works:
            continue
        is_read = feature.value.partition(".")[2] in READING_VERBS
        kind = rule.idempotency.kind
        require(
            (kind == "safe") == is_read,
            f"{feature.value} {'only reads' if is_read else 'changes data'}, but is "
            f"declared {kind!r}. Set idempotency="
            f"{'SAFE' if is_read else 'to what its page says about a repeat'}.",
        )


@check()
def class_and_instance_declare_the_same(subject: Subject) -> None:
    """Without options, an instance has the capabilities that its class declares."""
    instance = subject.adapter(
        subject.adapter.Options(**dict(subject.simulator().credentials))
    )
    require(
        instance.capabilities == subject.adapter.capabilities,
        "`capabilities` of an instance differs from its class although no option is "
        "set; `diff` and the documentation read the class. Change it for an option only.",
    )


@check()
def status_has_a_reason(subject: Subject) -> None:
    """The adapter declares its status: what it rests on, why, and as of which day."""
    status = subject.declared.status
    require(
        status is not None and status.reason.strip(),
        "`status` is not declared or has no reason. Say with an AdapterStatus whether "
        "the vendor offers the API today, and when you compared the adapter with it.",
    )


@check()
def hosts_use_https(subject: Subject) -> None:
    """Every declared host uses https, and `sandbox` is among them."""
    hosts = subject.declared.hosts
    require(
        "sandbox" in hosts, "`hosts` has no 'sandbox', which is the default. Add it."
    )
    for name, url in hosts.items():
        require(
            url.startswith("https://") and not url.endswith("/"),
            f"hosts[{name!r}] does not start with https://, or ends with a slash. "
            "Correct the URL.",
        )


@check()
def credentials_are_sent_in_headers(subject: Subject) -> None:
    """Every request has the credentials in a header, and never in its URL."""
    scenario = OfflineScenario.of(subject)
    scenario.recorder.scripted.append(answer_json(200, {}))
    with subject.bank(scenario.recorder, retries=0) as bank:
        outcome_of(lambda: bank.request("GET", "/anybank"))
        token = subject.token_of(bank)
    credentials = scenario.recorder.simulator.credentials.values()
    secrets = [str(secret) for secret in credentials]
    # The credentials are in the request for a token, and the token in all others.
    required = [token] if token else secrets
    request = scenario.recorder.requests[0]
    headers = " ".join(_decoded(str(value)) for value in request.headers.values())
    require(
        all(secret in headers for secret in required),
        "A request was sent without the credentials. Add them in `authenticate`: as they "
        "are, after `Bearer `, or as `basic(user, password)`. Add an access token in "
        "`authorize`.",
    )
    url = f"{request.path} {request.query}"
    require(
        not any(secret in url for secret in (*secrets, *required)),
        "The URL contains a credential, and URLs are logged. Send it in a header.",
    )


def _decoded(header: str) -> str:
    """Return a header, with the user and password of HTTP Basic (RFC 7617) decoded."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return header
    with suppress(ValueError):
        return b64decode(encoded, validate=True).decode()
    return header


@check()
def rate_limits_are_declared(subject: Subject) -> None:
    """The vendor's documented rate limit is declared, or the page that names none."""
    limits = subject.declared.limits
    require(
        limits.calls_source.strip(),
        "`limits` declares no rate limit and no page. Set calls_per_minute to the "
        "documented limit, and calls_source to its page. Where the vendor documents no "
        "number, leave calls_per_minute None and set calls_source to the page that you "
        "looked at.",
    )
