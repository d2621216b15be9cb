"""What can be true of a record, and which state may follow which.

::

    plan    blocked <--> ready <---------------+---------------+
                          |                    | not sent      | not there
    apply              in_flight --------------+               |
                          |--- answered: yes --> created       |
                          |--- answered: no ---> failed        |
                          |--- there already --> ambiguous     |
                          +--- no answer ------> unknown ------+
                                                   |--- found ---------> created
                                                   |--- found, differs > ambiguous
                                                   |--- the same key --> in_flight
                                                   +--- cannot look ---> quarantined
    verify  created --> verified <--> mismatched
    rollback            any of these --> deleting --- gone ------> rolled_back
                                            |------- still there > created

A plan that recognises a customer at the target takes the record to `ambiguous`, and on to
`created` where nothing differs. A person's verdict takes a quarantined or ambiguous record
to `created` or to `ready`; until it is verified, another verdict takes it back to
`ambiguous` and on. A failed record is planned again once what would be sent has
changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a record stands; the words are the journal's, and do not change."""

    READY = "ready"
    """Certified, and nothing of it is at the target."""
    BLOCKED = "blocked"
    """The target would not take it as it is, or not without a loss."""
    AMBIGUOUS = "ambiguous"
    """The target has someone who may be this person."""
    IN_FLIGHT = "in_flight"
    """About to be sent, or sent: after a crash this is `unknown`."""
    UNKNOWN = "unknown"
    """Sent, and it is not known whether it was made."""
    QUARANTINED = "quarantined"
    """Unknown, and the target offers nothing to look with: never sent again."""
    CREATED = "created"
    """Made at the target, whose id is known."""
    FAILED = "failed"
    """Refused by the target: nothing was made."""
    VERIFIED = "verified"
    """Read back, and every promised field is there."""
    MISMATCHED = "mismatched"
    """Not as it should be: by a read-back, or because the source has changed since."""
    DELETING = "deleting"
    """About to be deleted at the target, or deleted: rollback reads it to know."""
    ROLLED_BACK = "rolled_back"
    """Made at the target and not there any more: not sent unless planned again."""


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
            State.AMBIGUOUS,
            State.QUARANTINED,
        }
    ),
    State.QUARANTINED: frozenset({State.CREATED, State.READY}),
    State.AMBIGUOUS: frozenset({State.AMBIGUOUS, State.CREATED, State.READY}),
    State.FAILED: frozenset({State.READY, State.BLOCKED, State.AMBIGUOUS}),
    State.CREATED: frozenset({State.VERIFIED, State.MISMATCHED}),
    State.VERIFIED: frozenset({State.VERIFIED, State.MISMATCHED}),
    State.MISMATCHED: frozenset({State.VERIFIED, State.MISMATCHED}),
}
"""Which state may follow which."""

UNDOING: Mapping[State, frozenset[State]] = {
    State.CREATED: frozenset({State.CREATED, State.DELETING, State.ROLLED_BACK}),
    State.VERIFIED: frozenset({State.CREATED, State.DELETING, State.ROLLED_BACK}),
    State.MISMATCHED: frozenset({State.CREATED, State.DELETING, State.ROLLED_BACK}),
    State.DELETING: frozenset({State.CREATED, State.DELETING, State.ROLLED_BACK}),
    State.ROLLED_BACK: frozenset({State.READY, State.BLOCKED}),
}
"""What rollback alone adds, and a plan of what was rolled back."""

CORRECTING: Mapping[State, frozenset[State]] = {
    State.CREATED: frozenset({State.AMBIGUOUS}),
    State.MISMATCHED: frozenset({State.AMBIGUOUS}),
}
"""What correcting a person's verdict alone adds."""

ADOPTING: Mapping[State, frozenset[State]] = {
    state: frozenset({State.QUARANTINED})
    for state in (State.READY, State.BLOCKED, State.FAILED, State.ROLLED_BACK)
}
"""What adopting an older copy alone adds: these may have been sent since."""

UNSENT = frozenset({State.READY, State.BLOCKED, State.FAILED})
"""Nothing of these is at the target: a plan may certify them anew."""

MOVED = frozenset({State.CREATED, State.VERIFIED, State.MISMATCHED})
"""These have an id at the target."""

FOR_A_PERSON: Mapping[State, str] = {
    State.BLOCKED: "do what its reason says, then plan and apply again",
    State.AMBIGUOUS: "look whether the customer at the target is this person; "
    "`anybank migrate resolve` records it",
    State.QUARANTINED: "look in the target's own tools whether this person was made; "
    "`anybank migrate resolve` records it, and until then it is not sent again",
    State.FAILED: "correct what the target refused, then plan and apply again",
    State.MISMATCHED: "compare the two; `anybank migrate overwrite` writes the source's "
    "data over the target's, `anybank migrate verify` reads back what you corrected there",
    State.ROLLED_BACK: "nothing; `plan --again` lets it be moved once more",
}
"""The states in which a record waits for a person, and what to do."""


def before(state: State) -> frozenset[State]:
    """Return the states from which a record may come to one."""
    return frozenset(
        old
        for table in (TRANSITIONS, UNDOING, CORRECTING, ADOPTING)
        for old, new in table.items()
        if state in new
    )
