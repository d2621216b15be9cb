"""The base of the questions that a call asks an adapter."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from attrs import frozen

from .features import Feature

N = TypeVar("N")
T_co = TypeVar("T_co", covariant=True)


@frozen(kw_only=True)
class Question(Generic[T_co]):
    """An operation with its arguments; an adapter answers it with a value of type T."""

    feature: ClassVar[Feature]
    method: ClassVar[str]
    """The name of the Adapter method that answers this question."""


@frozen(kw_only=True)
class CreateQuestion(Question[T_co], Generic[N, T_co]):
    """A create under an idempotency key, which is the caller's or generated."""

    new: N
    idempotency_key: str
