"""Fields of requests that only Unit has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import frozen

from anybank.adapter.own_fields import (
    FLAG,
    TEXT,
    one_of,
    own,
    secret,
    text_map,
)
from anybank.adapter.wire import Json
from anybank.model.accounts import NewAccount
from anybank.model.customers import CustomerChanges, NewCustomer
from anybank.model.events import NewWebhookSubscription
from anybank.sensitive import Sensitive

from .sources import OPENAPI

TAG = "externalId"
"""The tag that holds the caller's own id of a customer."""


def _fingerprints(black_box: Sensitive) -> Json:
    return [{"provider": "iovation", "value": black_box}]


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

    occupation: str | None = own("occupation", TEXT)
    annual_income: str | None = own("annualIncome", TEXT, repr=False)
    source_of_income: str | None = own("sourceOfIncome", TEXT, repr=False)
    ip: Sensitive | str | None = secret("ip")
    device_fingerprint: Sensitive | str | None = secret(
        "deviceFingerprints", write=_fingerprints
    )
    jwt_subject: Sensitive | str | None = secret("jwtSubject")
    # The schema Tags: at most 15, and anybank needs one of a customer.
    tags: Mapping[str, str] = text_map("tags", 14, 255, without=TAG, source=OPENAPI)


@frozen(kw_only=True)
class UnitChangesExtras:
    """Fields of a customer that only Unit has, and that an update may change.

    Tags are not among them: an update writes all tags, and one of them holds the
    `external_id`.

    Source: https://unit.co/docs/api/customers/
    """

    jwt_subject: Sensitive | str | None = secret("jwtSubject")


@frozen(kw_only=True)
class UnitAccountExtras:
    """Fields of a new account that only Unit has: at most 15 tags of your own.

    Source: https://unit.co/docs/api/accounts/
    """

    tags: Mapping[str, str] = text_map("tags", 15, 255, without=TAG, source=OPENAPI)


@frozen(kw_only=True)
class UnitSubscriptionExtras:
    """Fields of a new webhook subscription that only Unit has.

    `delivery_mode` is AtLeastOnce unless you pass AtMostOnce, which never repeats a
    delivery. With `include_resources` a delivery also has the objects that its events are
    about.

    Source: https://unit.co/docs/api/webhooks
    """

    delivery_mode: Literal["AtMostOnce", "AtLeastOnce"] | None = own(
        "deliveryMode", one_of("AtMostOnce", "AtLeastOnce"), source=OPENAPI
    )
    include_resources: bool | None = own("includeResources", FLAG, source=OPENAPI)


EXTRAS: Mapping[type, type] = {
    NewCustomer: UnitExtras,
    CustomerChanges: UnitChangesExtras,
    NewAccount: UnitAccountExtras,
    NewWebhookSubscription: UnitSubscriptionExtras,
}
