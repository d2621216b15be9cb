"""What moving from one vendor to another changes, from their declarations alone.

Nothing is asked of a vendor: `diff` compares two declarations, field by field and feature
by feature. It tells what can happen to a customer; what does happen to each one is for
`preflight.check` to say.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs
from attrs import frozen

from ..model.features import Feature
from .field_changes import Finding, Verdict, findings
from .vocabulary import Capabilities, Idempotency, Support

__all__ = ["Diff", "FeatureChange", "Finding", "Verdict", "diff"]


@frozen
class FeatureChange:
    """A feature that works at one of the two only, and why it does not at the other."""

    feature: Feature
    before: Support
    after: Support
    reason: str


@frozen(kw_only=True)
class Diff:
    """What moving customers from `source` to `target` changes.

    `create` is what happens when a create at the target is sent twice, `consequence` what
    that means where its answer is lost.
    """

    source: str
    target: str
    findings: tuple[Finding, ...]
    features_lost: tuple[FeatureChange, ...]
    features_gained: tuple[FeatureChange, ...]
    create: Idempotency
    consequence: str
    notes: tuple[str, ...]

    def of(self, verdict: Verdict) -> tuple[Finding, ...]:
        """Return the findings of one verdict."""
        return tuple(each for each in self.findings if each.verdict is verdict)


def diff(source: Capabilities, target: Capabilities) -> Diff:
    """Compare two declarations as a move from the one to the other would meet them."""
    create = target.feature(Feature.CUSTOMERS_CREATE).idempotency
    return Diff(
        source=source.provider,
        target=target.provider,
        findings=tuple(findings(source, target)),
        features_lost=tuple(_gone(source, target)),
        features_gained=tuple(_gained(source, target)),
        create=create,
        consequence=_consequence(create, target),
        notes=tuple(_notes(source, target)),
    )


def _gone(source: Capabilities, target: Capabilities) -> Iterator[FeatureChange]:
    for feature in Feature:
        before, after = source.feature(feature), target.feature(feature)
        if before.support.works and not after.support.works:
            yield FeatureChange(feature, before.support, after.support, after.reason)


def _gained(source: Capabilities, target: Capabilities) -> Iterator[FeatureChange]:
    for lost in _gone(target, source):
        yield FeatureChange(lost.feature, lost.after, lost.before, lost.reason)


_CONSEQUENCES = {
    "safe": "a create whose answer is lost is simply sent again",
    "natural": "a create whose answer is lost is simply sent again",
    "replays": "a create whose answer is lost is sent again under the same key",
    "rejects_duplicate": "a create whose answer is lost is sent again; a double is refused",
    "none": "a create whose answer is lost cannot be looked up: that record is "
    "quarantined for a person, and never sent twice",
}


def _consequence(create: Idempotency, target: Capabilities) -> str:
    if create.kind != "client_reference":
        return _CONSEQUENCES[create.kind]
    if not target.supports(Feature.CUSTOMERS_LIST):
        return _CONSEQUENCES["none"]
    return f"a create whose answer is lost can be looked up by {create.reference}"


def _notes(source: Capabilities, target: Capabilities) -> Iterator[str]:
    yield (
        "verification does not travel: whoever passed KYC at "
        f"{source.title} must pass it again at {target.title}"
    )
    kyc = target.feature(Feature.KYC_START)
    if not kyc.support.works:
        yield f"KYC cannot be started at {target.title} from here: {kyc.reason}"
    listing = source.feature(Feature.CUSTOMERS_LIST)
    if not listing.support.works:
        yield f"{source.title} does not list its customers: {listing.reason}"
    if not target.supports(Feature.CUSTOMERS_DELETE):
        yield f"{target.title} deletes no customers: a move cannot be rolled back"
    yield (
        "customers alone move, and get new ids: accounts, cards, transactions and "
        f"applications stay at {source.title}"
    )
    if source.extras and source.extras is not target.extras:
        names = ", ".join(each.name for each in attrs.fields(source.extras))
        yield f"what {source.title} alone has does not travel: {names}"
    yield from (f"{target.title}: {note}" for note in target.notes)
