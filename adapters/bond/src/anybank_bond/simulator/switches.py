"""The switches of the simulator, for questions that Bond's pages leave open."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, TypeAlias, get_args

from attrs import field, frozen
from attrs.validators import in_

CountryCodeOnRead: TypeAlias = Literal["foreign", "always", "never"]
AbsentMiddleName: TypeAlias = Literal["absent", "empty", "null", "text"]

_RETRIES = tuple(timedelta(seconds=60 * 3**n) for n in range(8))


@frozen(kw_only=True)
class BondSwitches:
    """The switches; "row" is a row of the table in docs/vendors/bond.md, §13."""

    country_code_on_read: CountryCodeOnRead = field(
        default="foreign", validator=in_(get_args(CountryCodeOnRead))
    )
    """Row 22: `phone_country_code` on get and list; foreign leaves out "1"."""
    absent_middle_name: AbsentMiddleName = field(
        default="absent", validator=in_(get_args(AbsentMiddleName))
    )
    """Row 3: how a response shows a missing middle name; text is "null"."""
    deliverability: str = "deliverable"
    """The `deliverability` of every new address (§3.3)."""
    require_phone: bool = False
    """Row 23: True refuses to create a customer without a phone."""
    unique_ssn: bool = False
    """Row 56: True refuses a second customer with the same SSN."""
    refuse_unknown_fields: bool = False
    """True refuses an unknown field; no page describes this."""
    ignore_masked_ssn: bool = False
    """Row 18: True drops a masked SSN from a PATCH instead of refusing it."""
    strict_kyc: bool = False
    """Row 5: True refuses every PATCH once KYC has passed ("Performing KYC")."""

    one_pass_for_all_programs: bool = False
    """Row 62: True refuses to start KYC for a second program after a pass ("Performing KYC")."""
    programs: frozenset[str] = frozenset()
    """The known programs; if empty, any UUID is one."""
    decision_delay: timedelta = timedelta(0)
    """How long a KYC check stays `submitted`."""
    document_window: timedelta = timedelta(days=30)
    """Row 40: the time for documents before a check expires."""
    documents_pass: bool = False
    """§4.3: True passes a check by its documents; otherwise they are reviewed."""
    dash_timestamps: bool = False
    """Row 2: True writes the times of KYC events as "Performing KYC" prints them."""

    strict_limit: bool = False
    """Row 26: True refuses a `limit` above 50 instead of clamping it."""

    submitted_event: bool = True
    """Row 13: whether the start of a KYC check is posted to the callback URL ("Performing KYC")."""
    duplicate_deliveries: bool = False
    """§7.3: True delivers every event twice."""
    retry_schedule: tuple[timedelta, ...] = _RETRIES
    """§7.3: the delays after each failed delivery; Bond publishes none."""
