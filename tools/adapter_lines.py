"""Count the code lines of each adapter: `python -m tools.adapter_lines`.

An adapter's author writes wire classes from the vendor's document, and a simulator and the
kit's records for the tests. What is left is the adapter itself, and it should be short.
A line counts unless it is blank, a comment, a docstring, an import or in a wire class.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ADAPTERS = Path(__file__).resolve().parent.parent / "adapters"
_UNCOUNTED = ("simulator", "simulator.py", "conformance.py", "conformance_samples.py")
"""The folder and the modules of an adapter that only tests use."""
_LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def count(adapter: Path) -> dict[str, int]:
    """Return the number of code lines of each module of an adapter."""
    (package,) = adapter.glob("src/anybank_*")
    modules = sorted(package.rglob("*.py"))
    return {
        str(path.relative_to(package)): len(code_lines(path.read_text()))
        for path in modules
        if path.relative_to(package).parts[0] not in _UNCOUNTED
    }


def code_lines(source: str) -> set[int]:
    """Return the numbers of the lines that count."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    lines = {
        line
        for token in tokens
        if token.type not in _LAYOUT
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(ast.parse(source)):
        if _is_uncounted(node):
            lines -= set(_lines_of(node))
    return lines


def _is_uncounted(node: ast.AST) -> bool:
    if isinstance(node, ast.ClassDef):
        return node.name.startswith("Wire")
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and isinstance(
            node.value.value, str
        )
    return isinstance(node, ast.Import | ast.ImportFrom)


def _lines_of(node: Any) -> Iterator[int]:
    decorators = getattr(node, "decorator_list", [])
    first = min(item.lineno for item in (node, *decorators))
    return iter(range(first, node.end_lineno + 1))


def main() -> None:
    """Print the number of code lines of each module and each adapter."""
    for adapter in sorted(ADAPTERS.iterdir()):
        if list(adapter.glob("src/anybank_*")):
            counts = count(adapter)
            sys.stdout.write(f"{adapter.name}: {sum(counts.values())}\n")
            for module, lines in counts.items():
                sys.stdout.write(f"  {lines:5} {module}\n")


if __name__ == "__main__":
    main()
