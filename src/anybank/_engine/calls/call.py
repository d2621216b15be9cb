"""A call of a bank, and how it is built from a question to the adapter."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Generator, Sequence
from datetime import date
from functools import partial
from typing import Any, Generic, TypeAlias, TypeVar

from attrs import evolve, field, frozen

from ...adapter.base import Adapter
from ...adapter.wire import Course, Flow
from ...declaration.arguments import require_arguments
from ...declaration.consent import accepted_names
from ...declaration.idempotency import Idempotency
from ...declaration.preflight import Prepared, prepare_or_raise, rules_of
from ...declaration.vocabulary import NOT_DECLARED, FeatureRule
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
    """One operation, ready to run; its errors are scrubbed of the values in `about`.

    `finish` checks and completes what the flow returns. `key` is the idempotency key that
    is sent, for the call's errors. With `once`, repeating the call would send another key
    and could create a duplicate: an error with an unknown outcome is then not retryable.
    """

    feature: Feature | None
    flow: Course[Any]
    about: object = field(default=None, repr=False)
    finish: Callable[[Any], T] | None = field(default=None, repr=False)
    key: str | None = None
    once: bool = False
    name: str = field(init=False)
    """The name of the operation in errors and logs."""

    @name.default
    def _name_of_feature(self) -> str:
        return self.feature.value if self.feature else "request"


def keyed(call: Call[T], rule: FeatureRule, key: str, requested: str | None) -> Call[T]:
    """Return a call whose errors name its key, if the vendor takes one."""
    sent = key if rule.idempotency.takes_key else None
    return evolve(call, key=sent, once=requested is None)


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

    def require_feature(self, feature: Feature) -> FeatureRule:
        """Return the rule of a feature; raises Unsupported if the adapter lacks it."""
        rule = self.adapter.capabilities.features.get(feature, NOT_DECLARED)
        if not rule.works:
            raise self.adapter.refuse(feature)
        return rule

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
        by_reference = self.idempotency(feature).lookup_field is not None
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
            if accept_loss:  # a misspelt name is an error even where nothing is lost
                accepted_names(rules_of(value.value), accept_loss)
            return value
        return prepare_or_raise(
            self.adapter.capabilities,
            value,
            accept_loss=accept_loss,
            kyc_passed=kyc_passed,
            today=self.today(),
        )

    def ask(
        self,
        question: Question[T],
        about: object = None,
        *,
        issues: Sequence[Issue] = (),
    ) -> Call[T]:
        """Return the call of a question; its value reports the issues of a write."""
        rule = self.require_feature(question.feature)
        call = self._call(question, rule, about, issues)
        if question.feature.deletes:
            return evolve(call, flow=_ignore_not_found(call.flow))
        return call

    def _call(
        self,
        question: Question[T],
        rule: FeatureRule,
        about: object,
        issues: Sequence[Issue],
    ) -> Call[T]:
        if rule.requires or rule.refuses or rule.only:
            require_arguments(rule, question)
        finish = partial(
            check_answer,
            question=question,
            rule=rule,
            issues=issues,
            capabilities=self.adapter.capabilities,
        )
        return Call(question.feature, self.begin(question), about, finish)

    def ask_page(self, question: Question[Page[T]]) -> Call[Page[T]]:
        """Return the call of a page; raises InvalidInput for another listing's token."""
        feature, provider = question.feature, self.adapter.capabilities.provider
        rule = self.require_feature(feature)
        require_arguments(rule, question)
        opened = PageTokens.of(provider, feature, question).open(question)
        # Built again from the opened question: the page size may come from the token,
        # and the next token must contain it.
        tokens = PageTokens.of(provider, feature, opened)
        finish = partial(
            check_page,
            question=opened,
            tokens=tokens,
            rule=rule,
            capabilities=self.adapter.capabilities,
        )
        return Call(feature, self.begin(opened), finish=finish)

    def ask_create(
        self,
        kind: type[CreateQuestion[N, T]],
        new: N | Prepared[N],
        requested: str | None,
        *,
        accept_loss: Loss = (),
        **more: Any,
    ) -> Call[T]:
        """Return the call of a create, under the requested idempotency key or a new one."""
        rule = self.require_feature(kind.feature)
        key = self.key_for(kind.feature, requested)
        prepared = self.prepare(new, accept_loss=accept_loss)
        question = kind(new=prepared.value, idempotency_key=key, **more)
        call = self._call(question, rule, new, prepared.issues)
        return keyed(call, rule, key, requested)

    def begin(self, question: Question[T]) -> Flow[T]:
        """Return the adapter's flow for a question; the engine reports its bugs.

        A method that is not a generator may raise immediately, with the question in the
        text of its exception.
        """
        try:
            flow: Any = getattr(self.adapter, question.method)(question)
        except AnybankError as refusal:
            forget_locals(refusal)  # the adapter's frame holds the question
            raise
        except Exception as error:  # noqa: BLE001  # a bug in the adapter
            return _raise_in_flow(error)
        return flow if isinstance(flow, Generator) else _delegate(flow)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_key(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _delegate(flow: Flow[T]) -> Flow[T]:
    """Wrap a result that is not a generator, a bug in the adapter: it fails when run."""
    return (yield from flow)


def _raise_in_flow(error: Exception) -> Flow[T]:
    yield from ()
    raise error


def _ignore_not_found(flow: Course[T]) -> Course[T]:
    """Treat NotFound as success if an earlier attempt of this deletion was sent."""
    try:
        return (yield from flow)
    except NotFound as error:
        if error.outcome is not Outcome.DONE:
            raise
    nothing: T = None  # type: ignore[assignment]  # a deletion returns nothing
    return nothing
