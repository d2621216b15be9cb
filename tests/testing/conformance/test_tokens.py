"""An adapter whose vendor issues access tokens passes the kit."""

from __future__ import annotations

import pytest
from tests.testing.conformance.acme.tokens import TokenConformance

from anybank.testing.conformance import run_check

CHECKS = (
    *("access_tokens_are_sent_and_renewed", "credentials_are_sent_in_headers"),
    *("declared_operations_succeed", "async_bank_matches_bank"),
    *("repeated_keys_have_one_effect", "unknown_outcomes_are_not_retried"),
    *("listings_are_complete_and_end", "errors_hold_no_personal_data"),
)


@pytest.mark.parametrize("check", CHECKS)
def test_the_kit_supports_access_tokens(check: str) -> None:
    """Checks that count requests do not count those for a token."""
    result = run_check(TokenConformance.subject(), check)
    assert (result.passed, result.message, result.skipped) == (True, "", "")
