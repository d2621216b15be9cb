"""Account numbers show their last four digits at most."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anybank import (
    Account,
    AccountKind,
    AccountNumberChanges,
    BankAccountNumber,
    InvalidInput,
    NewAccount,
    from_dict,
    to_dict,
)

NUMBER = "987654321098"


@given(st.from_regex("[0-9]{4,17}", fullmatch=True))
def test_a_number_is_masked_wherever_it_is_displayed(digits: str) -> None:
    """At most the last four digits are shown, and at least as many stay hidden."""
    number = BankAccountNumber(digits)
    shown = f"{number} {number!r} {number:>20} {[number]}"
    assert digits not in shown
    assert number.reveal() == digits
    assert len(number.last_four or "") <= len(digits) / 2


@pytest.mark.parametrize("text", ["9876 5432 1098", "9876-5432-1098", NUMBER])
def test_spaces_and_dashes_do_not_count(text: str) -> None:
    """Different spellings of one number are equal."""
    assert BankAccountNumber(text) == BankAccountNumber(NUMBER)
    assert BankAccountNumber(text).last_four == "1098"


@pytest.mark.parametrize("text", ["", "123", "1" * 18, "account_1", 987654321, None])
def test_anything_else_is_refused(text: Any) -> None:
    """The refusal does not repeat the text."""
    with pytest.raises(InvalidInput) as caught:
        BankAccountNumber(text)
    assert not text or str(text) not in str(caught.value)


@pytest.mark.parametrize("mask", ["*****1098", "XXXXXXXX1098", "xx1098"])
def test_a_mask_has_last_four_digits_and_no_number(mask: str) -> None:
    """`reveal` refuses, because the other digits are unknown."""
    number = BankAccountNumber(mask)
    assert (number.is_masked, number.last_four) == (True, "1098")
    assert number.forms() == frozenset()
    with pytest.raises(InvalidInput):
        number.reveal()


def test_a_vendors_odd_number_is_read_and_masked() -> None:
    """What a vendor returned is never refused and never shown."""
    number = BankAccountNumber.read("GB29 NWBK 6016")
    assert str(number) == "*****6016"
    assert number.reveal() == "GB29 NWBK 6016"
    assert BankAccountNumber.read("12").last_four is None


def test_a_number_is_copied_and_never_pickled() -> None:
    """A copy is the same object, as for an SSN."""
    number = BankAccountNumber(NUMBER)
    assert copy.deepcopy(number) is number
    with pytest.raises(TypeError):
        pickle.dumps(number)


def test_to_dict_masks_a_number_unless_it_is_revealed() -> None:
    """An account is read again as it was written, masked or not."""
    account = Account(id="a", account_number=BankAccountNumber(NUMBER))
    assert to_dict(account)["account_number"] == "*****1098"
    masked = from_dict(Account, to_dict(account))
    assert masked.account_number is not None
    assert masked.account_number.is_masked
    assert from_dict(Account, to_dict(account, reveal=True)) == account
    assert to_dict(masked, reveal=True)["account_number"] == "*****1098"


def test_a_new_account_has_one_kind() -> None:
    """A neutral kind and the vendor's word exclude each other."""
    with pytest.raises(InvalidInput) as caught:
        NewAccount(customer_ids=["c"], kind=AccountKind.DEPOSIT, native_kind="deposit")
    assert [issue.field for issue in caught.value.issues] == ["native_kind"]


@pytest.mark.parametrize(
    "fields", [{"name": None}, {"name": ""}, {"status": None}, {"status": "active"}]
)
def test_changes_of_a_number_are_checked(fields: dict[str, Any]) -> None:
    """A name or a status cannot be cleared, and a status is a member."""
    with pytest.raises(InvalidInput) as caught:
        AccountNumberChanges(**fields)
    assert [issue.field for issue in caught.value.issues] == [*fields]
