"""The synchronous modules are generated from the asynchronous ones."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("unasync", reason="`make setup` installs unasync")

from tools import sync

MODULES = pytest.mark.parametrize("source", sync.MODULES)


def test_no_generated_module_is_stale() -> None:
    """The generated modules equal what `make sync` would write."""
    assert list(sync.stale()) == []


def test_a_stale_module_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The check names the stale module and the command that writes it."""
    monkeypatch.setattr("sys.argv", ["sync", "--check"])
    assert sync.main() == 0
    monkeypatch.setattr(sync, "synchronous", lambda source: f"# changed: {source}")
    assert sync.main() == 1
    assert "client.py is stale. Run `make sync`." in capsys.readouterr().err


@MODULES
def test_a_generated_module_says_so_and_awaits_nothing(source: str) -> None:
    """A generated module names its source in the first line and contains no `await`."""
    text = sync.synchronous(source)
    assert text.startswith(
        f"# Generated from {source.rpartition('/')[2]} by `make sync`"
    )
    words = set(re.findall(r"\w+", text))
    assert words.isdisjoint({"async", "await", "AsyncBank", "AsyncListing", "aclose"})
