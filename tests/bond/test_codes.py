"""Bond's error codes: the table is total, and each code has one class."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.bond.banks import bond, error

from anybank import (
    AlreadyExists,
    AuthenticationFailed,
    Conflict,
    NotFound,
    ProviderError,
    ProviderUnavailable,
    Rejected,
)
from anybank_bond.errors import CODES

SHEET = Path(__file__).parents[2].parent / "shared/vendors/bond.md"


def test_every_code_of_the_dictionary_has_a_class() -> None:
    """The dictionary's 144 codes and the one that only a page shows are all mapped."""
    assert len(CODES) == 145


@pytest.mark.skipif(not SHEET.exists(), reason="the fact sheets are not at hand")
def test_the_table_is_that_of_the_fact_sheet() -> None:
    """The table has the codes of the fact sheet and no others."""
    section = SHEET.read_text("utf-8").split("### 8.3 Codes")[1].split("### 8.5")[0]
    rows = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    lists = [row for row in section.splitlines() if row.startswith("- ")]
    named = re.findall(r"`([a-z0-9_ ]+)`", "\n".join(rows + lists))
    assert {code for names in named for code in names.split()} == set(CODES)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "create_customer_schema", Rejected),
        (404, "customer_dne", NotFound),
        (400, "person_id_dup", AlreadyExists),
        (403, "kyc_customer", Conflict),
        (403, "auth_err", AuthenticationFailed),
        (409, "resource_conflict", Conflict),
        (500, "unknown_create_customer", ProviderUnavailable),
        (424, "service_disabled", ProviderUnavailable),
        (400, "never_heard_of", Rejected),
        (404, "never_heard_of", NotFound),
        (404, "webhooks_err", NotFound),
        (503, "customer_dne", ProviderUnavailable),
        (401, "customer_dne", AuthenticationFailed),
    ],
)
def test_classes(status: int, code: str, kind: type[ProviderError]) -> None:
    """A code decides the class, an unknown one leaves it to the status; a 5xx stays one."""
    bank, _ = bond(error(status, code, "no"))
    with pytest.raises(ProviderError) as caught:
        bank.customers.get("c1")
    assert type(caught.value) is kind
    assert caught.value.code == code
