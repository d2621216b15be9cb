"""A call of a bank, and how it is built from a question to the adapter."""

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
from ...model.questions import CreateQuestion, Question
from ...sensitive import forget_locals
from .answer_checks import check_answer, check_page
from .arguments import validate_calls
from .page_tokens import PageTokens

N = TypeVar("N")
T = TypeVar("T")
Loss: TypeAlias = Collection[str]


@frozen
class Call(Generic[T]):
    """One operation, ready to run; its errors are scrubbed of the values in `about`."""

    feature: Feature | None
    flow: Course[T]
    about: object = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The name of the operation in errors and logs."""
        return self.feature.value if self.feature else "request"


def argument_error(
    name: str, rule: str, message: str, source: str = "anybank"
) -> InvalidInput:
    """Return the error for one invalid argument."""
    return InvalidInput([Issue(name, Effect.BLOCKED, rule, source, message)])


@frozen
class CallBuilder:
    """Build the calls of one resource of an adapter."""

    adapter: Adapter
    today: Callable[[], date]
    """Return the current date, against which dates of birth are checked."""

    def __init_subclass__(cls) -> None:
        """Check the arguments of every public call."""
        super().__init_subclass__()
        validate_calls(cls)

    def require_feature(self, feature: Feature) -> None:
        """Raise Unsupported if the adapter does not declare a feature."""
        if not self.adapter.capabilities.supports(feature):
            raise self.adapter.refuse(feature)

    def idempotency(self, feature: Feature) -> Idempotency:
        """Return the declared idempotency of an operation."""
        return self.adapter.capabilities.feature(feature).idempotency

    def key_for(self, feature: Feature, requested: str | None) -> str:
        """Return the caller's idempotency key, or a new one.

        Raises InvalidInput for a blank key, and for any key if the vendor has none: a
        retry under an ignored key would create a duplicate.
        """
        if requested is None:
            return str(uuid.uuid4())
        if not _is_key(requested):
            message = "must be a text that is not blank"
            raise argument_error("idempotency_key", "a key", message)
        rule = self.adapter.capabilities.feature(feature)
        if not rule.idempotency.takes_key:
            message = self._keyless(feature)
            raise argument_error("idempotency_key", "no keys", message, rule.source)
        return requested

    def _keyless(self, feature: Feature) -> str:
        vendor = self.adapter.capabilities.title
        message = (
            f"{vendor} has no idempotency keys for {feature}: a retry under the same key "
            "would repeat the operation. Omit it"
        )
        by_reference = self.idempotency(feature).kind == "client_reference"
        return message + (", and set external_id instead" if by_reference else "")

    def page_size(self, requested: int | None, *, declared: bool = False) -> int | None:
        """Return the largest page size that the vendor offers up to the requested one.

        `declared` limits the result to the declared sizes. Raises InvalidInput below 1.
        """
        if requested is None:
            return None
        if not _is_count(requested):
            message = "must be a whole number, at least 1"
            raise argument_error("page_size", "at least 1", message)
        sizes = self.adapter.capabilities.limits.page_sizes if declared else ()
        smallest = min(sizes, default=requested)
        return max((size for size in sizes if size <= requested), default=smallest)

    def prepare(
        self,
        value: T | Prepared[T],
        *,
        accept_loss: Loss = (),
        kyc_passed: bool | None = None,
    ) -> Prepared[T]:
        """Return a value as it will be sent; one that is Prepared stays unchanged."""
        if isinstance(value, Prepared):
            # A misspelt name is an error even where no loss is left to accept.
            accepted_names(rules_of(value.value), accept_loss)
            return value
        return prepare_or_raise(
            self.adapter.capabilities,
            value,
            accept_loss=accept_loss,
            kyc_passed=kyc_passed,
            today=self.today(),
        )

    def ask(self, question: Question[T], about: object = None) -> Call[T]:
        """Return the call of a question."""
        self.require_feature(question.feature)
        return Call(question.feature, self.answer(question), about)

    def ask_page(self, question: Question[Page[T]]) -> Call[Page[T]]:
        """Return the call of a page; raises InvalidInput for another listing's token."""
        feature, provider = question.feature, self.adapter.capabilities.provider
        self.require_feature(feature)
        opened = PageTokens.of(provider, feature, question).open(question)
        # Built again from the opened question: the page size may come from the token,
        # and the next token must contain it.
        tokens = PageTokens.of(provider, feature, opened)
        return Call(feature, check_page(self.begin(opened), opened, tokens))

    def ask_create(
        self, kind: type[CreateQuestion[N, T]], new: N, requested: str | None
    ) -> Call[T]:
        """Return the call of a create, under the requested idempotency key or a new one."""
        self.require_feature(kind.feature)
        key = self.key_for(kind.feature, requested)
        question = kind(new=self.prepare(new).value, idempotency_key=key)
        flow = self.keep_key(self.answer(question), kind.feature, key, requested)
        return Call(kind.feature, flow, new)

    def answer(self, question: Question[T]) -> Flow[T]:
        """Return the adapter's flow for a question, with its value checked."""
        rule = self.adapter.capabilities.feature(question.feature)
        flow = check_answer(self.begin(question), question, rule)
        return _ignore_not_found(flow) if question.feature.deletes else flow

    def begin(self, question: Question[T]) -> Flow[T]:
        """Return the adapter's flow for a question; the engine reports its bugs.

        A method that is not a generator may raise immediately, with the question in the
        text of its exception.
        """
        try:
            flow: Flow[T] = getattr(self.adapter, question.method)(question)
        except AnybankError as refusal:
            forget_locals(refusal)  # the adapter's frame holds the question
            raise
        except Exception as error:  # noqa: BLE001  # a bug in the adapter
            return _raise_in_flow(error)
        return flow

    def keep_key(
        self, flow: Flow[T], feature: Feature, key: str, requested: str | None
    ) -> Flow[T]:
        """Set `idempotency_key` on an error, for a retry or a look-up by the caller.

        Repeating the call without the key would generate another one and could create a
        duplicate: unless the caller passed the key, the error is not retryable. The error
        has no key if the vendor has no keys, because none was sent.
        """
        try:
            return (yield from flow)
        except AnybankError as error:
            error.idempotency_key = key if self.idempotency(feature).takes_key else None
            if error.outcome is Outcome.UNKNOWN:
                error.retryable = error.retryable and requested is not None
            raise


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_key(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _raise_in_flow(error: Exception) -> Flow[T]:
    yield from ()
    raise error


def _ignore_not_found(flow: Flow[T]) -> Flow[T]:
    """Treat NotFound as success if an earlier attempt of this deletion was sent."""
    try:
        return (yield from flow)
    except NotFound as error:
        if error.outcome is not Outcome.DONE:
            raise
    nothing: T = None  # type: ignore[assignment]  # a deletion returns nothing
    return nothing
