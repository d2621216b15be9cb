"""The stored schemas of `--json` are up to date, and every command has one."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types
from tools.json_schemas import DIRECTORY, documents, schemas

from anybank.cli.commands import anybank


@pytest.mark.parametrize("path", sorted(documents()))
def test_a_schema_is_up_to_date(path: str) -> None:
    """`make pages` writes the schemas."""
    result = (DIRECTORY / path).read_text("utf-8")
    assert result == documents()[path], "run `make pages`"


def test_there_is_no_unused_schema() -> None:
    """The schema of a removed command is removed."""
    there = {f"schemas/{item.name}" for item in (DIRECTORY / "schemas").iterdir()}
    assert there == {path for path in documents() if path.startswith("schemas/")}


def commands(command: click.Command, *words: str) -> Iterator[str]:
    """Yield the name of each command that has --json."""
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            if (result := command.get_command(ctx, name)) is not None:
                yield from commands(result, *words, name)
    elif any("--json" in item.opts for item in command.params):
        yield " ".join(words)


def test_every_command_with_json_has_a_schema() -> None:
    """A new command needs a schema in tools/json_schemas.py."""
    assert {*commands(anybank), "error"} == set(schemas())


@pytest.mark.parametrize("name", sorted(schemas()))
def test_a_schema_is_valid(name: str) -> None:
    """Each schema is valid by the draft that it names, and allows a value everywhere."""
    Draft202012Validator.check_schema(schemas()[name])
    assert '"enum": []' not in json.dumps(schemas()[name])
