"""What the library requires of every adapter's answers, whatever the vendor.

An answer is about the record that was asked for, and a record has an id that can address
it. Anything else is an UnexpectedResponse: the outcome of a write is then unknown, and a
read may be repeated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, TypeVar

from attrs import evolve

from ...adapter.wire import Flow
from ...declaration.vocabulary import FeatureRule
from ...errors import UnexpectedResponse
from ...model.addresses import Address
from ...model.ids import is_usable
from ...model.pages import Page
from .page_tokens import PageTokens

T = TypeVar("T")

_IDS = ("id", "customer_id", "application_id", "account_id", "external_id")
"""The ids that a question and the value that answers it may share."""


def answering(flow: Flow[T], question: object, rule: FeatureRule) -> Flow[T]:
    """Return the value of a flow; raises UnexpectedResponse where it is another's."""
    value = yield from flow
    require_usable_id(value)
    for name, asked in _asked(question, rule):
        _require_same(name, asked, value)
    return value


def paging(flow: Flow[Page[T]], question: object, tokens: PageTokens) -> Flow[Page[T]]:
    """Return a page of records that have a usable id, and a token that names its listing."""
    page = usable((yield from flow))
    asked = list(_asked(question, None))
    for item in page.items:
        for name, identifier in asked:
            _require_same(name, identifier, item)
    return evolve(
        page,
        next_token=_sealed(page.next_token, tokens),
        beyond=_sealed(page.beyond, tokens),
    )


def _sealed(native: str | None, tokens: PageTokens) -> str | None:
    return None if native is None else tokens.seal(native)


def usable(page: Page[T]) -> Page[T]:
    """Leave out the records whose id addresses nothing, and count them.

    Raises UnexpectedResponse for a next_token that no request can carry.
    """
    if page.next_token is not None and not is_usable(page.next_token):
        raise UnexpectedResponse("the token of the next page is unusable", path="$")
    items = [item for item in page.items if _has_usable_id(item)]
    left_out = len(page.items) - len(items)
    if not left_out:
        return page
    return evolve(page, items=items, without_id=page.without_id + left_out)


def require_usable_id(value: object) -> None:
    """Raise UnexpectedResponse where a value has an id that addresses nothing."""
    if not _has_usable_id(value):
        raise UnexpectedResponse("the answer has no usable id", path="$.id")


def _has_usable_id(value: object) -> bool:
    """Return whether a value has a usable id, or is of a kind that need have none."""
    identifier = getattr(value, "id", None)
    if identifier is None:
        return isinstance(value, Address) or not hasattr(value, "id")
    return is_usable(identifier)


def _asked(
    question: object, rule: FeatureRule | None
) -> Iterator[tuple[str, Collection[str]]]:
    """Yield the ids that a question names: its own, and those of what it creates."""
    changes = rule is not None and rule.id_changes
    for part in (question, getattr(question, "new", None)):
        for name in _IDS:
            asked = getattr(part, name, None)
            own = name == "id" and (changes or part is not question)
            if isinstance(asked, str) and not own:
                yield name, [asked]
        if owners := getattr(part, "customer_ids", ()):
            yield "customer_id", owners


def _require_same(name: str, asked: Collection[str], value: Any) -> None:
    """Raise UnexpectedResponse where a value has such an id, and none that was asked."""
    several = getattr(value, "customer_ids", ()) if name == "customer_id" else ()
    answered = set(several) or {getattr(value, name, None)} - {None}
    if answered and answered.isdisjoint(asked):
        raise UnexpectedResponse(
            f"the answer is about another {name}", path=f"$.{name}"
        )
