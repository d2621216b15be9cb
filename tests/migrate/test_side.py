"""A side of a migration: its settings, and the clients that it opens."""

from __future__ import annotations

import asyncio

import pytest

from anybank.migrate import Side


def test_the_settings_of_a_side_are_resolved_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every client that a command opens has the same settings."""
    monkeypatch.setenv("ANYBANK_SONDER_TOKEN", "invented")
    side = Side("sonder")
    first = side.base_url
    monkeypatch.delenv("ANYBANK_SONDER_TOKEN")

    async def providers() -> list[str]:
        async with side.open() as reader, side.open_for_creates(reader) as sender:
            return [reader.provider, sender.provider]

    assert asyncio.run(providers()) == ["sonder", "sonder"]
    assert side.base_url == first
