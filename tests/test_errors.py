"""The error classes: their tree, their texts, and pickling."""

from __future__ import annotations

import pickle
import re

import pytest

from anybank import errors
from anybank.errors import (
    AnybankError,
    Effect,
    FieldNotUpdatable,
    InvalidInput,
    Issue,
    NotFound,
    NotSent,
    Outcome,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Rejected,
    UnexpectedResponse,
    unsupported_by,
)

ISSUE = Issue("addresses[0].line2", Effect.DROPPED, "create=refused", "p. 1", "no")
CLASSES = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, AnybankError)
}
ERRORS = [
    AnybankError("broken", outcome=Outcome.DONE),
    InvalidInput([ISSUE]),
    FieldNotUpdatable([ISSUE], outcome=Outcome.REFUSED),
    Rejected("no", status=400, code="c", field_errors={"last_name": ("bad",)}),
    RateLimited("slower", status=429, retry_after=3.0, retryable=True),
    UnexpectedResponse("what", path="$.data", status=200),
    NotSent("nothing", retryable=True),
    OutcomeUnknown("lost", outcome=Outcome.UNKNOWN),
    unsupported_by("toy", "customers.list", "cannot"),
]


def _drawn() -> dict[str, str]:
    """Return the parent of each class in the docstring's tree, by the indentation."""
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    tree = (errors.__doc__ or "").split("::")[1].split("Every error")[0]
    for line in filter(str.strip, tree.splitlines()):
        indent = len(line) - len(line.lstrip())
        above = [item for item in above if item[0] < indent]
        names = re.findall(r"\b[A-Z][A-Za-z]+\b", re.split(r"\s{2,}[a-z]", line)[0])
        parents.update(dict.fromkeys(names, above[-1][1] if above else ""))
        above.append((indent, names[0]))
    return parents


def test_the_drawing_is_the_tree() -> None:
    """Each class stands in the docstring's tree below a class that it inherits from."""
    drawn = _drawn()
    assert set(drawn) == set(CLASSES)
    for name, parent in drawn.items():
        assert parent == "" or issubclass(CLASSES[name], CLASSES[parent]), name


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_survives_pickling(error: AnybankError) -> None:
    """A pickled error keeps its type, text and attributes."""
    error.provider, error.operation = "toy", "customers.get"
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.__dict__ == error.__dict__


def test_invalid_input_is_a_value_error() -> None:
    """Code that knows nothing of anybank catches it as a ValueError."""
    assert issubclass(InvalidInput, ValueError)


def test_an_issue_is_shown_by_field_and_message() -> None:
    """The text of an issue has its field and its message."""
    assert str(ISSUE) == "addresses[0].line2: no"


def test_invalid_input_shows_every_issue() -> None:
    """The text has all issues, not only the first."""
    both = InvalidInput([ISSUE, Issue("ssn", Effect.BLOCKED, "r", "s", "missing")])
    assert str(both) == "addresses[0].line2: no; ssn: missing"
    assert both.issues[0] is ISSUE


def test_a_provider_error_is_shown_in_one_line() -> None:
    """Operation, status, code, message and field errors are on one line."""
    error = Rejected("no", status=400, code="c", field_errors={"ssn": ("bad", "worse")})
    error.provider, error.operation = "bond", "customers.create"
    assert str(error) == "bond customers.create: 400 c; no; ssn: bad worse"


def test_an_unknown_outcome_says_what_to_do() -> None:
    """The text of an error that must not be repeated says to look first."""
    error = ProviderUnavailable("down", status=500, outcome=Outcome.UNKNOWN)
    assert "look before repeating" in str(error)
    error.retryable = True
    assert "look" not in str(error)


def test_an_error_without_text_shows_its_operation() -> None:
    """An error without a message shows the provider and the operation."""
    assert str(AnybankError()) == ""
    assert str(unsupported_by("toy", "kyc.get", "no")) == "toy kyc.get: no"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (AnybankError(), Outcome.NOT_SENT),
        (InvalidInput(), Outcome.NOT_SENT),
        (ProviderError(), Outcome.REFUSED),
        (NotFound(), Outcome.REFUSED),
    ],
)
def test_an_error_has_an_outcome_from_the_start(
    error: AnybankError, outcome: Outcome
) -> None:
    """InvalidInput is not_sent, and a rejection by the vendor is refused."""
    assert error.outcome is outcome
    assert not error.retryable


def test_a_repr_shows_facts_without_text() -> None:
    """The repr has provider, operation, status, code and outcome, and no text of the vendor."""
    error = Rejected("Ada Sample is not 333-52-7584", status=400, code="bad_name")
    error.provider, error.operation = "bond", "customers.create"
    assert repr(error) == (
        "Rejected(provider='bond', operation='customers.create', status=400, "
        "code='bad_name', outcome='refused', retryable=False)"
    )
    assert "status=None" in repr(NotSent("nothing"))


@pytest.mark.parametrize("code", ["Ada Sample", "912-45-6789", "1990-04-01", "x" * 99])
def test_a_text_that_is_not_a_code_is_not_in_a_repr(code: str) -> None:
    """A code that does not look like one may be personal data."""
    assert code not in repr(Rejected("no", code=code))
    assert "code='***'" in repr(Rejected("no", code=code))


def test_an_unknown_outcome_is_called_one() -> None:
    """The message uses the words of the documentation."""
    error = ProviderUnavailable("down", status=500, outcome=Outcome.UNKNOWN)
    assert "the outcome is unknown: look before repeating it" in str(error)
