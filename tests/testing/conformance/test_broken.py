"""Every check fails for the broken adapters that violate its rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.testing.conformance.broken import (
    account_readers,
    applicant_readers,
    callers,
    customer_readers,
    declarations,
    document_breakers,
    error_readers,
    extras_droppers,
    identities,
    item_readers,
    money_readers,
    previous_pages,
    readers,
    token_senders,
    upload_senders,
    webhook_formats,
    writers,
)
from tests.testing.conformance.broken.making import Table

from anybank.testing.conformance import CHECKS, run_check

BROKEN: Table = {
    **declarations.BROKEN,
    **writers.BROKEN,
    **readers.BROKEN,
    **callers.BROKEN,
    **account_readers.BROKEN,
    **money_readers.BROKEN,
    **webhook_formats.BROKEN,
    **identities.BROKEN,
    **customer_readers.BROKEN,
    **applicant_readers.BROKEN,
    **document_breakers.BROKEN,
    **extras_droppers.BROKEN,
    **token_senders.BROKEN,
    **previous_pages.BROKEN,
    **error_readers.BROKEN,
    **item_readers.BROKEN,
    **upload_senders.BROKEN,
}
_HEADER = ["| check | rule | fails for an adapter that |", "|---|---|---|"]
_PAGE = Path(__file__).parents[3] / "docs" / "conformance.md"


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_adapter_is_caught(broken: str) -> None:
    """The check for the violated rule fails with a message, and not for another reason."""
    name, make = BROKEN[broken]
    result = run_check(make(), name)
    assert not result.passed
    assert result.message.startswith(CHECKS[name].rule)
    assert "The check could not run" not in result.message


def test_extras_that_arrive_pass() -> None:
    """The adapter of which the ones with broken extras are made passes the check."""
    result = run_check(extras_droppers.with_extras(), "declared_extras_are_sent")
    assert result.passed, result.message


@pytest.mark.parametrize("name", CHECKS)
def test_every_check_has_a_broken_adapter(name: str) -> None:
    """A check that no adapter fails would prove nothing."""
    assert [broken for broken, (by, _) in BROKEN.items() if by == name]


def test_the_page_lists_every_check() -> None:
    """The table in docs/conformance.md matches the code."""
    assert table() in _PAGE.read_text("utf-8")


def table() -> str:
    """Return the checks with their rules and broken adapters, a table per module."""
    lines: list[str] = []
    module = ""
    for name, check in CHECKS.items():
        if check.function.__module__ != module:
            module = check.function.__module__
            title = module.rpartition(".")[2].replace("_", " ").capitalize()
            title = {"Registry": "Skips"}.get(title, title)
            lines += ["", f"### {title}", "", *_HEADER]
        adapters = "; ".join(text for text, (by, _) in BROKEN.items() if by == name)
        lines.append(f"| `{name}` | {check.rule} | {adapters} |")
    return "\n".join(lines[1:]) + "\n"
