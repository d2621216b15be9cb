"""What a declaration says of a value before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

import pytest
from attrs import evolve, frozen
from tests.fakes import home

from anybank import (
    UNSET,
    AccountKind,
    Address,
    AddressKind,
    Capabilities,
    CustomerChanges,
    Effect,
    FieldNotUpdatable,
    FieldRule,
    InvalidInput,
    Issue,
    Money,
    NewAccount,
    NewCreditApplication,
    NewCustomer,
    Phone,
    PhoneKind,
    Ssn,
)
from anybank.declaration import Implied
from anybank.declaration.preflight import prepare, prepare_or_raise
from anybank.errors import Remedy

T = TypeVar("T")
Rules = Mapping[str, FieldRule]
FREE = FieldRule()
FIRST = NewCustomer(first_name="Ada")
NAMES = """
    first_name middle_name last_name preferred_name ssn date_of_birth
    document_locator_number emails phones addresses external_id
    """


def declared(
    customer: Rules | None = None,
    address: Rules | None = None,
    phone: Rules | None = None,
    **other: Any,
) -> Capabilities:
    """Declare a vendor that takes everything but what is ruled otherwise."""
    free = {
        NewCustomer: (customer, NAMES),
        Address: (address, "kind line1 line2 city state postal_code country primary"),
        Phone: (phone, "number kind"),
    }
    fields = {
        kind: {**dict.fromkeys(names.split(), FREE), **(rules or {})}
        for kind, (rules, names) in free.items()
    }
    return Capabilities(provider="toy", title="Toy", hosts={}, fields=fields, **other)


def check(declaration: Capabilities, value: object, **known: Any) -> list[Issue]:
    return list(prepare(declaration, value, **known).issues)


def prepared(declaration: Capabilities, value: T) -> T:
    return prepare(declaration, value).value


def told(issues: list[Issue]) -> list[tuple[str, Effect, str]]:
    return [(issue.field, issue.effect, issue.rule) for issue in issues]


def test_what_is_declared_free_is_clean() -> None:
    """Nothing is found in a value that the vendor takes as it is."""
    new = NewCustomer(first_name="Ada", emails=["a@example.com"], addresses=[home()])
    assert check(declared(), new) == []


def test_a_value_without_declared_rules_is_let_through() -> None:
    """A type that the declaration does not know is not checked."""
    assert check(declared(), Money(1)) == []
    assert prepared(declared(), Money(1)) == Money(1)


# One case for each attribute of a FieldRule: the rule, a value that keeps it, one that
# breaks it, and what is told of the one that breaks it.
CASES: dict[str, tuple[Rules, NewCustomer, NewCustomer, tuple[str, Effect, str]]] = {
    "required": (
        {"first_name": FieldRule(create="required")},
        FIRST,
        NewCustomer(),
        ("first_name", Effect.BLOCKED, "create=required"),
    ),
    "refused": (
        {"first_name": FieldRule(create="refused")},
        NewCustomer(),
        FIRST,
        ("first_name", Effect.DROPPED, "create=refused"),
    ),
    "fewest items": (
        {"emails": FieldRule(items=(2, None))},
        NewCustomer(emails=["a@example.com", "b@example.com"]),
        NewCustomer(emails=["a@example.com"]),
        ("emails", Effect.BLOCKED, "items>=2"),
    ),
    "most items": (
        {"emails": FieldRule(items=(0, 1))},
        NewCustomer(emails=["a@example.com"]),
        NewCustomer(emails=["a@example.com", "b@example.com"]),
        ("emails[1]", Effect.DROPPED, "items<=1"),
    ),
    "pattern": (
        {"first_name": FieldRule(pattern="[A-Z][a-z]+")},
        FIRST,
        NewCustomer(first_name="ada"),
        ("first_name", Effect.BLOCKED, "pattern"),
    ),
    "pattern to the end": (
        {"external_id": FieldRule(pattern="[a-z]+")},
        NewCustomer(external_id="abc"),
        NewCustomer(external_id="abc1"),
        ("external_id", Effect.BLOCKED, "pattern"),
    ),
    "pattern that drops": (
        {"first_name": FieldRule(pattern="[A-Z]+", misfit="dropped")},
        NewCustomer(first_name="A"),
        NewCustomer(first_name="a"),
        ("first_name", Effect.DROPPED, "pattern"),
    ),
    "too short": (
        {"first_name": FieldRule(length=(2, 3))},
        FIRST,
        NewCustomer(first_name="A"),
        ("first_name", Effect.BLOCKED, "length=2-3"),
    ),
    "too long": (
        {"first_name": FieldRule(length=(2, 3))},
        FIRST,
        NewCustomer(first_name="Adam"),
        ("first_name", Effect.BLOCKED, "length=2-3"),
    ),
    "a pattern in a list": (
        {"emails": FieldRule(pattern=r".+@example\.com")},
        NewCustomer(emails=["a@example.com"]),
        NewCustomer(emails=["a@example.com", "b@example.org"]),
        ("emails[1]", Effect.BLOCKED, "pattern"),
    ),
    "default": (
        {"preferred_name": FieldRule(create="required", default="Nobody")},
        NewCustomer(preferred_name="Ada"),
        NewCustomer(),
        ("preferred_name", Effect.DEFAULTED, "default"),
    ),
    "default from another": (
        {"preferred_name": FieldRule(create="required", default_from="first_name")},
        NewCustomer(preferred_name="Ada"),
        FIRST,
        ("preferred_name", Effect.DEFAULTED, "default"),
    ),
    "default from nothing": (
        {"preferred_name": FieldRule(create="required", default_from="first_name")},
        NewCustomer(preferred_name="Ada"),
        NewCustomer(),
        ("preferred_name", Effect.BLOCKED, "create=required"),
    ),
    "implied": (
        {"last_name": FieldRule(create="refused", implied="Doe")},
        NewCustomer(last_name="Doe"),
        NewCustomer(last_name="Roe"),
        ("last_name", Effect.BLOCKED, "implied=Doe"),
    ),
    "changed": (
        {"first_name": FieldRule(changed="is written in capitals")},
        NewCustomer(),
        FIRST,
        ("first_name", Effect.CHANGED, "changed"),
    ),
    "a mask for a number": (
        {"ssn": FieldRule(create="required")},
        NewCustomer(ssn=Ssn("333527584")),
        NewCustomer(ssn=Ssn("XXX-XX-7584")),
        ("ssn", Effect.BLOCKED, "full number"),
    ),
    "a mask for an optional number": (
        {"ssn": FieldRule()},
        NewCustomer(ssn=Ssn("333527584")),
        NewCustomer(ssn=Ssn("tok_1")),
        ("ssn", Effect.DROPPED, "full number"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_rule_lets_its_value_through(name: str) -> None:
    """A value that keeps the rule is clean."""
    rules, good, _, _ = CASES[name]
    assert check(declared(rules), good) == []


@pytest.mark.parametrize("name", CASES)
def test_a_rule_finds_what_breaks_it(name: str) -> None:
    """A value that breaks the rule is told by field, effect and rule, once."""
    rules, _, bad, expected = CASES[name]
    assert told(check(declared(rules), bad)) == [expected]


@pytest.mark.parametrize("name", CASES)
def test_what_is_settled_and_clean_stays_as_it_is(name: str) -> None:
    """Settling changes nothing of a value that has no issues."""
    rules, good, _, _ = CASES[name]
    assert prepared(declared(rules), good) == good


ADDRESS_CASES: dict[str, tuple[Rules, Address, Address, tuple[str, Effect, str]]] = {
    "line 2": (
        {"line2": FieldRule(create="refused")},
        home(),
        home(line2="Suite 600"),
        ("addresses[0].line2", Effect.DROPPED, "create=refused"),
    ),
    "pattern of its country": (
        {"state": FieldRule(pattern=".{1,20}", pattern_in={"US": "[A-Z]{2}"})},
        home(state="Bavaria", country="DE"),
        home(state="California"),
        ("addresses[0].state", Effect.BLOCKED, "pattern"),
    ),
    "implied country": (
        {"country": FieldRule(create="refused", implied="US")},
        home(),
        home(country="CA"),
        ("addresses[0].country", Effect.BLOCKED, "implied=US"),
    ),
    "unknown word": (
        {"kind": FieldRule(values={AddressKind.PHYSICAL: "P"})},
        home(),
        home(kind=AddressKind.WORK),
        ("addresses[0].kind", Effect.BLOCKED, "values"),
    ),
    "shared word": (
        {"kind": FieldRule(values={AddressKind.PHYSICAL: "P", AddressKind.HOME: "P"})},
        home(),
        home(kind=AddressKind.HOME),
        ("addresses[0].kind", Effect.CHANGED, "values"),
    ),
    "required kind": (
        {"kind": FieldRule(create="required")},
        home(),
        home(kind=AddressKind.UNKNOWN),
        ("addresses[0].kind", Effect.BLOCKED, "create=required"),
    ),
    "default kind": (
        {"kind": FieldRule(default=AddressKind.HOME)},
        home(),
        home(kind=AddressKind.UNKNOWN),
        ("addresses[0].kind", Effect.DEFAULTED, "default"),
    ),
}


@pytest.mark.parametrize("name", ADDRESS_CASES)
def test_a_rule_of_addresses_is_told_with_its_place(name: str) -> None:
    """The path of an issue has the index of the address."""
    rules, good, bad, expected = ADDRESS_CASES[name]
    vendor = declared(address=rules)
    assert check(vendor, NewCustomer(addresses=[good])) == []
    assert told(check(vendor, NewCustomer(addresses=[bad]))) == [expected]


def test_the_path_names_the_second_address() -> None:
    """An issue of the second address says `addresses[1].line2`."""
    vendor = declared(address={"line2": FieldRule(create="refused")})
    both = [home(), home(line2="x", primary=None)]
    assert [item.field for item in check(vendor, NewCustomer(addresses=both))] == [
        "addresses[1].line2"
    ]


def test_an_address_alone_is_checked_too() -> None:
    """A single address is a value with rules of its own."""
    vendor = declared(address={"line2": FieldRule(create="refused")})
    assert told(check(vendor, home(line2="x")))[0][0] == "line2"


def test_a_part_of_a_value_is_told_by_its_path() -> None:
    """A value inside another is named with a dot."""
    rules: dict[type, Rules] = {
        Money: {
            "minor_units": FREE,
            "currency": FieldRule(create="refused", implied="USD"),
        }
    }
    application = dict.fromkeys(
        ["total_annual_income", "program_id", "customer_id"], FREE
    )
    vendor = Capabilities(
        provider="toy",
        title="Toy",
        hosts={},
        fields={**rules, NewCreditApplication: application},
    )
    new = NewCreditApplication(
        program_id="p", customer_id="c", total_annual_income=Money(1, "EUR")
    )
    assert [item.field for item in check(vendor, new)] == [
        "total_annual_income.currency"
    ]


def test_no_issue_holds_a_value() -> None:
    """What an issue says is known without the person."""
    vendor = declared({"first_name": FieldRule(pattern="x", length=(1, 2))})
    (issue,) = check(vendor, NewCustomer(first_name="Wilhelmina"))
    assert "Wilhelmina" not in repr(issue)


def test_an_issue_has_note_source_and_vendor() -> None:
    """An issue says whose rule it is, where that stands, and the way out."""
    rule = FieldRule(create="required", note="give one", source="p. 3")
    (issue,) = check(declared({"first_name": rule}), NewCustomer())
    assert issue.source == "p. 3"
    assert issue.message == "Toy requires it"
    assert issue.remedy == Remedy("give one")
    assert str(issue) == "first_name: Toy requires it. Give one"


def test_a_loss_names_the_way_to_accept_it() -> None:
    """The message holds the very argument that goes on without the field."""
    vendor = declared(address={"line2": FieldRule(create="refused")})
    (issue,) = check(vendor, NewCustomer(addresses=[home(line2="x")]))
    assert issue.remedy == Remedy(accept_loss="addresses.line2")
    assert "accept_loss={'addresses.line2'}" in str(issue)


LOSSY = declared(
    {"preferred_name": FieldRule(create="refused")},
    {"line2": FieldRule(create="refused")},
)
LOSING = NewCustomer(
    first_name="Ada", preferred_name="A", addresses=[home(line2="Suite 600")]
)


@pytest.mark.parametrize(
    "consent",
    [
        {"preferred_name", "addresses.line2"},
        {"preferred_name", "addresses[0].line2"},
        ["addresses.line2", "preferred_name"],
        "all",
        {"all"},
    ],
)
def test_a_loss_that_is_accepted_is_made_and_reported(consent: Any) -> None:
    """Consent by name, with or without indexes, or to all."""
    result = prepare_or_raise(LOSSY, LOSING, accept_loss=consent)
    assert result.value.preferred_name is None
    assert result.value.addresses[0].line2 is None
    assert result.value.first_name == "Ada"
    assert [issue.effect for issue in result.issues] == [Effect.DROPPED] * 2


@pytest.mark.parametrize(
    ("consent", "left"),
    [
        ((), 2),
        ({"preferred_name"}, 1),
        ("preferred_name", 1),
        ({"addresses[1].line2", "preferred_name"}, 1),
    ],
)
def test_a_loss_that_is_not_accepted_is_refused(consent: Any, left: int) -> None:
    """Only what is named is dropped."""
    with pytest.raises(InvalidInput) as caught:
        prepare_or_raise(LOSSY, LOSING, accept_loss=consent)
    assert len(caught.value.issues) == left


def test_consent_does_not_lift_a_block() -> None:
    """What is missing cannot be agreed away."""
    vendor = declared({"first_name": FieldRule(create="required")})
    with pytest.raises(InvalidInput, match="first_name"):
        prepare_or_raise(vendor, NewCustomer(), accept_loss="all")


def test_changed_and_defaulted_need_no_consent() -> None:
    """They are reported, and go on."""
    vendor = declared({"preferred_name": FieldRule(default_from="first_name")})
    result = prepare_or_raise(vendor, FIRST)
    assert result.value.preferred_name == "Ada"
    assert [issue.effect for issue in result.issues] == [Effect.DEFAULTED]


def test_items_beyond_the_most_are_left_out() -> None:
    """With consent, the first of a list are what is sent."""
    vendor = declared({"emails": FieldRule(items=(0, 1))})
    new = NewCustomer(emails=["a@example.com", "b@example.com"])
    result = prepare_or_raise(vendor, new, accept_loss={"emails"}).value
    assert result.emails == ("a@example.com",)


def test_what_is_left_out_is_not_held_against_its_person() -> None:
    """Of two addresses where one is taken, the second may be of any kind."""
    physical = {"kind": FieldRule(values={AddressKind.PHYSICAL: "HOME"})}
    vendor = declared({"addresses": FieldRule(items=(0, 1))}, physical)
    mailing = home(kind=AddressKind.MAILING, primary=False)
    new = NewCustomer(addresses=[home(primary=True), mailing])
    assert [item.field for item in check(vendor, new)] == ["addresses[1]"]


def test_the_primary_address_is_the_one_that_stays() -> None:
    """Wherever it stands; the others are named as those that are left out."""
    vendor = declared({"addresses": FieldRule(items=(0, 1))})
    new = NewCustomer(addresses=[home(city="Reno", primary=False), home(city="Elko")])
    result = prepare_or_raise(vendor, new, accept_loss={"addresses"})
    assert [issue.field for issue in result.issues] == ["addresses[0]"]
    assert [address.city for address in result.value.addresses] == ["Elko"]


@pytest.mark.parametrize("read", ["returned", "never"])
def test_what_silence_means_is_settled(read: Any) -> None:
    """A phone of no known kind reads as the one there is; said where that is told."""
    implied = FieldRule(create="refused", read=read, implied=PhoneKind.MOBILE)
    vendor = declared(phone={"kind": implied})
    new = NewCustomer(phones=[Phone("+15550102000", PhoneKind.UNKNOWN)])
    result = prepare_or_raise(vendor, new)
    assert [phone.kind for phone in result.value.phones] == [PhoneKind.MOBILE]
    effects = [issue.effect for issue in result.issues]
    assert effects == ([Effect.DEFAULTED] if read == "returned" else [])


def test_a_misfit_that_is_dropped_is_left_out() -> None:
    """With consent, what does not fit is not sent."""
    vendor = declared({"middle_name": FieldRule(length=(2, 50), misfit="dropped")})
    result = prepare_or_raise(
        vendor, NewCustomer(middle_name="J"), accept_loss={"middle_name"}
    ).value
    assert result.middle_name is None


def test_a_misfit_of_a_kind_is_left_out() -> None:
    """A kind without a word is not sent as something else."""
    rule = FieldRule(values={PhoneKind.MOBILE: "M"}, misfit="dropped")
    vendor = declared(phone={"kind": rule})
    new = NewCustomer(phones=[Phone("+15551112222", PhoneKind.WORK)])
    assert told(check(vendor, new)) == [("phones[0].kind", Effect.DROPPED, "values")]
    result = prepare_or_raise(vendor, new, accept_loss="all").value
    assert rule.word(result.phones[0].kind) is None


def test_settling_looks_at_the_country_as_checking_does() -> None:
    """What is clean by the pattern of its country is not left out in silence."""
    rule = FieldRule(pattern="[A-Z]{2}", pattern_in={"DE": ".+"}, misfit="dropped")
    vendor = declared(address={"state": rule})
    new = NewCustomer(addresses=[home(state="Bavaria", country="DE")])
    assert check(vendor, new) == []
    assert prepared(vendor, new).addresses[0].state == "Bavaria"


def test_a_misfit_in_a_list_is_left_out() -> None:
    """With consent, an item that does not fit is not sent, and the others are."""
    rule = FieldRule(pattern=r".+@example\.com", misfit="dropped")
    new = NewCustomer(emails=["a@example.org", "a@example.com"])
    result = prepare_or_raise(
        declared({"emails": rule}), new, accept_loss={"emails"}
    ).value
    assert result.emails == ("a@example.com",)


def test_a_mask_that_is_dropped_is_left_out() -> None:
    """No mask is ever sent for a number."""
    new = NewCustomer(ssn=Ssn("XXX-XX-7584"))
    result = prepare_or_raise(declared(), new, accept_loss={"ssn"}).value
    assert result.ssn is None


PRIMARY = declared(address={"primary": FieldRule(create="required")})


def test_a_lone_address_is_the_primary_one() -> None:
    """One address that is not marked is settled as the primary one."""
    new = NewCustomer(addresses=[home(primary=None)])
    assert check(PRIMARY, new) == []
    assert prepared(PRIMARY, new).addresses[0].primary is True


def test_the_primary_address_goes_first() -> None:
    """Prepared, the primary address leads and the others are marked as not."""
    second = home(line1="2 Elm")
    new = NewCustomer(addresses=[home(primary=None), second])
    result = prepared(PRIMARY, new).addresses
    assert [item.primary for item in result] == [True, False]
    assert result[0].line1 == "2 Elm"


@pytest.mark.parametrize("marks", [[None, None], [False], [False, None]], ids=str)
def test_some_address_must_be_primary(marks: list[bool | None]) -> None:
    """Several that are not marked leave open which it is."""
    new = NewCustomer(addresses=[home(primary=mark) for mark in marks])
    assert told(check(PRIMARY, new)) == [("addresses", Effect.BLOCKED, "primary")]


def test_where_order_says_it_nothing_need_be_marked() -> None:
    """A vendor whose first address is the primary one takes any marks."""
    rule = FieldRule(create="refused", implied=Implied.FIRST)
    vendor = declared(address={"primary": rule})
    new = NewCustomer(addresses=[home(primary=None), home(line1="2 Elm")])
    assert check(vendor, new) == []
    assert prepared(vendor, new).addresses[0].line1 == "2 Elm"


@pytest.mark.parametrize("name", CASES)
def test_settling_twice_is_settling_once(name: str) -> None:
    """A settled value settles as itself."""
    rules, _, bad, _ = CASES[name]
    once = prepared(declared(rules), bad)
    assert prepared(declared(rules), once) == once


def test_extras_and_ids_are_kept() -> None:
    """What no rule is about goes through settling."""
    new = NewCustomer(first_name="Ada", extras={"other": 1})
    assert prepared(declared(), new).extras == {"other": 1}
    assert prepared(declared(), home(id="a1")).id == "a1"


@frozen
class ToyExtras:
    """What the toy alone knows."""

    colour: str = "red"


def test_extras_must_be_the_vendors() -> None:
    """Extras of another type are refused; those of other vendors are theirs."""
    vendor = declared(extras=ToyExtras)
    assert check(vendor, NewCustomer(extras={"toy": ToyExtras()})) == []
    assert check(vendor, NewCustomer(extras={"bond": object()})) == []
    (issue,) = check(vendor, NewCustomer(extras={"toy": {"colour": "red"}}))
    assert issue.field == "extras['toy']"
    assert "ToyExtras" in issue.message


def test_extras_for_a_vendor_without_any_are_refused() -> None:
    """A vendor that has nothing of its own takes no extras."""
    (issue,) = check(declared(), NewCustomer(extras={"toy": ToyExtras()}))
    assert "not something this vendor has" in issue.message


UPDATES = declared(
    {
        "first_name": FieldRule(update="never"),
        "last_name": FieldRule(update="before_kyc"),
        "addresses": FieldRule(update="before_kyc", when="secondary addresses: always"),
        "phones": FieldRule(update="before_kyc"),
        "middle_name": FieldRule(clearable=True),
        "ssn": FieldRule(create="required"),
    },
    {"primary": FieldRule(create="required")},
)


def test_an_empty_change_is_clean() -> None:
    """What is UNSET is not looked at, required or not."""
    assert check(UPDATES, CustomerChanges()) == []
    assert prepared(UPDATES, CustomerChanges()) == CustomerChanges()


@pytest.mark.parametrize("passed", [True, False, None])
def test_what_never_changes_is_refused_at_any_time(*, passed: bool | None) -> None:
    """A field with update=never is refused as not updatable."""
    with pytest.raises(FieldNotUpdatable, match="first_name") as caught:
        prepare_or_raise(UPDATES, CustomerChanges(first_name="Eve"), kyc_passed=passed)
    assert caught.value.issues[0].rule == "update=never"


@pytest.mark.parametrize("passed", [False, None])
def test_what_kyc_fixes_may_change_before(*, passed: bool | None) -> None:
    """Before KYC, or where that is not known, the vendor decides."""
    assert check(UPDATES, CustomerChanges(last_name="Eve"), kyc_passed=passed) == []


def test_what_kyc_fixes_is_refused_after() -> None:
    """After KYC a fixed field is refused here, whatever is consented to."""
    with pytest.raises(FieldNotUpdatable, match="last_name"):
        prepare_or_raise(
            UPDATES,
            CustomerChanges(last_name="Eve"),
            kyc_passed=True,
            accept_loss="all",
        )


@pytest.mark.parametrize(
    ("marks", "refused"),
    [
        ([False], []),
        ([False, False], []),
        ([None], ["addresses[0]"]),
        ([True], ["addresses[0]"]),
        ([False, True], ["addresses[1]"]),
    ],
    ids=str,
)
def test_secondary_addresses_may_change_after_kyc(
    marks: list[bool | None], refused: list[str]
) -> None:
    """Only the primary address is fixed, and a lone unmarked one is primary."""
    changes = CustomerChanges(addresses=[home(primary=mark) for mark in marks])
    issues = check(UPDATES, changes, kyc_passed=True)
    assert [item.field for item in issues] == refused


def test_a_list_without_an_exception_is_fixed_after_kyc() -> None:
    """Where no exception is declared, the whole list is fixed."""
    changes = CustomerChanges(phones=[Phone("+15551112222")])
    assert told(check(UPDATES, changes, kyc_passed=True)) == [
        ("phones", Effect.BLOCKED, "update=before_kyc")
    ]


def test_clearing_needs_a_field_that_can_be_cleared() -> None:
    """None clears where the declaration allows it."""
    assert check(UPDATES, CustomerChanges(middle_name=None)) == []
    assert prepared(UPDATES, CustomerChanges(middle_name=None)).middle_name is None
    assert told(check(UPDATES, CustomerChanges(last_name=None))) == [
        ("last_name", Effect.BLOCKED, "clear")
    ]


def test_an_emptied_list_is_cleared_too() -> None:
    """An empty list is what None is."""
    assert told(check(UPDATES, CustomerChanges(emails=[]))) == [
        ("emails", Effect.BLOCKED, "clear")
    ]


def test_a_change_is_not_filled_with_defaults() -> None:
    """A default is for a new customer; a change touches what it names."""
    vendor = declared({"preferred_name": FieldRule(default="Nobody")})
    assert prepared(vendor, CustomerChanges(last_name="Roe")).preferred_name is UNSET


def test_what_is_left_out_of_a_change_is_left_alone() -> None:
    """A part that was consented to be dropped is UNSET, for None would clear it."""
    rule = FieldRule(length=(2, 50), misfit="dropped", clearable=True)
    vendor = declared({"middle_name": rule, "ssn": FREE})
    changes = CustomerChanges(middle_name="J", ssn=Ssn("XXX-XX-7584"))
    result = prepare_or_raise(vendor, changes, accept_loss="all").value
    assert result.middle_name is UNSET
    assert result.ssn is UNSET


def test_a_refused_field_of_a_change_is_left_alone() -> None:
    """A field that is not taken is UNSET once its loss is accepted."""
    vendor = declared({"preferred_name": FieldRule(create="refused")})
    result = prepare_or_raise(
        vendor, CustomerChanges(preferred_name="A"), accept_loss="all"
    ).value
    assert result.preferred_name is UNSET


def test_dates_have_no_text_rules() -> None:
    """A pattern is for texts; a date is compared with none."""
    vendor = declared({"date_of_birth": FieldRule(pattern="x")})
    new = NewCustomer(date_of_birth=date(1990, 1, 1))
    assert check(vendor, new) == []
    assert prepared(vendor, new) == new


def test_the_rules_of_a_part_are_those_of_its_place() -> None:
    """A phone's rules are found for every phone."""
    vendor = declared(phone={"number": FieldRule(pattern=r"\+1[0-9]{10}")})
    new = NewCustomer(phones=[Phone("+15551112222"), Phone("+442079460018")])
    assert [item.field for item in check(vendor, new)] == ["phones[1].number"]
    assert evolve(new) == new


def test_a_part_without_declared_rules_is_refused_field_by_field() -> None:
    """Each field that is set in an undeclared part is an issue, and the part is unchanged."""
    vendor = evolve(declared(), fields={NewCustomer: {"phones": FREE}})
    new = NewCustomer(phones=[Phone("+15551112222")])
    assert [item.field for item in check(vendor, new)] == ["phones[0].number"]
    assert prepared(vendor, new).phones is new.phones


def test_a_value_that_nothing_changes_is_returned_as_it_is() -> None:
    """A value is built again only where a field is filled in, changed or left out."""
    new = NewCustomer(first_name="Ada", emails=["a@example.com"], addresses=[home()])
    assert prepared(declared(), new) is new
    vendor = declared({"preferred_name": FieldRule(default_from="first_name")})
    assert prepared(vendor, new) == evolve(new, preferred_name="Ada")
    assert prepared(vendor, new).addresses is new.addresses


def account_rules(**kind: FieldRule) -> Capabilities:
    """Declare a vendor of accounts with rules for their kind."""
    free = dict.fromkeys(("customer_ids", "name", "currency", "program_id"), FREE)
    return evolve(declared(), fields={NewAccount: {**free, **kind}})


_WORDS = FieldRule(create="required", values={AccountKind.DEPOSIT: "D"})


def test_the_vendors_word_for_a_kind_is_translated() -> None:
    """An adapter finds the member, whichever of the two a caller passed."""
    capabilities = account_rules(kind=_WORDS)
    by_word = prepare(capabilities, NewAccount(native_kind="D"))
    by_kind = prepare(capabilities, NewAccount(kind=AccountKind.DEPOSIT))
    assert by_word.value.kind is by_kind.value.kind is AccountKind.DEPOSIT
    assert [*by_word.issues, *by_kind.issues] == []


@pytest.mark.parametrize(
    ("new", "rule"),
    [
        (NewAccount(native_kind="X"), "values"),
        (NewAccount(kind=AccountKind.LOAN), "values"),
        (NewAccount(kind=AccountKind.UNKNOWN), "create=required"),
        (NewAccount(), "create=required"),
    ],
)
def test_a_kind_that_the_vendor_lacks_is_blocked(new: NewAccount, rule: str) -> None:
    """There is one issue, which names the field `kind`."""
    (issue,) = prepare(account_rules(kind=_WORDS), new).issues
    assert (issue.field, issue.effect, issue.rule) == ("kind", Effect.BLOCKED, rule)


def test_a_vendor_without_listed_kinds_takes_its_own_word() -> None:
    """A rule for `native_kind` is applied like that of any field."""
    capabilities = account_rules(
        kind=FieldRule(create="refused", read="never"),
        native_kind=FieldRule(create="required", pattern="[A-Z]+"),
    )
    assert prepare(capabilities, NewAccount(native_kind="VAULT")).issues == ()
    (issue,) = prepare(capabilities, NewAccount(native_kind="vault")).issues
    assert issue.field == "native_kind"
    fields = [
        issue.field
        for issue in prepare(capabilities, NewAccount(kind=AccountKind.LOAN)).issues
    ]
    assert fields == ["kind", "native_kind"]
