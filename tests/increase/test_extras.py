"""The fields of a customer that only Increase has."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from anybank import (
    AccountKind,
    AccountNumberChanges,
    CustomerChanges,
    InvalidInput,
    NewAccount,
    NewAccountNumber,
    NewWebhookSubscription,
    from_dict,
    to_dict,
)
from anybank_increase import (
    IncreaseAccountExtras,
    IncreaseAccountNumberExtras,
    IncreaseExtras,
    IncreaseSubscriptionExtras,
    RiskRating,
    TermsAgreement,
)
from anybank_increase.simulator import IncreaseSimulator

from .banks import ada, increase

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADDRESS = "192.0.2.77"
TERMS = TermsAgreement(
    agreed_at=NOON,
    ip_address=ADDRESS,
    terms_url="https://app.example.com/terms",
)
EXTRAS = IncreaseExtras(
    risk_rating=RiskRating(rating="low", rated_at=NOON), terms_agreements=(TERMS,)
)


def test_extras_are_stored_with_the_entity() -> None:
    """A create and an update send the risk rating and the agreements to terms."""
    simulator = IncreaseSimulator()
    with increase(simulator) as bank:
        created = bank.customers.create(ada(extras={"increase": EXTRAS}))
        record = simulator.stored(created.id).record
        assert record["risk_rating"]["rating"] == "low"
        assert record["terms_agreements"][0]["ip_address"] == ADDRESS
        high = IncreaseExtras(risk_rating=RiskRating(rating="high", rated_at=NOON))
        bank.customers.update(created.id, CustomerChanges(extras={"increase": high}))
    assert record["risk_rating"]["rating"] == "high"


def test_extras_of_accounts_and_subscriptions_are_stored() -> None:
    """An account, a number, its change and a subscription have their own extras."""
    simulator = IncreaseSimulator()
    with increase(simulator) as bank:
        owner = simulator.seed_entity()
        beneficiary = IncreaseAccountExtras(informational_entity_id=owner)
        account = bank.accounts.create(
            NewAccount(
                customer_ids=[owner],
                kind=AccountKind.DEPOSIT,
                name="Home",
                extras={"increase": beneficiary},
            )
        )
        assert account.raw["informational_entity_id"] == owner
        blocked = IncreaseAccountNumberExtras(ach_debits="blocked")
        number = bank.account_numbers.create(
            NewAccountNumber(
                account_id=account.id, name="Pay", extras={"increase": blocked}
            )
        )
        assert number.raw["inbound_ach"] == {"debit_status": "blocked"}
        checks = IncreaseAccountNumberExtras(checks="allowed")
        changes = AccountNumberChanges(extras={"increase": checks})
        changed = bank.account_numbers.update(number.id, changes)
        assert changed.raw["inbound_checks"] == {"status": "allowed"}
        assert changed.raw["inbound_ach"] == {"debit_status": "blocked"}
        disabled = IncreaseSubscriptionExtras(status="disabled")
        subscription = bank.webhook_subscriptions.create(
            NewWebhookSubscription(
                url="https://app.example.com",
                events=["account.created"],
                extras={"increase": disabled},
            )
        )
    assert subscription.enabled is False


def test_an_ip_address_is_masked() -> None:
    """The address shows in no repr and no dictionary unless it is revealed."""
    assert ADDRESS not in repr(EXTRAS) + str(to_dict(EXTRAS))
    assert from_dict(IncreaseExtras, to_dict(EXTRAS, reveal=True)) == EXTRAS


@pytest.mark.parametrize(
    "build",
    [
        lambda: RiskRating(rating="low", rated_at=datetime(2026, 3, 1)),  # noqa: DTZ001  # the point
        lambda: RiskRating(rating="odd", rated_at=NOON),  # type: ignore[arg-type] # the point
        lambda: TermsAgreement(agreed_at=NOON, ip_address=7, terms_url="u"),  # type: ignore[arg-type] # the point
        lambda: TermsAgreement(agreed_at=NOON, ip_address="::1", terms_url=" "),
        lambda: IncreaseAccountExtras(informational_entity_id=" "),
        lambda: IncreaseAccountNumberExtras(ach_debits="never"),  # type: ignore[arg-type] # the point
        lambda: IncreaseSubscriptionExtras(status="deleted"),  # type: ignore[arg-type] # the point
    ],
)
def test_extras_that_increase_would_refuse_are_refused(build: Any) -> None:
    """A rating, a time without a zone and an empty URL are refused when the value is created."""
    with pytest.raises(InvalidInput):
        build()
