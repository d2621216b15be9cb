"""The check of a value against a declaration before anything is sent."""

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
    """Declare a vendor that accepts every field except for the given rules."""
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


def summary(issues: list[Issue]) -> list[tuple[str, Effect, str]]:
    return [(issue.field, issue.effect, issue.rule) for issue in issues]


def test_a_field_without_restrictions_has_no_issue() -> None:
    """A value that the vendor accepts unchanged has no issue."""
    new = NewCustomer(first_name="Ada", emails=["a@example.com"], addresses=[home()])
    assert check(declared(), new) == []


def test_a_value_without_declared_rules_is_let_through() -> None:
    """A value of a type without rules is not checked."""
    assert check(declared(), Money(1)) == []
    assert prepared(declared(), Money(1)) == Money(1)


# One case for each attribute of a FieldRule: the rule, a value that keeps it, one that
# breaks it, and the issue of the value that breaks it.
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
    """A value that keeps the rule has no issue."""
    rules, good, _, _ = CASES[name]
    assert check(declared(rules), good) == []


@pytest.mark.parametrize("name", CASES)
def test_a_broken_rule_is_one_issue(name: str) -> None:
    """A value that breaks the rule has one issue with its field, effect and rule."""
    rules, _, bad, expected = CASES[name]
    assert summary(check(declared(rules), bad)) == [expected]


@pytest.mark.parametrize("name", CASES)
def test_a_value_without_issues_stays_unchanged(name: str) -> None:
    """Preparing a value without issues changes nothing."""
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
def test_an_issue_of_an_address_has_its_index(name: str) -> None:
    """The field of an issue has the index of the address."""
    rules, good, bad, expected = ADDRESS_CASES[name]
    vendor = declared(address=rules)
    assert check(vendor, NewCustomer(addresses=[good])) == []
    assert summary(check(vendor, NewCustomer(addresses=[bad]))) == [expected]


def test_the_path_names_the_second_address() -> None:
    """The field of an issue of the second address is `addresses[1].line2`."""
    vendor = declared(address={"line2": FieldRule(create="refused")})
    both = [home(), home(line2="x", primary=None)]
    assert [item.field for item in check(vendor, NewCustomer(addresses=both))] == [
        "addresses[1].line2"
    ]


def test_an_address_alone_is_checked_too() -> None:
    """A single address is checked by the rules of addresses."""
    vendor = declared(address={"line2": FieldRule(create="refused")})
    assert summary(check(vendor, home(line2="x")))[0][0] == "line2"


def test_an_issue_of_a_nested_value_has_its_path() -> None:
    """The field of an issue in a nested value has a dot."""
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
    """No issue contains a value of the customer."""
    vendor = declared({"first_name": FieldRule(pattern="x", length=(1, 2))})
    (issue,) = check(vendor, NewCustomer(first_name="Wilhelmina"))
    assert "Wilhelmina" not in repr(issue)


def test_an_issue_has_note_source_and_vendor() -> None:
    """An issue has the vendor, the source of the rule and the remedy."""
    rule = FieldRule(create="required", note="give one", source="p. 3")
    (issue,) = check(declared({"first_name": rule}), NewCustomer())
    assert issue.source == "p. 3"
    assert issue.message == "Toy requires it"
    assert issue.remedy == Remedy("give one")
    assert str(issue) == "first_name: Toy requires it. Give one"


def test_a_loss_names_the_way_to_accept_it() -> None:
    """The message of a loss has the argument that accepts the loss."""
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
def test_an_accepted_loss_is_reported(consent: Any) -> None:
    """A loss is accepted by its name, with or without indexes, or by "all"."""
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
    """Only the named fields are dropped."""
    with pytest.raises(InvalidInput) as caught:
        prepare_or_raise(LOSSY, LOSING, accept_loss=consent)
    assert len(caught.value.issues) == left


def test_consent_does_not_lift_a_block() -> None:
    """Consent does not replace a missing field."""
    vendor = declared({"first_name": FieldRule(create="required")})
    with pytest.raises(InvalidInput, match="first_name"):
        prepare_or_raise(vendor, NewCustomer(), accept_loss="all")


def test_changed_and_defaulted_need_no_consent() -> None:
    """Changed and defaulted fields are reported and need no consent."""
    vendor = declared({"preferred_name": FieldRule(default_from="first_name")})
    result = prepare_or_raise(vendor, FIRST)
    assert result.value.preferred_name == "Ada"
    assert [issue.effect for issue in result.issues] == [Effect.DEFAULTED]


def test_items_beyond_the_most_are_left_out() -> None:
    """With consent the first items of a list are sent."""
    vendor = declared({"emails": FieldRule(items=(0, 1))})
    new = NewCustomer(emails=["a@example.com", "b@example.com"])
    result = prepare_or_raise(vendor, new, accept_loss={"emails"}).value
    assert result.emails == ("a@example.com",)


def test_a_dropped_item_is_not_checked() -> None:
    """An item that is dropped has no other issues."""
    physical = {"kind": FieldRule(values={AddressKind.PHYSICAL: "HOME"})}
    vendor = declared({"addresses": FieldRule(items=(0, 1))}, physical)
    mailing = home(kind=AddressKind.MAILING, primary=False)
    new = NewCustomer(addresses=[home(primary=True), mailing])
    assert [item.field for item in check(vendor, new)] == ["addresses[1]"]


def test_the_primary_address_is_the_one_that_stays() -> None:
    """If one address is accepted, the primary one is sent and the others are dropped."""
    vendor = declared({"addresses": FieldRule(items=(0, 1))})
    new = NewCustomer(addresses=[home(city="Reno", primary=False), home(city="Elko")])
    result = prepare_or_raise(vendor, new, accept_loss={"addresses"})
    assert [issue.field for issue in result.issues] == ["addresses[0]"]
    assert [address.city for address in result.value.addresses] == ["Elko"]


@pytest.mark.parametrize("read", ["returned", "never"])
def test_an_implied_value_is_filled_in(read: Any) -> None:
    """An UNKNOWN kind is prepared as the implied one, and reported if it is returned."""
    implied = FieldRule(create="refused", read=read, implied=PhoneKind.MOBILE)
    vendor = declared(phone={"kind": implied})
    new = NewCustomer(phones=[Phone("+15550102000", PhoneKind.UNKNOWN)])
    result = prepare_or_raise(vendor, new)
    assert [phone.kind for phone in result.value.phones] == [PhoneKind.MOBILE]
    effects = [issue.effect for issue in result.issues]
    assert effects == ([Effect.DEFAULTED] if read == "returned" else [])


def test_a_misfit_that_is_dropped_is_left_out() -> None:
    """With consent a text that breaks its rule is not sent."""
    vendor = declared({"middle_name": FieldRule(length=(2, 50), misfit="dropped")})
    result = prepare_or_raise(
        vendor, NewCustomer(middle_name="J"), accept_loss={"middle_name"}
    ).value
    assert result.middle_name is None


def test_a_misfit_of_a_kind_is_left_out() -> None:
    """With consent a kind without a word is not sent."""
    rule = FieldRule(values={PhoneKind.MOBILE: "M"}, misfit="dropped")
    vendor = declared(phone={"kind": rule})
    new = NewCustomer(phones=[Phone("+15551112222", PhoneKind.WORK)])
    assert summary(check(vendor, new)) == [("phones[0].kind", Effect.DROPPED, "values")]
    result = prepare_or_raise(vendor, new, accept_loss="all").value
    assert rule.word(result.phones[0].kind) is None


def test_a_pattern_depends_on_the_country() -> None:
    """A postal code that fits the pattern of its country is sent."""
    rule = FieldRule(pattern="[A-Z]{2}", pattern_in={"DE": ".+"}, misfit="dropped")
    vendor = declared(address={"state": rule})
    new = NewCustomer(addresses=[home(state="Bavaria", country="DE")])
    assert check(vendor, new) == []
    assert prepared(vendor, new).addresses[0].state == "Bavaria"


def test_a_misfit_in_a_list_is_left_out() -> None:
    """With consent an invalid item is not sent, and the others are."""
    rule = FieldRule(pattern=r".+@example\.com", misfit="dropped")
    new = NewCustomer(emails=["a@example.org", "a@example.com"])
    result = prepare_or_raise(
        declared({"emails": rule}), new, accept_loss={"emails"}
    ).value
    assert result.emails == ("a@example.com",)


def test_a_mask_that_is_dropped_is_left_out() -> None:
    """A mask is never sent as a number."""
    new = NewCustomer(ssn=Ssn("XXX-XX-7584"))
    result = prepare_or_raise(declared(), new, accept_loss={"ssn"}).value
    assert result.ssn is None


PRIMARY = declared(address={"primary": FieldRule(create="required")})


def test_a_single_address_is_the_primary_one() -> None:
    """A single unmarked address is prepared as the primary one."""
    new = NewCustomer(addresses=[home(primary=None)])
    assert check(PRIMARY, new) == []
    assert prepared(PRIMARY, new).addresses[0].primary is True


def test_the_primary_address_goes_first() -> None:
    """The primary address is sent first, and the others are marked as not primary."""
    second = home(line1="2 Elm")
    new = NewCustomer(addresses=[home(primary=None), second])
    result = prepared(PRIMARY, new).addresses
    assert [item.primary for item in result] == [True, False]
    assert result[0].line1 == "2 Elm"


@pytest.mark.parametrize("marks", [[None, None], [False], [False, None]], ids=str)
def test_some_address_must_be_primary(marks: list[bool | None]) -> None:
    """Several unmarked addresses are an issue."""
    new = NewCustomer(addresses=[home(primary=mark) for mark in marks])
    assert summary(check(PRIMARY, new)) == [("addresses", Effect.BLOCKED, "primary")]


def test_unmarked_addresses_are_accepted_if_the_order_decides() -> None:
    """A vendor whose first address is the primary one accepts unmarked addresses."""
    rule = FieldRule(create="refused", implied=Implied.FIRST)
    vendor = declared(address={"primary": rule})
    new = NewCustomer(addresses=[home(primary=None), home(line1="2 Elm")])
    assert check(vendor, new) == []
    assert prepared(vendor, new).addresses[0].line1 == "2 Elm"


@pytest.mark.parametrize("name", CASES)
def test_preparing_twice_changes_nothing(name: str) -> None:
    """Preparing a prepared value changes nothing."""
    rules, _, bad, _ = CASES[name]
    once = prepared(declared(rules), bad)
    assert prepared(declared(rules), once) == once


def test_extras_and_ids_stay_unchanged() -> None:
    """Fields without rules stay unchanged."""
    new = NewCustomer(first_name="Ada", extras={"other": 1})
    assert prepared(declared(), new).extras == {"other": 1}
    assert prepared(declared(), home(id="a1")).id == "a1"


@frozen
class ToyExtras:
    """The fields that only the toy vendor has."""

    colour: str = "red"


def test_extras_must_be_the_vendors() -> None:
    """Extras of another class are rejected; extras for other vendors are not checked."""
    vendor = declared(extras={NewCustomer: ToyExtras})
    assert check(vendor, NewCustomer(extras={"toy": ToyExtras()})) == []
    assert check(vendor, NewCustomer(extras={"bond": object()})) == []
    (issue,) = check(vendor, NewCustomer(extras={"toy": {"colour": "red"}}))
    assert issue.field == "extras['toy']"
    assert "ToyExtras" in issue.message


def test_extras_for_a_vendor_without_any_are_refused() -> None:
    """Extras for a vendor without extras are rejected."""
    (issue,) = check(declared(), NewCustomer(extras={"toy": ToyExtras()}))
    assert "no extras for NewCustomer, for no value" in issue.message


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
    """An UNSET field of an update has no issue, even if a create requires it."""
    assert check(UPDATES, CustomerChanges()) == []
    assert prepared(UPDATES, CustomerChanges()) == CustomerChanges()


@pytest.mark.parametrize("passed", [True, False, None])
def test_a_field_that_never_changes_is_refused(*, passed: bool | None) -> None:
    """A field with update=never raises FieldNotUpdatable."""
    with pytest.raises(FieldNotUpdatable, match="first_name") as caught:
        prepare_or_raise(UPDATES, CustomerChanges(first_name="Eve"), kyc_passed=passed)
    assert caught.value.issues[0].rule == "update=never"


@pytest.mark.parametrize("passed", [False, None])
def test_a_field_fixed_by_kyc_may_change_before(*, passed: bool | None) -> None:
    """Before KYC, or if that is unknown, the vendor decides about the change."""
    assert check(UPDATES, CustomerChanges(last_name="Eve"), kyc_passed=passed) == []


def test_a_field_fixed_by_kyc_is_refused_after() -> None:
    """After KYC a fixed field is rejected whatever the caller consents to."""
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
    """After KYC only the primary address is fixed, and a single unmarked one is primary."""
    changes = CustomerChanges(addresses=[home(primary=mark) for mark in marks])
    issues = check(UPDATES, changes, kyc_passed=True)
    assert [item.field for item in issues] == refused


def test_a_list_without_an_exception_is_fixed_after_kyc() -> None:
    """Without a declared exception the whole list is fixed after KYC."""
    changes = CustomerChanges(phones=[Phone("+15551112222")])
    assert summary(check(UPDATES, changes, kyc_passed=True)) == [
        ("phones", Effect.BLOCKED, "update=before_kyc")
    ]


def test_clearing_needs_a_field_that_can_be_cleared() -> None:
    """None is accepted only for a field that is declared clearable."""
    assert check(UPDATES, CustomerChanges(middle_name=None)) == []
    assert prepared(UPDATES, CustomerChanges(middle_name=None)).middle_name is None
    assert summary(check(UPDATES, CustomerChanges(last_name=None))) == [
        ("last_name", Effect.BLOCKED, "clear")
    ]


def test_an_emptied_list_is_cleared_too() -> None:
    """An empty list clears the field as None does."""
    assert summary(check(UPDATES, CustomerChanges(emails=[]))) == [
        ("emails", Effect.BLOCKED, "clear")
    ]


def test_a_change_is_not_filled_with_defaults() -> None:
    """An update is not filled with defaults."""
    vendor = declared({"preferred_name": FieldRule(default="Nobody")})
    assert prepared(vendor, CustomerChanges(last_name="Roe")).preferred_name is UNSET


def test_a_dropped_field_of_an_update_is_unset() -> None:
    """A field that is dropped from an update is UNSET, because None would clear it."""
    rule = FieldRule(length=(2, 50), misfit="dropped", clearable=True)
    vendor = declared({"middle_name": rule, "ssn": FREE})
    changes = CustomerChanges(middle_name="J", ssn=Ssn("XXX-XX-7584"))
    result = prepare_or_raise(vendor, changes, accept_loss="all").value
    assert result.middle_name is UNSET
    assert result.ssn is UNSET


def test_a_refused_field_of_a_change_is_left_alone() -> None:
    """A refused field of an update is UNSET once its loss is accepted."""
    vendor = declared({"preferred_name": FieldRule(create="refused")})
    result = prepare_or_raise(
        vendor, CustomerChanges(preferred_name="A"), accept_loss="all"
    ).value
    assert result.preferred_name is UNSET


def test_dates_have_no_text_rules() -> None:
    """Patterns and lengths do not apply to dates."""
    vendor = declared({"date_of_birth": FieldRule(pattern="x")})
    new = NewCustomer(date_of_birth=date(1990, 1, 1))
    assert check(vendor, new) == []
    assert prepared(vendor, new) == new


def test_the_rules_of_phones_apply_to_each_phone() -> None:
    """The rules of phones apply to each phone of a customer."""
    vendor = declared(phone={"number": FieldRule(pattern=r"\+1[0-9]{10}")})
    new = NewCustomer(phones=[Phone("+15551112222"), Phone("+442079460018")])
    assert [item.field for item in check(vendor, new)] == ["phones[1].number"]
    assert evolve(new) == new


def test_a_part_without_declared_rules_is_refused_field_by_field() -> None:
    """Each field of a nested value without rules is an issue; the value is unchanged."""
    vendor = evolve(declared(), fields={NewCustomer: {"phones": FREE}})
    new = NewCustomer(phones=[Phone("+15551112222")])
    assert [item.field for item in check(vendor, new)] == ["phones[0].number"]
    assert prepared(vendor, new).phones is new.phones


def test_a_value_that_nothing_changes_is_returned_as_it_is() -> None:
    """A value is copied only if a field is filled in, changed or left out."""
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
    """The adapter receives the member, whether a caller passed it or the vendor's word."""
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
    """An unsupported kind is one issue, which names the field `kind`."""
    (issue,) = prepare(account_rules(kind=_WORDS), new).issues
    assert (issue.field, issue.effect, issue.rule) == ("kind", Effect.BLOCKED, rule)


def test_a_vendor_without_listed_kinds_accepts_its_own_word() -> None:
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


def test_consent_is_advised_where_a_call_takes_it() -> None:
    """A lost field of an account is to be left out, because its create takes no consent."""
    lost = {name: FieldRule(create="refused") for name in ("name", "customer_ids")}
    account = evolve(declared(), fields={NewAccount: lost})
    issue = check(account, NewAccount(customer_ids=[], name="Savings"))[-1]
    assert (str(issue.remedy), issue.remedy.accept_loss) == ("leave name out", "")
    customer = declared({"first_name": FieldRule(create="refused")})
    (issue,) = check(customer, NewCustomer(first_name="Ada"))
    assert issue.remedy.accept_loss == "first_name"
