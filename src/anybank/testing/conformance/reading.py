"""Checks of reading: nulls, absent and unknown fields and words, times and ids."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import attrs

from ...adapter.wire import Request
from ...errors import AnybankError, NotFound, UnexpectedResponse
from ...model.addresses import Address, AddressKind
from ...model.credentials import CredentialCheck
from ...model.customers import NewCustomer
from ...model.phones import Phone, PhoneKind
from .operations import Operation, declared_operations
from .recorder import NotApplicable, body_of, require
from .registry import check
from .response_edits import (
    Reading,
    for_each_object,
    is_one_of,
    leaves,
    readings,
    removing,
    replacing,
    texts,
    times_in,
    writing_times_in,
)
from .scenarios import OfflineScenario, Scenario
from .subject import Subject

CREATE, GET = "customers.create", "customers.get"
_UNKNOWN_WORD = "ANYBANK_NEW_WORD"
_NUMBER = 271828
_UNKNOWN_IDS = ("00000000-0000-4000-8000-000000000000", "anybank-nobody")
"""Ids that do not exist: a UUID, and one that a vendor may reject as malformed."""
_DRAWN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)
"""A UUID of version 4, as the library draws an idempotency key."""


def _native_customer_fields(subject: Subject, reading: Reading) -> list[str]:
    """Return the vendor's names of the customer fields that may be absent or null."""
    if not reading.operation.name.startswith("customers."):
        return []
    rules = subject.declared.rules(NewCustomer).items()
    return [rule.native or name for name, rule in rules if rule.create != "refused"]


def _is_readable(outcome: Any, name: str, may_be_absent: list[str]) -> bool:
    """Return True if a gap was read, or rejected with its path where that is allowed."""
    if name not in may_be_absent and isinstance(outcome, UnexpectedResponse):
        # A field that the vendor always returns may be required, as long as the error
        # names its path.
        return outcome.path is not None
    return not isinstance(outcome, AnybankError) and "None" not in texts(outcome)


@check()
def null_fields_read_as_none(subject: Subject) -> None:
    """A null field reads as None, never as the text "None"."""
    for reading in readings(subject):
        may_be_absent = _native_customer_fields(subject, reading)
        for name in reading.names:
            outcome = reading.with_edit(replacing(name, _is_leaf, None))
            require(
                _is_readable(outcome, name, may_be_absent),
                f"{reading.operation.name}: with {name} null, the response cannot be "
                "read or has the text 'None'. Declare the wire field `| None`, and do "
                "not call str on it.",
            )


def _is_leaf(value: Any) -> bool:
    return not isinstance(value, (dict, list))


@check()
def absent_fields_read_as_none(subject: Subject) -> None:
    """A field that the response omits reads as None."""
    for reading in readings(subject):
        may_be_absent = _native_customer_fields(subject, reading)
        for name in reading.names:
            outcome = reading.with_edit(removing(name))
            require(
                _is_readable(outcome, name, may_be_absent),
                f"{reading.operation.name}: a response without {name} cannot be read. "
                "Give the wire field the default None, or read it with `read`, which "
                "names the path of a missing field.",
            )


@check()
def unknown_fields_stay_in_raw(subject: Subject) -> None:
    """An unknown field changes nothing and stays in `raw`."""
    for reading in readings(subject):
        outcome = reading.with_edit(_with_unknown_field)
        require(
            outcome == reading.unedited,
            f"{reading.operation.name}: a response with an unknown field cannot be read "
            "or reads differently. Use `read(raw, Wire...)`, which ignores unknown "
            "fields.",
        )
        for item in outcome if isinstance(outcome, list) else [outcome]:
            raw = getattr(item, "raw", None)
            require(
                "anybank_extra" in raw if raw is not None else not _has_raw(item),
                f"{reading.operation.name}: {type(item).__name__}.raw lacks an unknown "
                "field. Pass the vendor's whole object as `raw`.",
            )


def _has_raw(item: Any) -> bool:
    # A check of credentials reads a response for its shape only.
    kind = type(item)
    is_record = attrs.has(kind) and kind is not CredentialCheck
    return is_record and "raw" in attrs.fields_dict(kind)


def _with_unknown_field(tree: Any) -> Any:
    return for_each_object(tree, lambda item: item.update(anybank_extra="new"))


@check()
def numbers_are_not_read_as_text(subject: Subject) -> None:
    """A number in place of a text is rejected, not converted."""
    for reading in readings(subject):
        for name in reading.names:
            outcome = reading.with_edit(
                replacing(name, lambda value: isinstance(value, str), _NUMBER)
            )
            require(
                str(_NUMBER) not in texts(outcome),
                f"{reading.operation.name}: {name} is a number and reads as a text. "
                "Read it strictly with `read`, and do not call str on it.",
            )


@check()
def text_is_not_read_as_a_number(subject: Subject) -> None:
    """A text in place of a number is rejected, not converted."""
    for reading in readings(subject):
        for name in reading.names:
            outcome = reading.with_edit(replacing(name, _is_number, str(_NUMBER)))
            # A hundredfold is what a text of dollars becomes in minor units.
            numbers = {leaf for leaf in leaves(outcome) if _is_number(leaf)}
            require(
                not numbers & {_NUMBER, _NUMBER * 100},
                f"{reading.operation.name}: {name} is a text and reads as a number. "
                "Read it strictly with `read`, and do not call int or Decimal on it.",
            )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


@check(CREATE, GET)
def unknown_enum_values_read_as_unknown(subject: Subject) -> None:
    """An unknown kind of address or phone reads as UNKNOWN, with the word preserved."""
    for kind, unknown in ((Address, AddressKind.UNKNOWN), (Phone, PhoneKind.UNKNOWN)):
        rule = subject.declared.rule(kind, "kind")
        words = set((rule.values or {}).values())
        # Without declared words nothing could be recognised as unknown.
        if not words or rule.create == "refused" or rule.read != "returned":
            continue
        edit = replacing(rule.native or "kind", is_one_of(*words), _UNKNOWN_WORD)
        reading = _customer_reading(subject)
        outcome = reading.with_edit(edit)
        name = "addresses" if kind is Address else "phones"
        items = getattr(outcome, name, None)
        before = getattr(reading.unedited, name, ())
        require(
            items is not None
            and len(items) == len(before)
            and all(
                item.kind is unknown and item.native_kind == _UNKNOWN_WORD
                for item, known in zip(items, before, strict=True)
                if known.kind is not unknown or known.native_kind
            ),
            f"{kind.__name__}.kind does not read an unknown word as UNKNOWN with the "
            "word as native_kind. Read it with rule.member(...), or UNKNOWN where that "
            "is None.",
        )


def _customer_reading(subject: Subject) -> Reading:
    return next(
        reading for reading in readings(subject) if reading.operation.name == GET
    )


@check()
def unknown_statuses_read_as_unknown(subject: Subject) -> None:
    """An unknown status reads as UNKNOWN, with the vendor's word as native_status."""
    examined = 0
    for reading in readings(subject):
        word = _native_status(reading.unedited)
        if word is None:
            continue
        examined += 1
        _require_known(reading)
        for name in reading.names:
            edit = replacing(name, is_one_of(word), _UNKNOWN_WORD)
            outcome = reading.with_edit(edit)
            items = outcome if isinstance(outcome, list) else [outcome]
            require(
                all(map(_is_unknown_or_unchanged, items)),
                f"{reading.operation.name}: the status {name} does not read an unknown "
                "word as UNKNOWN with the word as native_status. Look the status up "
                "with `.get(word, UNKNOWN)`.",
            )
    if not examined:
        raise NotApplicable("no value that is read has a native_status")


def _require_known(reading: Reading) -> None:
    """Require a known status before the edit, without which the edit shows nothing."""
    outcome = reading.unedited
    for item in outcome if isinstance(outcome, list) else [outcome]:
        word = getattr(item, "native_status", None)
        is_known = getattr(getattr(item, "status", None), "name", "") != "UNKNOWN"
        require(
            is_known or not isinstance(word, str) or word == _UNKNOWN_WORD,
            f"{reading.operation.name}: the response has a status that reads as UNKNOWN "
            "before the kit replaces it with an unknown word. Add the vendor's word to the "
            "table of the status, or let the simulator return a word that the table has.",
        )


def _native_status(value: Any) -> str | None:
    first = value[0] if isinstance(value, list) and value else value
    status = getattr(first, "native_status", None)
    return status if isinstance(status, str) else None


def _is_unknown_or_unchanged(item: Any) -> bool:
    if isinstance(item, AnybankError):
        return isinstance(item, UnexpectedResponse) and item.path is not None
    is_known = getattr(item.status, "name", "") != "UNKNOWN"
    return bool(is_known != (item.native_status == _UNKNOWN_WORD))


@check()
def times_have_a_time_zone(subject: Subject) -> None:
    """Every returned time has a time zone."""
    for operation, scenario in declared_operations(subject):
        for leaf in leaves(operation.outcome(scenario)):
            is_naive = isinstance(leaf, datetime) and leaf.tzinfo is None
            require(
                not is_naive,
                f"{operation.name} returns a time without a time zone. Read it with "
                "`read`, or add the time zone that the vendor's page names.",
            )


_ZONES = (timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=5)))


@check()
def times_are_the_same_in_any_zone(subject: Subject) -> None:
    """A time reads as the same moment, whichever time zone it is written in."""
    examined = 0
    for reading in readings(subject):
        expected = dict(times_in(reading.unedited))
        examined += len(expected)
        for zone in _ZONES:
            outcome = reading.with_edit(writing_times_in(zone))
            require(
                all(moment == expected.get(at) for at, moment in times_in(outcome)),
                f"{reading.operation.name}: a time that is written with another offset "
                "from UTC reads as another moment. Read it with `read` into a datetime, "
                "and do not replace its time zone.",
            )
    if not examined:
        raise NotApplicable("no time is read")


_VERBS_WITH_ID = (
    *("get", "update", "delete", "start", "submit", "adverse_action"),
    *("balance", "close"),
)
_WITH_CUSTOMER_ID = ("customer_addresses.create", "customer_addresses.list")


@check()
def unknown_ids_raise_not_found(subject: Subject) -> None:
    """An id that does not exist raises NotFound."""
    examined = False
    for operation, _scenario in declared_operations(subject, _has_an_id):
        examined = True
        for identifier in _UNKNOWN_IDS:
            outcome = operation.outcome(OfflineScenario.of(subject, identifier))
            require(
                isinstance(outcome, NotFound),
                f"{operation.name} gave {type(outcome).__name__} for an unknown id. Let "
                "`problem` read every error response, including 'success: false' under "
                "status 200, and declare NotFound for the code of a malformed id.",
            )
    require(examined, "No declared operation takes an id.")


def _has_an_id(operation: Operation) -> bool:
    return operation.verb in _VERBS_WITH_ID or operation.name in _WITH_CUSTOMER_ID


@check()
def ids_are_quoted_in_paths(subject: Subject) -> None:
    """An id stays one segment of the path, whatever characters it contains."""
    for operation, _scenario in declared_operations(subject):
        plain = OfflineScenario.of(subject, "anybank-1")
        # The three characters that end a segment of a path in a URL.
        special = OfflineScenario.of(subject, "a/b?c#d")
        for scenario in (plain, special):
            operation.outcome(scenario, retries=0)
        expected = [_url_shape(request) for request in plain.recorder.requests[:1]]
        require(
            expected == [_url_shape(r) for r in special.recorder.requests[:1]],
            f"{operation.name}: an id with a slash changed the path of the request. "
            "Write ids into paths with `segment(id)`.",
        )


def _url_shape(request: Any) -> tuple[int, tuple[str, ...]]:
    return request.path.count("/"), tuple(name for name, _ in request.query)


@check()
def async_bank_matches_bank(subject: Subject) -> None:
    """AsyncBank sends the same requests as Bank and returns the same results."""
    for operation, scenario in declared_operations(subject):
        twin = Scenario.of(subject)
        operation.prepare(twin)
        outcome = operation.outcome(scenario)
        async_outcome = asyncio.run(_run_async(operation, twin))
        requests = [*map(_without_keys, scenario.recorder.requests)]
        is_same = requests == [*map(_without_keys, twin.recorder.requests)]
        both_failed = isinstance(outcome, AnybankError) and type(outcome) is type(
            async_outcome
        )
        require(
            is_same and (both_failed or _are_equal(outcome, async_outcome)),
            f"{operation.name} differs between Bank and AsyncBank: "
            f"{'the results' if is_same else 'the requests'}. A flow must not depend on "
            "how it is run.",
        )


def _are_equal(outcome: Any, other: Any) -> bool:
    """Return whether two results are equal, but for keys that a vendor has made an id."""
    if outcome == other:
        return True
    texts = [_DRAWN.sub("(a key)", repr(_members(it))) for it in (outcome, other)]
    return texts[0] == texts[1]


def _members(value: Any) -> Any:
    if isinstance(value, list):
        return [_members(item) for item in value]
    return attrs.asdict(value) if attrs.has(type(value)) else value


def _without_keys(request: Request) -> str:
    """Return a request without the keys that the library draws for each create."""
    return _DRAWN.sub("(a key)", body_of(request))


async def _run_async(operation: Operation, scenario: Scenario) -> Any:
    async with scenario.subject.async_bank(scenario.recorder) as bank:
        try:
            return await operation.run_async(bank, scenario)
        except AnybankError as error:
            return error
