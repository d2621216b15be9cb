"""Why a field of a value that a vendor returned has no value."""

from __future__ import annotations

import pytest
from tests.fakes import Script, james, json_response

import anybank
import anybank.webhooks
from anybank import (
    Account,
    AccountNumber,
    Address,
    AdverseAction,
    Applicant,
    Balance,
    Bank,
    CreditApplication,
    Customer,
    CustomerChanges,
    Event,
    ExternalAccount,
    KycCheck,
    MissingReason,
    Ssn,
    Transaction,
    WebhookSubscription,
    from_dict,
    to_dict,
)
from anybank.model.missing import ExplainsMissing
from anybank.sandbox.transport import SimulatorTransport
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator

NEVER, ABSENT = MissingReason.NEVER_RETURNED, MissingReason.ABSENT
UNREADABLE = MissingReason.UNREADABLE


def customer(**fields: object) -> Customer:
    """Return a customer of a vendor that never returns two of the fields."""
    never = ("ssn", "addresses.line2")
    return Customer(id="c1", provider="acme", never_returned=never, **fields)  # type: ignore[arg-type]


def test_three_reasons_are_told_apart() -> None:
    """A field is never returned, absent from this record, or not readable."""
    read = customer(first_name="Ada", unreadable=("date_of_birth",))
    names = ("ssn", "middle_name", "date_of_birth", "emails", "first_name")
    reasons = [read.why_missing(name) for name in names]
    assert reasons == [NEVER, ABSENT, UNREADABLE, ABSENT, None]


def test_a_masked_value_is_a_value() -> None:
    """The last four digits are not missing, even where the full number is."""
    assert customer(ssn=Ssn("XXX-XX-6789")).why_missing("ssn") is None


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("addresses[0].line1", None),
        ("addresses[0].line2", NEVER),
        ("addresses[0].state", ABSENT),
        ("addresses[0].postal_code", UNREADABLE),
        ("addresses[0]", None),
        ("addresses[3]", ABSENT),
        ("addresses[3].line2", NEVER),
        ("emails[0]", ABSENT),
    ],
)
def test_a_path_names_a_part_of_a_list(path: str, reason: MissingReason | None) -> None:
    """The paths are those of `unreadable` and of errors."""
    address = Address(line1="1 Test St.", city="Reno", country="US")
    read = customer(addresses=(address,), unreadable=("addresses[0].postal_code",))
    assert read.why_missing(path) is reason


def test_a_list_with_an_unreadable_item_is_unreadable() -> None:
    """The list is empty because of its item, and not because the vendor has none."""
    assert (
        customer(unreadable=("phones[0].number",)).why_missing("phones") is UNREADABLE
    )


@pytest.mark.parametrize(
    "path",
    ["snn", "addresses.line2", "addresses[0].zip", "ssn[0]", "emails[0].x", "a b", ""],
)
def test_a_path_that_is_no_field_is_a_mistake(path: str) -> None:
    """A misspelt name raises instead of looking like an absent value."""
    with pytest.raises(ValueError, match="has no field"):
        customer().why_missing(path)


def test_a_value_in_the_place_of_a_path_is_not_repeated() -> None:
    """An SSN that is passed by mistake stays out of the message."""
    with pytest.raises(ValueError, match="has no field of this form") as caught:
        customer().why_missing("123-45-6789")
    assert "6789" not in str(caught.value)


def test_a_stored_customer_keeps_the_reasons() -> None:
    """The answer is in the value, so that it survives without the adapter."""
    stored = to_dict(customer(unreadable=("date_of_birth",)))
    read = from_dict(Customer, stored)
    reasons = [read.why_missing(name) for name in ("ssn", "emails", "date_of_birth")]
    assert reasons == [NEVER, ABSENT, UNREADABLE]


def test_the_declaration_says_what_is_never_returned() -> None:
    """Sonder never returns the number; Bond returns it for those who have one."""
    sonder_script = Script(
        json_response(success=True, data={"customerId": "c1", "firstName": "Ada"})
    )
    bond_script = Script(json_response(customer_id="c1", first_name="Ada"))
    with Bank("sonder", token="t", transport=sonder_script) as sonder:
        at_sonder = sonder.customers.get("c1")
    with Bank("bond", identity="i", authorization="a", transport=bond_script) as bond:
        at_bond = bond.customers.get("c1")
    names = ("ssn", "middle_name", "status", "created_at")
    assert [at_sonder.why_missing(name) for name in names] == [
        NEVER,
        ABSENT,
        NEVER,
        NEVER,
    ]
    assert [at_bond.why_missing(name) for name in names] == [
        ABSENT,
        ABSENT,
        NEVER,
        ABSENT,
    ]


def test_creates_updates_listings_and_look_ups_say_it_too() -> None:
    """A customer has the reasons, whichever call returns it."""
    simulator = BondSimulator()
    transport = SimulatorTransport(simulator)
    new = james(external_id="u1")
    with Bank("bond", transport=transport, **simulator.credentials) as bank:
        created = bank.customers.create(new)
        changes = CustomerChanges(first_name="Ada")
        customers = [
            created,
            bank.customers.update(created.id, changes),
            *bank.customers.list(),
            bank.customers.resolve(None, new),
        ]
    assert [it and it.why_missing("status") for it in customers] == [NEVER] * 4


_READ_VALUES = (
    Account,
    AccountNumber,
    AdverseAction,
    Balance,
    CreditApplication,
    Customer,
    Event,
    ExternalAccount,
    KycCheck,
    Transaction,
    WebhookSubscription,
)


def test_every_value_that_a_question_returns_says_why_a_field_is_missing() -> None:
    """Each value with an id of a record explains its fields; parts of values have none."""
    explaining = {
        kind
        for kind in vars(anybank.model.operations).values()
        if isinstance(kind, type) and issubclass(kind, ExplainsMissing)
    }
    assert explaining - {ExplainsMissing} == set(_READ_VALUES)


def test_an_account_and_its_kin_know_the_declaration() -> None:
    """Values of every kind say never returned, absent and unreadable at a bank."""
    simulator = SonderSimulator()
    customer_id = simulator.seed_customer()
    account_id = simulator.seed_account([customer_id])
    transport = SimulatorTransport(simulator)
    with Bank("sonder", transport=transport, **simulator.credentials) as bank:
        account = bank.accounts.get(account_id)
    names = ("status", "balance", "name", "native_amount")
    reasons = [account.why_missing(name) for name in names]
    assert reasons[:2] == [NEVER, NEVER]
    assert NEVER not in reasons[2:]
    assert (
        Account(id="a1", unreadable=("balance",)).why_missing("balance") is UNREADABLE
    )


def test_an_unknown_word_is_a_value() -> None:
    """UNKNOWN is a value where the vendor sent a word, and none where it sent nothing."""
    assert Account(id="a1", native_status="odd").why_missing("status") is None
    assert Account(id="a1").why_missing("status") is ABSENT
    never = Account(id="a1", native_kind="odd", never_returned=("kind",))
    assert never.why_missing("kind") is NEVER


def test_a_part_of_a_part_has_a_reason() -> None:
    """A path leads into the applicant of an application."""
    whole = CreditApplication(id="a1", applicant=Applicant(first_name="Ada"))
    assert whole.why_missing("applicant.first_name") is None
    assert whole.why_missing("applicant.email") is ABSENT
    assert CreditApplication(id="a1").why_missing("applicant.email") is ABSENT
    with pytest.raises(ValueError, match="no field"):
        whole.why_missing("applicant.colour")
    with pytest.raises(ValueError, match="no field"):
        whole.why_missing("status.colour")


def test_an_event_of_a_webhook_knows_the_declaration() -> None:
    """A delivery is read without a bank, and its events have the reasons, too."""
    headers, body = anybank.webhooks.sign(
        "bond", {"event": "customer.updated", "customer_id": "c1"}, secret="s"
    )
    event = anybank.webhooks.verify("bond", headers, body, secret="s", tolerance=None)
    assert event.why_missing("id") is NEVER
    assert event.why_missing("account_id") is ABSENT
