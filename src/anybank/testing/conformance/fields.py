"""Checks of what is sent: each accepted field arrives, each refused one is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
from attrs import evolve

from ...declaration.preflight import settle
from ...declaration.vocabulary import Feature
from ...errors import AnybankError, Effect, InvalidInput
from ...model.addresses import Address
from ...model.customers import Customer, NewCustomer
from ..strategies import accepts
from .operations import OPERATIONS, asked, keyed
from .recorder import NotApplicable, body_of, outcome_of, require
from .registry import check
from .rules import bases, broken, differences, edges, refused_for
from .stages import Stage
from .subject import Subject

CREATE, GET = "customers.create", "customers.get"
_CREATES = {
    CREATE: ("customers", None),
    "kyc.start": ("kyc", "customer"),
    "credit_applications.create": ("credit_applications", None),
    "accounts.create": ("accounts", None),
    "webhook_subscriptions.create": ("webhook_subscriptions", None),
}


def create(bank: Any, feature: str, value: Any, stage: Stage, **more: Any) -> Any:
    """Give a value to the operation that takes it, and return what comes of it."""
    resource = getattr(bank, _CREATES[feature][0])
    if feature == "kyc.start":
        customer = stage.id("customer")
        return outcome_of(lambda: resource.start(customer, value))
    return outcome_of(lambda: resource.create(value, **more))


def placed(stage: Stage, feature: str, value: Any) -> Any:
    """Return a value that is of this stage's customer, and forget how it was made."""
    if feature == "credit_applications.create" and value.customer_id:
        value = attrs.evolve(value, customer_id=stage.id("customer"))
    if feature == "accounts.create" and len(value.customer_ids) == 1:
        value = attrs.evolve(value, customer_ids=[stage.id("customer")])
    if feature == "kyc.start":
        stage.id("customer")
    stage.recorder.forget()
    return value


def _cast(subject: Subject, feature: str, base: Any) -> list[Any]:
    return subject.people if feature == CREATE else subject.values(type(base))


def variants(subject: Subject) -> Iterator[tuple[str, NewCustomer, NewCustomer]]:
    """Yield pairs of accepted people who differ in one field, and its name."""
    yield from _pairs(subject, subject.people)


def _pairs(subject: Subject, cast: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    kind = type(cast[0])
    for name, rule in subject.declared.rules(kind).items():
        if rule.create == "refused" or name not in attrs.fields_dict(kind):
            continue
        pair = _pair(subject, cast, name)
        if pair:
            yield name, *pair


def _pair(subject: Subject, cast: list[Any], name: str) -> tuple[Any, Any] | None:
    for one in cast:
        for donor in cast:
            other = attrs.evolve(one, **{name: getattr(donor, name)})
            differ = getattr(one, name) and getattr(one, name) != getattr(other, name)
            if differ and getattr(other, name) and accepts(subject.declared, other):
                return one, other
    return None


def _sent(subject: Subject, feature: str, value: Any, stage: Stage) -> str:
    """Return the request that a value makes under a key that is always the same."""
    value = placed(stage, feature, value)
    operation = OPERATIONS[Feature(feature)]
    given = evolve(operation, perform=lambda bank, on: create(bank, feature, value, on))
    stage.recorder.schedule("refused")
    question, _ = asked(given, stage)
    if question is None:
        return ""
    request = next(getattr(subject.instance(), operation.method)(keyed(question)))
    return f"{body_of(request)} {sorted(request.headers.items())}"


def _each_create(subject: Subject) -> Iterator[tuple[str, Any]]:
    found = bases(subject)
    if not found:
        raise NotApplicable("no operation that takes a value is declared")
    yield from found.items()


def _why(made: Any) -> str:
    """Say what became of a value, in the vendor's class and our field names."""
    fields = ", ".join(getattr(made, "field_errors", ()))
    code = getattr(made, "code", None)
    told = [type(made).__name__, code and f"code {code}", fields and f"on {fields}"]
    return " ".join(filter(None, told))


@check()
def what_is_accepted_is_taken(subject: Subject) -> None:
    """A value that the declaration accepts is taken by the vendor."""
    for feature, base in _each_create(subject):
        strangers = subject.strangers if feature == CREATE else []
        for value in [*_cast(subject, feature, base), *strangers]:
            stage = Stage.of(subject)
            given = placed(stage, feature, value)
            with subject.bank(stage.recorder) as bank:
                made = create(bank, feature, given, stage)
            require(
                not isinstance(made, AnybankError),
                f"{feature} failed with {_why(made)}: declare what the vendor refuses, "
                "or write the field as the vendor takes it.",
            )


@check()
def what_is_optional_may_lack(subject: Subject) -> None:
    """A value that lacks all that is optional is taken by the vendor."""
    for feature, base in _each_create(subject):
        kind = type(base)
        lacking = subject.sparse(kind)[0]
        stage = Stage.of(subject)
        given = placed(stage, feature, lacking)
        with subject.bank(stage.recorder) as bank:
            made = create(bank, feature, given, stage)
        optional = _lacking(subject, kind, lacking)
        require(
            not isinstance(made, AnybankError),
            f"{feature} failed with {_why(made)} without {', '.join(optional)}: declare "
            "create='required' what the vendor requires, or write nothing for it.",
        )


def _lacking(subject: Subject, kind: type, value: Any) -> list[str]:
    rules = subject.declared.rules(kind).items()
    return [n for n, r in rules if r.create == "optional" and not getattr(value, n, 1)]


@check()
def the_edges_are_taken(subject: Subject) -> None:
    """The shortest, the longest and each word of `values` is taken by the vendor."""
    for feature, base in _each_create(subject):
        for case in edges(subject.declared, base):
            stage = Stage.of(subject)
            given = placed(stage, feature, case.value)
            with subject.bank(stage.recorder) as bank:
                made = create(bank, feature, given, stage)
            require(
                not isinstance(made, AnybankError),
                f"{case.place} is declared {case.rule}, and the vendor refused a value "
                f"at that edge with {_why(made)}: declare what its page says.",
            )


@check()
def each_field_is_sent(subject: Subject) -> None:
    """Each accepted field changes the request."""
    for feature, base in _each_create(subject):
        stage = Stage.of(subject)
        for name, one, other in _pairs(subject, _cast(subject, feature, base)):
            if name in ("customer_id", "customer_ids", "idempotency_key"):
                continue  # the stage gives them
            require(
                _sent(subject, feature, one, stage)
                != _sent(subject, feature, other, stage),
                f"{feature} accepts {name}, but its request does not carry it: write "
                "it, or declare it refused.",
            )


@check(CREATE)
def the_client_reference_is_sent(subject: Subject) -> None:
    """A create that is declared client_reference carries the reference."""
    repeats = subject.declared.feature(CREATE).idempotency
    if repeats.kind != "client_reference":
        raise NotApplicable("customers.create is not declared client_reference")
    name = repeats.reference or "external_id"
    given: dict[str, Any] = {name: "anybank-reference-1"}
    person = attrs.evolve(subject.person, **given)
    require(
        "anybank-reference-1" in _sent(subject, CREATE, person, Stage.of(subject)),
        f"customers.create is declared client_reference, but its request does not "
        f"carry {name}: write it, or declare `none`.",
    )


@check()
def what_is_refused_is_not_sent(subject: Subject) -> None:
    """A value that breaks a declared rule is refused without a request."""
    for feature, base in _each_create(subject):
        for case in broken(subject.declared, base):
            stage = Stage.of(subject)
            given = placed(stage, feature, case.value)
            with subject.bank(stage.recorder) as bank:
                made = create(bank, feature, given, stage)
            refused = isinstance(made, InvalidInput) and refused_for(
                case.name, made.issues
            )
            require(
                refused and not stage.recorder.requests,
                f"{case.place} is declared {case.rule}, and a value that breaks it "
                f"made {len(stage.recorder.requests)} requests instead of an "
                "InvalidInput that names the field: leave the refusing to the library, "
                "and let `capabilities` say what the class declares.",
            )


@check(CREATE, GET)
def what_is_sent_is_read_back(subject: Subject) -> None:
    """Each field of a customer is told again as its rule says."""
    with subject.bank(subject.recorder()) as bank:
        for person in subject.people:
            made = bank.customers.create(person)
            found = bank.customers.get(made.id)
            settled = settle(subject.declared, person)
            for place in differences(subject.declared, settled, found):
                require(
                    False,  # it was found to differ
                    f"{place} is not read back as its rule says: read it, or declare "
                    "`read` (never, masked), `values` or `changed`.",
                )


@check(CREATE)
def an_id_alone_is_not_read_back(subject: Subject) -> None:
    """A create that is to give the id alone reads nothing after it has written."""
    recorder = subject.recorder()
    with subject.bank(recorder) as bank:
        made = bank.customers.create(subject.person, read_back=False)
    methods = [each.method for each in recorder.requests]
    written = max(at for at, method in enumerate(methods) if method != "GET")
    require(
        made.id and "GET" not in methods[written:],
        "customers.create reads the customer although the question says "
        "`read_back=False`: return the id of the answer, with what was sent.",
    )


@check()
def what_else_is_sent_is_read_back(subject: Subject) -> None:
    """Each field of an account, an application or a subscription is told again."""
    examined = 0
    for feature, base in _each_create(subject):
        kind = {CREATE: None, "kyc.start": None}.get(feature, type(base))
        if kind is None:
            continue
        stage = Stage.of(subject)
        given = placed(stage, feature, base)
        with subject.bank(stage.recorder) as bank:
            made = create(bank, feature, given, stage)
        examined += 1
        wrong = differences(subject.declared, settle(subject.declared, given), made)
        require(
            not wrong,
            f"{', '.join(wrong)} of what {feature} made is not read as it was sent: "
            "read it, or declare `read`.",
        )
    if not examined:
        raise NotApplicable("nothing but customers is made")


@check(CREATE, GET)
def each_word_is_read_back(subject: Subject) -> None:
    """Each word of an address's or a phone's `values` reads as the member it is of."""
    examined = 0
    for case in edges(subject.declared, subject.person):
        if not case.rule.startswith("values"):
            continue
        examined += 1
        with subject.bank(subject.recorder()) as bank:
            made = bank.customers.create(case.value)
            found = bank.customers.get(made.id)
        settled = settle(subject.declared, case.value)
        wrong = differences(subject.declared, settled, found)
        require(
            not wrong,
            f"{case.place} is declared {case.rule}, and {', '.join(wrong)} is not read "
            "so: write rule.word(...) and read rule.member(...), from the one rule.",
        )
    if not examined:
        raise NotApplicable("no `values` are declared of addresses and phones")


@check(CREATE, GET)
def defaults_are_written(subject: Subject) -> None:
    """A field that is lacking and has a default is written as it, and reported."""
    examined = 0
    for name, rule in subject.declared.rules(NewCustomer).items():
        if rule.default is None and rule.default_from is None:
            continue
        examined += 1
        nothing: dict[str, Any] = {name: None}
        lacking = attrs.evolve(subject.person, **nothing)
        with subject.bank(subject.recorder()) as bank:
            made = outcome_of(lambda: bank.customers.create(lacking))  # noqa: B023  # called at once
        settled = settle(subject.declared, lacking)
        told = isinstance(made, Customer) and any(
            issue.field == name and issue.effect is Effect.DEFAULTED
            for issue in made.issues
        )
        require(
            told and not differences(subject.declared, settled, made),
            f"{name} has a default, and it was not written: write what the question "
            "holds, the default is in it already.",
        )
    if not examined:
        raise NotApplicable("no default is declared of a customer's fields")


@check(CREATE, GET)
def what_is_implied_is_told(subject: Subject) -> None:
    """What the vendor's silence means is told: a country that it never writes."""
    rules = subject.declared.rules(Address)
    implied = {n: r.implied for n, r in rules.items() if isinstance(r.implied, str)}
    if not implied or not subject.person.addresses:
        raise NotApplicable("nothing is declared implied of an address")
    with subject.bank(subject.recorder()) as bank:
        found = bank.customers.get(bank.customers.create(subject.person).id)
    for name, value in implied.items():
        for address in found.addresses:
            require(
                getattr(address, name) == value,
                f"Address.{name} is declared implied={value!r} and was read as another: "
                "let the reader say it, the vendor does not.",
            )
