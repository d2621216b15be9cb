"""Sensitive values: masked in every textual form, and revealed by `reveal` only."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anybank import DocumentLocatorNumber, InvalidInput, Sensitive, Ssn
from anybank.sensitive import forget_locals, shielded

NINE = st.from_regex(r"[0-9]{9}", fullmatch=True)
VALUES = [Sensitive("tok_live"), Ssn("333-52-7584"), DocumentLocatorNumber(204518837)]
EACH = pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)


@EACH
def test_a_value_is_masked_however_it_is_shown(value: Sensitive) -> None:
    """repr, str and format show the mask."""
    shown = f"{value!r} {value!s} {value} {value:>20} {[value]} {value}"
    secret = str(value.reveal())
    assert secret not in shown
    assert "***" in shown


def test_percent_formatting_and_logging_mask(caplog: pytest.LogCaptureFixture) -> None:
    """A value in a log record is masked."""
    logging.getLogger("test").warning("%s %r", VALUES[0], VALUES[1])
    assert "tok_live" not in caplog.text
    assert "33352" not in caplog.text


@EACH
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_value_is_not_pickled(value: Sensitive, protocol: int) -> None:
    """Pickling raises, because it would write the value somewhere."""
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(value, protocol)


@EACH
def test_a_copy_is_the_value_itself(value: Sensitive) -> None:
    """Copying returns the same object, so there is no second one in memory."""
    assert copy.copy(value) is value
    assert copy.deepcopy([value])[0] is value


@EACH
def test_a_value_has_no_dict(value: Sensitive) -> None:
    """`vars` raises: there is no dictionary to look into."""
    assert not hasattr(value, "__dict__")


def test_equality_needs_the_same_kind_and_text() -> None:
    """Two values are equal if both class and text are."""
    assert Sensitive("a") == Sensitive("a")
    assert Sensitive("a") != Sensitive("b")
    assert Ssn("333527584") == Ssn("333-52-7584")
    assert Sensitive("333527584") != Ssn("333527584")
    assert Sensitive("a") != "a"


def test_equal_values_have_equal_hashes() -> None:
    """A value can be a key of a dictionary."""
    assert len({Sensitive("a"), Sensitive("a"), Sensitive("b")}) == 2


def test_a_prefixed_value_stays_masked() -> None:
    """`Bearer ` in front of a token gives another masked value."""
    bearer = Sensitive("tok").prefixed("Bearer ")
    assert str(bearer) == "***"
    assert bearer.reveal() == "Bearer tok"
    assert bearer.forms() == {"Bearer tok", "tok"}


@given(NINE)
def test_nine_digits_are_an_ssn_however_they_are_separated(digits: str) -> None:
    """Groups separated by dashes, spaces or nothing give the same number."""
    a, b, c = digits[:3], digits[3:5], digits[5:]
    for text in (digits, f"{a}-{b}-{c}", f"{a} {b} {c}"):
        ssn = Ssn(text)
        assert ssn.reveal() == digits
        assert not ssn.is_masked
        assert str(ssn) == f"***-**-{c}"
        assert ssn.dashed().reveal() == f"{a}-{b}-{c}"


@pytest.mark.parametrize(
    "text", ["XXX-XX-6789", "XXXXX6789", "*****6789", "***-**-6789", "xxx-xx-6789"]
)
def test_a_mask_has_four_digits_and_reveals_nothing(text: str) -> None:
    """A mask has the last four digits, and `reveal` raises."""
    ssn = Ssn(text)
    assert ssn.is_masked
    assert ssn.last_four == "6789"
    assert ssn.forms() == frozenset()
    with pytest.raises(InvalidInput, match="ssn"):
        ssn.reveal()
    with pytest.raises(InvalidInput, match="ssn"):
        ssn.dashed()


def test_a_token_has_no_digits() -> None:
    """A token stands for a number that only the vendor knows."""
    token = Ssn("tok_sandbox_1234")
    assert token.is_masked
    assert token.last_four is None
    assert str(token) == "***-**-****"
    with pytest.raises(InvalidInput, match="mask or a token"):
        token.reveal()


REFUSED: list[Any] = [
    "",
    "12345678",
    "1234567890",
    "333-527584",
    "333 52-7584",
    "333-52-7584\n",
    "\n333-52-7584",
    " 333-52-7584",
    "３３３-５２-７５８４",  # noqa: RUF001  # full-width digits
    "٣٣٣٥٢٧٥٨٤",
    "333--52--7584",
    "XXX-XX-XXXX",
    "XXX-XX-678",
    "XXX-52-7584",
    "tok_",
    "tok_a b",
    "token_1",
    "tok_1\n",
    333527584,
    None,
    b"333527584",
    True,
]


@pytest.mark.parametrize("text", REFUSED, ids=repr)
def test_an_invalid_ssn_is_refused_without_being_shown(text: Any) -> None:
    """Neither the message nor the traceback with locals repeats the text."""
    with pytest.raises(InvalidInput) as caught:
        Ssn(text)
    assert caught.value.issues[0].field == "ssn"
    report = traceback.TracebackException.from_exception(
        caught.value, capture_locals=True
    )
    inside = "".join(str(item.locals) for item in list(report.stack)[1:])
    assert text in (None, "", True) or repr(text) not in inside


def test_no_area_rule_is_applied() -> None:
    """Vendors' trigger values start with 000."""
    assert Ssn("000-00-0000").last_four == "0000"


@pytest.mark.parametrize("text", ["anything", "", "***", "XXX-XX-12", "tok_x.y"])
def test_an_unknown_form_is_read_as_a_token(text: str) -> None:
    """A form that the library does not know is masked, has no digits, and is never sent."""
    ssn = Ssn.read(text)
    assert ssn.is_masked
    assert ssn.last_four is None
    with pytest.raises(InvalidInput):
        ssn.reveal()


@pytest.mark.parametrize("text", ["333-52-7584", "XXX-XX-7584", "XXXXX7584"])
def test_a_known_form_is_read_as_it_is(text: str) -> None:
    """Reading a known form gives the same value as creating it."""
    assert Ssn.read(text) == Ssn(text)


def test_two_numbers_may_be_the_same_by_their_last_four() -> None:
    """A full number agrees with its mask, and a token agrees with nothing."""
    full, mask = Ssn("333-52-7584"), Ssn("XXX-XX-7584")
    assert full.agrees_with(mask)
    assert mask.agrees_with(full)
    assert not full.agrees_with(Ssn("XXX-XX-7585"))
    assert not full.agrees_with(Ssn("tok_7584"))
    assert not Ssn("tok_7584").agrees_with(Ssn("tok_7584"))


def test_every_way_to_write_a_number_is_known_to_the_scrubber() -> None:
    """`forms` has the number with and without dashes, whichever way it was created."""
    ssn = Ssn("333527584")
    assert ssn.forms() == {"333527584", "333-52-7584"}
    assert ssn.dashed().forms() == {"333527584", "333-52-7584"}
    assert str(ssn.dashed()) == "***-**-7584"


@given(st.integers(min_value=0))
def test_a_locator_number_is_a_whole_number(number: int) -> None:
    """An int and its digits give the same number of any length."""
    assert DocumentLocatorNumber(number).reveal() == number
    assert DocumentLocatorNumber(str(number)) == DocumentLocatorNumber(number)


@pytest.mark.parametrize(
    "number",
    ["", "007", "+1", "-1", -1, 1.0, True, "1\n", "\u0661", "1 2", None],
    ids=repr,
)
def test_an_invalid_locator_number_is_refused(number: Any) -> None:
    """Signs, floats and leading zeros, which would be lost, are refused."""
    with pytest.raises(InvalidInput, match="document_locator_number"):
        DocumentLocatorNumber(number)


def test_a_shielded_function_clears_its_locals() -> None:
    """A failure inside leaves none of the locals in the traceback."""

    @shielded
    def fail(secret: str) -> None:
        held = secret + "!"
        raise ValueError(len(held))

    with pytest.raises(ValueError, match="7") as caught:
        fail("secret")
    report = traceback.TracebackException.from_exception(
        caught.value, capture_locals=True
    )
    shown = "".join(str(item.locals) for item in list(report.stack)[1:])
    assert "'secret" not in shown


def test_a_shielded_function_returns_its_result() -> None:
    """The shield has no effect where nothing fails."""
    assert shielded(max)(1, 2) == 2


def test_running_frames_are_not_cleared() -> None:
    """Only finished frames are cleared."""
    stored = "kept"
    with pytest.raises(KeyError) as caught:
        {"other": 1}.pop(stored)
    forget_locals(caught.value)
    assert stored == "kept"


def test_secrets_of_half_characters_are_compared() -> None:
    """Unpaired surrogates are compared without an encoding error that would show them."""
    assert Sensitive("tok\ud800") == Sensitive("tok\ud800")
    assert Sensitive("tok\ud800") != Sensitive("tok")


def test_frames_of_the_chain_are_cleared() -> None:
    """The frames of a cause and a context are cleared too."""

    def fail(secret: str) -> None:
        raise ValueError(len(secret))

    def refuse() -> None:
        try:
            fail("very-personal")
        except ValueError as error:
            raise KeyError from error

    with pytest.raises(KeyError) as caught:
        refuse()
    forget_locals(caught.value)
    report = traceback.TracebackException.from_exception(
        caught.value, capture_locals=True
    )
    assert report.__cause__ is not None
    assert "very-personal'" not in str([item.locals for item in report.__cause__.stack])
