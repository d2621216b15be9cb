"""Where a journal lies, and the little in which its engines differ."""

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
"""Begins a transaction, which is durable once its context has ended without an error."""

BuildTables: TypeAlias = Callable[[sa.Connection], None]


class JournalStore(ABC):
    """An engine at a place; what keeps it from working raises ConfigurationError."""

    title: str
    """What the engine is called."""

    insert: Callable[[sa.Table], Any]
    """The dialect's own insert: the one that has an upsert."""

    foreign_message: str
    """What is said of a place that has something else than a journal."""

    reading: ClassVar[Mapping[str, Any]] = {}
    """How a connection is used that only reads: options of SQLAlchemy's."""

    now: ClassVar[sa.ColumnElement[float]]
    """The time by the engine's clock, in seconds since 1970."""

    can_outlive_lock: ClassVar[bool] = False
    """Whether a run may live on, and its requests leave, when its lock has gone."""

    is_single_machine: ClassVar[bool] = False
    """Whether one machine alone writes to it, so that its mark is always there."""

    mark_name: str
    """What messages call its mark."""

    @property
    def missing_log_note(self) -> str:
        """What may explain that it is older than its mark, for a message."""
        return ""

    @abstractmethod
    def mark_path(self, identifier: str) -> Path:
        """Return where the mark of a journal is: not in its database."""

    @abstractmethod
    def physical_identity(self, connection: sa.Connection) -> Mapping[str, str]:
        """Return what no copy of the journal has in common with it."""

    @abstractmethod
    def checkpoint(self, engine: sa.Engine, /) -> None:
        """Leave nothing of the journal in a log of its own, if it can be helped."""

    @abstractmethod
    def backup(self, to: Path, change: BuildTables, /) -> None:
        """Make a consistent copy, changed before it appears; raises ConfigurationError."""

    @property
    def schema(self) -> str | None:
        """The schema that the tables are in, where the engine has such."""
        return None

    @property
    @abstractmethod
    def display_name(self) -> str:
        """What messages call the place: without a password, or what a reference hides."""

    @abstractmethod
    def key(self) -> Key:
        """Return the key of the fingerprints, which is not where they are."""

    @abstractmethod
    def make_key(self) -> Key:
        """Return the key for a new journal: made, or one that is there for it."""

    @abstractmethod
    def engine(self) -> sa.Engine:
        """Return what connects to it, not connected yet."""

    @abstractmethod
    def exists(self, engine: sa.Engine, /) -> bool:
        """Tell whether something is there, a journal or not."""

    @abstractmethod
    def make(self, build: BuildTables, begin: BeginTransaction, /) -> None:
        """Make an empty place and build in it: both, or nothing."""

    @abstractmethod
    def locked(
        self, engine: sa.Engine, /, *, shared: bool
    ) -> AbstractContextManager[BeginTransaction]:
        """Keep other writers out; the transactions of the context are the lock's.

        Those who share it keep out only who wants it alone.
        """

    @abstractmethod
    def unlocked(self, engine: sa.Engine, /) -> AbstractContextManager[sa.Connection]:
        """Begin a transaction of somebody who holds no lock."""

    @abstractmethod
    def count_damage(self, connection: sa.Connection) -> int:
        """Let the engine look for damage, and return how much it finds."""

    @abstractmethod
    def failure(self, error: DBAPIError) -> str:
        """Say in words what has failed, and what to do; never in the engine's words."""

    @contextmanager
    def translated(self, begin: BeginTransaction) -> Iterator[sa.Connection]:
        """Yield a connection whose failures, its opening included, are translated."""
        with self.translated_errors(), begin() as connection:
            yield connection

    @contextmanager
    def translated_errors(self) -> Iterator[None]:
        """Turn a failure of the engine into one line that says what to do."""
        try:
            yield
        except DBAPIError as error:
            failed = self.failure(error)
        except SQLAlchemyError as error:
            failed = f"failed ({type(error).__name__})"
        except (UnicodeError, OverflowError):
            failed = "cannot store an id with a lone surrogate, or a number so large"
        except OSError as error:
            failed = f"failed ({error.strerror})"
        else:
            return
        raise ConfigurationError(f"the journal {self.display_name}: {failed}")


def match_message(said: str, signs: Mapping[str, str]) -> str | None:
    """Return what the first sign means that is in a text, None where none is."""
    return next((text for sign, text in signs.items() if sign in said.lower()), None)
