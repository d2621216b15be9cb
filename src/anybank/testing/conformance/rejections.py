"""Checks that the errors of a rejection name our fields, all of them and no others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from attrs import evolve, frozen

from ...adapter.base import Adapter
from ...declaration.vocabulary import Capabilities, FieldRule
from ...errors import ProviderError
from ...model.customers import NewCustomer
from ...model.values import item_types
from .recorder import NotApplicable, outcome_of, require
from .registry import check
from .rule_cases import Case, invalid_cases
from .subject import Subject

CREATE = "customers.create"


@frozen
class _Rejection:
    """An error of the vendor, the fields that were invalid, and the names in its body."""

    cases: Sequence[Case]
    error: ProviderError
    names: frozenset[str]

    def named(self, declared: Capabilities, envelope: frozenset[str]) -> list[str]:
        """The paths of our invalid fields that the response names in its own words."""
        return [
            _path(case)
            for case in self.cases
            if _native(declared, case) in self.names - envelope
        ]


@check(CREATE)
def field_errors_name_our_fields(subject: Subject) -> None:
    """A rejection that names the vendor's fields has `field_errors` of ours, all of them."""
    examined = 0
    rejections = list(_rejections(subject))
    # Names in every response are those of the envelope, such as `type` and `state`.
    envelope = _common(rejections)
    for rejection in rejections:
        expected = rejection.named(subject.declared, envelope)
        if not expected:
            continue
        examined += 1
        reported = list(rejection.error.field_errors)
        missing = [path for path in expected if not _names(reported, path)]
        require(
            not missing,
            f"The vendor rejected {', '.join(expected)} and named each, but "
            f"`field_errors` lacks {', '.join(missing)}. Read every error of the response "
            "in `problem`, and translate the names with `field_errors`.",
        )
        allowed = [_path(case) for case in rejection.cases]
        others = [name for name in reported if not _is_one_of(name, allowed)]
        require(
            not others,
            f"Only {', '.join(allowed)} was invalid, but `field_errors` has other names. "
            "Translate the vendor's path to the field that was invalid, such as "
            "addresses[0].line1, with `field_errors`.",
        )
    if not examined:
        raise NotApplicable(
            "no rejection by the simulator names the field that was invalid"
        )


def _common(rejections: Sequence[_Rejection]) -> frozenset[str]:
    """Return the names that all of several rejections have."""
    sets = [rejection.names for rejection in rejections]
    return frozenset.intersection(*sets) if len(sets) > 1 else frozenset()


def _rejections(subject: Subject) -> Iterator[_Rejection]:
    """Send invalid customers past the pre-flight check, one field and all at once."""
    chosen: dict[tuple[type, str], Case] = {}
    for case in invalid_cases(subject.declared, subject.person):
        if case.rule in ("create='required'", "pattern or length"):
            chosen.setdefault((case.kind, case.name), case)
    own = [case for case in chosen.values() if case.kind is NewCustomer]
    alone = [([case], case.value) for case in chosen.values()]
    together = evolve(
        subject.person, **{case.name: getattr(case.value, case.name) for case in own}
    )
    for cases, value in [*alone, *([(own, together)] if len(own) > 1 else [])]:
        if rejection := _rejected(subject, cases, value):
            yield rejection


def _rejected(subject: Subject, cases: Sequence[Case], value: Any) -> _Rejection | None:
    recorder = subject.recorder()
    with subject.bank(recorder, 0, _without_rules(subject.adapter)) as bank:
        try:
            outcome = outcome_of(lambda: bank.customers.create(value))
        except Exception:  # noqa: BLE001  # a writer may rely on the pre-flight check
            return None
    if not isinstance(outcome, ProviderError) or not recorder.exchanges:
        return None
    try:
        tree = json.loads(recorder.exchanges[-1].response.content)
    except ValueError:
        return None
    return _Rejection(cases, outcome, frozenset(_names_in(tree)))


def _names_in(tree: Any) -> Iterator[str]:
    """Yield the names in a body: its keys, and the parts of each path or JSON pointer."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield name
            yield from _names_in(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _names_in(value)
    elif isinstance(tree, str) and not re.search(r"\s", tree):
        # A text with spaces is a sentence, from which no adapter should read a name.
        yield from re.split(r"[./\[\]]", tree)


def _without_rules(kind: type[Adapter]) -> type[Adapter]:
    """Return an adapter that declares every field optional and without limits."""

    def init(self: Any, options: Any) -> None:
        kind.__init__(self, options)
        fields = {
            type_: {name: _relaxed(rule) for name, rule in rules.items()}
            for type_, rules in self.capabilities.fields.items()
        }
        self.capabilities = evolve(self.capabilities, fields=fields)

    return type("WithoutRules", (kind,), {"__init__": init})


def _relaxed(rule: FieldRule) -> FieldRule:
    if not rule.is_accepted:
        return rule
    limits: dict[str, Any] = {"length": None, "pattern": None, "pattern_in": {}}
    defaults: dict[str, Any] = {"default": None, "default_from": None}
    return evolve(rule, create="optional", create_for={}, **limits, **defaults)


def _path(case: Case) -> str:
    """Return the path of an invalid field, which is in the first item of a list."""
    for name, part in item_types(NewCustomer).items():
        if case.kind is part:
            return f"{name}[0].{case.name}"
    return case.name


def _native(declared: Capabilities, case: Case) -> str:
    """Return the last part of the vendor's name of the invalid field."""
    native = declared.rule(case.kind, case.name).native or case.name
    return native.rpartition(".")[2]


def _names(reported: Sequence[str], path: str) -> bool:
    return any(_is_one_of(name, [path]) for name in reported)


def _is_one_of(name: str, paths: Sequence[str]) -> bool:
    """Return True for one of the paths, or for the list or the item that contains it."""
    return any(
        name in (path, path.partition("[")[0], path.partition(".")[0], f"{path}[0]")
        for path in paths
    )
