"""The interface between a journal and its database engine: SQLite or PostgreSQL.

The statements of the journal are the same for both engines. A store adds the location, the
key, the lock, the mark, and the messages for the failures of its engine.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ...errors import ConfigurationError
from .keys import Key

BeginTransaction: TypeAlias = Callable[[], AbstractContextManager[sa.Connection]]
"""Begins a transaction, which is durable once its context ends without an error."""

BuildTables: TypeAlias = Callable[[sa.Connection], None]

FAILURES = (SQLAlchemyError, UnicodeError, OverflowError, OSError)
"""What an engine, its driver or the file system raises."""


class JournalUnreachable(ConfigurationError):
    """The database of a journal cannot be reached now, or a connection to it was lost."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=True)


class JournalStore(ABC):
    """A database engine and a location; failures are raised as ConfigurationError."""

    title: str
    """The name of the engine."""

    insert: Callable[[sa.Table], Any]
    """The insert of the dialect, which has an upsert."""

    foreign_message: str
    """The message for a location that contains something other than a journal."""

    reading: ClassVar[Mapping[str, Any]] = {}
    """SQLAlchemy's execution options of a connection that only reads."""

    now: ClassVar[sa.ColumnElement[float]]
    """The time by the engine's clock, in seconds since 1970."""

    can_outlive_lock: ClassVar[bool] = False
    """Whether a run can continue, and send requests, after its lock was lost."""

    is_single_machine: ClassVar[bool] = False
    """Whether only one machine writes to the journal, so that its mark always exists."""

    mark_name: str
    """The name of the mark in messages."""

    @property
    def missing_log_note(self) -> str:
        """What may explain that the journal is older than its mark, for a message."""
        return ""

    @abstractmethod
    def mark_path(self, identifier: str) -> Path:
        """Return the path of the mark file, which is outside of the database."""

    @abstractmethod
    def physical_identity(self, connection: sa.Connection) -> Mapping[str, str]:
        """Return properties of the storage that a copy of the journal does not share."""

    @abstractmethod
    def checkpoint(self, engine: sa.Engine, /) -> None:
        """Write the log of the journal into its file, where the engine has such a log."""

    @abstractmethod
    def backup(self, to: Path, change: BuildTables, /) -> None:
        """Create a consistent copy, and change it before it appears under its name."""

    @property
    def schema(self) -> str | None:
        """The schema of the tables, where the engine has schemas."""
        return None

    @property
    @abstractmethod
    def display_name(self) -> str:
        """The location in messages: without a password, or the value of a reference."""

    @abstractmethod
    def key(self) -> Key:
        """Return the key of the fingerprints, which is stored apart from them."""

    @abstractmethod
    def make_key(self) -> Key:
        """Return the key for a new journal: a new key, or the one that a person has put there."""

    @abstractmethod
    def engine(self) -> sa.Engine:
        """Return an SQLAlchemy engine that has not connected yet."""

    @abstractmethod
    def exists(self, engine: sa.Engine, /) -> bool:
        """Tell whether something exists at the location, a journal or not."""

    @abstractmethod
    def make(self, build: BuildTables, begin: BeginTransaction, /) -> None:
        """Create the location and build the tables in it: both, or nothing."""

    @abstractmethod
    def locked(
        self, engine: sa.Engine, /, *, shared: bool
    ) -> AbstractContextManager[BeginTransaction]:
        """Keep other writers out, and return the function that begins transactions.

        Holders of the shared lock keep out only a holder of the exclusive one.
        """

    @abstractmethod
    def unlocked(self, engine: sa.Engine, /) -> AbstractContextManager[sa.Connection]:
        """Begin a transaction without holding the lock."""

    @abstractmethod
    def count_damage(self, connection: sa.Connection) -> int:
        """Let the engine check its files, and return how many damages it found."""

    @abstractmethod
    def failure(self, error: DBAPIError) -> str:
        """Return what has failed and what to do, without the text of the engine."""

    def is_unreachable(self, error: DBAPIError) -> bool:  # noqa: ARG002  # a file is always there
        """Tell whether a failure is about the connection, so that another attempt may work."""
        return False

    @contextmanager
    def translated_errors(self) -> Iterator[None]:
        """Raise a failure of the engine as one sentence that says what to do."""
        try:
            yield
        except FAILURES as error:
            failure = self.translation(error)
        else:
            return
        # Raised outside of the handler, so that it has no context: the error of the engine
        # contains the statement and its parameters.
        raise failure

    def translation(self, error: Exception) -> ConfigurationError:
        """Return the error to raise for one of the FAILURES of the engine."""
        kind: type[ConfigurationError] = ConfigurationError
        if isinstance(error, DBAPIError):
            failed = self.failure(error)
            kind = JournalUnreachable if self.is_unreachable(error) else kind
        elif isinstance(error, SQLAlchemyError):
            failed = f"failed ({type(error).__name__})"
        elif isinstance(error, OSError):
            failed = f"failed ({error.strerror})"
        else:  # raised by a driver, not by the engine
            failed = "cannot store an id with a lone surrogate, or a number so large"
        return kind(f"the journal {self.display_name}: {failed}")


def match_message(message: str, signs: Mapping[str, str]) -> str | None:
    """Return the meaning of the first sign that occurs in a text, or None."""
    return next((text for sign, text in signs.items() if sign in message.lower()), None)
