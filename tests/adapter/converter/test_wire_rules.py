"""What wire classes declare of neutral values: their rules, and what is never returned."""

from __future__ import annotations

import sys

import pytest
from attrs import frozen

from anybank import Address, AddressKind, NewCustomer, Phone, PhoneKind
from anybank.adapter.converter import (
    Reader,
    build,
    neutral,
    read_rules_of,
    reads,
    rules_of,
    write,
    writes,
)
from anybank.declaration import Implied, optional, refuse, required
from anybank.errors import UnexpectedResponse
from anybank.model.accounts import Account, NewAccount
from anybank.model.customers import Customer
from anybank.model.government_id_numbers import GovernmentIdNumber
from anybank.model.government_ids import GovernmentId, GovernmentIdKind

_PAGE = "Acme docs"
_HOME = AddressKind.HOME
_IMPLIED = {"country": refuse(implied="US"), "primary": refuse(implied=Implied.FIRST)}


@writes(Address, _PAGE, _IMPLIED, refused=["id"])
@frozen(kw_only=True)
class WireHome:
    """An address of the vendor."""

    street: str | None = neutral("line1", required(length=(1, 40)))
    use: str | None = neutral("kind", optional(values={_HOME: "H"}))


@writes(NewCustomer, _PAGE, {"ssn": refuse("Acme needs none")})
@writes(
    GovernmentId,
    _PAGE,
    {"kind": required(values={GovernmentIdKind.PASSPORT: "passport"})},
)
@reads(Customer, "Acme docs, People", brand_id="Acme has no brands")
@frozen(kw_only=True)
class WirePerson:
    """A person of the vendor, with the parts of documents and phones side by side."""

    id: str
    passport: str | None = neutral(
        "government_ids[passport].number",
        required(read="masked"),
        read=GovernmentIdNumber,
    )
    passportCountry: str | None = neutral(  # noqa: N815  # the vendor's name
        "government_ids[passport].country", optional()
    )
    licence: str | None = neutral(
        "government_ids[drivers_license].number", read=GovernmentIdNumber
    )
    mobile: str | None = neutral(
        "phones[mobile]", optional(), read=Phone, write=lambda phone: phone.number
    )
    landline: str | None = neutral(
        "phones[home]", optional(), read=Phone, write=lambda phone: phone.number
    )
    homes: list[WireHome] | None = neutral("addresses", optional())


@frozen(kw_only=True)
class WireMail:
    """A person of a vendor with two addresses, one of them in plain fields."""

    id: str
    post: WireHome | None = neutral("addresses[mailing]", optional())
    street: str | None = neutral("addresses[home].line1", optional())
    mail: str | None = neutral("emails[0]", optional())


PEOPLE = Reader(WirePerson, Customer)
_RAW = {
    "id": "7",
    "passport": "P1234567",
    "passportCountry": "NO",
    "mobile": "+15551112222",
}


def test_rules_stand_with_the_fields_and_with_the_class() -> None:
    """Each value has the rules of its fields, the others that are declared, and a page."""
    rules = rules_of(WirePerson, WireHome)
    assert set(rules) == {NewCustomer, GovernmentId, Address}
    assert set(rules[NewCustomer]) == {"government_ids", "phones", "addresses", "ssn"}
    assert rules[NewCustomer]["government_ids"].items == (0, 1)
    assert set(rules[GovernmentId]) == {"kind", "number", "country"}
    assert rules[GovernmentId]["number"].native == "passport"
    assert rules[Address]["line1"].native == "street"
    assert rules[Address]["id"].create == "refused"
    assert {rule.source for rule in rules[NewCustomer].values()} == {_PAGE}


def test_a_module_stands_for_its_wire_classes() -> None:
    """The classes that a module defines are declared, and no class that it imports."""
    module = sys.modules[__name__]
    assert rules_of(module) == rules_of(WireHome, WirePerson)
    assert list(read_rules_of(module)) == [Customer]
    assert rules_of(sys.modules["anybank.adapter.converter"]) == {}


def test_two_wire_classes_may_be_parts_of_one_value() -> None:
    """A form and the object beside it declare fields of the same value."""

    @writes(NewAccount, _PAGE)
    @frozen(kw_only=True)
    class WireLabel:
        label: str | None = neutral("name", optional())

    @writes(NewAccount, _PAGE)
    @frozen(kw_only=True)
    class WireProduct:
        product: str | None = neutral("program_id", required())

    rules = rules_of(WireLabel, WireProduct)[NewAccount]
    assert set(rules) == {"name", "program_id"}


def test_the_fields_that_are_never_returned_have_reasons() -> None:
    """A record's class names what the vendor does not have, and the page that shows it."""
    rule = read_rules_of(WirePerson)[Customer]
    assert rule.source == "Acme docs, People"
    assert rule.never == {"brand_id": "Acme has no brands"}


@pytest.mark.parametrize(
    "declare",
    [
        lambda: reads(Account, _PAGE, nmae="typo")(WireHome),
        lambda: writes(Address, _PAGE, refused=["nmae"])(WireHome),
        lambda: writes(Address, _PAGE, {"nmae": optional()})(WireHome),
    ],
)
def test_a_misspelt_name_is_an_error(declare: object) -> None:
    """A name that is no field of the value cannot be declared."""
    assert callable(declare)
    with pytest.raises(ValueError, match="has no field nmae"):
        declare()


def test_what_is_implied_is_read() -> None:
    """A country, and the primary address of a list, need no function that adds them."""
    homes = [{"street": "1 Main St", "use": "H"}, {"street": "2 Main St"}]
    person = PEOPLE.read({"id": "7", "homes": homes})
    assert [home.country for home in person.addresses] == ["US", "US"]
    assert [home.primary for home in person.addresses] == [True, False]
    assert build(Address, WireHome(street="x"), country="CA").country == "CA"


def test_plain_fields_of_a_vendor_are_items_of_a_list() -> None:
    """A passport's number and country, and two phones, are one id and two phones."""
    person = PEOPLE.read({**_RAW, "landline": "+15553334444"})
    (passport,) = person.government_ids
    assert (passport.kind, passport.country) == (GovernmentIdKind.PASSPORT, "NO")
    assert passport.number.reveal() == "P1234567"
    assert [(it.number, it.kind.value) for it in person.phones] == [
        ("+15551112222", "mobile"),
        ("+15553334444", "home"),
    ]


def test_absent_items_are_no_items() -> None:
    """A person without any of the fields has empty lists."""
    person = PEOPLE.read({"id": "7", "passport": ""})
    assert (person.government_ids, person.phones) == ((), ())


def test_a_detail_alone_is_no_item() -> None:
    """The country of a person without a passport makes no passport up."""
    person = PEOPLE.read({"id": "7", "passportCountry": "NO"})
    assert person.government_ids == ()


def test_several_kinds_are_several_items() -> None:
    """Each kind has the fields that name it."""
    person = PEOPLE.read({**_RAW, "licence": "D99"})
    assert [it.kind for it in person.government_ids] == [
        GovernmentIdKind.PASSPORT,
        GovernmentIdKind.DRIVERS_LICENSE,
    ]


def test_items_are_written_where_their_kind_stands() -> None:
    """The item of a kind is written to its fields, and any other is not."""
    passport = GovernmentId(
        kind=GovernmentIdKind.PASSPORT, number="P1234567", country="NO"
    )
    other = GovernmentId(kind=GovernmentIdKind.OTHER, number="X1")
    new = NewCustomer(
        government_ids=[other, passport], phones=[Phone("+15551112222", PhoneKind.WORK)]
    )
    written = write(WirePerson, new)
    assert written.keys() == {"passport", "passportCountry"}
    assert written["passport"] == passport.number
    home = Address(line1="1 Main St", kind=AddressKind.HOME)
    post = Address(line1="PO Box 1", kind=AddressKind.MAILING)
    mail = NewCustomer(addresses=[home, post], emails=["ada@example.com"])
    assert write(WireMail, mail) == {
        "post": {"street": "PO Box 1"},
        "street": "1 Main St",
        "mail": "ada@example.com",
    }


def test_objects_and_plain_fields_make_one_list() -> None:
    """A mailing address is an object, the home a plain field, and the e-mail a text."""
    people = Reader(WireMail, Customer)
    person = people.read(
        {
            "id": "1",
            "post": {"street": "PO Box 1"},
            "street": "1 Main St",
            "mail": "ada@example.com",
        }
    )
    assert person.emails == ("ada@example.com",)
    assert [(it.kind, it.line1) for it in person.addresses] == [
        (AddressKind.MAILING, "PO Box 1"),
        (AddressKind.HOME, "1 Main St"),
    ]


def test_names_for_errors_have_an_index_where_it_is_known() -> None:
    """Where a list is several fields, an error about one names the list."""
    names = Reader(WireMail, Customer).names
    assert (names["mail"], names["street"]) == ("emails", "addresses")
    (person,) = PEOPLE.each([{**_RAW, "passport": 5}]).items
    assert person.unreadable == ("government_ids",)

    @frozen(kw_only=True)
    class WireOne:
        id: str
        passport: str | None = neutral("government_ids[passport].number")

    names = Reader(WireOne, Customer).names
    assert names["passport"] == "government_ids[0].number"


def test_a_name_of_another_form_is_an_error() -> None:
    """A path into an object is no neutral name, nor is a kind that does not exist."""
    for name in ("balance.current", "phones[", "phones[0].a.b", ""):
        with pytest.raises(TypeError, match="not of the form"):
            neutral(name)

    @frozen(kw_only=True)
    class WireOdd:
        id: str
        fax: str | None = neutral("phones[fax].number")

    with pytest.raises(TypeError, match="PhoneKind has no fax"):
        Reader(WireOdd, Customer)


def test_a_function_that_fails_names_the_field() -> None:
    """The path in the error is the field's, though the function serves several fields."""

    def refuse_all(_: object) -> None:
        raise UnexpectedResponse("$ is not an amount", path="$")

    @frozen(kw_only=True)
    class WireOdd:
        id: str
        title: str | None = neutral("name", read=refuse_all)

    with pytest.raises(UnexpectedResponse) as caught:
        Reader(WireOdd, Account).read({"id": "1", "title": "x"})
    assert caught.value.path == "$.title"


def test_a_class_without_a_value_has_no_rules() -> None:
    """The rules of a class that no `writes` names a value for would be lost silently."""

    @frozen(kw_only=True)
    class WireNobody:
        id: str
        title: str | None = neutral("name", required())

    with pytest.raises(TypeError, match="WireNobody has no @writes"):
        rules_of(WireNobody)
