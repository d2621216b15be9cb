"""The states of a record, and which state may follow which.

A record is `in_flight` from before its request leaves until the response is recorded, so
a crash never hides a request. A second request needs a reason: the first one was not sent,
a look-up did not find the customer, the idempotency key is the same, or a person decided.

::

    plan    blocked <--> ready <---------------+---------------+
                          |                    | not sent      | not there
    apply              in_flight --------------+               |
                          |--- answered: yes --> created       |
                          |--- undecided ------> pending       |
                          |--- denied ---------> denied        |
                          |--- answered: no ---> failed        |
                          |--- there already --> ambiguous     |
                          +--- no answer ------> unknown ------+
                                                   |--- found ---------> created
                                                   |--- found, differs > ambiguous
                                                   |--- the same key --> in_flight
                                                   +--- cannot look ---> quarantined
                       pending <----------- still undecided
                          |--- approved -------> created
                          +--- denied, gone ---> denied
    verify  created --> verified <--> mismatched
                       denied ---- accepted after all ----> created
    rollback            any of these --> deleting --- gone ------> rolled_back
                                            |------- still there > as before

A plan that recognises a customer at the target makes the record `ambiguous`, and then
`created` where no field differs. A person resolves a quarantined, ambiguous or denied record
as `created` or `ready`; until it is verified, another resolution makes it `ambiguous` first.
A failed record is planned again once its request has changed. A look-up and `verify` may
also find an undecided or a denied person, and the record becomes `pending` or `denied`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """The state of a record; the journal stores these words, so they do not change."""

    READY = "ready"
    """Certified; the customer is not at the target."""
    BLOCKED = "blocked"
    """The target would reject the customer, or lose data without consent."""
    AMBIGUOUS = "ambiguous"
    """The target has a customer who may be the same person."""
    IN_FLIGHT = "in_flight"
    """A request is about to be sent, or was sent; after a crash it becomes `unknown`."""
    UNKNOWN = "unknown"
    """A request was sent, and its outcome is unknown."""
    QUARANTINED = "quarantined"
    """The outcome is unknown and the target has no look-up, so nothing is sent again."""
    CREATED = "created"
    """Created at the target, with a known id."""
    PENDING = "pending"
    """An application is at the target, which has not decided yet; `apply` reads it again."""
    DENIED = "denied"
    """The target has denied the person, or ended the application: nobody was moved."""
    FAILED = "failed"
    """The target rejected the request; nothing was created."""
    VERIFIED = "verified"
    """Read back from the target, and every expected field is there."""
    MISMATCHED = "mismatched"
    """A field differs at the target, or the source has changed since."""
    DELETING = "deleting"
    """A delete was started at the target; rollback reads the customer to see its outcome."""
    ROLLED_BACK = "rolled_back"
    """Created at the target and deleted again; not sent unless it is planned again."""


TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.READY: frozenset(
        {State.READY, State.BLOCKED, State.IN_FLIGHT, State.AMBIGUOUS}
    ),
    State.BLOCKED: frozenset({State.BLOCKED, State.READY, State.AMBIGUOUS}),
    State.IN_FLIGHT: frozenset(
        {
            State.READY,
            State.BLOCKED,
            State.CREATED,
            State.PENDING,
            State.DENIED,
            State.FAILED,
            State.AMBIGUOUS,
            State.UNKNOWN,
        }
    ),
    State.UNKNOWN: frozenset(
        {
            State.UNKNOWN,
            State.READY,
            State.IN_FLIGHT,
            State.CREATED,
            State.PENDING,
            State.DENIED,
            State.AMBIGUOUS,
            State.QUARANTINED,
        }
    ),
    State.QUARANTINED: frozenset({State.CREATED, State.READY}),
    State.AMBIGUOUS: frozenset(
        {State.AMBIGUOUS, State.CREATED, State.PENDING, State.DENIED, State.READY}
    ),
    State.FAILED: frozenset({State.READY, State.BLOCKED, State.AMBIGUOUS}),
    State.PENDING: frozenset({State.CREATED, State.DENIED, State.AMBIGUOUS}),
    State.DENIED: frozenset(
        {State.CREATED, State.PENDING, State.READY, State.AMBIGUOUS}
    ),
    State.CREATED: frozenset({State.VERIFIED, State.MISMATCHED}),
    State.VERIFIED: frozenset({State.VERIFIED, State.MISMATCHED}),
    State.MISMATCHED: frozenset({State.VERIFIED, State.MISMATCHED}),
}
"""Which state may follow which."""

UNDOING: Mapping[State, frozenset[State]] = {
    State.CREATED: frozenset({State.CREATED, State.DELETING, State.ROLLED_BACK}),
    State.VERIFIED: frozenset({State.CREATED, State.DELETING, State.ROLLED_BACK}),
    State.MISMATCHED: frozenset({State.CREATED, State.DELETING, State.ROLLED_BACK}),
    State.PENDING: frozenset(
        {State.CREATED, State.PENDING, State.DENIED, State.DELETING, State.ROLLED_BACK}
    ),
    State.DENIED: frozenset(
        {State.CREATED, State.PENDING, State.DENIED, State.DELETING, State.ROLLED_BACK}
    ),
    State.DELETING: frozenset(
        {State.CREATED, State.PENDING, State.DENIED, State.DELETING, State.ROLLED_BACK}
    ),
    State.ROLLED_BACK: frozenset({State.READY, State.BLOCKED}),
}
"""What rollback adds, and a plan of customers that were rolled back."""

DECIDING: Mapping[State, frozenset[State]] = {
    State.CREATED: frozenset({State.PENDING, State.DENIED}),
    State.VERIFIED: frozenset({State.PENDING}),
    State.MISMATCHED: frozenset({State.PENDING, State.DENIED}),
}
"""What `verify` adds where the target has not decided yet, or has denied the person."""

CORRECTING: Mapping[State, frozenset[State]] = {
    State.CREATED: frozenset({State.AMBIGUOUS}),
    State.MISMATCHED: frozenset({State.AMBIGUOUS}),
}
"""What the correction of a person's resolution adds."""

ADOPTING: Mapping[State, frozenset[State]] = {
    state: frozenset({State.QUARANTINED})
    for state in (State.READY, State.BLOCKED, State.FAILED, State.ROLLED_BACK)
}
"""What adopting an older copy adds: these may have been sent since."""

UNSENT = frozenset({State.READY, State.BLOCKED, State.FAILED})
"""These are not at the target, so a plan may certify them again."""

MOVED = frozenset({State.CREATED, State.VERIFIED, State.MISMATCHED})
"""These are customers of the target, and in the crosswalk."""

NOT_ACCEPTED = frozenset({State.PENDING, State.DENIED})
"""These have an id at the target, which has not accepted them as customers."""

WITH_TARGET_ID = MOVED | NOT_ACCEPTED
"""These have an id at the target, by which they can be read there."""

FOR_A_PERSON: Mapping[State, str] = {
    State.BLOCKED: "follow the reason, then plan and apply again",
    State.AMBIGUOUS: "check whether the customer at the target is this person, and record the answer "
    "with `anybank migrate resolve`",
    State.QUARANTINED: "check in the target's own tools whether this customer was created, and record the "
    "answer with `anybank migrate resolve`; until then nothing is sent again",
    State.DENIED: "find out at the target why; the person is not moved. Record with "
    "`anybank migrate resolve` where the target has accepted the person after all (--exists), "
    "or that a corrected person may be sent again (--absent)",
    State.FAILED: "correct the fields that the target rejected, then plan and apply again",
    State.MISMATCHED: "compare the two; `anybank migrate overwrite` writes the source's "
    "data over the target's, `anybank migrate verify` reads back what you corrected there",
    State.ROLLED_BACK: "nothing; `plan --again` lets it be moved once more",
}
"""The states in which a record waits for a person, and what to do."""


def before(state: State) -> frozenset[State]:
    """Return the states that a state may follow."""
    return frozenset(
        old
        for table in (TRANSITIONS, UNDOING, DECIDING, CORRECTING, ADOPTING)
        for old, new in table.items()
        if state in new
    )


TARGET_CALLS = frozenset({State.IN_FLIGHT, State.VERIFIED, State.MISMATCHED})
"""The states that take a call at the target: a create or a read-back."""
