"""Read an OpenAPI document from a local file in JSON or YAML, without trusting it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError

_LARGEST = 32 * 1024 * 1024
"""Bytes. Published documents have at most 10 MB, and YAML takes ten times as much memory."""
_MOST = 3_000_000
_DEEPEST = 200
"""The values in a document, and their depth: the largest one has 300,000."""


def read_document(path: Path) -> Mapping[str, Any]:
    """Return the object in a file. Raises ConfigurationError, with the file and the line."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ConfigurationError(
                f"{path.name} has more than {_LARGEST // 1024**2} MB"
            )
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ConfigurationError(f"cannot read {path.name}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path.name} is not UTF-8") from None
    is_json = text.lstrip()[:1] == "{"
    tree = _from_json(path, text) if is_json else _from_yaml(path, text)
    if not isinstance(tree, dict):
        raise ConfigurationError(
            f"{path.name} is not an OpenAPI document: it must be an object in JSON or YAML "
            "with the members openapi and paths"
        )
    _require_bounded(path, tree)
    return tree


def _require_bounded(path: Path, tree: Any) -> None:
    """Refuse a tree that is very large or deep, as aliases of YAML can make it."""
    level, count = [tree], 0
    for _ in range(_DEEPEST):
        level = [child for item in level for child in _children(item)]
        count += len(level)
        if not level:
            return
        if count > _MOST:
            break
    raise ConfigurationError(f"{path.name} is too large or nested too deeply")


def _children(item: Any) -> Iterable[Any]:
    if isinstance(item, dict):
        return item.values()
    return item if isinstance(item, list) else ()


def _from_json(path: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        message = f"{path.name} is not JSON: line {error.lineno}: {error.msg}"
    except RecursionError:
        message = f"{path.name} is nested too deeply"
    raise ConfigurationError(message)


def _from_yaml(path: Path, text: str) -> Any:
    try:
        import yaml  # type: ignore[import-untyped] # noqa: PLC0415  # the extra `testing` has it
    except ImportError:
        message = "a document in YAML needs PyYAML: install 'anybank[testing]'"
        raise ConfigurationError(message) from None
    try:
        return yaml.load(text, Loader=_core_schema(yaml))  # noqa: S506  # a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f"line {mark.line + 1}: " if mark else ""
        message = f"{path.name} is not YAML: {line}{error.problem}"
    except (yaml.YAMLError, ValueError):
        message = f"{path.name} is not YAML"
    except RecursionError:
        message = f"{path.name} is nested too deeply"
    raise ConfigurationError(message)


def _core_schema(yaml: Any) -> Any:
    """Return a safe loader for the JSON types, as OpenAPI recommends ("Format").

    PyYAML reads YAML 1.1, in which the country NO is false and 2024-01-01 is no string.
    """

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """A safe loader without the types of YAML 1.1."""

    Loader.yaml_implicit_resolvers = {}
    for tag, pattern, first in (
        ("bool", r"true|false|True|False|TRUE|FALSE", "tTfF"),
        ("null", r"~|null|Null|NULL|", "~nN\0"),
        ("int", r"[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
        (
            "float",
            r"[-+]?([0-9]*\.[0-9]+|[0-9]+\.|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?",
            "-+0123456789.",
        ),
    ):
        Loader.add_implicit_resolver(
            f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first)
        )
    return Loader


def escaped(name: str) -> str:
    """Return a name as a step of a pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def unescaped(step: str) -> str:
    """Return the name that a step of a pointer stands for."""
    return step.replace("~1", "/").replace("~0", "~")
