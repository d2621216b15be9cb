"""Checks against the vendor's OpenAPI document, which neither adapter nor simulator wrote."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from attrs import evolve

from ...adapter.wire import Request, Response
from ..openapi_document import OpenApiDocument, Violation
from . import fields, list_filters, updates
from .expected_values import read_values
from .operations import declared_operations
from .recorder import CheckFailed, NotApplicable, RecordedExchange, require
from .registry import check
from .subject import Subject
from .words import WORDS, plain_name

# The checks that send the most different requests. Their own results do not count here.
_SENDERS: Sequence[Callable[[Subject], None]] = (
    fields.valid_values_are_accepted,
    fields.optional_fields_may_be_absent,
    fields.boundary_values_are_accepted,
    updates.updates_change_only_their_fields,
    updates.clearable_fields_are_cleared,
    list_filters.customer_filters_select_records,
    list_filters.account_filters_select_records,
    list_filters.object_filters_select_events,
    list_filters.time_filters_select_records,
)
_SSN = ("ssn", "usssn", "socialsecurity", "socialsecuritynumber")
_OTHER_NUMBERS = (
    *("passport", "passportnumber", "driverslicense", "driverlicense", "itin"),
    *("individualtaxpayeridentificationnumber", "nationalid", "visa"),
)
"""Words for a number, in small letters, beside which an SSN is another number."""
_MOST = 5
"""The number of violations in one message."""


def _document(subject: Subject) -> OpenApiDocument:
    if subject.openapi is None:
        raise NotApplicable(
            "no document: set `openapi` to the path of the vendor's OpenAPI document"
        )
    if not subject.openapi.exists():
        raise NotApplicable(f"the document {subject.openapi.name} is not here")
    if "document" not in subject.cache:
        subject.cache["document"] = OpenApiDocument.read(subject.openapi)
    document: OpenApiDocument = subject.cache["document"]
    return document


@check()
def requests_match_the_document(subject: Subject) -> None:
    """Every request that the vendor accepted is one that its OpenAPI document allows."""
    _require_none(subject, "request", "Write the request as the document describes it.")


@check()
def responses_match_the_document(subject: Subject) -> None:
    """Every response of the simulator is one that the OpenAPI document allows."""
    _require_none(
        subject, "response", "Let the simulator respond as the document describes."
    )


@check()
def document_values_are_declared(subject: Subject) -> None:
    """The words of each table are those of the document's enum, with none missing."""
    document = _document(subject)
    compared = list(_compared_words(subject, document))
    if not compared:
        raise NotApplicable("no declared `values` belong to an enum of the document")
    for place, declared, documented in compared:
        for words, problem in (
            (
                declared - documented,
                "is in the table and not in the document. Remove it",
            ),
            (documented - declared, "is in the document and not in the table. Add it"),
        ):
            left = [
                name
                for name in (f"values {place} {word}" for word in sorted(words))
                if not _exception(subject, name)
            ]
            require(
                not left,
                f"{', '.join(left)}: the word {problem}, or give the reason in "
                "`openapi_exceptions`.",
            )


@check("customers.create")
def ssns_stand_beside_no_other_kind(subject: Subject) -> None:
    """A social security number is sent beside no word for another kind of number."""
    person = next((it for it in subject.people if it.ssn), None)
    if person is None or person.ssn is None:
        raise NotApplicable("no customer has an SSN")
    recorder = subject.recorder()
    with subject.bank(recorder, 0) as bank:
        bank.customers.create(person)
    digits = plain_name(person.ssn.reveal())
    examined = 0
    for request in recorder.writes:
        for owner in _objects_with(digits, _json_of(request)):
            examined += 1
            for name, word in owner.items():
                own = _words_for_ssn(subject, request, name, word)
                require(
                    not own,
                    f"customers.create sends the SSN beside {name}={word!r}, a word for "
                    f"another kind of number. Send {own}.",
                )
    if not examined:
        raise NotApplicable("no object of a request has the digits of the SSN")


@check()
def document_exceptions_are_needed(subject: Subject) -> None:
    """Every exception from the document has a reason, and something that it excepts."""
    document = _document(subject)
    if not subject.openapi_exceptions:
        raise NotApplicable("no exceptions from the document are declared")
    places = [item.place for item in _violations(subject, document)]
    places += _differing_words(subject, document)
    for name, reason in subject.openapi_exceptions.items():
        if name.startswith(WORDS):  # judged with the tables themselves
            continue
        require(
            reason.strip(), f"`openapi_exceptions` gives no reason for {name}. Add one."
        )
        require(
            any(place.startswith(name) for place in places),
            f"`openapi_exceptions` has {name}, but nothing differs from the document "
            "there. Remove the exception.",
        )


def _require_none(subject: Subject, side: str, advice: str) -> None:
    document = _document(subject)
    problems = {
        f"{item.place}: {item.problem}": None
        for item in _violations(subject, document)
        if _side(item) == side and not _exception(subject, item.place)
    }
    shown = list(problems)[:_MOST]
    if problems:
        more = len(problems) - len(shown)
        rest = f" and {more} more" if more else ""
        raise CheckFailed(
            f"{'; '.join(shown)}{rest}. {advice} Where the document is wrong, give the "
            "reason in `openapi_exceptions` under the place."
        )


def _side(violation: Violation) -> str:
    return "response" if " response " in violation.place else "request"


def _exception(subject: Subject, place: str) -> bool:
    return any(place.startswith(name) for name in subject.openapi_exceptions)


def _violations(subject: Subject, document: OpenApiDocument) -> Sequence[Violation]:
    """Return all violations, which three checks ask for."""
    cache = subject.cache
    if "violations" not in cache:
        cache["violations"] = list(_find_violations(subject, document))
    violations: Sequence[Violation] = cache["violations"]
    return violations


def _find_violations(
    subject: Subject, document: OpenApiDocument
) -> Iterator[Violation]:
    base = subject.simulator().base_path
    for exchange in _exchanges(subject):
        request, response = exchange.request, exchange.response
        path = request.path.removeprefix(base)
        # A request that was rejected may well break the document: that is why.
        if response.ok:
            yield from document.violations_of_request(request, path)
        yield from document.violations_of_response(request, path, response)


def _name(document: OpenApiDocument, exchange: RecordedExchange) -> str | None:
    request = exchange.request
    return document.name_of(request.method, request.path)


def _exchanges(subject: Subject) -> Sequence[RecordedExchange]:
    """Return the exchanges of all operations and of the checks that send most."""
    cache = subject.cache
    if "exchanges" not in cache:
        exchanges: list[RecordedExchange] = []

        def observe(request: Request, response: Response) -> None:
            exchanges.append(RecordedExchange(request, response))

        _send_all(evolve(subject, observe=observe))
        cache["exchanges"] = exchanges
    known: Sequence[RecordedExchange] = cache["exchanges"]
    return known


def _send_all(observed: Subject) -> None:
    def operations(subject: Subject) -> None:
        for operation, scenario in declared_operations(subject):
            operation.outcome(scenario)

    def reads(subject: Subject) -> None:
        list(read_values(subject))

    for send in (operations, reads, *_SENDERS):
        try:
            send(observed)
        # The check itself reports its failure. What was sent until then is judged here.
        except Exception:  # noqa: BLE001, S112  # an adapter may raise anything
            continue


def _tables(subject: Subject) -> Iterator[tuple[str, str, set[str]]]:
    """Yield the name, the vendor's member and the words of each table of words."""
    for kind, rules in subject.declared.fields.items():
        for name, rule in rules.items():
            if rule.values:
                native = (rule.native or name).rpartition(".")[2]
                yield f"{kind.__name__}.{name}", native, set(rule.values.values())
    for name, words in subject.openapi_values.items():
        yield name, name.rpartition(".")[2], set(words)


def _compared_words(
    subject: Subject, document: OpenApiDocument
) -> Iterator[tuple[str, set[str], frozenset[str]]]:
    """Yield each table that has an enum in the document: its name and both sets of words."""
    names = sorted(filter(None, {_name(document, it) for it in _exchanges(subject)}))
    for place, native, declared in _tables(subject):
        enums = [words for words in document.enums(native, names) if words & declared]
        if enums:
            # Many members are called `status`: the enum that fits best is meant.
            yield place, declared, _closest(enums, declared)


def _closest(enums: Sequence[frozenset[str]], declared: set[str]) -> frozenset[str]:
    return max(enums, key=lambda words: (len(words & declared), -len(words)))


def _differing_words(subject: Subject, document: OpenApiDocument) -> Iterator[str]:
    for place, declared, documented in _compared_words(subject, document):
        yield from (f"values {place} {word}" for word in declared ^ documented)


def _words_for_ssn(subject: Subject, request: Request, name: str, word: object) -> str:
    """Return what to send in place of a word for another kind of number, or nothing."""
    if not isinstance(word, str) or plain_name(word) in _SSN:
        return ""
    with suppress(NotApplicable):
        document = _document(subject)
        template = document.name_of(request.method, request.path)
        for words in document.enums(name, [template] if template else []):
            own = [it for it in words if plain_name(it) in _SSN]
            if own and word in words:
                return ", ".join(own)
    return "the vendor's word for an SSN" if plain_name(word) in _OTHER_NUMBERS else ""


def _objects_with(digits: str, tree: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a body that have a number as the value of a member."""
    items = [*tree.values()] if isinstance(tree, dict) else tree
    if isinstance(tree, dict) and digits in [
        plain_name(it) for it in items if isinstance(it, str)
    ]:
        yield tree
    for item in items if isinstance(items, list) else ():
        yield from _objects_with(digits, item)


def _json_of(request: Request) -> Any:
    try:
        return json.loads(request.encoded() or b"")
    except ValueError:  # a form, or a file
        return None
