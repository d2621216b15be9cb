"""The fields that a caller accepts to lose: their names, and what they consent to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

import attrs

from ..errors import Effect, InvalidInput, Issue
from ..model.addresses import Address
from ..model.phones import Phone
from .vocabulary import NOT_RULED

ALL = "all"
_PARTS: Mapping[str, type] = {"addresses": Address, "phones": Phone}
_INDEX = re.compile(r"\[[0-9]+\]")
_PLACE = re.compile(r"addresses(\[[0-9]+\])?\.")


def without_indexes(field: str) -> str:
    """Return `addresses.line2` for `addresses[0].line2`."""
    return _INDEX.sub("", field)


def is_loss_accepted(issue: Issue, accept_loss: Collection[str] | str) -> bool:
    """Tell whether a loss was accepted: by its name without indexes, or by `"all"`."""
    names = {accept_loss} if isinstance(accept_loss, str) else set(accept_loss)
    return bool(names & {ALL, issue.field, without_indexes(issue.field)})


def accepted_names(kind: type, accept_loss: Collection[str] | str) -> frozenset[str]:
    """Return the accepted names; a lone name stands for itself, not for its letters.

    Raises InvalidInput for a name that no field of *kind* has: a misspelt consent is
    never ignored.
    """
    names = _names(accept_loss)
    known = {ALL, *_fields(kind)}
    if unknown := [name for name in names if without_indexes(name) not in known]:
        raise InvalidInput(_unknown(kind, name, known) for name in sorted(unknown))
    if kind is Address:
        return frozenset(_PLACE.sub("", name) for name in names)
    return names


def _names(accept_loss: object) -> frozenset[str]:
    given = (accept_loss,) if isinstance(accept_loss, str) else accept_loss
    if isinstance(given, Collection) and all(isinstance(each, str) for each in given):
        return frozenset(given)
    message = "must be the name of a field, a collection of such names, or 'all'"
    raise InvalidInput([_issue(message)])


def _unknown(kind: type, name: str, known: Collection[str]) -> Issue:
    near = get_close_matches(without_indexes(name), known, 1)
    advice = f"did you mean {near[0]!r}?" if near else "'all' stands for every field"
    return _issue(f"{name!r} is not a field of {kind.__name__}: {advice}")


def _issue(message: str) -> Issue:
    return Issue("accept_loss", Effect.BLOCKED, "field names", "anybank", message)


def _fields(kind: type) -> Iterator[str]:
    for name in _ruled(kind):
        yield name
        if kind is Address:  # the name that the same field has in a customer
            yield f"addresses.{name}"
        for part in _ruled(_PARTS[name]) if name in _PARTS else ():
            yield f"{name}.{part}"


def _ruled(kind: type) -> Iterator[str]:
    for field in attrs.fields(kind):
        if field.name not in NOT_RULED:
            yield field.name
