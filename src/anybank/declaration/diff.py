"""Compare two vendors' declarations: what a migration from one to the other changes.

`diff` compares field by field and feature by feature, and calls no vendor. It returns what
can happen to any customer; `preflight.prepare` returns what happens to one customer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
from attrs import frozen

from ..errors import Effect, Issue
from ..model.customers import NewCustomer
from ..model.features import Feature
from .adapter_status import AdapterStatus
from .field_changes import field_changes
from .idempotency import Idempotency
from .support import Support
from .vocabulary import Capabilities

EXTRA = "extras."
"""How the columns of a supplement begin that are for fields of the target alone."""


@frozen
class FeatureChange:
    """A feature that works at only one of two vendors, and the reason."""

    feature: Feature
    before: Support
    after: Support
    reason: str


@frozen(kw_only=True)
class Diff:
    """What a migration of customers from `source` to `target` changes.

    `create` is the idempotency of creates at the target; `consequence` describes in a
    sentence what follows for a create whose response is lost. `reads_lost` has the fields
    of values, such as transactions, that the source returns and the target never does.
    `source_status` and `target_status` say how far each adapter can be relied on.
    """

    source: str
    target: str
    issues: tuple[Issue, ...]
    reads_lost: tuple[Issue, ...]
    features_lost: tuple[FeatureChange, ...]
    features_gained: tuple[FeatureChange, ...]
    create: Idempotency
    consequence: str
    notes: tuple[str, ...]
    source_status: AdapterStatus | None = None
    target_status: AdapterStatus | None = None

    def of(self, effect: Effect) -> tuple[Issue, ...]:
        """Return the issues that have an effect."""
        return tuple(issue for issue in self.issues if issue.effect is effect)


def diff(source: Capabilities, target: Capabilities) -> Diff:
    """Return what a migration from one vendor to another changes."""
    create = target.feature(Feature.CUSTOMERS_CREATE).idempotency
    return Diff(
        source=source.provider,
        target=target.provider,
        issues=tuple(field_changes(source, target)),
        reads_lost=tuple(_reads_lost(source, target)),
        features_lost=tuple(_lost(source, target)),
        features_gained=tuple(_gained(source, target)),
        create=create,
        consequence=_consequence(create, target),
        notes=tuple(_notes(source, target)),
        source_status=source.status,
        target_status=target.status,
    )


def _reads_lost(source: Capabilities, target: Capabilities) -> Iterator[Issue]:
    """Yield each field of a value that the source returns and the target never."""
    for kind, rule in target.reads.items():
        for name, reason in rule.never.items():
            if kind in source.reads and source.returns(kind, name):
                field = f"{kind.__name__}.{name}"
                yield Issue(field, Effect.UNREADABLE, "never", rule.source, reason)


def _lost(source: Capabilities, target: Capabilities) -> Iterator[FeatureChange]:
    for feature in Feature:
        before, after = source.feature(feature), target.feature(feature)
        if before.support.works and not after.support.works:
            yield FeatureChange(feature, before.support, after.support, after.reason)


def _gained(source: Capabilities, target: Capabilities) -> Iterator[FeatureChange]:
    for lost in _lost(target, source):
        yield FeatureChange(lost.feature, lost.after, lost.before, lost.reason)


def creation_verifies(target: Capabilities) -> str:
    """Return the sentence about a vendor whose create starts the verification."""
    return (
        f"{target.title} starts to verify (KYC) a customer when the customer is created: "
        "the create may return the status PENDING, and DENIED for a person whom "
        f"{target.title} refuses"
    )


def supplied_extras_note(target: Capabilities) -> str | None:
    """Return the sentence about a vendor's own fields that a supplement can provide."""
    extras: Any = target.extras.get(NewCustomer)
    if extras is None:
        return None
    names = ", ".join(EXTRA + field.name for field in attrs.fields(extras))
    return f"a supplement can provide the fields that only {target.title} has: {names}"


# Total over the kinds of idempotency, apart from "client_reference", whose consequence
# depends on the listing.
_CONSEQUENCES = {
    "safe": "a create whose response is lost is sent again",
    "natural": "a create whose response is lost is sent again",
    "replays": "a create whose response is lost is sent again with the same key",
    "rejects_duplicate": "a create whose response is lost is sent again; the target "
    "rejects a duplicate",
    "none": "a create whose response is lost cannot be looked up: the record is "
    "quarantined until a person decides, and is never sent twice",
}


def _consequence(create: Idempotency, target: Capabilities) -> str:
    if create.kind != "client_reference":
        text = _CONSEQUENCES[create.kind]
        name = create.lookup_field if target.supports(Feature.CUSTOMERS_LIST) else None
        return f"{text}, and can be looked up by {name}" if name else text
    if not target.supports(Feature.CUSTOMERS_LIST):
        return _CONSEQUENCES["none"]
    return f"a create whose response is lost can be looked up by {create.reference}"


def _notes(source: Capabilities, target: Capabilities) -> Iterator[str]:
    yield (
        "KYC results are not transferred: a customer who passed KYC at "
        f"{source.title} must pass KYC again at {target.title}"
    )
    if target.create_verifies:
        yield creation_verifies(target)
    kyc = target.feature(Feature.KYC_START)
    if not kyc.support.works:
        yield f"KYC cannot be started at {target.title}: {kyc.reason}"
    listing = source.feature(Feature.CUSTOMERS_LIST)
    if not listing.support.works:
        yield f"{source.title} does not list its customers: {listing.reason}"
    if not target.supports(Feature.CUSTOMERS_DELETE):
        yield f"{target.title} cannot delete customers: a migration cannot be rolled back"
    yield (
        "only customers are migrated, and they get new ids: accounts, cards, "
        f"transactions and applications stay at {source.title}"
    )
    extras: Any = source.extras.get(NewCustomer)
    if extras is not None and extras is not target.extras.get(NewCustomer):
        names = ", ".join(field.name for field in attrs.fields(extras))
        yield f"fields that only {source.title} has are not migrated: {names}"
    if (note := supplied_extras_note(target)) is not None:
        yield note
    for feature in Feature:
        limits = target.feature(feature).conditions
        if limits and limits != source.feature(feature).conditions:
            yield f"{feature} at {target.title} {limits}"
    yield from (f"{target.title}: {note}" for note in target.notes)
