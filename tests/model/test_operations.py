"""Each question names its feature and the Adapter method that answers it."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import attrs
import pytest

from anybank import Feature
from anybank.adapter import Adapter
from anybank.model.operations import QUESTIONS
from anybank.model.questions import CreateQuestion, Question

EACH = pytest.mark.parametrize(
    "question", QUESTIONS.values(), ids=lambda question: question.__name__
)


def result_of(question: type[Question[Any]]) -> Any:
    """Return the type of the value that answers a question."""
    return get_args(vars(question)["__orig_bases__"][0])[-1]


def test_every_feature_has_one_question() -> None:
    """Each feature but the verification of webhooks has one question."""
    assert set(QUESTIONS) == set(Feature) - {Feature.WEBHOOKS_VERIFY}


@EACH
def test_the_method_accepts_the_question_and_returns_its_value(
    question: type[Question[Any]],
) -> None:
    """The signature of an Adapter method agrees with its question."""
    hints = get_type_hints(getattr(Adapter, question.method))
    assert hints["query"] is question
    *_, returned = get_args(hints["return"])
    expected = result_of(question)
    assert returned == (type(None) if expected is None else expected)


@EACH
def test_a_question_is_frozen_and_takes_keywords_only(
    question: type[Question[Any]],
) -> None:
    """A question is frozen and keyword-only, so that a new field breaks no plugin."""
    assert all(field.kw_only for field in attrs.fields(question))
    assert "feature" not in attrs.fields_dict(question)


def test_only_creates_carry_a_new_value_and_a_key() -> None:
    """Only the questions of creates have a new value and an idempotency key."""
    creates = [kind for kind in QUESTIONS.values() if issubclass(kind, CreateQuestion)]
    assert {kind.method for kind in creates} == {
        "create_account",
        "create_account_number",
        "create_credit_application",
        "create_customer",
        "create_webhook_subscription",
        "upload_kyc_document",
    }
    for kind in creates:
        assert {"new", "idempotency_key"} <= set(attrs.fields_dict(kind))
