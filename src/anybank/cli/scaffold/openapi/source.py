"""An OpenAPI document in a local file, with pointers and references.

Nothing is fetched: a reference leads to another place of the same document, and any other
reference is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from ....errors import ConfigurationError
from ....testing.document_files import escaped, read_document, unescaped

Node = Mapping[str, Any]
"""An object of a document."""

_METHODS = ("get", "put", "post", "delete", "patch")
_LONGEST_CHAIN = 50
"""References in a row; a longer chain leads in a circle."""


@frozen(kw_only=True)
class DocumentedOperation:
    """An operation of a document, with the pointer to its description."""

    method: str
    path: str
    pointer: str
    node: Node = field(repr=False, eq=False)

    @property
    def name(self) -> str:
        """The operation's id, or else its method and path."""
        name = self.node.get("operationId")
        return name if isinstance(name, str) and name else self.call

    @property
    def call(self) -> str:
        """The method and the path."""
        return f"{self.method} {self.path}"

    @property
    def title(self) -> str:
        """The method and the path, and the operation's id where there is one."""
        return self.call if self.name == self.call else f"{self.call} ({self.name})"

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of the operation."""
        tags = self.node.get("tags")
        return tuple(map(str, tags)) if isinstance(tags, list) else ()


@frozen(kw_only=True)
class SourceDocument:
    """An OpenAPI 3.0 or 3.1 document, and the file that it is in."""

    path: Path
    tree: Node = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> SourceDocument:
        """Read a document in JSON or YAML. Raises ConfigurationError, with the place."""
        tree = read_document(path)
        document = cls(path=path, tree=tree)
        version = str(tree.get("openapi", ""))
        if "swagger" in tree:
            raise document.error(
                "#/swagger",
                f"is Swagger {tree['swagger']}: convert it to OpenAPI 3.0 first, such as "
                f"with `npx swagger2openapi {path.name} -o openapi.json`",
            )
        if not re.match(r"3\.[01](\.|$)", version):
            has = f"OpenAPI {version}" if version else "no `openapi` version"
            raise document.error(
                "#/openapi", f"has {has}: OpenAPI 3.0 and 3.1 are read"
            )
        document.object("#/paths")
        return document

    def error(self, pointer: str, problem: str) -> ConfigurationError:
        """Return the error about a place of the document."""
        return ConfigurationError(f"{self.path.name} {pointer}: {problem}")

    @property
    def title(self) -> str:
        """The title and the version of the document, which sources cite."""
        info = self.tree.get("info")
        info = info if isinstance(info, dict) else {}
        parts = (info.get("title"), info.get("version"))
        named = " ".join(str(part).strip() for part in parts if part)
        return re.sub(r"\s+", " ", named) or self.path.name

    def node(self, pointer: str) -> Any:
        """Return what is at a pointer. Raises ConfigurationError if nothing is."""
        item: Any = self.tree
        for step in pointer.removeprefix("#").split("/")[1:]:
            name = unescaped(step)
            if isinstance(item, list) and name.isdigit() and int(name) < len(item):
                item = item[int(name)]
            elif isinstance(item, dict) and name in item:
                item = item[name]
            else:
                raise self.error(pointer, "there is nothing in the document")
        return item

    def has(self, pointer: str) -> bool:
        """Return whether a text is a pointer to a place of the document."""
        try:
            self.node(pointer)
        except ConfigurationError:
            return False
        return pointer.startswith("#/")

    def object(self, pointer: str) -> Node:
        """Return the object at a pointer. Raises ConfigurationError for anything else."""
        item = self.node(pointer)
        if not isinstance(item, dict):
            raise self.error(pointer, "must be an object")
        return item

    def follow(self, pointer: str) -> tuple[str, Node]:
        """Return the pointer and the object behind the references at a pointer."""
        for _ in range(_LONGEST_CHAIN):
            item = self.object(pointer)
            if "$ref" not in item:
                return pointer, item
            pointer = self.target(item, pointer)
        raise self.error(pointer, "the references lead in a circle")

    def target(self, item: Node, pointer: str) -> str:
        """Return the pointer to which a reference leads, inside the document."""
        reference = item["$ref"]
        if not isinstance(reference, str) or not reference.startswith("#/"):
            raise self.error(
                f"{pointer}/$ref",
                "leads out of the document. Bundle the document into one file first, "
                "for example with `redocly bundle`",
            )
        try:
            self.node(reference)
        except ConfigurationError:
            raise self.error(
                f"{pointer}/$ref", f"leads to {reference}, which does not exist"
            ) from None
        return reference

    def operations(self) -> Iterator[DocumentedOperation]:
        """Yield each operation, in the order of the document."""
        for path in self.object("#/paths"):
            pointer, item = self.follow(f"#/paths/{escaped(path)}")
            for method in _METHODS:
                if method in item:
                    place = f"{pointer}/{method}"
                    yield DocumentedOperation(
                        method=method.upper(),
                        path=path,
                        pointer=place,
                        node=self.object(place),
                    )

    def as_json(self) -> str:
        """Return the document as JSON, which the conformance kit reads."""
        return json.dumps(self.tree, indent=2, ensure_ascii=False) + "\n"
