"""Wire classes whose fields name their neutral counterparts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import frozen

from anybank import Address, AddressKind, CustomerChanges, NewCustomer, Phone
from anybank.adapter.converter import (
    Reader,
    build,
    members_by_word,
    neutral,
    rules_of,
    words_by_member,
    write,
    writes,
)
from anybank.declaration import optional, read_only, required
from anybank.errors import UnexpectedResponse
from anybank.model.accounts import Account, AccountStatus
from anybank.model.customers import Customer
from anybank.model.events import NewWebhookSubscription, WebhookSubscription

_STATES = {"OPEN": AccountStatus.OPEN, "SHUT": AccountStatus.CLOSED}


@frozen(kw_only=True)
class WireHome:
    """An address of the vendor."""

    street: str | None = neutral("line1", required(length=(1, 40)))
    town: str | None = neutral("city", required())
    use: str | None = neutral(
        "kind", required(values={AddressKind.HOME: "H", AddressKind.MAILING: "M"})
    )


@frozen(kw_only=True)
class WireName:
    """A name of the vendor, inside of a person."""

    given: str | None = neutral("first_name", required())
    family: str | None = neutral("last_name", required())


@writes(NewCustomer, "Acme docs")
@frozen(kw_only=True)
class WirePerson:
    """A person of the vendor."""

    id: str
    name: WireName | None = None
    mail: str | None = neutral("emails", optional(items=(0, 1)))
    homes: list[WireHome] | None = neutral(
        "addresses", optional(), read=lambda homes: tuple(map(_home, homes))
    )
    cell: str | None = neutral(
        "phones",
        optional(items=(0, 1)),
        read=Phone,
        write=lambda phone: phone.number,
    )
    state: str | None = neutral("native_status", read_only())


def _home(home: WireHome) -> Address:
    return build(Address, home, country="US")


@frozen(kw_only=True)
class WireState:
    """An account of the vendor."""

    id: str
    state: str | None = neutral("status", read=_STATES)
    title: str | None = neutral("name")
    label: str | None = neutral("name")


PEOPLE = Reader(
    WirePerson, Customer, lambda wire, raw: build(Customer, wire, raw, provider="x")
)
ACCOUNTS = Reader(WireState, Account)
_HOME = {"street": "1 Main St", "town": "Oslo", "use": "H"}
_RAW = {
    "id": "7",
    "name": {"given": "Ada", "family": "Sample"},
    "mail": "ada@example.com",
    "homes": [_HOME],
    "cell": "+15551112222",
    "state": "ok",
}


def test_a_record_is_read_under_the_neutral_names() -> None:
    """Inner objects, lists and plain fields become the fields that they name."""
    person = PEOPLE.read(_RAW)
    assert (person.id, person.first_name, person.last_name) == ("7", "Ada", "Sample")
    assert (person.emails, person.native_status) == (("ada@example.com",), "ok")
    assert person.phones == (Phone("+15551112222"),)
    assert (person.addresses[0].line1, person.addresses[0].city) == (
        "1 Main St",
        "Oslo",
    )
    assert person.raw == _RAW


def test_a_table_of_words_reads_the_member_and_the_word() -> None:
    """An unknown word is UNKNOWN, with the word beside it; an absent one, too."""
    for raw, member in (("SHUT", AccountStatus.CLOSED), ("?", AccountStatus.UNKNOWN)):
        account = ACCOUNTS.read({"id": "1", "state": raw})
        assert (account.status, account.native_status) == (member, raw)
    assert ACCOUNTS.read({"id": "1"}).status is AccountStatus.UNKNOWN


def test_the_first_of_several_fields_that_is_present_is_read() -> None:
    """Two fields of a vendor may be one of ours."""
    assert ACCOUNTS.read({"id": "1", "title": "a", "label": "b"}).name == "a"
    assert ACCOUNTS.read({"id": "1", "label": "b"}).name == "b"


def test_a_computed_field_replaces_that_of_the_record() -> None:
    """What the adapter computes wins, and a name that does not exist is an error."""
    wire = WireState(id="1", title="a")
    assert build(Account, wire, name="mine").name == "mine"
    with pytest.raises(TypeError, match="nmae"):
        build(Account, wire, nmae="mine")


def test_a_misspelt_neutral_name_is_an_error() -> None:
    """The reader of a wire class with a wrong name cannot be created."""

    @frozen(kw_only=True)
    class WireTypo:
        id: str
        title: str | None = neutral("nmae")

    with pytest.raises(TypeError, match="nmae"):
        Reader(WireTypo, Account)


def test_a_value_is_written_as_it_is_read() -> None:
    """Only fields with a value are written, nested as the vendor has them."""
    new = NewCustomer(
        first_name="Ada",
        last_name="Sample",
        emails=["ada@example.com"],
        phones=[Phone("+15551112222")],
        addresses=[
            Address(line1="1 Main St", city="Oslo", country="US", kind=AddressKind.HOME)
        ],
    )
    written = write(WirePerson, new)
    assert written == {key: _RAW[key] for key in ("name", "mail", "homes", "cell")}
    changes = CustomerChanges(emails=["new@example.com"])
    assert write(WirePerson, changes) == {"mail": "new@example.com"}


def test_the_rules_have_the_names_of_the_vendor() -> None:
    """The name of the attribute is the native name; a field without a rule has none."""
    rules = rules_of(WirePerson)[NewCustomer]
    assert rules["first_name"].native == "given"
    assert rules["emails"].items == (0, 1)
    assert set(rules) == {
        *("first_name", "last_name", "emails", "addresses", "phones", "native_status"),
    }


@pytest.mark.parametrize(
    ("change", "ours"),
    [
        ({"mail": 5}, ("emails",)),
        ({"name": {"given": 5, "family": "Sample"}}, ("first_name",)),
        ({"homes": [_HOME, {**_HOME, "town": 5}]}, ("addresses[1].city",)),
    ],
)
def test_what_cannot_be_read_is_named(change: dict[str, object], ours: object) -> None:
    """A listing and a create go on without a misfit, and a read raises."""
    (person,) = PEOPLE.each([{**_RAW, **change}])
    assert person.unreadable == ours
    assert PEOPLE.created({**_RAW, **change}) == person
    with pytest.raises(UnexpectedResponse):
        PEOPLE.read({**_RAW, **change})


def test_words_are_listed_by_member_and_members_by_word() -> None:
    """The two tables are each other's inverse."""
    words = {AccountStatus.OPEN: "OPEN NEW", AccountStatus.CLOSED: "SHUT"}
    members = members_by_word(words)
    assert members["NEW"] is AccountStatus.OPEN
    assert words_by_member(members) == words
    assert set(members_by_word(words, suffix="X")) == {"OPENX", "NEWX", "SHUTX"}


@frozen(kw_only=True)
class WireTown:
    town: str | None = neutral("city")


@frozen(kw_only=True)
class WireOwner:
    id: str
    home: WireTown | None = neutral("addresses")
    homes: list[WireTown] | None = neutral("addresses")


def test_inner_wire_classes_are_read_by_their_own_fields() -> None:
    """An address is built from its wire class without a function that says so."""
    owners = Reader(WireOwner, Customer)
    one = owners.read({"id": "1", "home": {"town": "Oslo"}})
    several = owners.read({"id": "1", "homes": [{"town": "Oslo"}, {"town": "Rome"}]})
    assert [address.city for address in one.addresses] == ["Oslo"]
    assert [address.city for address in several.addresses] == ["Oslo", "Rome"]
    assert {type(address) for address in several.addresses} == {Address}


@frozen(kw_only=True)
class WireSeveralTypes:
    id: str
    amount: Decimal | int | None = neutral("full_name")


def test_a_wire_field_of_several_types_is_explained() -> None:
    """A number is read as a Decimal, whether the vendor writes a fraction or not."""
    with pytest.raises(TypeError, match="Decimal also reads a whole number"):
        Reader(WireSeveralTypes, Customer)


def test_a_field_that_is_only_written_is_not_read() -> None:
    """A secret is sent; one that a response has anyhow is neither read nor checked."""

    @frozen(kw_only=True)
    class WireHook:
        id: str
        key: str | None = neutral("secret", optional(), write_only=True)
        state: str | None = neutral(
            "events", optional(values={"opened": "OPEN"}), write_only=True
        )
        url: str | None = neutral("url", required())

    hooks = Reader(WireHook, WebhookSubscription)
    hook = hooks.read({"id": "1", "url": "https://a.example", "key": 5, "state": "x"})
    assert (hook.url, hook.secret, hook.events) == ("https://a.example", None, ())
    new = NewWebhookSubscription(url="https://a.example", events=[], secret="s" * 20)
    assert write(WireHook, new).keys() == {"key", "url"}
