"""A migration sends fields that only the target has, from the columns `extras.NAME`."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import attrs
import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st
from tests.migrate.certify.test_certificate import ada
from tests.unit.test_migrations import bond_to_unit

from anybank import (
    ConfigurationError,
    Effect,
    GovernmentIdKind,
    GovernmentIdNumber,
    NewCustomer,
    migrate,
    to_dict,
)
from anybank.cli import main
from anybank.declaration.diff import diff
from anybank.migrate.certify.certificate import Certifier
from anybank.migrate.certify.extras_columns import extras_columns, supplied_extras
from anybank.migrate.certify.supplement import Supplement, columns_for, read_fields
from anybank.migrate.journal.keys import Key
from anybank.model.extras import class_of
from anybank.plugins import find
from anybank.sandbox.faults import Faults
from anybank.sensitive import Sensitive
from anybank_increase.simulator import IncreaseSimulator
from anybank_unit.simulator import UnitSimulator

from .moving import Moving, side
from .routes import route

TARGETS = {
    name: find(name).adapter.capabilities
    for name in ("bond", "increase", "sonder", "unit")
}
CASES = [(name, column) for name in TARGETS for column in extras_columns(TARGETS[name])]
WORK = {
    "extras.occupation": "Beekeeper",
    "extras.annual_income": "UpTo10k",
    "extras.ip": "192.0.2.77",
}
TERMS = {
    "agreed_at": "2026-01-02T03:04:05+00:00",
    "ip_address": "192.0.2.77",
    "terms_url": "https://example.com/terms",
}
RATING = {"rating": "low", "rated_at": "2026-01-02T03:04:05+00:00"}


def type_of(provider: str, column: str) -> Any:
    """Return the declared type of a column's field, without None."""
    kind: Any = class_of(provider, NewCustomer)
    fields = attrs.fields_dict(attrs.resolve_types(kind))
    annotation = fields[column.removeprefix("extras.")].type
    members = [kind for kind in get_args(annotation) if kind is not type(None)]
    return members[0] if type(None) in get_args(annotation) else annotation


def contents(kind: Any) -> st.SearchStrategy[Any]:
    """Return what JSON Lines may hold for a type."""
    origin = get_origin(kind)
    if origin is Literal:
        return st.sampled_from(get_args(kind))
    if origin is Sequence:
        return st.lists(contents(get_args(kind)[0]), min_size=1, max_size=2)
    if attrs.has(kind):
        fields: Any = attrs.fields(attrs.resolve_types(kind))
        parts = {field.name: contents(field.type) for field in fields}
        return st.fixed_dictionaries(parts)
    return _CONTENTS.get(origin or kind, _WORDS)


_WORDS = st.text("abc 0", min_size=1).filter(lambda text: text.strip() != "")
_CONTENTS: Mapping[Any, st.SearchStrategy[Any]] = {
    Mapping: st.dictionaries(_WORDS, _WORDS, max_size=3),
    bool: st.booleans(),
    datetime: st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
}


def is_structured(kind: Any) -> bool:
    return get_origin(kind) in (Sequence, Mapping) or attrs.has(kind)


@pytest.mark.parametrize("name", TARGETS)
def test_the_columns_are_the_fields_of_the_targets_class(name: str) -> None:
    """A target without extras for new customers, such as Sonder, has no such column."""
    kind: Any = TARGETS[name].extras.get(NewCustomer)
    names = [f"extras.{field.name}" for field in attrs.fields(kind)] if kind else []
    assert [*extras_columns(TARGETS[name])] == names
    assert bool(names) == (name != "sonder")


@pytest.mark.parametrize(("name", "column"), CASES)
@given(data=st.data())
def test_each_column_has_the_type_of_its_field(
    name: str, column: str, data: st.DataObject
) -> None:
    """Whatever the class accepts arrives in it; a cell of CSV holds all but structures."""
    target, kind = TARGETS[name], type_of(name, column)
    value = data.draw(contents(kind))
    as_text = str(value).lower() if kind is bool else value
    for spelled in (value, as_text):
        row, problem = read_fields(columns_for(target), {column: spelled})
        assert problem is None
        assert isinstance(row[column], Sensitive) == (
            isinstance(kind, type) and issubclass(kind, Sensitive)
        )
        sent = to_dict(supplied_extras(target, row)[name], reveal=True)
        assert sent[column.removeprefix("extras.")] == value
    other = "Zerlina" if is_structured(kind) else ["Zerlina"]
    _, problem = read_fields(columns_for(target), {column: other})
    assert problem is not None
    assert problem[0] == column
    assert "Zerlina" not in problem[1]
    assert ("use JSON Lines" in problem[1]) == is_structured(kind)


@pytest.mark.parametrize("name", ["extras.ocupation", "occupation", "Occupation"])
def test_the_nearest_column_is_suggested(tmp_path: Path, name: str) -> None:
    """A column that Unit's class does not have is refused, with the nearest one."""
    path = tmp_path / "vault.csv"
    path.write_text(f"source_id,{name}\na,x\n")
    with pytest.raises(ConfigurationError, match=r"If it means extras\.occupation, "):
        Supplement.read(path, columns=columns_for(TARGETS["unit"]))
    with pytest.raises(ConfigurationError, match="is not one of source_id"):
        Supplement.read(path, columns=columns_for(TARGETS["sonder"]))


LOOKUP = """
import json, sys
from pathlib import Path
lines = Path({path!r}).read_text().splitlines()
ROWS = {{row.pop("source_id"): row for row in map(json.loads, lines)}}
def find(source_id):
    return ROWS.get(source_id)
if __name__ == "__main__":
    for line in sys.stdin:
        source_id = json.loads(line)["source_id"]
        print(json.dumps({{"source_id": source_id, **ROWS[source_id]}}))
"""


def supply(moving: Moving, kind: str, **more: Any) -> Any:
    """Write more columns for every customer, and return the supplement in another form."""
    assert moving.supplement
    header, *lines = moving.supplement.read_text().splitlines()
    names = header.split(",")
    rows = [
        {**dict(zip(names, line.split(","), strict=True)), **more} for line in lines
    ]
    if kind == "csv":
        texts = [",".join([*names, *more]), *(",".join(row.values()) for row in rows)]
        moving.supplement.write_text("\n".join(texts))
        return moving.supplement
    path = moving.directory / "vault.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    script = moving.directory / "extras_vault.py"
    script.write_text(LOOKUP.format(path=str(path)))
    command = f"command:{sys.executable} {script}"
    return {"json": path, "python": "python:extras_vault:find", "command": command}[
        kind
    ]


@define
class Recording:
    """A bank, and the bodies of the creates that it has received."""

    bank: Any
    bodies: list[Any] = field(factory=list)

    def __call__(self, request: Any) -> Any:
        if request.method == "POST":
            self.bodies.append(json.loads(request.encoded()))
        return self.bank(request)


def applications(moving: Moving) -> list[Mapping[str, Any]]:
    rows = moving.target.people.applications.rows.values()
    return [row["attributes"] for row in rows]


@pytest.mark.parametrize("kind", ["csv", "python", "command"])
def test_extras_are_sent_and_not_compared(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each form of a supplement provides them, and `verify` passes without them."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "extras_vault", raising=False)
    moving = bond_to_unit(tmp_path, 2)
    moving.target = Recording(moving.target)
    plain = moving.plan()
    assert "extras.occupation" in " ".join(plain.notes)
    planned = moving.plan(supplement=supply(moving, kind, **WORK))
    assert planned.counts["ready"] == 2
    assert planned.plan != plain.plan
    moving.apply()
    assert moving.verify().counts["verified"] == 2
    bodies = [body["data"]["attributes"] for body in moving.target.bodies]
    names = ("occupation", "annualIncome", "ip")
    assert [[body[name] for name in names] for body in bodies] == [[*WORK.values()]] * 2


def test_structures_come_from_json_lines(tmp_path: Path) -> None:
    """Increase receives the rating, the terms, and the flag inside of the person."""
    moving = route("bond", "increase", tmp_path, 2)
    moving.target = Recording(moving.target)
    more = {
        "extras.risk_rating": RATING,
        "extras.terms_agreements": [TERMS],
        "extras.confirmed_no_us_tax_id": "yes",
    }
    assert moving.plan(supplement=supply(moving, "json", **more)).counts["ready"] == 2
    assert moving.apply().counts["created"] == 2
    assert moving.verify().counts["verified"] == 2
    for body in moving.target.bodies:
        assert body["risk_rating"] == RATING
        assert body["terms_agreements"] == [TERMS]
        assert body["natural_person"]["confirmed_no_us_tax_id"] is True


def test_a_value_that_the_class_refuses_blocks_its_record(tmp_path: Path) -> None:
    """The issue names the column, the rule and what to do, and never the value."""
    moving = route("bond", "increase", tmp_path, 2)
    wrong = {"extras.risk_rating": {**RATING, "rating": "Zerlina"}}
    summary = moving.plan(supplement=supply(moving, "json", **wrong))
    assert summary.counts["blocked"] == 2
    (reason,) = [item for item in summary.reasons if item.remedy]
    assert reason.field == "extras.risk_rating.rating"
    assert reason.message == "must be one of low, medium, high"
    assert reason.remedy == "correct extras.risk_rating.rating in the supplement"
    assert b"Zerlina" not in moving.journal.read_bytes()


def test_a_required_extra_is_a_column(tmp_path: Path) -> None:
    """A passport at Increase needs the caller's word, which the remedy asks for."""
    certifier = Certifier(
        source=TARGETS["bond"],
        target=side(IncreaseSimulator()).adapter,
        migration_id="11111111-1111-4111-8111-111111111111",
        key=Key.create(tmp_path / "move.db.key"),
        accept_loss=("phones", "emails", "external_id"),
        today=date(2026, 1, 1),
    )
    customer = attrs.evolve(ada(), ssn=None)
    passport = {
        "government_ids.kind": GovernmentIdKind.PASSPORT,
        "government_ids.number": GovernmentIdNumber("X1234567"),
        "government_ids.country": "CA",
        "government_ids.expires": date(2040, 1, 1),
        "government_ids.document_id": "file_1",
    }
    refused = certifier.certify(customer, passport)
    remedies = " ".join(issue.remedy.text for issue in refused.issues)
    assert "supply that extra in a column extras.NAME" in remedies
    word = "extras.confirmed_no_us_tax_id"
    accepted = certifier.certify(customer, {**passport, word: True})
    assert accepted.is_ready
    assert accepted.effects[word] is Effect.KEPT


def test_a_crash_loses_no_extra(tmp_path: Path) -> None:
    """A run that is killed at any of some steps sends the same requests as a whole one."""
    (tmp_path / "whole").mkdir()
    whole = bond_to_unit(tmp_path / "whole", 2)
    whole.plan(supplement=supply(whole, "csv", **WORK))
    for step in range(2, whole.count_steps() + 1, 11):
        (tmp_path / str(step)).mkdir()
        moving = bond_to_unit(tmp_path / str(step), 2)
        moving.plan(supplement=supply(moving, "csv", **WORK))
        moving.crash_at(step)
        assert moving.apply().counts["created"] == 2
        sent = [item.get("occupation") for item in applications(moving)]
        assert sent == ["Beekeeper"] * 2, step


def test_personal_extras_are_nowhere(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Journal, log, report and output hold no value, after failed creates too."""
    caplog.set_level(logging.DEBUG)
    target = Faults().around(UnitSimulator())
    target.schedule("lost", "500")
    moving = bond_to_unit(tmp_path, 3, target)
    path = supply(moving, "csv", **WORK)
    moving.plan()
    moving.apply()
    moving.verify()
    migrate.report(journal=moving.journal, html=tmp_path / "report.html")
    path.unlink()
    main(["migrate", "status", "--journal", str(moving.journal), "--json"])
    captured = capsys.readouterr()
    files = (file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    exposed = b"".join(files).decode("utf-8", "replace")
    exposed += captured.out + captured.err + caplog.text
    assert "extras.occupation" in exposed
    assert [value for value in WORK.values() if value in exposed] == []


def test_a_diff_names_the_columns() -> None:
    """The sentence is of the target, from its declaration."""
    notes = " ".join(diff(TARGETS["sonder"], TARGETS["unit"]).notes)
    assert "a supplement can provide the fields that only Unit has: extras.occ" in notes
    assert "extras." not in " ".join(diff(TARGETS["unit"], TARGETS["sonder"]).notes)
