"""A bank that lists accounts below their customer only can be declared and examined."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from tests.testing.conformance.acme.adapter import Acme
from tests.testing.conformance.acme.declaration import ACME
from tests.testing.conformance.acme.seeds import AcmeConformance

from anybank import Bank, InvalidInput
from anybank.declaration import Capabilities, Feature
from anybank.errors import Unsupported
from anybank.sandbox.transport import SimulatorTransport
from anybank.testing.conformance import Subject, run_check

REQUIRED = {
    Feature.ACCOUNTS_LIST: {"customer_id": "it is in the path"},
    Feature.TRANSACTIONS_LIST: {"account_id": "it is in the path"},
}
CHECKS = (
    *("declared_operations_succeed", "account_filters_select_records"),
    *("customer_filters_select_records", "time_filters_select_records"),
    *("status_filters_select_transactions", "amounts_are_read_exactly"),
    *("listings_are_complete_and_end", "default_pages_lose_no_records"),
    *("next_token_resumes_the_listing", "resolve_finds_lost_creates_by_content"),
    *("unreadable_records_do_not_hide_others", "rules_name_existing_fields"),
)


def declared() -> Capabilities:
    """Return Acme's declaration with listings that require an owner."""
    rules = {
        feature: evolve(ACME.features[feature], requires=names)
        for feature, names in REQUIRED.items()
    }
    return evolve(ACME, features={**ACME.features, **rules})


class Nested(Acme):
    """Acme, if it listed accounts and transactions below their owner."""

    capabilities = declared()

    def list_accounts(self, query: Any) -> Any:
        """Refuse what its path cannot say."""
        return _below(query.customer_id, super().list_accounts(query))

    def list_transactions(self, query: Any) -> Any:
        """Refuse what its path cannot say."""
        return _below(query.account_id, super().list_transactions(query))


def _below(owner: str | None, flow: Any) -> Any:
    if owner is None:
        raise Unsupported("no path without the owner")
    return flow


class NestedConformance(AcmeConformance):
    adapter = Nested

    def seed_for(self, kind: str, owner: str, simulator: Any, bank: Any) -> str | None:
        """Move money on the account that the kit lists."""
        return str(simulator.transfer(owner, 100, "DONE", "RENT"))

    def seed_expected(self, simulator: Any, bank: Any) -> Any:
        """Move money a third time, so that one account has three times."""
        records = list(super().seed_expected(simulator, bank))
        last = next(each for each in records if hasattr(each, "counterparty"))
        simulator.clock.advance(minutes=1)
        id = simulator.transfer(last.account_id, 0, "DONE", "WAGES")
        again = evolve(last, id=id, occurred_at=simulator.clock())
        amount = evolve(last.amount, minor_units=0)
        return [*records, evolve(again, posted_at=simulator.clock(), amount=amount)]


@pytest.fixture(scope="module")
def subject() -> Subject:
    """One subject for all checks, whose customers are generated once."""
    return NestedConformance.subject()


@pytest.mark.parametrize("check", CHECKS)
def test_the_kit_passes_the_required_arguments(check: str, subject: Subject) -> None:
    """Every check that lists does so with the owner that the declaration requires."""
    result = run_check(subject, check)
    assert (result.passed, result.message, result.skipped) == (True, "", "")


def test_a_listing_without_its_owner_is_refused_before_a_request() -> None:
    """The error names the argument; with it, the list is read."""
    simulator = NestedConformance().make_simulator()
    transport = SimulatorTransport(simulator)
    with Bank(Nested, transport=transport, **simulator.credentials) as bank:
        with pytest.raises(InvalidInput, match="it is in the path") as raised:
            list(bank.accounts.list())
        assert [issue.field for issue in raised.value.issues] == ["customer_id"]
        assert list(bank.accounts.list(customer_id="person-1")) == []
