"""An export has every customer of a bank once, and is complete or does not exist."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve
from tests.migrate.moving import bond_to_sonder, people, side, sonder_to_bond
from tests.migrate.neutral.sealing import HEX, KEY, SECRETS, ids

from anybank.adapter.wire import Request, Response
from anybank.errors import ConfigurationError
from anybank.migrate.commands.export import export
from anybank_bond.simulator import BondSimulator


@define
class Broken:
    """A Bond that fails after a number of responses."""

    bank: Any
    left: int

    def __call__(self, request: Request) -> Response:
        self.left -= 1
        return self.bank(request) if self.left >= 0 else Response(status=500)


def bond(tmp_path: Path, count: int = 4) -> Any:
    return bond_to_sonder(tmp_path, count).source


def test_everybody_is_in_the_file(tmp_path: Path) -> None:
    """The result has the count, the id of the key, and the fields without values."""
    simulator, path = bond(tmp_path), tmp_path / "c.jsonl"
    result = export(side(simulator), path, key=HEX)
    assert sorted(ids(path)) == sorted(people(simulator))
    assert (result.customers, result.masked, result.key_id) == (4, 4, KEY.id)
    assert result.reads["ssn"] == "masked"
    assert result.reads["document_locator_number"] == "never"
    assert result.exit_code == 0


def test_a_bank_that_cannot_list_needs_ids(tmp_path: Path) -> None:
    """The ids come from a file, and the result names those that the bank lacks."""
    moving = sonder_to_bond(tmp_path)
    source, path = side(moving.source), tmp_path / "c.jsonl"
    with pytest.raises(ConfigurationError, match="--ids FILE"):
        export(source, path, key=HEX)
    assert moving.ids is not None
    known = moving.ids.read_text()
    moving.ids.write_text(f"{known}nobody\n")
    result = export(source, path, key=HEX, ids=moving.ids)
    assert ids(path) == known.split()
    assert (result.unknown, result.unknown_count, result.exit_code) == (
        ("nobody",),
        1,
        2,
    )


def test_a_limit_ends_it(tmp_path: Path) -> None:
    """A limit applies to a listing and to ids, and to the progress."""
    calls: list[tuple[Any, ...]] = []
    path = tmp_path / "c.jsonl"
    export(
        side(bond(tmp_path)),
        path,
        key=HEX,
        limit=2,
        progress=lambda *progress: calls.append(progress),
    )
    assert len(ids(path)) == 2
    assert calls[-1] == (2, 2, "exported")


def test_a_failure_on_the_way_leaves_no_file(tmp_path: Path) -> None:
    """A part of the customers does not become a file."""
    source = side(Broken(bond(tmp_path), 0), "bond")
    with pytest.raises(Exception, match="500"):
        export(source, tmp_path / "c.jsonl", key=HEX)
    assert not list(tmp_path.glob("*c.jsonl*"))


def test_who_is_listed_twice_is_in_the_file_once(tmp_path: Path) -> None:
    """A listing shifts when somebody is added meanwhile."""
    simulator = bond(tmp_path, 1)

    def shifting(request: Request) -> Response:
        answer: Response = simulator(request)
        doubled = 2 * json.loads(answer.content)
        return evolve(answer, content=json.dumps(doubled).encode())

    assert export(side(shifting, "bond"), tmp_path / "c.jsonl", key=HEX).customers == 1


def test_nothing_personal_gets_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The file, the logs and the result contain no name and no number."""
    path = tmp_path / "c.jsonl"
    with caplog.at_level(logging.DEBUG):
        result = export(side(bond(tmp_path)), path, key=HEX)
    shown = caplog.text + repr(result) + path.read_text("ascii")
    assert not any(item in shown for item in SECRETS)


def test_a_bank_without_people_makes_an_empty_file(tmp_path: Path) -> None:
    """The file of an empty bank is complete and sealed."""
    path = tmp_path / "c.jsonl"
    assert export(side(BondSimulator()), path, key=HEX).customers == 0
    assert ids(path) == []


def test_odd_records_are_exported_or_counted(tmp_path: Path) -> None:
    """Readable fields are exported; records without readable id are counted."""
    simulator = bond(tmp_path)
    odd, lost, *_ = people(simulator)

    class Odd:
        base_path = simulator.base_path
        credentials = simulator.credentials

        def __call__(self, request: Request) -> Response:
            answer: Response = simulator(request)
            result = json.loads(answer.content)
            for item in result if isinstance(result, list) else [result]:
                if item.get("customer_id") == odd:
                    item["dob"] = "0000-00-00"
                elif isinstance(result, list) and item.get("customer_id") == lost:
                    item["customer_id"] = ""
            return evolve(answer, content=json.dumps(result).encode())

    path = tmp_path / "odd.jsonl"
    source = side(Odd(), "bond")
    result = export(source, path, key=HEX)
    assert (result.unreadable, result.without_id, result.exit_code) == ((odd,), 1, 2)
    assert odd in ids(path)
    named = tmp_path / "ids.txt"
    named.write_text(f"{odd}\n{lost}\n")
    result = export(source, tmp_path / "named.jsonl", key=HEX, ids=named)
    assert (result.customers, result.unreadable) == (1, (odd,))
