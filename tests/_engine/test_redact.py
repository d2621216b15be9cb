"""Personal data is masked in vendor text."""

from __future__ import annotations

import html
import json
import re
import time
from base64 import b64encode
from datetime import date
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.fakes import home, james

from anybank import AddressKind, DocumentLocatorNumber, Phone, Sensitive, Ssn
from anybank._engine.redact import LONGEST, personal_texts, scrub

PERSON = james(
    middle_name="Herbert", document_locator_number=DocumentLocatorNumber(204518837)
)
WRITTEN = [
    "James",
    "Herbert",
    "Bond",
    "1997-12-25",
    "12/25/1997",
    "333-52-7584",
    "333527584",
    "204518837",
    "james@example.com",
    "+15551112222",
    "5551112222",
    "555-111-2222",
    "345 California Ave.",
    "San Francisco",
    "94104",
]


@pytest.mark.parametrize("text", WRITTEN)
def test_every_way_to_write_a_person_is_masked(text: str) -> None:
    """Every spelling of a person's values that a vendor may repeat is masked."""
    message = scrub(
        f"the value '{text}' is wrong: {text.upper()}!", personal_texts(PERSON)
    )
    assert text not in message
    assert text.upper() not in message or text.upper() == text.lower()
    assert message.startswith("the value '***")


def test_values_that_are_not_personal_stay() -> None:
    """State, country and kind are not masked."""
    text = "state CA in US is not physical"
    assert scrub(text, personal_texts(home())) == text


def test_a_text_is_masked_as_a_word() -> None:
    """A short name is not masked inside a longer word."""
    texts = personal_texts(james(first_name="Al"))
    assert scrub("Al is not allowed", texts) == "*** is not allowed"


def test_one_letter_is_too_short_to_mask() -> None:
    """A single letter is not masked."""
    assert scrub("a J in it", personal_texts(james(middle_name="J"))) == "a J in it"


@pytest.mark.parametrize(
    "text",
    ["333-52-7584", "333527584", "somebody@example.com", "<somebody@example.com>"],
)
def test_personal_formats_are_masked_without_being_known(text: str) -> None:
    """An SSN or e-mail address that the call did not send is masked."""
    message = scrub(f"found {text}.", frozenset())
    assert "333" not in message
    assert "somebody" not in message


@pytest.mark.parametrize(
    "text",
    [
        "6f6c52e2-1d4c-4b0e-8f3a-333527584000",
        "request 12345678",
        "1234567890",
        "call 555-1234",
    ],
)
def test_ids_and_other_numbers_stay(text: str) -> None:
    """Numbers that only resemble an SSN are not masked."""
    assert scrub(text, frozenset()) == text


@given(st.lists(st.text(min_size=2)), st.text())
def test_scrubbing_never_fails(texts: list[str], text: str) -> None:
    """Scrubbing any text of any values raises nothing."""
    assert isinstance(scrub(text, frozenset(texts)), str)


@given(st.from_regex(r"[0-9]{9}", fullmatch=True), st.text(alphabet=" .,:;'\"(){}"))
def test_no_number_comes_through(digits: str, around: str) -> None:
    """Every form of a number that the call sent is masked."""
    ssn = Ssn(digits)
    dashed = str(ssn.dashed().reveal())
    text = scrub(f"{around}{digits}{around} {dashed}{around}", personal_texts(ssn))
    assert digits not in text
    assert dashed not in text


def test_a_token_is_masked_without_its_scheme() -> None:
    """The token of `Bearer tok` is masked with and without the scheme."""
    texts = personal_texts([Sensitive("Bearer tok_live")])
    assert scrub("token tok_live is bad", texts) == "token *** is bad"


@pytest.mark.parametrize(
    "text",
    [
        "born 1997-12-25T00:00:00",
        "born 19971225",
        "called (555) 111-2222",
        "called 555 111 2222, that is 333 52 7584",
        "lives at 345%20California%20Ave.",
        "lives at 345+California+Ave.",
    ],
)
def test_a_value_is_masked_however_it_is_rewritten(text: str) -> None:
    """A value is masked next to other text, without punctuation and escaped."""
    scrubbed = scrub(text, personal_texts(PERSON))
    assert scrubbed.split()[0] == text.split(maxsplit=1)[0]
    assert not set("123456789") & set(scrubbed)


def test_a_body_without_marks_is_known_whole() -> None:
    """Every value of a raw JSON body counts as personal."""
    body = {"a": [{"b": "O'Sample"}, 204518837, True], "c": None}
    assert personal_texts(body) == {"O'Sample", "204518837"}
    assert scrub("O&#x27;Sample", personal_texts(body)) == "***"


def test_longer_texts_go_first() -> None:
    """A text that contains another one is masked as a whole."""
    assert scrub("Mary Ann", frozenset({"Mary", "Mary Ann"})) == "***"


def test_a_foreign_or_unreadable_phone_is_known_too() -> None:
    """A foreign or unreadable phone number is masked as it was passed."""
    assert "+442079460018" in personal_texts(Phone("+442079460018"))
    assert personal_texts(Phone.read("call me")) == {"call me"}


def test_a_value_without_personal_fields_has_no_texts() -> None:
    """A value without personal fields has no personal texts."""
    assert personal_texts(None) == frozenset()
    assert personal_texts(AddressKind.HOME) == frozenset()
    assert personal_texts(date(1990, 1, 2)) == {"1990-01-02", "01/02/1990"}


def test_an_ssn_is_known_with_its_dashes() -> None:
    """An SSN has its forms with and without dashes, and a mask has none."""
    assert personal_texts(Ssn("333-52-7584")) == {"333527584", "333-52-7584"}
    assert personal_texts(Ssn("XXX-XX-7584")) == frozenset()


SSN, BORN = "333527584", date(1997, 12, 25)
WRITTEN_SSNS = [
    *("ssn_333-52-7584", "333.52.7584", "333\N{EN DASH}52\N{EN DASH}7584"),
    *("333\N{NON-BREAKING HYPHEN}52\N{NON-BREAKING HYPHEN}7584", "333  52  7584"),
    *("333-527584", "33352-7584", "333%2D52%2D7584", "333%252D52%252D7584"),
    *("333&#45;52&#45;7584", "333&ndash;52&#x2d;7584", "333\\u201152\\u20117584"),
    *("333\\\\u002d52\\\\u002d7584", "333_52_7584", "333/52/7584", "333\t52\n7584"),
    *("333\N{ZERO WIDTH SPACE}52\N{SOFT HYPHEN}7584", '"333"-"52"-"7584"'),
    *("333\N{NO-BREAK SPACE}52\N{NO-BREAK SPACE}7584", "SSN333527584"),
    *("3 3 3 5 2 7 5 8 4", "3,3,3,5,2,7,5,8,4"),
    "".join(f"%{ord(item):02x}" for item in SSN),
    "".join(f"&#{ord(item)};" for item in SSN),
    "".join(f"\\u{ord(item):04x}" for item in SSN),
    SSN.translate({48 + index: 0xFF10 + index for index in range(10)}),
    SSN.translate({48 + index: 0x660 + index for index in range(10)}),
    "100%333-52-7584",
]
ONLY_KNOWN = [
    *("1333-52-75842", "13335275842", "333,527,584", "0000333527584", "333527584.0"),
    *("MzMzNTI3NTg0", "MzMzLTUyLTc1ODQ=", SSN.encode().hex()),
]


@pytest.mark.parametrize("written", [*WRITTEN_SSNS, *ONLY_KNOWN])
def test_an_ssn_that_was_sent_is_masked_however_it_is_written(written: str) -> None:
    """Separators, encodings, widths and neighbours do not unmask a sent SSN."""
    text = scrub(f"the value {written} is bad", personal_texts(Ssn(SSN)))
    assert written not in text
    assert text.startswith("the value ")
    assert text.endswith("is bad")


@pytest.mark.parametrize("written", WRITTEN_SSNS)
def test_an_unknown_ssn_is_masked_by_its_layout(written: str) -> None:
    """An SSN that the call did not send is recognised by its layout."""
    assert written not in scrub(f"the value {written} is bad", ())


DAYS = [
    *("1997-12-25", "12/25/1997", "12/25/97", "19971225", "December 25, 1997"),
    *("25 Dec 1997", "25.12.1997", "1997/12/25", "datetime.date(1997, 12, 25)"),
    *("1997-12-25T00:00:00Z", "12-25-1997", "Dec 25 1997", "Dec. 25th, 1997"),
    *("25th of December, 1997", "25-Dec-1997", "1997 December 25", "DECEMBER 25 1997"),
    *("1997%2D12%2D25", "12&#47;25&#47;1997", "1997\\u201112\\u201125"),
]


@pytest.mark.parametrize("known", [frozenset(), personal_texts(BORN)])
@pytest.mark.parametrize("written", DAYS)
def test_a_birth_date_is_masked_in_its_layouts(
    written: str, known: frozenset[str]
) -> None:
    """A birth date is masked with month names, in any order, compact and escaped."""
    text = scrub(f"the value {written} is bad", known)
    assert not re.search("25|97|dec", text, re.IGNORECASE)


@pytest.mark.parametrize("written", ["883008000", "251297", "12251997", "1997 12 25"])
def test_a_birth_date_that_was_sent_is_masked_as_a_number_too(written: str) -> None:
    """A sent birth date is masked as Unix seconds and in rare layouts."""
    known = personal_texts(BORN)
    assert scrub(f"at {written}", known) != f"at {written}" or written == "251297"


@pytest.mark.parametrize(
    "written",
    [
        *("(555)111-2222", "(555) 111-2222", "555-111-2222", "555.111.2222"),
        *("+15551112222", "+1 555 111 2222", "1-555-111-2222", "+44 20 7946 0018"),
        *("somebody@example.com", "SOMEBODY@EXAMPLE.COM", "somebody%40example.com"),
        *("somebody&#64;example.com", '"some body"@example.com'),
        *("somebody at example.com", "<somebody@example.com>"),
        *("account number 0012345678", "routing: 021000021", "acct 4111111111111111"),
        *("4111 1111 1111 1111", "passport C12345678", "EIN 12-3456789"),
    ],
)
def test_phones_cards_and_documents_are_masked(written: str) -> None:
    """Phones, e-mail addresses, cards and document numbers are masked, sent or not."""
    text = scrub(f"the value {written} is bad", ())
    assert not re.search("[0-9]{3}|body|example", text, re.IGNORECASE)


@pytest.mark.parametrize(
    "text",
    [
        *("API version 2024-06-01 is gone", "until 2025-01-01T00:00:00Z"),
        *("amount 12345.67 exceeds 333,527,584", "limit 100 per 60 seconds"),
        *("id 0c7a8f90-1234-5678-9012-123456789012", "entity_n8y8tnk2p9339ti393yi"),
        *("account_in71c4amph0vgo2qllky not found", "request took 1234567 ms"),
        *("value is not one of [ACTIVE, CLOSED]", "must be {0} of (a, b)"),
        *("Missing data for required field.", "10.0.0.1 refused", "12-34 of 5678"),
    ],
)
def test_ids_amounts_and_sentences_stay(text: str) -> None:
    """Ids, amounts, versions and sentences are not masked."""
    assert scrub(text, ()) == text


@pytest.mark.parametrize(
    "record",
    [
        "{'first_name': 'Jo', 'city': 'Ely'}",
        '{"first_name":"Jo"}',
        '["Jo", "Ely"]',
        "Customer(first_name='Jo')",
        "first_name=Jo&city=Ely",
        "<first_name>Jo</first_name>",
        "%7B%22first_name%22%3A%22Jo%22%7D",
        "&#123;&quot;first_name&quot;: &quot;Jo&quot;}",
    ],
)
def test_a_record_ends_a_text(record: str) -> None:
    """A text is cut where a record begins."""
    text = scrub(f"KeyError: {record} and more", ())
    assert text == "KeyError: [a record, not shown]"


SEPARATORS = [
    "",
    "-",
    ".",
    " ",
    "_",
    "/",
    "\N{EN DASH}",
    "\N{NON-BREAKING HYPHEN}",
    " - ",
]
ENCODINGS = [
    str,
    lambda text: quote(text, safe=""),
    lambda text: "".join(f"&#{ord(item)};" for item in text),
    lambda text: "".join(f"\\u{ord(item):04x}" for item in text),
    lambda text: json.dumps(text)[1:-1],
    html.escape,
    lambda text: quote(quote(text, safe=""), safe=""),
]
NEIGHBOURS = st.text(alphabet="aZ _-.,:;'\"(){}%&#\\/é\n", max_size=6)


@given(
    st.from_regex(r"[0-9]{9}", fullmatch=True),
    st.lists(st.sampled_from(SEPARATORS), min_size=8, max_size=8),
    st.sampled_from(ENCODINGS),
    st.tuples(NEIGHBOURS, NEIGHBOURS),
)
@example("000000000", [""] * 7 + [" - "], ENCODINGS[1], ("%", ""))
@example("165179874", ["", "/", "", "", "/", "", "", ""], ENCODINGS[6], ("100 %", ""))
@example(
    "098885103",
    ["", " - ", "", "", "", "-", "\N{EN DASH}", ""],
    ENCODINGS[4],
    ("%a", ""),
)
def test_a_number_does_not_come_through(
    digits: str, separators: list[str], encode: object, around: tuple[str, str]
) -> None:
    """A sent number is masked with any separators, encoding and neighbours."""
    assert callable(encode)
    spaced = "".join(map("".join, zip(digits, [*separators, ""], strict=True)))
    written = encode(spaced)
    text = scrub(f"{around[0]}{written}{around[1]}", personal_texts(Ssn(digits)))
    assert written not in text
    assert digits not in re.sub("[^0-9]", "", text) or digits in "".join(around)


@given(
    st.from_regex(r"[0-9]{3}", fullmatch=True),
    st.sampled_from(SEPARATORS[1:]),
    st.sampled_from(ENCODINGS),
    st.tuples(NEIGHBOURS, NEIGHBOURS),
)
def test_an_unknown_number_does_not_come_through(
    area: str, separator: str, encode: object, around: tuple[str, str]
) -> None:
    """Three, two and four digits are masked whatever separates them."""
    assert callable(encode)
    written = encode(separator.join((area, "52", "7584")))
    assert written not in scrub(f"{around[0]}{written}{around[1]}", ())


@given(
    st.dates(date(1920, 1, 1), date(2009, 12, 31)),
    st.sampled_from(["%Y{0}%m{0}%d", "%m{0}%d{0}%Y", "%d{0}%m{0}%Y", "%B{0}%d{0}%Y"]),
    st.sampled_from(SEPARATORS[1:]),
    st.sampled_from(ENCODINGS),
    st.tuples(st.sampled_from(["", "%", "100 %", "&#", "on "]), NEIGHBOURS),
)
@example(date(1997, 12, 25), "%Y{0}%m{0}%d", " - ", ENCODINGS[1], ("%", ""))
@example(date(2000, 12, 1), "%B{0}%d{0}%Y", "\N{EN DASH}", ENCODINGS[4], ("%", ""))
def test_a_date_does_not_come_through(
    day: date, layout: str, separator: str, encode: object, around: tuple[str, str]
) -> None:
    """A sent date is masked in its layouts, with any separator, encoding and neighbours."""
    assert callable(encode)
    written = encode(day.strftime(layout).format(separator))
    text = scrub(f"{around[0]}{written}{around[1]}", frozenset({day.isoformat()}))
    assert written not in text


@pytest.mark.parametrize("known", [frozenset(), personal_texts(Ssn(SSN))])
@pytest.mark.parametrize("before", ["%", "a%", "100 %", "&#"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_mark_before_an_escaped_number_hides_nothing(
    known: frozenset[str], before: str, times: int
) -> None:
    """A mark and the first digits of a number are not decoded as one character."""
    written = "333 52 7584"
    for _ in range(times):
        written = quote(written, safe="")
    assert "7584" not in scrub(f"{before}{written}.", known)


@pytest.mark.parametrize("written", ["333-52", "33352", "333 52"])
def test_the_first_five_digits_of_an_ssn_that_was_sent_are_masked(written: str) -> None:
    """The first five digits of a sent SSN are masked, since a mask shows the others."""
    known = personal_texts(Ssn(SSN))
    assert scrub(f"first five {written}, last four 7584", known).count("***") == 1


def test_half_a_character_is_replaced() -> None:
    """The result contains no unpaired surrogate."""
    assert scrub("Ada \ud83d", ()) == "Ada ?"
    assert "Ada" not in scrub("Ada\ud83d!", frozenset({"Ada\ud83d"}))


def test_a_name_is_masked_with_or_without_its_accent() -> None:
    """A name is masked with composed, decomposed and missing accents."""
    known = frozenset({"Canarylást"})
    for written in ("Canarylást", "Canarylast", "CANARYLA\u0301ST", "Canaryl%C3%A1st"):
        assert "canary" not in scrub(f"the name {written} is odd", known).lower()


def test_a_long_text_that_was_sent_is_masked_in_pieces() -> None:
    """A part of a long value that a vendor has cut is masked."""
    sent = " ".join(f"word{index:04}x" for index in range(1000))
    text = scrub(f"bad: {sent}", frozenset({sent}))
    assert "word" not in text


def test_a_part_of_base64_is_masked() -> None:
    """A part of a Base64 token in an echoed header is masked."""
    token = "sk_secret_token_1"
    text = scrub(f"key {b64encode(token.encode()).decode()}", frozenset({token}))
    assert text.startswith("key ***")


def spent(unit: str, size: int) -> float:
    """Return the seconds that scrubbing a text of a size takes, the best of three runs."""
    text = (unit * size)[:size]
    known = personal_texts(PERSON)
    accepted = []
    for _ in range(3):
        started = time.perf_counter()
        assert len(scrub(text, known)) <= LONGEST
        accepted.append(time.perf_counter() - started)
    return min(accepted)


@pytest.mark.parametrize(
    "unit",
    [
        *("a", "@", "a@", "1-", "9", "333 52 ", "&#45;", "%33", "\\", "\\u0033", "("),
        *(
            "[",
            "{'a",
            "'a'",
            "a=b&",
            "<a>",
            "january ",
            "account ",
            "birth ",
            " ",
            "_",
            "a.",
        ),
    ],
)
def test_scrubbing_takes_bounded_time(unit: str) -> None:
    """Scrubbing a megabyte takes no longer than a few thousand characters."""
    assert spent(unit, 1_000_000) < 4 * spent(unit, 4_000) + 0.5


@pytest.mark.parametrize("unit", ["a", "a@", "1-", "\\", "&", "%", "(", "9 "])
def test_below_the_bound_work_grows_with_the_length(unit: str) -> None:
    """Below the bound the time grows linearly with the length."""
    assert spent(unit, 4_000) < 8 * spent(unit, 1_000) + 0.1
