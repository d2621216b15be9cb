"""Fields of requests that only Bond has."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from anybank.adapter.own_fields import own


@frozen(kw_only=True)
class BondExtras:
    """Fields of a customer that only Bond has: the role in a multi-card program.

    `account_holder_type` "secondary" needs `primary_id`, the customer id of the primary
    holder. Source: Atelio docs, "Multi-card".
    """

    account_holder_type: Literal["primary", "secondary"] | None = own(
        "account_holder_type"
    )
    primary_id: str | None = own("primary_id")
