"""Which checks can run in which mode, and why the others cannot."""

from __future__ import annotations

from collections.abc import Mapping

from ..modes import Mode

_IN_EVERY_MODE = frozenset(
    {
        *("declared_features_are_implemented", "implemented_methods_are_declared"),
        "undeclared_features_raise_unsupported",
        *("rules_cite_their_source", "rules_name_existing_fields"),
        *("native_names_are_unique", "only_reads_are_declared_safe"),
        *("class_and_instance_declare_the_same", "status_has_a_reason"),
        *("hosts_use_https", "read_rules_name_existing_fields"),
        *("rate_limits_are_declared", "printed_signatures_are_verified"),
        "printed_errors_are_read",
        *("cassettes_hold_no_personal_data", "recorded_responses_are_read"),
        *("printed_responses_are_read", "times_have_a_time_zone"),
        *("account_numbers_are_masked", "balances_are_read_with_one_request"),
        "urls_hold_no_personal_data",
        *("words_read_as_the_member_of_their_name", "refusals_read_as_no_success"),
        "extras_use_the_member_of_their_name",
    }
)
_RECORDED = _IN_EVERY_MODE | {
    *("null_fields_read_as_none", "absent_fields_read_as_none"),
    *("unknown_fields_stay_in_raw", "numbers_are_not_read_as_text"),
    *("text_is_not_read_as_a_number", "unknown_enum_values_read_as_unknown"),
    *("unknown_statuses_read_as_unknown", "unknown_account_kinds_read_as_unknown"),
    *("times_are_the_same_in_any_zone", "foreign_responses_are_unexpected"),
    *("responses_with_another_id_are_unexpected", "credentials_are_sent_in_headers"),
    "unreadable_records_do_not_hide_others",
    *("headers_hold_no_personal_data", "logs_hold_no_personal_data"),
    *("reprs_hold_no_personal_data", "nothing_is_printed"),
}
_LIVE = _IN_EVERY_MODE | {
    "declared_operations_succeed",
    *("customer_fields_are_read_back", "other_fields_are_read_back"),
    *("phone_countries_are_read_back", "all_owners_are_read_back"),
    *("updates_change_only_their_fields", "updates_return_the_new_customer"),
    *("other_updates_return_the_new_value", "clearable_fields_are_cleared"),
    *("deleted_records_cannot_be_read", "closed_accounts_read_as_closed"),
    *("natural_writes_have_one_effect", "repeated_keys_have_one_effect"),
    *("unknown_ids_raise_not_found", "missing_fields_of_customers_are_explained"),
    *("creates_that_verify_emulate_the_start", "submit_requires_no_other_fields"),
    "responses_match_the_document",
}
RUNNABLE: Mapping[Mode, frozenset[str]] = {
    Mode.RECORDED: frozenset(_RECORDED),
    Mode.LIVE: frozenset(_LIVE),
}
"""The checks that run in a mode; against the simulator all of them do."""

_REASONS: Mapping[Mode, str] = {
    Mode.RECORDED: "it needs responses that depend on what was sent before, which no "
    "cassette holds",
    Mode.LIVE: "it needs faults, edited responses, many records or a simulator's clock, "
    "which a vendor's sandbox does not offer",
}


def reason_not_to_run(mode: Mode, name: str) -> str:
    """Return why a check cannot run in a mode, empty if it can."""
    if mode is Mode.SIMULATED or name in RUNNABLE[mode]:
        return ""
    return f"not run: {_REASONS[mode]}. The run against the simulator judges it."
