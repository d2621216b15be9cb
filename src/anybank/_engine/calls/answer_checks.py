"""Check that an adapter's value is about the requested record and has a usable id.

These rules hold for every vendor. A value that breaks one is an UnexpectedResponse: the
outcome of a write is then unknown, and a read may be repeated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, TypeVar

from attrs import evolve

from ...declaration.returned_values import complete
from ...declaration.vocabulary import Capabilities, FeatureRule
from ...errors import Issue, UnexpectedResponse
from ...model.addresses import Address
from ...model.ids import is_usable
from ...model.pages import Page
from .page_tokens import PageTokens

T = TypeVar("T")

_IDS = ("id", "customer_id", "application_id", "account_id", "external_id")
"""The ids that a question and its value may have in common."""


def check_answer(
    value: T,
    question: object,
    rule: FeatureRule,
    issues: Sequence[Issue] = (),
    capabilities: Capabilities | None = None,
) -> T:
    """Return the value of a flow; a customer also reports the issues of its write.

    Raises UnexpectedResponse for the value of another record.
    """
    require_usable_id(value)
    for name, ids in _requested_ids(question, rule):
        _require_same(name, ids, value)
    return complete(value, capabilities, issues)


def check_page(
    page: Page[T],
    question: object,
    tokens: PageTokens,
    capabilities: Capabilities | None = None,
    rule: FeatureRule | None = None,
) -> Page[T]:
    """Return a page with usable records only, and with tokens bound to its listing."""
    page = drop_unusable(page)
    requested = list(_requested_ids(question, rule))
    for item in page.items:
        for name, ids in requested:
            _require_same(name, ids, item)
    return evolve(
        page,
        items=[complete(item, capabilities) for item in page.items],
        next_token=_sealed(page.next_token, tokens),
        beyond=_sealed(page.beyond, tokens),
        previous_token=_sealed(page.previous_token, tokens),
    )


def _sealed(native: str | None, tokens: PageTokens) -> str | None:
    return None if native is None else tokens.seal(native)


def drop_unusable(page: Page[T]) -> Page[T]:
    """Return a page without the records that have no usable id; count these records.

    Raises UnexpectedResponse for a token of another page that no request can carry.
    """
    for which in ("next", "previous"):
        token = getattr(page, f"{which}_token")
        if token is not None and not is_usable(token):
            message = f"the token of the {which} page cannot be sent"
            raise UnexpectedResponse(message, path="$")
    items = [item for item in page.items if _has_usable_id(item)]
    dropped = len(page.items) - len(items)
    if not dropped:
        return page
    return evolve(page, items=items, without_id=page.without_id + dropped)


def require_usable_id(value: object) -> None:
    """Raise UnexpectedResponse for a value whose id is not usable."""
    if not _has_usable_id(value):
        raise UnexpectedResponse("the response has no usable id", path="$.id")


def _has_usable_id(value: object) -> bool:
    """Return whether a value has a usable id or needs none."""
    identifier = getattr(value, "id", None)
    if identifier is None:
        return isinstance(value, Address) or not hasattr(value, "id")
    return is_usable(identifier)


def _requested_ids(
    question: object, rule: FeatureRule | None
) -> Iterator[tuple[str, Collection[str]]]:
    """Yield the ids in a question: its own, and those of the value that it creates."""
    changes = rule is not None and rule.id_changes
    for part in (question, getattr(question, "new", None)):
        for name in _IDS:
            value = getattr(part, name, None)
            # The vendor chooses the id of a new record, and may replace an existing
            # one. Of a replaced customer id the adapter follows the replacement.
            is_replaced = changes and name in ("id", "customer_id")
            is_new = name == "id" and part is not question
            if isinstance(value, str) and not is_replaced and not is_new:
                yield name, [value]
        if (owners := getattr(part, "customer_ids", ())) and not changes:
            yield "customer_id", owners


def _require_same(name: str, requested: Collection[str], value: Any) -> None:
    """Raise UnexpectedResponse if a value has this id and it is not a requested one."""
    # A field that the vendor leaves out proves nothing; only another id does.
    several = getattr(value, "customer_ids", ()) if name == "customer_id" else ()
    returned = set(several) or {getattr(value, name, None)} - {None}
    if returned and returned.isdisjoint(requested):
        raise UnexpectedResponse(
            f"the response is about another {name}", path=f"$.{name}"
        )
