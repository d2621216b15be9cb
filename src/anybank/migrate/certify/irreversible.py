"""The irreversible effects of a migration, derived from the target's declaration."""

from __future__ import annotations

from ...declaration.diff import creation_verifies
from ...declaration.vocabulary import Capabilities
from ...model.features import Feature


def irreversible_effects(target: Capabilities) -> tuple[str, ...]:
    """Return a sentence for each effect that cannot be undone after customers are created."""
    verification = (f"{creation_verifies(target)}.",) if target.create_verifies else ()
    return (_deletion(target), _lost_response(target), _KYC, *verification)


_KYC = (
    "A rollback discards the verification (KYC) that a customer passed at the target."
)


def _deletion(target: Capabilities) -> str:
    rule, title = target.feature(Feature.CUSTOMERS_DELETE), target.title
    if not rule.support.works:
        return (
            f"Rollback cannot delete the customers that are created at {title}: "
            f"{rule.reason}."
        )
    note = f" ({rule.note})" if rule.note else ""
    return (
        f"Rollback deletes the customers that were created at {title}{note}. A deletion "
        "is final."
    )


def _lost_response(target: Capabilities) -> str:
    idempotency = target.feature(Feature.CUSTOMERS_CREATE).idempotency
    text = _LOST[idempotency.kind].format(title=target.title)
    if idempotency.kind != "replays" or idempotency.lifetime is None:
        return text
    hours = f"{idempotency.lifetime / 3600:g} hours"
    then = _EXPIRED if idempotency.lookup_field is None else _LOOKED_UP_LATER
    return f"{text} {then.format(title=target.title, hours=hours)}"


_LOOKED_UP = (
    "If the response to a create is lost, the customer is looked up at {title} by our "
    "reference."
)
_REPEATED = (
    "If the response to a create is lost, the create is sent to {title} again with the "
    "same idempotency key."
)
_EXPIRED = (
    "{title} remembers a key for {hours}: run `anybank migrate apply` again within that "
    "time. After it such a create is never sent again, and a customer who is not found by "
    "the key waits for a person."
)
_LOOKED_UP_LATER = (
    "{title} remembers a key for {hours}. After it the customer is looked up at {title} by "
    "our reference, and sent again only where the listing does not have it."
)
_WAITS = (
    "If the response to a create is lost, the customer cannot be looked up at {title}: "
    "the create is never sent again, and a person must decide."
)
_LOST = {
    "client_reference": _LOOKED_UP,
    "replays": _REPEATED,
    "natural": _WAITS,
    "safe": _WAITS,
    "rejects_duplicate": _WAITS,
    "none": _WAITS,
}
