"""Bond's error responses: seven shapes, and the class of every code."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from anybank.adapter.problems import (
    Class,
    FieldErrors,
    Problem,
    by_status,
    field_errors,
    token,
    unreadable,
    words,
)
from anybank.adapter.wire import Response
from anybank.declaration import Capabilities
from anybank.errors import (
    AlreadyExists,
    AuthenticationFailed,
    Conflict,
    NotFound,
    ProviderError,
    ProviderUnavailable,
    Rejected,
    UnexpectedResponse,
)
from anybank.model.customers import NewCustomer


class Code(StrEnum):
    """The codes that the adapter acts on."""

    IDEMPOTENCY_KEY_EXISTS = "idempotency_key_exists"
    KYC_CUSTOMER = "kyc_customer"
    KYC_DOES_NOT_EXIST = "kyc_dne"


# Source: Bond docs, "Error code dictionary". The names are regular: `_dne` is "does not
# exist", `_schema` an invalid request, `unknown_` a failure on Bond's side.
_CODES: dict[Class, str] = {
    AlreadyExists: "person_id_dup duplicate_account",
    AuthenticationFailed: "auth_err",
    Conflict: """
        idempotency_key_exists resource_conflict kyc_customer kyc_retries kyc_requests
        card_active closed_card expired_card inactive_card preactive_card card_fraud
        linked_closed max_cards
        """,
    # An id that is not a UUID belongs to no customer: customer_invalid_uuid4.
    NotFound: """
        customer_dne customer_invalid_uuid4 kyc_dne business_dne kyb_dne user_ref_dne
        card_program_dne acc_dne account_dne linked_dne card_account_dne card_dne card_status_dne rest_dne
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
    # "Performing KYC" shows kyc_post_schema where the dictionary has create_kyc_schema.
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

CODES: Mapping[str, Class] = {
    code: kind for kind, codes in _CODES.items() for code in codes.split()
}
"""The class of each of Bond's error codes."""

# Each page shows its own envelope: "Creating a customer" has Message, Status, Code and
# Type; "Performing KYC" has type, code and message; the credit service has status,
# code, message and details; "Error examples" has Error, or message alone.
# https://docs.bond.tech/docs/error-examples
_MESSAGE = ("message", "error", "details")
_CODE = ("code", "error_code")
# The credit service has a text in `status`, which is a type and not an HTTP status.
_TYPE = ("type", "status")
_KEYS = {*_MESSAGE, *_CODE, *_TYPE}
# A complaint about the country code is one about the phone that it belongs to.
_ALIASES = {"phone_country_code": "phones[0]"}
# "Error examples" nests the names of a customer, the credit service the applicant.
_NESTS = ("names", "applicant")
"""Objects in Bond's bodies whose members are plain fields of the neutral values."""


def problem(
    response: Response, capabilities: Capabilities, written: type = NewCustomer
) -> Problem | None:
    """Read an error response of any of Bond's shapes; return None for a success.

    `written` is the type whose fields the request wrote: Bond names a field alike in
    every body, and `description` of an account is another field than one of a person.
    """
    # "Error statuses" lists 200 and 201 as successes.
    # https://docs.bond.tech/docs/error-statuses
    if response.ok:
        return None
    body = _object(response)
    if body is None:
        return unreadable(response)
    # The case of the keys differs between the pages, so they are compared in lower
    # case.
    lowered = {str(name).lower(): value for name, value in body.items()}
    has_envelope = bool(_KEYS & set(lowered))
    complaint = _first(lowered, _MESSAGE) if has_envelope else body
    # A map of fields without any envelope is the oldest shape, in "Error examples".
    fields = _fields(capabilities, written, complaint)
    if not fields and not has_envelope:
        return unreadable(response)
    code = token(_first(lowered, _CODE))
    return Problem(
        kind=_kind(capabilities, response.status, code, fields),
        # The texts of a map of fields are in field_errors: as the message they would
        # state each fault twice.
        message="" if fields else words(complaint) or "",
        code=code,
        type=token(_first(lowered, _TYPE)),
        field_errors=fields,
    )


def foreign(error: ProviderError) -> UnexpectedResponse:
    """Return the error for a refusal that did not come from Bond's API."""
    message = "the response is not one of Bond's errors; check base_url and any proxy"
    return UnexpectedResponse(message, status=error.status, path="$.Code")


def _object(response: Response) -> Mapping[str, Any] | None:
    try:
        body = response.json()
    except UnexpectedResponse:
        return None
    return body if isinstance(body, dict) else None


def _first(body: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next(
        (body[name] for name in names if body.get(name) not in (None, {})), None
    )


def _fields(capabilities: Capabilities, written: type, complaint: Any) -> FieldErrors:
    """Return the field errors by neutral name; empty where the message is text."""
    if not isinstance(complaint, dict) or not all(
        map(_is_complaint, complaint.values())
    ):
        return {}
    flat: dict[str, Any] = {}
    for name, value in complaint.items():
        is_nest = name in _NESTS and isinstance(value, dict)
        flat.update(value if is_nest else {name: value})
    ours: dict[str, tuple[str, ...]] = {}
    for name, texts in field_errors(capabilities, written, flat).items():
        field = _ALIASES.get(name, name)
        ours[field] = (*ours.get(field, ()), *texts)
    return ours


def _is_complaint(value: Any) -> bool:
    """Return whether a member holds lists of texts alone, at any depth.

    A record has texts outside lists: an object with one of those is not a complaint.
    """
    if isinstance(value, dict):
        return all(map(_is_complaint, value.values()))
    return isinstance(value, list) and all(
        _is_complaint(item) if isinstance(item, dict) else isinstance(item, str)
        for item in value
    )


def _kind(
    capabilities: Capabilities, status: int, code: str | None, fields: FieldErrors
) -> Class:
    """Return the class of an error by its code, or by its status where that decides."""
    # https://docs.bond.tech/docs/error-statuses lists 400, 403, 404, 424, 500, 503 and 504.
    # The production host answers 401 to an unknown key.
    if status >= 500 or status in (401, 429):
        return by_status(status)
    # "Creating a customer" calls the error for a brand_person_id in use "similar to"
    # the one for a missing field: a complaint about the reference alone means it is in
    # use.
    if status == 400 and set(fields) == {"external_id"}:
        return AlreadyExists
    kind = capabilities.errors.get(code or "", by_status(status))
    # Some codes, webhooks_err among them, are used for an invalid request and for an
    # unknown id. The status tells them apart.
    return NotFound if status == 404 and kind is Rejected else kind
