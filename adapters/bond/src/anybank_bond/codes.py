"""Bond's error codes, each with the class of error it is.

From the vendor's error-code dictionary; the naming is regular: `_dne` is "does not
exist", `_schema` a bad request, `unknown_` a failure on Bond's side. An id that is no UUID
is an id that no customer has: `customer_invalid_uuid4` is NotFound, too.
"""

from __future__ import annotations

from anybank.errors import (
    AlreadyExists,
    AuthenticationFailed,
    Conflict,
    NotFound,
    ProviderError,
    ProviderUnavailable,
    Rejected,
)

_CODES: dict[type[ProviderError], str] = {
    AlreadyExists: "person_id_dup duplicate_account",
    AuthenticationFailed: "auth_err",
    Conflict: """
        idempotency_key_exists resource_conflict kyc_customer kyc_retries kyc_requests
        card_active closed_card expired_card inactive_card preactive_card card_fraud
        linked_closed max_cards
        """,
    NotFound: """
        customer_dne customer_invalid_uuid4 kyc_dne business_dne kyb_dne user_ref_dne card_program_dne acc_dne
        account_dne linked_dne card_account_dne card_dne card_status_dne rest_dne
        transfer_dne transfer_ref_dne statement_dne no_card_for_customer no_trans
        """,
    ProviderUnavailable: """
        kyc_error kyc_init_fail kyc_reinit_fail unknown_customer_auth
        unknown_create_customer unknown_get_customer unknown_edit_customer
        unknown_delete_customer unknown_start_kyc unknown_kyc_get unknown_kyc_webhook
        unknown_create_transfer service_disabled account_data_err ext_acc_unknown
        request_err server_error unknown_create_account unknown_delete_account
        unknown_edit_account processor_error process_connection unknown
        unknown_activate_card unknown_create_card unknown_get_card unknown_get_card_restr
        unknown_get_card_status unknown_get_payment_history unknown_query_card_profile
        unknown_reissue_card unknown_reset_card_pin unknown_set_card_restr
        unknown_spec_card unknown_update_card_profile unknown_update_card_status
        unknown_verify_card unknown_get_transfer create_dispute_error data_err_rdc
        rdc_cred_err rdc_process_err unknown_rdc unknown_create_hosted
        unknown_create_more unknown_delete_related
        """,
    Rejected: """
        create_customer_schema edit_customer_schema get_customer_schema
        delete_customer_schema kyc_post_schema create_kyc_schema
        get_kyc_schema kyc_webhook_schema email_error invalid_request input_error
        invalid_parameter invalid_date invalid_reference invalid_program
        program_not_configured program_mismatch webhooks_err create_transfer_schema
        account_history_schema account_not_linked_error account_patch_schema
        account_post_schema apr_decline create_account_schema edit_account_schema
        invalid_account_id invalid_account_status invalid_bank_info
        list_external_accounts_schema load_funds_dis migrate_account_schema query_params
        routing_invalid token_exchange_post_schema customer_bsa activate_card_data
        create_card_account_data create_card_data create_card_program create_card_schema
        create_rest_data del_rest_data invalid_aac invalid_bin invalid_card
        replace_rest_data restriction_types restriction_payload_schema
        create_transfer_data insufficient_funds invalid_amount invalid_transfer_date
        invalid_transfer_status large_amount no_trans_set too_many_trans
        email_args_schema statement_args_schema create_dispute_schema rdc_schema
        create_hosted_schema create_more_schema delete_related_schema
        """,
}

CODES: dict[str, type[ProviderError]] = {
    code: kind for kind, codes in _CODES.items() for code in codes.split()
}
