"""The filters of Unit's listings, each by a test of a resource.

A filter of several values is a list (`filter[status][0]=Open`). Tags are one JSON object
(`filter[tags]={"purpose": "tax"}`) or, as the OpenAPI document has it, one parameter each
(`filter[tags][purpose]=tax`). Source: https://unit.co/docs/api/tags/ and both of Unit's own
clients, which send the object.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from anybank.adapter.wire import Request

from .tables import Refused, Row, related_ids

Filter: TypeAlias = Callable[[Row, Mapping[str, str]], bool]
"""A test of a resource with the values of a filter by their position or name."""


def chosen(request: Request, filters: Mapping[str, Filter]) -> Callable[[Row], bool]:
    """Return the test that all filters of a request make; an unknown one is refused."""
    values: dict[str, dict[str, str]] = {}
    for name, value in request.query:
        if name in ("page[limit]", "page[offset]", "sort", "include"):
            continue
        first, *members = name.replace("]", "").split("[")
        if first != "filter" or not members or members[0] not in filters:
            raise Refused(400, f"unknown parameter {name}")
        values.setdefault(members[0], {})[".".join(members[1:])] = value
    return lambda row: all(filters[name](row, values[name]) for name in values)


def one_of(member: str) -> Filter:
    """Return the filter by an attribute that is one of several words."""
    return lambda row, values: row["attributes"].get(member) in values.values()


def of_type(suffix: str = "") -> Filter:
    """Return the filter by the type of a resource, whose suffix may be left out.

    The words of transactions begin with a capital letter there (`ReceivedAch`).
    """

    def test(row: Row, values: Mapping[str, str]) -> bool:
        names = {value[:1].lower() + value[1:] for value in values.values()}
        return bool(names & {row["type"], row["type"].removesuffix(suffix)})

    return test


def of(name: str) -> Filter:
    """Return the filter by a relationship."""
    return lambda row, values: (
        not set(values.values()).isdisjoint(related_ids(row, name))
    )


def at_least(member: str) -> Filter:
    """Return the filter by a number that is not below a value."""
    return lambda row, values: row["attributes"][member] >= _number(values)


def at_most(member: str) -> Filter:
    """Return the filter by a number that is not above a value."""
    return lambda row, values: row["attributes"][member] <= _number(values)


def from_id(row: Row, values: Mapping[str, str]) -> bool:
    """Return whether a resource has this id or a later one."""
    return int(row["id"]) >= _number(values)


def to_id(row: Row, values: Mapping[str, str]) -> bool:
    """Return whether a resource has this id or an earlier one."""
    return int(row["id"]) <= _number(values)


def has_tags(row: Row, values: Mapping[str, str]) -> bool:
    """Return whether a resource has all of the tags."""
    return set(_tags(values)) <= set(row["attributes"].get("tags", {}).items())


def has_words(*members: str) -> Filter:
    """Return the filter by words, each of which is in one of the attributes."""

    def test(row: Row, values: Mapping[str, str]) -> bool:
        texts = [row["attributes"].get(member) or "" for member in members]
        text = json.dumps(texts, ensure_ascii=False).lower()
        return all(word in text for word in " ".join(values.values()).lower().split())

    return test


def never(row: Row, values: Mapping[str, str]) -> bool:  # noqa: ARG001  # a filter's signature
    """Return False: no resource of the simulator has what the filter names."""
    return False


def always(row: Row, values: Mapping[str, str]) -> bool:  # noqa: ARG001  # a filter's signature
    """Return True: the filter leaves out what the simulator never has."""
    return True


def since(row: Row, values: Mapping[str, str]) -> bool:
    """Return whether a resource was created at a time or later."""
    return _time(row["attributes"]["createdAt"]) >= _time(*values.values())


def until(row: Row, values: Mapping[str, str]) -> bool:
    """Return whether a resource was created before a time."""
    return _time(row["attributes"]["createdAt"]) < _time(*values.values())


def _tags(values: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if name:
            yield name, value
            continue
        try:
            tags = json.loads(value)
        except (ValueError, RecursionError):
            tags = None
        if not isinstance(tags, dict) or not all(
            isinstance(tag, str) for tag in tags.values()
        ):
            raise Refused(400, "filter[tags] is not a JSON object of tags")
        yield from tags.items()


def _number(values: Mapping[str, str]) -> float:
    try:
        (number,) = (float(value) for value in values.values())
    except ValueError:
        raise Refused(400, "a filter is not a number") from None
    return number


def _time(text: str, *more: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or more:
        raise Refused(400, "a time is not in the form of RFC 3339")
    return at
