"""No operation exposes the personal data that it sends or receives."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from tests.canary.answers import ANSWERS
from tests.canary.haystack import assert_nothing_escaped, perform
from tests.canary.operations import OPERATIONS, calls

BOTH = pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
PROVIDERS = pytest.mark.parametrize("provider", ["bond", "sonder"])


@pytest.fixture(autouse=True)
def every_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Capture every logger at level DEBUG."""
    with caplog.at_level(logging.DEBUG):
        yield


@pytest.mark.parametrize(("operation", "answer", "provider", "sync"), calls(ANSWERS))
def test_nothing_escapes(
    operation: str,
    answer: str,
    provider: str,
    *,
    sync: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No canary appears anywhere, whatever the vendor returns."""
    exposure = perform(
        provider, OPERATIONS[operation], sync=sync, answer=ANSWERS[answer]
    )
    assert_nothing_escaped(exposure, caplog)
