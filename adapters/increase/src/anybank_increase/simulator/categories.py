"""The categories of events, as the OpenAPI document lists them."""

from __future__ import annotations

_CREATED_AND_UPDATED = """
    account account_number account_transfer ach_prenotification ach_transfer
    blockchain_address blockchain_offramp_transfer blockchain_onramp_transfer
    bookkeeping_account card card_payment card_profile card_dispute
    check_deposit check_transfer digital_card_profile digital_wallet_token
    entity event_subscription export external_account fednow_transfer
    inbound_ach_transfer inbound_ach_transfer_return inbound_check_deposit
    inbound_fednow_transfer inbound_mail_item
    inbound_real_time_payments_request_for_payment
    inbound_real_time_payments_transfer inbound_wire_transfer interest_rate_plan
    intrafi_account_enrollment intrafi_exclusion loan_application loan_offer
    lockbox card_push_transfer card_validation pending_transaction physical_card
    physical_card_profile physical_check checkbook program
    proof_of_authorization_request real_time_payments_transfer
    real_time_payments_request_for_payment swift_transfer wire_drawdown_request
    wire_transfer
"""
_OTHERS = """
    account_statement.created bookkeeping_entry_set.updated
    card_purchase_supplement.created declined_transaction.created file.created
    group.updated group.heartbeat inbound_wire_drawdown_request.created
    loan_distribution.created loan_purchase.created oauth_connection.created
    oauth_connection.deactivated real_time_decision.card_authorization_requested
    real_time_decision.card_balance_inquiry_requested
    real_time_decision.digital_wallet_token_requested
    real_time_decision.digital_wallet_authentication_requested
    real_time_decision.card_authentication_requested
    real_time_decision.card_authentication_challenge_requested
    transaction.created
"""
CATEGORIES: tuple[str, ...] = (
    *_OTHERS.split(),
    *(
        f"{name}.{verb}"
        for name in _CREATED_AND_UPDATED.split()
        for verb in ("created", "updated")
    ),
)
"""Every category that a subscription can select."""
