"""The switches of the simulator, for questions that Sonder's pages leave open."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from attrs import field, frozen, validators

Verdict: TypeAlias = Literal["accept", "reject"]


def _choice(*words: str) -> Any:
    """Return a field with these choices, of which the first is the default."""
    return field(default=words[0], validator=validators.in_(words))


@frozen(kw_only=True)
class SonderSwitches:
    """The switches; "row" is a row of the table in docs/vendors/sonder.md, §12."""

    duplicate_ssn: Verdict = _choice("accept", "reject")
    """§7: the page calls the number unique, and does not describe a second customer with it."""
    ssn_format: Literal["digits", "dashed", "any"] = _choice("digits", "dashed", "any")
    """§6: nine digits with or without dashes, dashed as shown, or any text."""
    empty_middle_name: Verdict = _choice("accept", "reject")
    """Row 12: whether an empty middle name is accepted."""
    empty_lists: Verdict = _choice("reject", "accept")
    """Row 15: whether emails, phones and addresses may be empty."""
    unknown_fields: Literal["ignore", "reject"] = _choice("ignore", "reject")
    """§11: a field that is not on the page, also one inside a phone or an address."""
    forbidden_updates: Literal["refuse", "ignore"] = _choice("refuse", "ignore")
    """§7: what an update does with a field that cannot be updated."""
    allow_document_locator_update: bool = False
    """Row 3: True follows the list of optional parameters, not the sentence."""
    update_verbs: tuple[str, ...] = ("PUT", "PATCH")
    """Row 5: the verbs that update; the page shows none."""
    account_ids_name: Literal["accountIds", "accounts"] = _choice(
        "accountIds", "accounts"
    )
    """Row 7: the name in the samples, or that in the list of properties."""
    account_customers: Literal["objects", "ids"] = _choice("objects", "ids")
    """Row 25: the form of an account's customers."""
    account_transactions: Literal["ids", "objects"] = _choice("ids", "objects")
    """Row 25: the form of an account's transactions."""
