"""A call, and how one is made of a question to an adapter."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from datetime import date
from typing import Generic, TypeAlias, TypeVar

from attrs import field, frozen

from ...adapter.base import Adapter
from ...adapter.wire import Course, Flow
from ...declaration.consent import accepted_names
from ...declaration.preflight import Prepared, prepare_or_raise, rules_of
from ...declaration.vocabulary import Idempotency
from ...errors import AnybankError, Effect, InvalidInput, Issue, NotFound, Outcome
from ...model.features import Feature
from ...model.pages import Page
from ...sensitive import forget_locals
from .answer_checks import answering, paging
from .arguments import checked_calls
from .page_tokens import PageTokens

Q = TypeVar("Q")
T = TypeVar("T")
Loss: TypeAlias = Collection[str]


@frozen
class Call(Generic[T]):
    """One operation, ready to run; `about` holds what an error must not repeat."""

    feature: Feature | None
    flow: Course[T]
    about: object = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The operation, as errors and logs call it."""
        return self.feature.value if self.feature else "request"


def mint() -> str:
    """Return a fresh idempotency key."""
    return str(uuid.uuid4())


def remembering(
    flow: Flow[T], key: str, requested: str | None, repeats: Idempotency
) -> Flow[T]:
    """Put the key on an error, for a caller who repeats the call or looks for its effect.

    The very same call repeated would mint another key, and so could double what was
    done: unless the caller passed the key, the error is not retryable. A vendor without
    keys was not sent one, so its errors have none.
    """
    try:
        return (yield from flow)
    except AnybankError as error:
        error.idempotency_key = key if repeats.takes_key else None
        if error.outcome is Outcome.UNKNOWN:
            error.retryable = error.retryable and requested is not None
        raise


def blocked(name: str, rule: str, said: str, source: str = "anybank") -> InvalidInput:
    """Return the refusal of an argument."""
    return InvalidInput([Issue(name, Effect.BLOCKED, rule, source, said)])


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_key(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


@frozen
class Asker:
    """Puts questions to one adapter."""

    adapter: Adapter
    today: Callable[[], date]
    """Returns the date, for what a caller says of a person: a clock is not a flow's."""

    def __init_subclass__(cls) -> None:
        """Check the arguments of every public call."""
        super().__init_subclass__()
        checked_calls(cls)

    def require_feature(self, feature: Feature) -> None:
        """Raise Unsupported where the adapter does not declare a feature."""
        if not self.adapter.capabilities.supports(feature):
            raise self.adapter.refuse(feature)

    def key_for(self, feature: Feature, requested: str | None) -> str:
        """Return the key that a caller passed, or a fresh one.

        Raises InvalidInput for a blank key, and for any where the vendor has no keys:
        one that is ignored would let a repeat create a second one.
        """
        if requested is None:
            return mint()
        if not _is_key(requested):
            message = "must be a text that is not blank"
            raise blocked("idempotency_key", "a key", message)
        rule = self.adapter.capabilities.feature(feature)
        if not rule.idempotency.takes_key:
            raise blocked(
                "idempotency_key", "no keys", self._keyless(feature), rule.source
            )
        return requested

    def _keyless(self, feature: Feature) -> str:
        vendor = self.adapter.capabilities.title
        message = (
            f"{vendor} has no idempotency keys for {feature}: a repeat under the same key "
            "would be done again. Leave it out"
        )
        by_reference = self.repeats(feature).kind == "client_reference"
        return message + ("; set external_id instead" if by_reference else "")

    def repeats(self, feature: Feature) -> Idempotency:
        """Return what the declaration says about repeating an operation."""
        return self.adapter.capabilities.feature(feature).idempotency

    def page_size(self, requested: int | None, *, declared: bool = False) -> int | None:
        """Return a page size that the vendor has, none larger than the requested one.

        `declared` says that the listing has the declared sizes. Raises InvalidInput for
        less than 1.
        """
        if requested is None:
            return None
        if not _is_count(requested):
            message = "must be a whole number, at least 1"
            raise blocked("page_size", "at least 1", message)
        sizes = self.adapter.capabilities.limits.page_sizes if declared else ()
        smallest = min(sizes, default=requested)
        return max((size for size in sizes if size <= requested), default=smallest)

    def settled(
        self,
        value: T | Prepared[T],
        *,
        accept_loss: Loss = (),
        kyc_passed: bool | None = None,
    ) -> Prepared[T]:
        """Return a value as it will be written: one that was settled before, as it is."""
        if isinstance(value, Prepared):
            accepted_names(rules_of(value.value), accept_loss)
            return value
        declared = self.adapter.capabilities
        return prepare_or_raise(
            declared,
            value,
            accept_loss=accept_loss,
            kyc_passed=kyc_passed,
            today=self.today(),
        )

    def ask(
        self,
        feature: Feature,
        flow: Callable[[Q], Flow[T]],
        question: Q,
        about: object = None,
    ) -> Call[T]:
        """Make the call of a question."""
        self.require_feature(feature)
        return Call(feature, self.answered(feature, flow, question), about)

    def ask_page(
        self, feature: Feature, flow: Callable[[Q], Flow[Page[T]]], question: Q
    ) -> Call[Page[T]]:
        """Make the call of a page; raises InvalidInput for a token of another listing."""
        self.require_feature(feature)
        provider = self.adapter.capabilities.provider
        opened = PageTokens.of(provider, feature, question).open(question)
        tokens = PageTokens.of(provider, feature, opened)
        return Call(feature, paging(begun(flow, opened), opened, tokens))

    def answered(
        self, feature: Feature, flow: Callable[[Q], Flow[T]], question: Q
    ) -> Flow[T]:
        """Begin an adapter's flow, whose value must be about what was asked for."""
        rule = self.adapter.capabilities.feature(feature)
        return answering(begun(flow, question), question, rule)

    def ask_keyed(
        self,
        feature: Feature,
        flow: Callable[[Q], Flow[T]],
        question: Q,
        key: str,
        *,
        requested: str | None = None,
        about: object = None,
    ) -> Call[T]:
        """Make the call of a question with an idempotency key, the caller's or minted."""
        self.require_feature(feature)
        steps = self.answered(feature, flow, question)
        steps = remembering(steps, key, requested, self.repeats(feature))
        return Call(feature, steps, about)

    def ask_deletion(
        self, feature: Feature, flow: Callable[[Q], Flow[None]], question: Q
    ) -> Call[None]:
        """Make the call of a deletion, for which "gone already" may be a yes."""
        self.require_feature(feature)
        return Call(feature, _gone(begun(flow, question)))


def begun(flow: Callable[[Q], Flow[T]], question: Q) -> Flow[T]:
    """Begin an adapter's flow; what an adapter does wrong is left to the driver to tell.

    A method that is no generator may fail at once, in words that hold the question.
    """
    try:
        return flow(question)
    except AnybankError as refusal:
        forget_locals(refusal)
        raise
    except Exception as error:  # noqa: BLE001  # an adapter's slip
        return _failing(error)


def _failing(error: Exception) -> Flow[T]:
    yield from ()
    raise error


def _gone(flow: Flow[None]) -> Flow[None]:
    """Take "not found" on a repeat for what it is: the lost first answer was a yes."""
    try:
        yield from flow
    except NotFound as error:
        if error.outcome is not Outcome.DONE:
            raise
