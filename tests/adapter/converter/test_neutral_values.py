"""Values that are built and written by the rules of wire classes, and of one bank."""

from __future__ import annotations

from attrs import frozen

from anybank import CustomerChanges, NewCustomer, Phone, PhoneKind, Ssn
from anybank.adapter.converter import (
    Reader,
    build,
    neutral,
    read,
    read_rules_of,
    reads,
    rules_of,
    write,
    writes,
)
from anybank.declaration import optional, refuse, required
from anybank.model.accounts import Account
from anybank.model.customers import Customer

_PAGE = "Acme docs"


@writes(Phone, _PAGE)
@frozen(kw_only=True)
class WirePhone:
    """A phone of the vendor, whose kinds an option of the bank may add to."""

    number: str | None = neutral("number", required())
    use: str | None = neutral("kind", required(values={PhoneKind.MOBILE: "M"}))


@writes(NewCustomer, _PAGE, refused=["status"])
@reads(Customer, _PAGE, status="a person has none")
@frozen(kw_only=True)
class WireCaller:
    """A person of the vendor, whose number and language are never returned."""

    id: str
    phones: list[WirePhone] | None = neutral("phones", optional(clearable=True))
    mail: list[str] | None = neutral("emails", optional(clearable=True))
    given: str | None = neutral("first_name", optional(clearable=True))
    family: str | None = neutral("last_name", optional())
    ssn: str | None = neutral("ssn", required(read="never"), write=Ssn.dashed)


def test_rules_that_options_change_replace_those_of_the_classes() -> None:
    """A bank whose option adds a word reads and writes it, and no other bank does."""
    declared = rules_of(WireCaller, WirePhone)
    words = {PhoneKind.MOBILE: "M", PhoneKind.HOME: "H"}
    phone_rules = {**declared[Phone], "kind": required(values=words)}
    person_rules = {**declared[NewCustomer], "last_name": refuse()}
    rules = {NewCustomer: person_rules, Phone: phone_rules}
    phone = Phone("+15551112222", PhoneKind.HOME)
    new = NewCustomer(last_name="Sample", phones=[phone])
    written = {"phones": [{"number": "+15551112222", "use": "H"}]}
    assert write(WireCaller, new, rules=rules) == written
    assert write(WireCaller, CustomerChanges(phones=[phone]), rules=rules) == written
    wire = read({"id": "1", **written}, WireCaller)
    assert build(Customer, wire, None, rules).phones == (phone,)
    assert build(Customer, wire).phones[0].kind is PhoneKind.UNKNOWN


def test_a_clearable_field_is_cleared_by_a_change_to_none() -> None:
    """Null removes a text and an empty list all items; a create without them has none."""
    cleared = CustomerChanges(first_name=None, last_name=None, emails=[], phones=[])
    assert write(WireCaller, cleared) == {"given": None, "mail": [], "phones": []}
    assert write(WireCaller, NewCustomer(emails=[])) == {}


def test_a_field_that_is_never_returned_is_written_only() -> None:
    """A response that repeats a secret neither reads it nor fails over its form."""
    new = NewCustomer(ssn=Ssn("333-52-7584"))
    assert write(WireCaller, new)["ssn"].reveal() == "333-52-7584"
    callers = Reader(WireCaller, Customer)
    for returned in ("333-52-7584", 5):
        assert callers.read({"id": "1", "ssn": returned}).ssn is None


def test_a_value_has_what_its_class_requires() -> None:
    """A phone without a number is one with an empty number, and lists are tuples."""
    caller = Reader(WireCaller, Customer).read(
        {"id": "1", "phones": [{}], "mail": ["ada@example.com"]}
    )
    assert caller.phones[0].number == ""
    assert caller.emails == ("ada@example.com",)
    assert isinstance(caller.phones, tuple)


def test_a_field_of_the_record_may_have_a_rule() -> None:
    """The rules of a new customer may refuse what only a customer has."""
    assert rules_of(WireCaller)[NewCustomer]["status"].create == "refused"


def test_a_field_called_kind_may_be_never_returned() -> None:
    """No argument of the decorator takes the name of a field."""

    @reads(Account, _PAGE, kind="all accounts are alike")
    @frozen(kw_only=True)
    class WireAny:
        id: str

    assert set(read_rules_of(WireAny)[Account].never) == {"kind"}
