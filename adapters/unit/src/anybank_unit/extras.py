"""Fields of requests that only Unit has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

from anybank.adapter.wire import Json, present
from anybank.errors import Effect, InvalidInput, Issue
from anybank.sensitive import Sensitive

TAG = "externalId"
"""The tag that holds the caller's own id of a customer."""

# The schemas Tags, DeviceFingerprint and Webhook of Unit's document.
_SOURCE = "Unit API, OpenAPI document"
_MOST_TAGS = 15
_LONGEST_TAG = 255
_FINGERPRINTS = "iovation"
_MODES = ("AtMostOnce", "AtLeastOnce")


def _to_sensitive(value: Any) -> Any:
    return Sensitive(value) if isinstance(value, str) else value


@frozen(kw_only=True)
class UnitExtras:
    """Fields of a new customer that only Unit has; pass them as `extras["unit"]`.

    Unit's partner banks differ in which of the first three they require. The words are
    those of "Create Individual Application": `GigWorker`, `UpTo10k`,
    `EmploymentOrPayrollIncome`. `ip` is the person's address when they applied, and
    `device_fingerprint` the black box of iovation. `jwt_subject` is the person's id in the
    tokens of your own sign-in. `tags` are at most 14 notes of your own; `external_id` is
    one more. Raises InvalidInput.

    Source: https://unit.co/docs/api/applications/
    """

    occupation: str | None = None
    annual_income: str | None = field(default=None, repr=False)
    source_of_income: str | None = field(default=None, repr=False)
    ip: Sensitive | None = field(default=None, converter=_to_sensitive)
    device_fingerprint: Sensitive | None = field(default=None, converter=_to_sensitive)
    jwt_subject: Sensitive | None = field(default=None, converter=_to_sensitive)
    tags: Mapping[str, str] = field(factory=dict, repr=False, hash=False)

    def __attrs_post_init__(self) -> None:
        _require_tags(self.tags, _MOST_TAGS - 1)


@frozen(kw_only=True)
class UnitChangesExtras:
    """Fields of a customer that only Unit has, and that an update may change.

    Tags are not among them: an update writes all tags, and one of them holds the
    `external_id`.

    Source: https://unit.co/docs/api/customers/
    """

    jwt_subject: Sensitive | None = field(default=None, converter=_to_sensitive)


@frozen(kw_only=True)
class UnitAccountExtras:
    """Fields of a new account that only Unit has: at most 15 tags of your own.

    Source: https://unit.co/docs/api/accounts/
    """

    tags: Mapping[str, str] = field(factory=dict, repr=False, hash=False)

    def __attrs_post_init__(self) -> None:
        _require_tags(self.tags, _MOST_TAGS)


@frozen(kw_only=True)
class UnitSubscriptionExtras:
    """Fields of a new webhook subscription that only Unit has.

    `delivery_mode` is AtLeastOnce unless you pass AtMostOnce, which never repeats a
    delivery. With `include_resources` a delivery also has the objects that its events are
    about.

    Source: https://unit.co/docs/api/webhooks
    """

    delivery_mode: Literal["AtMostOnce", "AtLeastOnce"] | None = None
    include_resources: bool | None = None

    def __attrs_post_init__(self) -> None:
        if self.delivery_mode is not None and self.delivery_mode not in _MODES:
            raise _refused("delivery_mode", f"one of {', '.join(_MODES)}")
        if not isinstance(self.include_resources, bool | None):
            raise _refused("include_resources", "True or False")


def of_application(extras: object) -> dict[str, Json]:
    """Write the extras that have a value, as attributes of an application."""
    if not isinstance(extras, UnitExtras):
        return {}
    fingerprint = extras.device_fingerprint
    device = {"provider": _FINGERPRINTS, "value": fingerprint}
    return present(
        occupation=extras.occupation,
        annualIncome=extras.annual_income,
        sourceOfIncome=extras.source_of_income,
        ip=extras.ip,
        deviceFingerprints=[device] if fingerprint else None,
        jwtSubject=extras.jwt_subject,
    )


def of_changes(extras: object) -> dict[str, Json]:
    """Write the extras of a change of a customer."""
    if not isinstance(extras, UnitChangesExtras):
        return {}
    return present(jwtSubject=extras.jwt_subject)


def tags(extras: object, reference: str | None = None) -> dict[str, Json]:
    """Write the caller's tags and the one that holds the customer's external id."""
    own = extras.tags if isinstance(extras, UnitExtras | UnitAccountExtras) else {}
    written: dict[str, Json] = {**own, **present(**{TAG: reference})}
    return {"tags": written} if written else {}


def of_subscription(extras: object) -> dict[str, Json]:
    """Write the extras of a new webhook."""
    if not isinstance(extras, UnitSubscriptionExtras):
        return {}
    return present(
        deliveryMode=extras.delivery_mode, includeResources=extras.include_resources
    )


def _require_tags(tags: Any, most: int) -> None:
    rule = f"a mapping of at most {most} texts of 1 to {_LONGEST_TAG} characters"
    if not isinstance(tags, Mapping) or len(tags) > most:
        raise _refused("tags", rule)
    texts = [text for pair in tags.items() for text in pair]
    if not all(
        isinstance(text, str) and 0 < len(text) <= _LONGEST_TAG for text in texts
    ):
        raise _refused("tags", rule)
    if TAG in tags:
        raise _refused("tags", f"without {TAG}, which holds the external_id")


def _refused(name: str, rule: str) -> InvalidInput:
    return InvalidInput([Issue(name, Effect.BLOCKED, rule, _SOURCE, f"must be {rule}")])
