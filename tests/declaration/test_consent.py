"""The field names that a caller passes as `accept_loss`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import Script, home, james

from anybank import (
    Address,
    AsyncBank,
    Bank,
    ConfigurationError,
    CustomerChanges,
    InvalidInput,
    NewCustomer,
)
from anybank.declaration.consent import accepted_names
from anybank.migrate.certify.accepted_losses import parse_accept_loss

Use = Callable[[Any, Any], Any]
USES: dict[str, Use] = {
    "create": lambda bank, loss: bank.customers.create(james(), accept_loss=loss),
    "update": lambda bank, loss: bank.customers.update(
        "c1", CustomerChanges(), accept_loss=loss
    ),
    "add an address": lambda bank, loss: bank.customer_addresses.create(
        "c1", home(), accept_loss=loss
    ),
    "replace an address": lambda bank, loss: bank.customer_addresses.update(
        "c1", home(id="a1"), accept_loss=loss
    ),
}
BOND: dict[str, Any] = {"identity": "i", "authorization": "a"}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
@pytest.mark.parametrize("loss", [{"emials"}, "emials", ["x", "emials"], 7, {7}, None])
def test_a_name_that_is_no_fields_is_refused(
    use: str, loss: Any, *, sync: bool
) -> None:
    """Every call that accepts a consent rejects an unknown name."""
    script = Script()

    async def main() -> None:
        async with AsyncBank("bond", transport=script, **BOND) as bank:
            await USES[use](bank, loss)

    def ask() -> Any:
        return USES[use](Bank("bond", transport=script, **BOND), loss)

    with pytest.raises(InvalidInput) as refused:
        ask() if sync else asyncio.run(main())
    assert {issue.field for issue in refused.value.issues} == {"accept_loss"}
    assert script.requests == []


def test_the_nearest_name_is_suggested() -> None:
    """The error for a misspelt name suggests the nearest one."""
    with pytest.raises(InvalidInput, match=r"'emials' is not .* mean 'emails'"):
        accepted_names(NewCustomer, {"emials"})
    with pytest.raises(InvalidInput, match="'all' stands for every field"):
        accepted_names(NewCustomer, "zzzzzzzz")


@given(st.sampled_from(["emails", "addresses[0].line2", "phones.kind", "all"]))
def test_a_single_name_is_one_name(name: str) -> None:
    """A text is one name, and not the set of its letters."""
    assert (
        accepted_names(NewCustomer, name)
        == accepted_names(NewCustomer, [name])
        == {name}
    )


@given(st.text())
def test_no_other_text_is_a_consent(name: str) -> None:
    """No text but a field's name is accepted."""
    try:
        names = accepted_names(NewCustomer, name)
    except InvalidInput:
        return
    assert names == {name}


@pytest.mark.parametrize("name", ["line2", "addresses.line2", "addresses[1].line2"])
def test_a_field_of_an_address_has_two_names(name: str) -> None:
    """A single address accepts the field's name with and without `addresses.`."""
    assert accepted_names(Address, name) == {"line2"}


def test_an_address_after_kyc_has_its_customers_rules() -> None:
    """After KYC a single address is checked by the customer's rules and consent."""
    bank = Bank("bond", transport=Script(), **BOND)
    long = home(line2="x" * 41, primary=False)
    with bank, pytest.raises(InvalidInput, match="line2"):
        bank.customer_addresses.create("c1", long, kyc_passed=True)


def test_a_plan_refuses_it_as_the_configuration() -> None:
    """A plan rejects an unknown name with ConfigurationError, which names the option."""
    with pytest.raises(ConfigurationError, match="accept_loss: 'emials'"):
        parse_accept_loss({"emials"})
