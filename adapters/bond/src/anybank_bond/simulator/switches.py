"""The switches of the simulator: where Bond's own pages disagree or are silent."""

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
    """What may be chosen; "row" is a row of the fact sheet's contradictions (§13)."""

    country_code_on_read: CountryCodeOnRead = field(
        default="foreign", validator=in_(get_args(CountryCodeOnRead))
    )
    """Row 22: `phone_country_code` on get and list; foreign leaves out "1"."""
    absent_middle_name: AbsentMiddleName = field(
        default="absent", validator=in_(get_args(AbsentMiddleName))
    )
    """Row 3: how a customer without a middle name is answered; text is "null"."""
    deliverability: str = "deliverable"
    """What an address verifier says of every new address (§3.3)."""
    require_phone: bool = False
    """Row 23: True refuses to create a customer without a phone."""
    unique_ssn: bool = False
    """Row 56: True refuses a second customer with the same SSN."""
    refuse_unknown_fields: bool = False
    """What a schema does with a field that it does not know; no page tells."""
    ignore_masked_ssn: bool = False
    """Row 18: True drops a masked SSN from a PATCH instead of refusing it."""
    strict_kyc: bool = False
    """Row 5: True refuses every PATCH once KYC has passed (seed 004)."""

    one_pass_for_all_programs: bool = False
    """Row 62: True refuses to start KYC for a second program after a pass (seed 004)."""
    programs: frozenset[str] = frozenset()
    """The programs there are; where there are none, any UUID is one."""
    decision_delay: timedelta = timedelta(0)
    """How long a KYC check stays `submitted`."""
    document_window: timedelta = timedelta(days=30)
    """Row 40: how long documents may be missing before a check expires."""
    documents_pass: bool = False
    """§4.3: True passes a check by its documents; otherwise they are reviewed."""
    dash_timestamps: bool = False
    """Row 2: True writes KYC events' times as seed 004 prints them."""

    strict_limit: bool = False
    """Row 26: True refuses a `limit` above 50 instead of clamping it."""

    submitted_event: bool = True
    """Row 13: whether the start of a KYC check is told to the callback URL (seed 004)."""
    duplicate_deliveries: bool = False
    """§7.3: True delivers every event twice."""
    retry_schedule: tuple[timedelta, ...] = _RETRIES
    """§7.3: the delays after each failed delivery; the vendor's are not published."""
