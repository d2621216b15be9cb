"""Arguments of calls that a vendor requires, refuses or accepts in part."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from anybank import Bank, InvalidInput
from anybank.adapter.wire import Request, Response
from anybank.declaration import Feature, full, partial
from anybank.declaration.arguments import require_arguments
from anybank.declaration.diff import diff
from anybank.model import operations as ask
from anybank.model.transactions import TransactionStatus
from anybank_unit import Unit

_RULE = partial(
    "Acme docs",
    "posted ones",
    requires={"account_id": "it is in the path"},
    refuses={"since": "there is no filter by time"},
    only={"status": (TransactionStatus.POSTED,)},
)


def test_a_call_names_each_argument_that_breaks_the_rule() -> None:
    """Each issue has the name of the argument, the reason and the page."""
    question = ask.ListTransactions(status=TransactionStatus.PENDING)
    with pytest.raises(InvalidInput) as caught:
        require_arguments(_RULE, question)
    messages = {issue.field: issue.message for issue in caught.value.issues}
    assert messages == {
        "account_id": "must be set: it is in the path",
        "status": "must be POSTED: posted ones",
    }
    assert {issue.source for issue in caught.value.issues} == {"Acme docs"}


def test_a_call_within_the_rule_passes() -> None:
    """Arguments that the rule accepts raise nothing, and neither does an empty rule."""
    require_arguments(_RULE, ask.ListTransactions(account_id="1"))
    require_arguments(full("Acme docs"), ask.ListTransactions())


def test_the_conditions_are_shown_with_the_note() -> None:
    """A reader of the declaration sees what the call requires, refuses and accepts."""
    assert _RULE.conditions == (
        "requires account_id: it is in the path; "
        "refuses since: there is no filter by time; accepts only POSTED as status"
    )
    assert _RULE.remarks.startswith("posted ones; requires account_id")
    assert full("Acme docs").remarks == ""


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("account_id", lambda bank: bank.transactions.get("7")),
        (
            "status",
            lambda bank: list(bank.transactions.list(status=TransactionStatus.PENDING)),
        ),
        ("object_id", lambda bank: list(bank.events.list(object_id="7"))),
    ],
)
def test_nothing_is_sent_for_a_call_that_breaks_the_rule(name: str, call: Any) -> None:
    """The client refuses the argument itself, so that no adapter has to."""

    def unreachable(request: Request) -> Response:
        raise AssertionError(request)

    with (
        Bank("unit", token="t", transport=_transport(unreachable)) as bank,
        pytest.raises(InvalidInput) as caught,
    ):
        call(bank)
    assert [issue.field for issue in caught.value.issues] == [name]


def test_a_diff_shows_what_the_target_requires() -> None:
    """A condition that the source does not have is a note of the diff."""
    declared = Unit.capabilities
    free = evolve(
        declared,
        features={
            **declared.features,
            Feature.TRANSACTIONS_GET: full("Acme docs"),
        },
    )
    note = "transactions.get at Unit requires account_id: it is in the path"
    assert note in diff(free, declared).notes
    assert note not in diff(declared, free).notes


def _transport(simulator: Any) -> Any:
    from anybank.sandbox.transport import SimulatorTransport  # noqa: PLC0415  # heavy

    return SimulatorTransport(simulator)


@pytest.mark.parametrize("operation", ["get", "wait"])
def test_a_verification_at_bond_needs_its_program(operation: str) -> None:
    """Reading and waiting name the argument, and nothing is sent."""

    def unreachable(request: Request) -> Response:
        raise AssertionError(request)

    with (
        Bank(
            "bond", identity="i", authorization="a", transport=_transport(unreachable)
        ) as bank,
        pytest.raises(InvalidInput, match="Bond verifies a customer for a program"),
    ):
        getattr(bank.kyc, operation)("7")
