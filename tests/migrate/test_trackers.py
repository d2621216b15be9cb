"""The locals and chained errors that an error tracker gets have no personal data."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FunctionType
from typing import Any

import httpx
import pytest
from tests.canary.tracker import reported

from anybank import AnybankError, migrate
from anybank.migrate.commands import export as exports
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator

from .moving import Moving, bond_to_sonder, side, ssn

_NUMBERS = [form for at in range(4) for form in (ssn(at), ssn(at).replace("-", ""))]
_FIRST = ssn(0)

FILES: Mapping[str, Callable[[str], str]] = {
    "a wrong number": lambda text: text.replace(_FIRST, f"{_FIRST}9"),
    "one cell more": lambda text: text.replace(_FIRST, f"{_FIRST},{_FIRST}"),
    "a row twice": lambda text: text + text.splitlines()[1] + "\n",
    "an open quote": lambda text: f'{text}x,"{_FIRST},1\n',
    "half a quote": lambda text: text.replace(_FIRST, f'"{_FIRST}"x'),
    "an unknown column": lambda text: text.replace("document", "other"),
    "half a character": lambda text: text.replace(_FIRST, f"{_FIRST}\udcff"),
}


def assert_nobody(error: BaseException) -> None:
    """Search the report of a tracker for numbers."""
    shown = f"{error} {error!r} {vars(error)} {reported(error)}"
    assert [item for item in _NUMBERS if item in shown] == []


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_used_is_not_shown(name: str, tmp_path: Path) -> None:
    """The rows are in no frame, and in no error of the CSV reader."""
    moving = bond_to_sonder(tmp_path)
    assert moving.supplement
    text = FILES[name](moving.supplement.read_text())
    moving.supplement.write_text(text, errors="surrogateescape")
    with pytest.raises(AnybankError) as refused:
        moving.plan()
    assert_nobody(refused.value)


FUNCTIONS: Mapping[str, str] = {
    "a wrong number": f"return {{'ssn': '{_FIRST}9'}}",
    "its own error": f"raise ValueError('{_FIRST}')",
    "an unknown field": f"return {{'ssn': '{_FIRST}', 'x': 1}}",
    "no mapping": f"return '{_FIRST}'",
    "half a character": f"return {{'ssn': '{_FIRST}\\ud800'}}",
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_that_fails_is_not_shown(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The results and errors of the user's function are not in the report."""
    module = f"vault_{FUNCTIONS[name].encode().hex()[:40]}"
    (tmp_path / f"{module}.py").write_text(f"def of(i):\n    {FUNCTIONS[name]}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    moving = bond_to_sonder(tmp_path)
    with pytest.raises(AnybankError) as refused:
        moving.plan(supplement=f"python:{module}:of")
    assert_nobody(refused.value)
    sys.modules.pop(module, None)


class Failing(httpx.AsyncBaseTransport):
    """A bank that responds until it fails."""

    def __init__(self, inner: httpx.AsyncBaseTransport, raises: BaseException) -> None:
        self.inner = inner
        self.raises = raises

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            raise self.raises
        return await self.inner.handle_async_request(request)


@pytest.mark.parametrize("raises", [KeyboardInterrupt(), MemoryError(_FIRST)])
def test_a_run_that_ends_in_the_middle_shows_nobody(
    raises: BaseException, tmp_path: Path
) -> None:
    """Neither the request nor the rows behind it are in the report."""
    moving = bond_to_sonder(tmp_path)
    moving.plan()
    target = side(moving.target)
    target.options["transport"] = Failing(target.options["transport"], raises)  # type: ignore[index] # a dict
    try:
        migrate.apply(journal=moving.journal, source=side(moving.source), target=target)
    except BaseException as error:  # noqa: BLE001  # an interrupt is one of them
        assert_nobody(error)


def test_the_password_of_a_database_is_in_no_report(tmp_path: Path) -> None:
    """The password is in the URL and in the arguments of the driver."""
    moving = bond_to_sonder(tmp_path)
    moving.place = "postgresql://anybank:hunter2secret@127.0.0.1:1/journal"
    runs: list[Callable[[], Any]] = [
        moving.plan,
        moving.apply,
        lambda: migrate.status(journal=moving.place),
    ]
    for run in runs:
        with pytest.raises(AnybankError) as refused:
            run()
        assert "hunter2secret" not in f"{refused.value!r} {reported(refused.value)}"


def test_half_an_emoji_in_a_name_blocks_that_customer_alone(tmp_path: Path) -> None:
    """A source may cut texts by UTF-16 units; the others are planned."""
    moving = bond_to_sonder(tmp_path)
    before = moving.plan().counts["ready"]
    bond = moving.source
    assert isinstance(bond, BondSimulator)
    bond.seed_customer(first_name="Dora \ud83d", middle_name="May", ssn="912-45-6789")
    other = Moving(tmp_path / "other", bond, SonderSimulator(), moving.supplement)
    other.directory.mkdir()
    summary = other.plan()
    assert before
    assert summary.counts["ready"] == before
    assert summary.counts["blocked"] == 1


_PUBLIC: list[Any] = [getattr(migrate, name) for name in migrate.__all__]
COMMANDS = [
    *(entry for entry in _PUBLIC if isinstance(entry, FunctionType)),
    exports.export,
]
_OTHERS = ("draining", "side_of")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_every_public_command_is_guarded(command: Any) -> None:
    """A new command cannot be forgotten."""
    if command.__name__ not in _OTHERS:
        assert command.__wrapped__.__module__.startswith("anybank.migrate")
