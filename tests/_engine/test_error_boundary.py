"""Exceptions leave public functions without locals, chains or foreign messages."""

from __future__ import annotations

import csv
import json
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
import sqlalchemy as sa

from anybank import AnybankError, ConfigurationError, Outcome
from anybank._engine.error_boundary import guarded

SECRET = "333-52-7584 very-personal"


def _csv() -> NoReturn:
    next(csv.reader([SECRET + "\0\r" + SECRET], strict=True))
    raise csv.Error(SECRET)


def _statement() -> None:
    with sa.create_engine("sqlite://").connect() as connection:
        connection.execute(sa.text("select :x from nowhere"), {"x": SECRET})


RAW: dict[str, Callable[[], Any]] = {
    "encode": (SECRET + "\ud800").encode,
    "decode": (SECRET.encode() + b"\xff").decode,
    "JSON": lambda: json.loads(SECRET),
    "CSV": _csv,
    "SQL": _statement,
}


def report(error: BaseException) -> str:
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    inside = "".join(str(item.locals) for item in list(shown.stack)[1:])
    return f"{error!r} {error} {vars(error)} {error.__context__!r} {inside}"


@pytest.mark.parametrize("name", RAW)
def test_another_librarys_error_becomes_ours(name: str) -> None:
    """The exception of another library becomes an AnybankError without its text."""

    @guarded
    def work(held: str) -> None:
        assert held
        RAW[name]()

    with pytest.raises(AnybankError) as caught:
        work(SECRET)
    assert caught.value.outcome is Outcome.UNKNOWN
    assert "failed: " in str(caught.value)
    assert "very-personal" not in report(caught.value)


@guarded
def refuse(held: str) -> None:
    """Raise InvalidInput while another exception is handled."""
    try:
        dict[str, str]()[held]
    except KeyError as error:
        raise ConfigurationError("cannot be used") from error


def test_our_error_crosses_without_its_chain() -> None:
    """An error of the library loses its chain, which held the value."""
    with pytest.raises(ConfigurationError, match="cannot be used") as caught:
        refuse(SECRET)
    assert caught.value.__cause__ is None
    assert "very-personal" not in report(caught.value)


def test_the_callers_own_context_stays_in_the_chain() -> None:
    """The exception that the caller was already handling stays in the chain."""
    own = ValueError("own")

    def handle() -> None:
        try:
            raise own
        except ValueError:
            refuse(SECRET)

    with pytest.raises(ConfigurationError) as caught:
        handle()
    assert caught.value.__context__ is own


class Own(Exception):
    """An exception class of the caller."""


@guarded
def call(back: Callable[[], Any]) -> Any:
    """Call a function of the caller."""
    return back()


@pytest.mark.parametrize("kind", [Own, KeyboardInterrupt, FileNotFoundError])
def test_the_callers_own_error_is_left(kind: type[BaseException]) -> None:
    """An exception of the caller's function, and an OSError, are raised unchanged."""

    def back() -> NoReturn:
        raise kind("mine")

    with pytest.raises(kind, match="mine"):
        call(back)


def test_a_wrong_argument_stays_a_type_error() -> None:
    """A call with a missing argument raises Python's own TypeError."""
    with pytest.raises(TypeError, match="unexpected keyword"):
        call(other=1)  # type: ignore[call-arg] # that is the slip


def test_a_result_comes_back() -> None:
    """A guarded function returns the result of the function."""
    assert call(lambda: 5) == 5
